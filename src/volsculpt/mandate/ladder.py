"""Income by its dates: which dated contract of `use` carries which of the flows to come."""

from collections.abc import Sequence

from volsculpt.book.holdings import Book
from volsculpt.contracts.spec import Contract
from volsculpt.decide.build import UseLeg
from volsculpt.decide.ladder import Rung
from volsculpt.hedge.spec import Hedge
from volsculpt.mandate.income import income_between

Dated = tuple[int, float]  # when, ns UTC; coins of the hedge


def ladder_of(
    book: Book,
    hedges: Sequence[Hedge],
    legs: Sequence[Sequence[UseLeg]],
    from_ns: int,
    to_ns: int,
) -> tuple[Rung, ...]:
    """The rungs of every hedge that goes by its own contracts, by expiry.

    Each date is carried by the first contract that expires at or after it, and what none of them
    reaches by the others in `use`: a last rung without a contract. Where `use` has dated contracts
    alone, the last of them is no rung: it carries what is owned too.

    Args: book: with the flows; hedges, legs: as a decision has them; from_ns, to_ns: how far ahead,
    ns UTC.
    """
    rungs, everything = list[Rung](), income_between(book, from_ns, to_ns)
    for hedge, used in zip(hedges, legs, strict=True):
        if not hedge.proxies:
            income = [
                (one.time_ns, one.coins) for one in everything if one.coin == hedge.underlying
            ]
            rungs += _of_hedge(hedge.underlying, _dated(used), income)
    return tuple(rungs)


def _dated(used: Sequence[UseLeg]) -> list[tuple[str, Contract, int]]:
    """(account, contract, expiry) of the contracts that may be rungs, the first to expire first."""
    found = [
        (account, contract, contract.expiry_ns)
        for account, contract, retires in used
        if contract.expiry_ns is not None and not retires
    ]
    found.sort(key=lambda one: one[2])
    live = sum(1 for _, _, retires in used if not retires)
    return found[:-1] if len(found) == live else found


def _of_hedge(
    coin: str, dated: Sequence[tuple[str, Contract, int]], income: Sequence[Dated]
) -> list[Rung]:
    """The rungs of one coin, and what is left for the other contracts."""
    rungs, left, used = list[Rung](), list(income), set[int]()
    for account, contract, expiry_ns in dated:
        own = [one for one in left if one[0] <= expiry_ns] if expiry_ns not in used else []
        used.add(expiry_ns)
        left = [one for one in left if one not in own]
        coins = sum((amount for _, amount in own), 0.0)
        rungs.append(Rung(coin, account, contract, coins, tuple(stamp for stamp, _ in own)))
    if left:
        coins = sum(amount for _, amount in left)
        rungs.append(Rung(coin, None, None, coins, tuple(stamp for stamp, _ in left)))
    return rungs
