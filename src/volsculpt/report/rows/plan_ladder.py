"""Income of a plan by its dates: which contract carries it, and how much of it is sold."""

from dataclasses import replace

from volsculpt.book.state import State
from volsculpt.decide.ladder import Rung, sold_coins
from volsculpt.decide.step import Decision
from volsculpt.report.rows.plan import LadderRow
from volsculpt.units import iso_trimmed


def ladder_rows(decision: Decision, after: State) -> list[LadderRow]:
    """A row for each contract that income is due under, in the order of expiry; those of none last.

    Args: after: the book once the orders fill.
    """
    ratios = {
        hedge.underlying: aim.ratio
        for hedge, aim in zip(decision.setup.hedges, decision.aims, strict=True)
    }
    return [
        _row(decision, after, rung, ratios.get(rung.underlying))
        for rung in decision.setup.ladder
        if rung.coins > 0.0 or _sold(decision, decision.flat.state, rung)
    ]


def _sold(decision: Decision, state: State, rung: Rung) -> float | None:
    """Coins that a rung's contract has sold in a state; None where it has no contract."""
    if rung.contract is None or rung.account is None:
        return None
    flat = replace(decision.flat, state=state)
    return sold_coins(flat, decision.quoted.quote, flat.leg(rung.account, rung.contract))


def _row(decision: Decision, after: State, rung: Rung, ratio: float | None) -> LadderRow:
    """One rung."""
    expiry = rung.contract.expiry_ns if rung.contract is not None else None
    return LadderRow(
        underlying=rung.underlying,
        coins=rung.coins,
        count=len(rung.times_ns),
        first=iso_trimmed(rung.times_ns[0]) if rung.times_ns else None,
        last=iso_trimmed(rung.times_ns[-1]) if rung.times_ns else None,
        account=rung.account,
        contract=None if rung.contract is None else rung.contract.symbol,
        expires=None if expiry is None else iso_trimmed(expiry),
        wanted_coin=None if ratio is None else max(0.0, ratio) * rung.coins,
        sold_coin=_sold(decision, decision.flat.state, rung),
        sold_after_coin=_sold(decision, after, rung),
    )
