# Copyright: (c) 2026, the modelscan.autoconfig contributors
# GNU General Public License v3.0-or-later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quantities in the text of a search: prices, memory, context, sizes and dates. Pure.

Every reader takes what it understands out of the text, so that no other reader sees it.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search import traits
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.traits import Trait
from ansible_collections.modelscan.autoconfig.plugins.module_utils._catalog.search.wish_words import GPUS

CHEAP_USD = 1.0
LONG_TOKENS = 200_000
NEAR = 0.06

_UNDER = (
    r"(?:under|below|less than|lower than|smaller than|cheaper than|fewer than|at most|no more than|not more than"
    r"|up to|max(?:imum)?(?: of)?|within|<=?|≤)"
)
_OVER = (
    r"(?:over|above|more than|greater than|larger than|bigger than|at least|no less than|min(?:imum)?(?: of)?|from"
    r"|>=?|≥)"
)
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(%s)[a-z]*\.?" % "|".join(_MONTHS)
_YEAR = r"(20[2-3]\d)"
_SINCE = r"(?:since|after|from|newer than|(?:released|published) (?:since|after|in)|as of|in|of)"
_BILLIONS = r"\s*(b|bn|billion|t|trillion)(?:[- ]?(?:parameters?|params?))?"
_SIZE = _NUMBER + _BILLIONS
_AROUND = r"(?:context(?: (?:length|window|size))?|ctx|tokens?(?: (?:of )?context)?|window)"
_TOKENS = _NUMBER + r"\s*(k|m|million|mil|thousand)?\+?"
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "mil": 1e6}
_MONEY = r"(?:\$\s*%s|%s\s*(?:\$|usd|dollars?|cents?))" % (_NUMBER, _NUMBER)
_UNIT = r"(?:\s*(?:per|/|a|for(?: a| one)?)?\s*(?:1\s*)?(?:m|million|mtok)(?:\s*(?:input|output))?(?:\s*tok(?:en)?s?)?)?"
_MEMORY = (
    r"(?:(\d+)\s*(?:x|×|\*)\s*)?%s\s*(?:gb|gib|g)(?:\s*(?:of )?(?:vram|ram|gpu|video|unified)?"
    r"\s*(?:memory|vram|ram|gpus?|cards?)?)?"
) % _NUMBER
_CARD = (
    r"(?:(\d+|one|two|four|eight|single|dual)\s*(?:x|×|\*)?\s*)?"
    r"(?:nvidia |amd |geforce |rtx |tesla |radeon |instinct |ascend |quadro |rx |gtx )*"
    r"(%s)(?: ?ti| ?super| ?xtx?| ?pro| ?ada| ?sxm| ?pcie| ?nvl)*s?"
) % "|".join(sorted(GPUS, key=len, reverse=True))


@dataclass(frozen=True)
class Wish:
    """One condition. ``soft`` ones yield where no model fulfils all; ``label`` is how it is called then."""

    label: str
    trait: Trait
    soft: bool = False


@dataclass
class Wishes:
    """All of a search. ``prefers`` rank models, the first counts most; ``words`` are of names, ``on`` providers."""

    wishes: t.List[Wish] = field(default_factory=list)
    prefers: t.List[Trait] = field(default_factory=list)
    words: t.List[str] = field(default_factory=list)
    sort: t.Optional[str] = None
    on: t.List[str] = field(default_factory=list)

    @property
    def asks_more(self) -> bool:
        """Whether there is more than words of names."""
        return bool(self.wishes or self.on or self.sort)

    def add(self, label: str, trait: Trait, soft: bool = False) -> None:
        self.wishes.append(Wish(" ".join(label.split()), trait, soft))

    def order(self, sort: str) -> None:
        """The order that was asked for first stays."""
        self.sort = self.sort or sort


class Text:
    """What of a text has not been understood yet."""

    def __init__(self, text: str) -> None:
        self.rest = text

    def take(self, pattern: str) -> t.Optional[t.Match[str]]:
        """The first match of whole words, which is taken out of the text."""
        match = re.search(r"(?<![\w.$-])(?:%s)(?![\w%%])" % pattern, self.rest)
        if match:
            self.rest = "%s  %s" % (self.rest[: match.start()], self.rest[match.end() :])
        return match


def read_prices(text: Text, found: Wishes) -> None:
    """Limits in dollars or cents for a million tokens, cheap and cheapest, free."""
    side = r"(?:(input|output)\s+(?:price |cost |tokens? )?)?"
    limit = r"(?:(?:price |costs? |priced )?%s\s*)" % _UNDER
    match = text.take(side + limit + _MONEY + _UNIT + r"(?:\s*(?:input|output))?(?: tokens?)?")
    if match:
        usd = _number(match.group(2) or match.group(3)) / (100 if "cent" in match.group() else 1)
        said = re.findall(r"input|output", match.group())
        found.add(match.group(), traits.costs_at_most(usd, said == ["output"], said == ["input"]))
    if text.take(r"(?:the )?(?:cheapest|lowest (?:price|cost)s?|least expensive|best price|most affordable)"):
        found.add("price", traits.has_price)
        found.order("price")
    cheap = r"cheap(?:er)?|inexpensive|affordable|low[- ](?:cost|price|priced)|budget|economical"
    if text.take(cheap + r"|cost[- ](?:effective|efficient)"):
        found.add("cheap", traits.every(traits.has_price, traits.costs_at_most(CHEAP_USD, False, False)))
        found.order("price")
    if text.take(r"(?:the )?(?:most expensive|priciest)"):
        found.order("-price")
    if text.take(r"free(?: of charge| tier| models?)?|no cost|zero[- ]cost|gratis|for nothing|\$0"):
        found.add("free", traits.is_free)


def read_memory(text: Text, found: Wishes) -> None:
    """Gigabytes, or cards and machines by their names; both together are one."""
    said, card = text.take(_MEMORY), text.take(_CARD)
    many = _many(card.group(1)) if card else 1
    if said:
        gigabytes = _number(said.group(2)) * (int(said.group(1)) if said.group(1) else many)
    elif card:
        gigabytes = GPUS[card.group(2)] * many
    else:
        return
    found.add("%g GB" % gigabytes, traits.fits_gigabytes(gigabytes))


def read_context(text: Text, found: Wishes) -> None:
    """Tokens of context, with k and m; long context."""
    most = text.take(r"(?:%s %s|%s)\s*%s\s*k\s*%s" % (_AROUND, _UNDER, _UNDER, _NUMBER, _AROUND))
    if most:
        found.add(most.group(), traits.holds_context(1, _number(most.group(1) or "0") * 1024))
        return
    least = (
        text.take(r"(?:%s )?%s[- ]*%s" % (_OVER, _TOKENS, _AROUND))
        or text.take(r"%s (?:of |%s |is )?%s(?: tokens?)?" % (_AROUND, _OVER, _TOKENS))
        or text.take(r"(?:%s )?%s\s*(k)\+?(?: tokens?)?" % (_OVER, _NUMBER))
    )
    if least:
        tokens = _number(least.group(1)) * _SCALES.get(least.group(2) or "", 1.0)
        found.add(least.group(), traits.holds_context(tokens))
    long_ = r"(?:long(?:est)?|largest|biggest|large|huge|big)[- ]context(?: (?:length|window))?"
    if text.take(long_ + r"|long (?:documents?|inputs?)"):
        found.add("long context", traits.holds_context(LONG_TOKENS))
        found.order("context")


def read_sizes(text: Text, found: Wishes) -> None:
    """Billions of parameters, in all and active, as a limit, a range, or about so many."""
    active = _read_active(text, found)
    between = text.take(r"(?:between |from )?%s(?:%s)?\s*(?:-|to|and|–|~)\s*%s" % (_NUMBER, _BILLIONS, _SIZE))
    if between:
        first, first_unit, last, last_unit = between.groups()
        low, high = _billions(first, first_unit or last_unit), _billions(last, last_unit)
        found.add(between.group(), traits.sized(low * (1 - NEAR / 2), high * (1 + NEAR / 2)))
        return
    under = text.take(r"%s\s*%s" % (_UNDER, _SIZE)) or text.take(_SIZE + r"(?: or (?:less|smaller|below)|-)")
    if under:
        found.add(under.group(), traits.sized(0, _billions(*under.groups())))
    over = text.take(r"%s\s*%s" % (_OVER, _SIZE)) or text.take(
        _SIZE + r"(?: or (?:more|larger|bigger|above)|\+)"
    )
    if over:
        found.add(over.group(), traits.sized(_billions(*over.groups()), float("inf")))
    _read_about(text, found, active)


def _read_active(text: Text, found: Wishes) -> t.Optional[float]:
    active = text.take(
        r"%s\s*active(?: parameters?| params?)?|active(?: parameters?)? (?:of )?%s|a(\d+(?:\.\d+)?)(b)"
        % (_SIZE, _SIZE)
    )
    if active is None:
        return None
    number, unit = [group for group in active.groups() if group][:2]
    size = _billions(number, unit)
    found.add(active.group(), traits.active(size * 0.84, size * 1.16))
    return size


def _read_about(text: Text, found: Wishes, active: t.Optional[float]) -> None:
    about = text.take(r"(?:~|around |about |approximately |roughly )?" + _SIZE)
    if about:
        size = _billions(*about.groups())
        found.add(about.group(), traits.sized(size * (1 - NEAR), size * (1 + NEAR)))
        if active is not None:
            found.prefers.append(traits.matches("%gb-a%gb" % (size, active)))
    millions = text.take(r"%s\s*m[- ]?(?:parameters?|params?)" % _NUMBER)
    if millions:
        size = _number(millions.group(1)) / 1000
        found.add(millions.group(), traits.sized(size * 0.9, size * 1.1))


def read_dates(text: Text, found: Wishes, newest: str) -> None:
    """Since a month, day or year; of a year; of the last months, counted from ``newest``; latest."""
    month = text.take(r"(%s )?(?:%s )%s" % (_SINCE, _MONTH, _YEAR))
    day = None if month else text.take(r"(?:%s )?(20[2-3]\d-[01]\d(?:-\d\d)?)" % _SINCE)
    if month:
        first = "%s-%02d" % (month.group(3), 1 + _MONTHS.index(month.group(2)))
        found.add(
            month.group(), traits.released(first, first if _is_in(month.group(1), ("in", "of")) else "9")
        )
    elif day:
        found.add(day.group(), traits.released(day.group(1)))
    else:
        _read_year(text, found)
    if text.take(r"(?:the )?(?:latest|newest|most recent|just released|state[- ]of[- ]the[- ]art)"):
        found.order("release_date")
    _read_recent(text, found, newest)


def _read_year(text: Text, found: Wishes) -> None:
    before = text.take(r"(?:before|until|older than) %s" % _YEAR)
    if before:
        found.add(before.group(), traits.released("0", str(int(before.group(1)) - 1)))
        return
    year = text.take(r"(%s )?%s" % (_SINCE, _YEAR))
    if year:
        only = year.group(1) is None or _is_in(year.group(1), ("in", "of", "from"))
        found.add(year.group(), traits.released(year.group(2), year.group(2) if only else "9"))


def _read_recent(text: Text, found: Wishes, newest: str) -> None:
    span = text.take(
        r"(?:from |in |of )?(?:the )?(?:last|past|this) (?:(\d+|few|couple of) )?(month|year|quarter)s?"
    )
    if span:
        many = span.group(1) or "1"
        months = (int(many) if many.isdigit() else 3) * {"year": 12, "quarter": 3}.get(span.group(2), 1)
        found.add(span.group(), traits.released(_months_before(newest, months)))
    recent = text.take(r"recent(?:ly)?(?: released)?|brand[- ]new|new(?: models?| releases?)?(?= |\Z)")
    if recent:
        found.add(recent.group(), traits.released(_months_before(newest, 9)))
        found.order("release_date")


def _is_in(said: t.Optional[str], words: t.Sequence[str]) -> bool:
    return said is not None and said.strip().split()[-1] in words


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _many(word: t.Optional[str]) -> int:
    return (
        int(word)
        if word and word.isdigit()
        else {"two": 2, "dual": 2, "four": 4, "eight": 8}.get(word or "", 1)
    )


def _billions(number: str, unit: t.Optional[str]) -> float:
    return _number(number) * (1000.0 if (unit or "b").startswith("t") else 1.0)


def _months_before(day: str, months: int) -> str:
    count = int(day[:4]) * 12 + int(day[5:7] or 1) - 1 - months
    return "%04d-%02d" % (count // 12, count % 12 + 1)
