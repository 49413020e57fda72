"""Events as text and back: the same bits, and nothing that is not a value."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.samples import filled, intended, life
from volsculpt.errors import LedgerError
from volsculpt.ledger.codec import (
    GENESIS,
    MIGRATIONS,
    canonical,
    chained,
    decode,
    encode,
    raised,
    row_of,
)
from volsculpt.ledger.events import EVENTS, Operated
from volsculpt.ledger.ledger import open_ledger


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_comes_back_to_the_bit(number: float) -> None:
    """Zero with its sign, the smallest, the largest: what is read is what was written."""
    found = decode("fill", 1, encode(filled(price=number)))
    assert math.copysign(1.0, found.price) == math.copysign(1.0, number)  # type: ignore[union-attr]
    assert found.price == number  # type: ignore[union-attr]


def test_every_kind_comes_back() -> None:
    """A life has every kind of event in it, and each is read as it was written."""
    events = life(open_ledger("memory:"))
    assert {one.KIND for one in events} == set(EVENTS)
    assert [decode(one.KIND, one.VERSION, encode(one)) for one in events] == events


@pytest.mark.parametrize(
    "odd", [float("nan"), float("inf"), object(), {1, 2}], ids=["nan", "inf", "a thing", "a set"]
)
def test_what_is_not_a_value_is_refused(odd: object) -> None:
    """NaN, infinity and things are no values."""
    with pytest.raises(LedgerError, match="kind 'operator' cannot be kept"):
        encode(Operated("start", {"odd": [odd]}))


def test_canonical_text_is_one_for_one_value() -> None:
    """The order of keys does not matter, and there are no blanks."""
    assert canonical({"b": 0.1, "a": [1, None]}) == canonical({"a": [1, None], "b": 0.1})
    assert canonical({"b": 0.1, "a": [1, None]}) == '{"a":[1,null],"b":0.1}'


@pytest.mark.parametrize(
    ("kind", "version", "body", "why"),
    [
        ("dream", 1, "{}", "newer volsculpt"),
        ("fill", 2, "{}", "newer volsculpt"),
        ("submission", 1, '{"client": "c1"}', "damaged: fields client, client_id"),
        ("submission", 1, "{", "no JSON"),
        ("submission", 1, "[]", "no fields"),
    ],
)
def test_what_cannot_be_read_is_told(kind: str, version: int, body: str, why: str) -> None:
    """A kind, a version or a body that this program does not know."""
    with pytest.raises(LedgerError, match=why):
        decode(kind, version, body)


def test_a_field_with_a_default_may_be_missing() -> None:
    """An event written before a field was added is read with its default."""
    body: dict[str, Any] = json.loads(encode(filled()))
    del body["reason"]
    assert decode("fill", 1, json.dumps(body)) == filled()


def test_older_versions_are_raised_step_by_step() -> None:
    """Each migration makes the next version; one after the other they make today's."""
    steps = {
        ("fill", 1): lambda body: {**body, "a": 1},
        ("fill", 2): lambda body: {**body, "b": body["a"] + 1},
    }
    assert raised("fill", 1, 3, {}, steps) == {"a": 1, "b": 2}
    assert raised("fill", 2, 3, {"a": 5}, steps) == {"a": 5, "b": 6}


def test_every_version_before_todays_has_its_migration() -> None:
    """For each kind of event; and none for what is no kind, or no older version of it."""
    older = {(kind, step) for kind, made in EVENTS.items() for step in range(1, made.VERSION)}
    assert set(MIGRATIONS) == older


def test_a_version_without_its_migration_is_told_in_words() -> None:
    """The ledger is not damaged then, and the message does not say so."""
    with pytest.raises(LedgerError, match=r"'fill', version 2, cannot be read here: .* version 3"):
        raised("fill", 1, 3, {}, {("fill", 1): lambda body: body})


def test_an_older_body_that_is_not_one_is_told_as_damaged() -> None:
    """A field that the migration needs is gone."""
    with pytest.raises(LedgerError, match=r"'fill', version 1, is damaged: KeyError\('size'\)"):
        raised("fill", 1, 2, {}, {("fill", 1): lambda body: {"contracts": body["size"]}})


def test_the_hash_covers_everything() -> None:
    """Another time, place, kind, version, body or hash before gives another hash."""
    whole = ("0" * 64, 1, 5, "fill", 1, "{}")
    other = ("1" * 64, 2, 6, "cash", 2, "{ }")
    changed = [chained(*whole[:n], other[n], *whole[n + 1 :]) for n in range(6)]  # type: ignore[arg-type]
    assert len({chained(*whole), *changed}) == 7
    assert row_of(intended(), 1, 5, GENESIS).hash == row_of(intended(), 1, 5, GENESIS).hash


@pytest.mark.parametrize("body", ["", "{", "[" * 50_000], ids=["empty", "torn", "too deep"])
def test_a_body_that_is_no_json_is_damage(body: str) -> None:
    """Told as such, with what to do; nothing of the reader of JSON."""
    with pytest.raises(LedgerError, match=r"is no JSON .*; restore the ledger from a copy"):
        decode("fill", 1, body)
