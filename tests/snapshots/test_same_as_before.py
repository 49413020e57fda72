"""Decisions, groups, rows and markets are what they were: a change that means to keep them does.

It says that something changed, not what is right: laws and worked numbers do. A change that is
meant is looked at, its laws are written, and then the figures are written anew.
"""

import pytest

from tests.snapshots.store import KINDS, Found, kept

PARTS = 12
RENEW = "meant? then write them anew: python -m tests.snapshots.store"


def changed(kind: str, part: int) -> Found:
    """Parts that are not what they were, by name."""
    of, names = KINDS[kind]
    before, differ = kept(kind), dict[str, dict[str, str]]()
    assert list(before) == names, RENEW
    for name in names[part::PARTS]:
        now = of(name)
        if now != before[name]:
            differ[name] = {what: now[what] for what in now if now[what] != before[name].get(what)}
    return differ


@pytest.mark.parametrize("part", range(PARTS))
def test_books_are_decided_as_before(part: int) -> None:
    """Orders, coins to move, reasons, where groups end, and rows, of random books."""
    assert changed("books", part) == {}, RENEW


@pytest.mark.parametrize("part", range(PARTS))
def test_odd_books_are_decided_as_before(part: int) -> None:
    """Legs that offset each other, coins owed, data missing."""
    assert changed("cases", part) == {}, RENEW


@pytest.mark.parametrize("part", range(PARTS))
def test_markets_happen_as_before(part: int) -> None:
    """Every kind of event, added up, and the book that is left."""
    assert changed("markets", part) == {}, RENEW


@pytest.mark.parametrize("part", range(PARTS))
def test_backtests_tell_what_they_told(part: int) -> None:
    """Every curve, list and sentence of mandates run through a market."""
    assert changed("backtests", part) == {}, RENEW


@pytest.mark.parametrize("part", range(PARTS))
def test_contracts_are_as_before(part: int) -> None:
    """Every figure of the catalog, of a contract by rule and day, and of what a file changes."""
    assert changed("contracts", part) == {}, RENEW
