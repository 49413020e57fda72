"""Older mandates are brought up to date before they are judged."""

import pytest

from volsculpt.errors import MandateError
from volsculpt.mandate.migrations import MIGRATIONS, NEWEST, Content, migrate


def to_two(content: Content) -> Content:
    """A migration: the coin key got another name."""
    content["underlying"] = content.pop("coin")
    return content


def to_three(content: Content) -> Content:
    """A migration: ratios were percentages."""
    return {**content, "ratio": content["percent"] / 100}


def test_each_version_is_made_the_next() -> None:
    """Version 1 passes through 2 to 3, and says so."""
    content = {"version": 1, "coin": "BTC", "percent": 50}
    done = migrate(content, "m.toml", {1: to_two, 2: to_three}, newest=3)
    assert done == {"version": 3, "underlying": "BTC", "percent": 50, "ratio": 0.5}
    assert content == {"version": 1, "coin": "BTC", "percent": 50}


def test_the_newest_version_is_left_alone() -> None:
    """Nothing to do is nothing done."""
    content = {"version": NEWEST, "name": "x"}
    assert migrate(content, "m.toml") is content


def test_every_older_version_has_its_migration() -> None:
    """The table has no gap."""
    assert sorted(MIGRATIONS) == list(range(1, NEWEST))


def test_a_version_that_is_no_longer_read_is_told() -> None:
    """A gap in the table is a message, not a key error."""
    with pytest.raises(
        MandateError, match=r"m.toml: version = 1: no longer read; .* knows version 3"
    ):
        migrate({"version": 1}, "m.toml", {2: to_three}, newest=3)
