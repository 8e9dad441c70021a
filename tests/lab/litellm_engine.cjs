// Copyright: (c) 2026, the modelscan.autoconfig contributors
// GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Prisma's query engine 5.17.0, as the npm package publishes it (WASM), behind the HTTP protocol of
// the engine's binary, which the Python client starts with "-p PORT". The client asks in GraphQL and
// the WASM engine takes JSON, so each question is translated.
// Environment: PRISMA_NODE_MODULES, DATABASE_URL, PRISMA_DML or PRISMA_DML_PATH.
'use strict';

const fs = require('fs');
const http = require('http');
const path = require('path');

const COMMIT = '393aa359c9ad4a4bb28630fb5613f9c281cde053';
const ACTIONS = [
  'findUniqueOrThrow', 'findUnique', 'findFirstOrThrow', 'findFirst', 'findMany',
  'createMany', 'createOne', 'updateMany', 'updateOne', 'upsertOne', 'deleteMany', 'deleteOne',
  'aggregate', 'groupBy', 'queryRaw', 'executeRaw',
];
const WRITTEN = new Set(['data', 'create', 'update']);

const options = process.argv.slice(2);
if (options.includes('--version')) {
  console.log(`query-engine ${COMMIT}`);
  process.exit(0);
}

const load = (name) => require(path.join(process.env.PRISMA_NODE_MODULES, name));
const { parse } = load('graphql');
const { Pool } = load('pg');
const { PrismaPg } = load('@prisma/adapter-pg');
const { bindAdapter } = load('@prisma/driver-adapter-utils');
const runtime = load('@prisma/client/runtime/query_engine_bg.postgresql.js');

const isObject = (value) => value !== null && typeof value === 'object';
const mapObject = (value, each) =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, each(item, key)]));

// The Json columns of every model: their values come as text and must be tagged as JSON.
function jsonColumns(schema) {
  const columns = {};
  for (const [, model, body] of schema.matchAll(/^model\s+(\w+)\s*\{([\s\S]*?)^\}/gm)) {
    columns[model] = new Set([...body.matchAll(/^\s*(\w+)\s+Json\b/gm)].map(([, name]) => name));
  }
  return columns;
}

function tagged(value, columns, written) {
  if (Array.isArray(value)) return value.map((item) => tagged(item, columns, written));
  if (!isObject(value)) return value;
  return mapObject(value, (item, key) => {
    if (written && columns.has(key)) {
      if (typeof item === 'string') return { $type: 'Json', value: item };
      if (isObject(item) && typeof item.set === 'string') return { set: { $type: 'Json', value: item.set } };
    }
    return tagged(item, columns, written || WRITTEN.has(key));
  });
}

function untagged(value) {
  if (Array.isArray(value)) return value.map(untagged);
  if (!isObject(value)) return value;
  return '$type' in value ? untagged(value.value) : mapObject(value, untagged);
}

function literal(node) {
  switch (node.kind) {
    case 'IntValue':
      return Number.isSafeInteger(Number(node.value)) ? Number(node.value) : { $type: 'BigInt', value: node.value };
    case 'FloatValue':
      return Number(node.value);
    case 'NullValue':
      return null;
    case 'ListValue':
      return node.values.map(literal);
    case 'ObjectValue':
      return Object.fromEntries(node.fields.map((field) => [field.name.value, literal(field.value)]));
    default:
      return node.value;
  }
}

const argumentsOf = (nodes) => Object.fromEntries((nodes || []).map((node) => [node.name.value, literal(node.value)]));

function selectionOf(set) {
  return Object.fromEntries(set.selections.map((field) => [
    field.name.value,
    field.selectionSet
      ? { arguments: argumentsOf(field.arguments), selection: selectionOf(field.selectionSet) }
      : true,
  ]));
}

function translated(graphql, columns) {
  const field = parse(graphql).definitions[0].selectionSet.selections[0];
  const name = field.name.value;
  const action = ACTIONS.find((known) => name.startsWith(known));
  if (!action) throw new Error(`unknown operation ${name}`);
  const model = name.slice(action.length);
  const given = argumentsOf(field.arguments);
  const query = {
    arguments: model ? tagged(given, columns[model] || new Set(), false) : given,
    selection: field.selectionSet ? selectionOf(field.selectionSet) : {},
  };
  const question = model ? { modelName: model, action, query } : { action, query };
  return { question, name, shown: field.alias ? field.alias.value : name };
}

function makeEngine(schema) {
  const file = path.join(process.env.PRISMA_NODE_MODULES, '@prisma/client/runtime/query_engine_bg.postgresql.wasm');
  const module_ = new WebAssembly.Module(fs.readFileSync(file));
  runtime.__wbg_set_wasm(new WebAssembly.Instance(module_, { './query_engine_bg.js': runtime }).exports);
  const adapter = bindAdapter(new PrismaPg(new Pool({ connectionString: process.env.DATABASE_URL })));
  const settings = {
    datamodel: schema, logLevel: 'error', logQueries: false, env: process.env, ignoreEnvVarErrors: true,
    overrideDatasources: {}, configDir: '.', engineProtocol: 'json', enableTracing: false,
  };
  return new runtime.QueryEngine(settings, () => {}, adapter);
}

function readSchema() {
  const text = process.env.PRISMA_DML
    ? Buffer.from(process.env.PRISMA_DML, 'base64').toString()
    : fs.readFileSync(process.env.PRISMA_DML_PATH, 'utf8');
  const generator = 'generator client {\n  provider = "prisma-client-js"\n  previewFeatures = ["driverAdapters"]\n}';
  return text.replace(/generator\s+client\s*\{[^}]*\}/, generator);
}

const schema = readSchema();
const columns = jsonColumns(schema);
const engine = makeEngine(schema);
let connection;

async function run(graphql, transaction) {
  const { question, name, shown } = translated(graphql, columns);
  const reply = JSON.parse(await engine.query(JSON.stringify(question), '{}', transaction));
  if (!reply.data) return reply;
  const data = name in reply.data ? reply.data[name] : Object.values(reply.data)[0];
  return { data: { [shown]: question.action === 'queryRaw' ? data : untagged(data) } };
}

async function answer(request, body) {
  if (request.url.startsWith('/metrics')) return { counters: [], gauges: [], histograms: [] };
  connection = connection || engine.connect('{}');
  await connection;
  if (request.url.startsWith('/status')) return { status: 'ok' };
  if (request.url === '/transaction/start') return JSON.parse(await engine.startTransaction(body, '{}'));
  const [, id, end] = request.url.match(/^\/transaction\/([^/]+)\/(commit|rollback)/) || [];
  if (end) return JSON.parse(await engine[`${end}Transaction`](id, '{}'));
  const asked = JSON.parse(body);
  const transaction = request.headers['x-transaction-id'];
  if (!asked.batch) return run(asked.query, transaction);
  const results = [];
  for (const each of asked.batch) results.push(await run(each.query, transaction));
  return { batchResult: results };
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    let reply;
    try {
      reply = await answer(request, Buffer.concat(parts).toString());
    } catch (problem) {
      const message = String((problem && problem.message) || problem);
      reply = { errors: [{ error: message, user_facing_error: { is_panic: false, message, meta: null } }] };
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(reply));
  });
});
// A proxy that is killed takes nobody along: end with it.
const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.exit(0); }, 1000);
server.listen(Number(options[options.indexOf('-p') + 1]), '127.0.0.1');
