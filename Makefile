# Everything is set up below .venv and .build; nothing else is touched.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
TREE := .build/ansible_collections/modelscan/autoconfig
SERVERS := $(VENV)/servers
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.build
export ANSIBLE_HOME := $(CURDIR)/.build/ansible-home
export PYTHONPATH := $(CURDIR)/.build
export PATH := $(CURDIR)/$(BIN):$(PATH)
export UV_SYSTEM_CERTS := 1
unexport PYTHONDONTWRITEBYTECODE

# uv is ten times faster; pip serves where only pip is configured for the local package index.
install = ($(UV) pip install --quiet --python $(1)/bin/python $(2) \
    || $(BIN)/python -m pip --python $(1)/bin/python install --quiet --disable-pip-version-check $(2))

.PHONY: help setup demo docs bench test test-quick test-slow lint types unit unit-quick integration data rules golden other-servers ansible-cores sanity molecule package lab-up lab-down clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready $(SERVERS)/.ready $(TREE) ## Make .venv with all that development and the lab need

$(UV):
	@./.ci/system-packages setup
	@python3 -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.ready: $(UV) requirements.txt requirements-dev.txt
	@echo "installing the tools"
	@$(call install,$(VENV),-r requirements-dev.txt)
	@touch $@

$(VENV)/publishing/.ready: $(UV) requirements-publishing.txt
	@echo "installing what judges the archive"
	@python3 -m venv --without-pip $(VENV)/publishing
	@$(call install,$(VENV)/publishing,-r requirements-publishing.txt)
	@touch $@

$(VENV)/docs/.ready: $(UV) requirements-docs.txt
	@echo "installing what makes the site"
	@python3 -m venv --without-pip $(VENV)/docs
	@$(call install,$(VENV)/docs,-r requirements-docs.txt)
	@touch $@

# Byte-compiled once: GPUStack starts twenty seconds faster.
$(SERVERS)/.ready: $(UV) requirements-lab.txt
	@grep -v '^#' requirements-lab.txt | while IFS=: read -r name packages; do \
	    echo "installing $$name"; \
	    python3 -m venv --without-pip $(SERVERS)/$$name; \
	    $(call install,$(SERVERS)/$$name,$$packages); \
	    $(SERVERS)/$$name/bin/python -W ignore -m compileall -q -j 0 $(SERVERS)/$$name/lib >/dev/null 2>&1 || true; \
	done
	@touch $@

$(TREE):
	@mkdir -p $(dir $@)
	@ln -sfn ../../.. $@

demo: setup ## The main job, end to end, on simulated GPU hosts
	@$(BIN)/python -m tests.demo

test: setup lint types sanity unit package integration molecule ## All but what is slow by nature
	@echo "make test: all parts passed"

# The checkers use one processor each, beside the tests.
test-quick: setup ## ruff, ansible-lint, mypy and unit tests, side by side
	@$(MAKE) --jobs 3 --output-sync=target lint types unit-quick
	@echo "make test-quick: all parts passed"

test-slow: setup ## What is slow by nature: load tests, kill rounds, random examples, other releases
	pytest tests/unit tests/accuracy tests/package tests/integration -q -m slow -n 2 --dist loadgroup --durations=10
	pytest tests/unit -q -m "hypothesis and not slow" --hypothesis-profile random -n 2
	$(MAKE) other-servers ansible-cores
	@echo "make test-slow: all parts passed"

lint: setup ## ruff and ansible-lint (production)
	ruff check .
	ruff format --check .
	cd $(TREE) && ansible-lint --offline --strict --profile production

types: setup ## mypy, strict
	cd .build && mypy --config-file ../pyproject.toml -p ansible_collections.modelscan.autoconfig.plugins
	mypy --config-file pyproject.toml tests benchmarks data

sanity: setup ## ansible-test sanity, no ignore file
	./.ci/sanity

unit: setup ## Unit tests, and how far the planner is from measured facts where they are at hand
	pytest tests/unit tests/accuracy tests/fuzz -q -n 2 -m "not slow"

unit-quick: setup
	pytest tests/unit -q -n 2 -m "not slow"

integration: setup ## Tests against the lab: genuine GPUStack, PostgreSQL and LiteLLM
	pytest tests/integration -q -n 2 --dist loadgroup -m "not slow" --durations=10

data: setup rules ## Make all tables of the core from the reviewed files in data/
	@$(BIN)/python -m data.generate

golden: setup ## Accept the plans' texts as they are now: golden files and the sample in the guide
	@$(BIN)/python -m tests.unit.plan.golden_texts

other-servers: setup ## gpustack_deployment against older releases of GPUStack (in test-slow)
	./.ci/other-servers

ansible-cores: setup ## Unit tests, a deployment and sanity on each release of ansible-core (in test-slow)
	@$(BIN)/python -m tests.cores

molecule: setup ## The role on a real ssh host
	@./.ci/system-packages ssh
	cd $(TREE)/extensions && molecule test

package: setup $(VENV)/publishing/.ready ## Build, judge and install the archive; plan with the oldest and the newest core
	pytest tests/package -q -m "not slow"
	@$(BIN)/python -m tests.cores --ends --part plan

docs: setup $(VENV)/docs/.ready ## The site of the documentation, links checked (LINKS=external: those to others as well)
	@./.ci/docs

bench: setup $(VENV)/docs/.ready ## All benchmarks beside something plain, on a quiet machine; then the site with their page
	@$(BIN)/python -m benchmarks.suite
	@./.ci/docs

rules: setup ## Make the planner's tables of engines from data/engines (to add a release: data/engines/README.md)
	@$(BIN)/python -m tests.rules write

lab-up: setup ## Start the lab and leave it running
	@$(BIN)/python -m tests.lab up

lab-down: ## Stop it
	@$(BIN)/python -m tests.lab down

clean: ## Remove what was built
	rm -rf .build .venv
