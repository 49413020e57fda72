"""A paper venue goes on under a mandate that was changed: what it holds and did stays as it was.

The journal's head says what the world was begun with: legs, coins by place, positions, terms. Legs
and accounts more are rows more; legs that the mandate dropped keep their rows, so that the requests
of before, run again, come to the same. Only transfers may take other times and costs from then on.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from volsculpt.book.holdings import Account, Position
from volsculpt.errors import ContractError
from volsculpt.mandate.objects import Mandate
from volsculpt.parsing import json_of
from volsculpt.text import moment
from volsculpt.units import iso

Head = Mapping[str, Any]
TRANSFER_TERMS = ("transfer_delay_ns", "transfer_cost", "routes")
TAKES = "takes"  # the line of a journal that says what a world goes on with


def newest_head(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """What a journal's world was last gone on with."""
    takes = [one["given"] for one in lines[1:] if one["do"] == TAKES]
    return dict(takes[-1] if takes else lines[0])


def as_begun(mandate: Mandate, journal: Path | None) -> Mandate:
    """The mandate whose accounts also have, flat, the contracts that a journal's world has.

    A journal that cannot be read adds none: who opens it says what is wrong.
    """
    try:
        written = journal.read_bytes() if journal is not None and journal.exists() else b""
        lines = [json_of(line) for line in written[: written.rfind(b"\n") + 1].splitlines()]
        legs = [(str(one), str(key)) for one, key in newest_head(lines)["legs"]] if lines else []
    except (OSError, ValueError, KeyError, TypeError):
        return mandate
    accounts = tuple(_with_legs(mandate, one, legs) for one in mandate.book.accounts)
    return replace(mandate, book=replace(mandate.book, accounts=accounts))


def _with_legs(mandate: Mandate, account: Account, legs: list[tuple[str, str]]) -> Account:
    """An account with flat positions in the contracts it once could trade."""
    there = {one.contract.key for one in account.positions}
    more = []
    for name, key in legs:
        venue, _, symbol = key.partition(":")
        if name != account.name or venue != account.venue or key in there:
            continue
        try:
            more.append(Position(mandate.catalog.get(venue, symbol), 0.0, 1.0))
        except ContractError:
            continue  # refused by `not_taken_over`, which names it
    return replace(account, positions=(*account.positions, *more))


def not_taken_over(begun: Head, now: Head) -> list[str]:
    """Why a world cannot go on as the mandate and the market are now, each with the fix."""
    found = []
    if begun["from_ns"] != now["from_ns"]:
        first = [moment(iso(one["from_ns"])) for one in (begun, now)]
        found.append(f"its market begins {first[0]}, not {first[1]}: start it with --from of then")
    found += [
        f"its term {name} is {then}, not {now['terms'].get(name)}"
        for name, then in begun["terms"].items()
        if name not in TRANSFER_TERMS and then != now["terms"].get(name)
    ]
    there = {place[0] for place in now["places"]}
    for account, key in begun["legs"]:
        if account in there and [account, key] not in now["legs"]:
            found.append(
                f"account '{account}' trades {key} in it, which the mandate makes impossible: let "
                f"that account stay at {key.partition(':')[0]}, and give one at another venue "
                f"another name"
            )
    found += _accounts_gone(begun, now)
    if not found and _prices(begun, begun["legs"]) != _prices(now, begun["legs"]):
        found.append("its made-up prices are others: start it with the options of then")
    return found


def _prices(head: Head, legs: list[list[str]]) -> list[list[float]] | None:
    """The first marks of some legs in a made-up market; None in a stored one."""
    rows = [head["legs"].index(leg) for leg in legs if leg in head["legs"]]
    made_up = head["made_up"]
    return None if made_up is None else [[step[row] for row in rows] for step in made_up]


def _accounts_gone(begun: Head, now: Head) -> list[str]:
    """Coins of a world in accounts that the mandate has no more."""
    if "places" not in begun:  # written before places were named
        return [] if begun["wallets"] == now["wallets"] else ["its accounts hold other coins"]
    left = {place[0] for place in now["places"]}
    gone = {
        place[0]: None
        for place, coins in zip(begun["places"], begun["wallets"], strict=True)
        if coins != 0.0 and place[0] not in left
    }
    return [
        f"account '{name}' of it is not in the mandate: put it back, its coins are there"
        for name in gone
    ]


def merged(begun: Head, now: Head) -> dict[str, Any]:
    """What a world goes on with: coins and positions as it was begun, what is new as stated now.

    Coins that a mandate states now for an account that was there are no news: a venue has its own.
    """
    if "places" not in begun:
        return dict(now)
    then = {tuple(at): one for at, one in zip(begun["places"], begun["wallets"], strict=True)}
    there = {place[0] for place in begun["places"]}
    stated = zip(now["places"], now["wallets"], strict=True)
    wallets = [then.get(tuple(at), 0.0 if at[0] in there else coins) for at, coins in stated]
    held = {tuple(at): one for at, one in zip(begun["legs"], begun["held"], strict=True)}
    legs = zip(now["legs"], now["held"], strict=True)
    positions = [held.get(tuple(leg), [0.0, 0.0] if leg[0] in there else one) for leg, one in legs]
    return {**now, "wallets": wallets, "held": positions}
