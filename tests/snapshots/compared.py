"""Decisions, groups, rows and markets are what they were: a change that means to keep them does.

It says that something changed, not what is right: laws and worked numbers do. A change that is
meant is looked at, its laws are written, and then the figures are written anew.
"""

import pytest

from tests.snapshots.store import KINDS, Found, found, kept

PARTS = 12
RENEW = "meant? then write them anew: python -m tests.snapshots.store"
in_parts = pytest.mark.parametrize("part", range(PARTS))


def changed(kind: str, part: int) -> Found:
    """Parts that are not what they were, by name."""
    before, differ = kept(kind), dict[str, dict[str, str]]()
    grows = getattr(KINDS[kind], "GROWS", False)
    names = [name for name in KINDS[kind].NAMES if name in before or not grows]
    assert list(before) == names, RENEW
    for name in names[part::PARTS]:
        now = found(kind, name)
        if now != before[name]:
            differ[name] = {what: now[what] for what in now if now[what] != before[name].get(what)}
    return differ
