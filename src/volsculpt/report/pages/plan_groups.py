"""Margin groups in words: their names, and the price at which the exchange closes them."""

import math
from decimal import Decimal

from volsculpt.book.liquidation import safe_tick
from volsculpt.report.rows.plan import MarginRow, PlanRows
from volsculpt.text import price, trimmed


def account_name(row: MarginRow) -> str:
    """The account, and the group where the account alone does not say which."""
    plain = row.group in (row.currency, "unified")
    return row.account if plain else f"{row.account} {row.group}"


def on_tick(at: float, mark: float, tick: float | None) -> str:
    """A liquidation price on a whole tick on the safe side, as text.

    Worked: 24,380.858 above the mark, tick 0.1: "24,380.8".
    """
    if tick is None or tick <= 0.0 or not math.isfinite(at):
        return price(at)
    exponent = Decimal(repr(tick)).normalize().as_tuple().exponent
    return trimmed(safe_tick(at, mark, tick), max(0, -int(exponent)))


def mark_of(plan: PlanRows, row: MarginRow) -> float | None:
    """Price of the group's contract, from the plan, else from the distance; None without one.

    The distance leaves two prices, above and below; the one nearer to an index is it.
    """
    given = plan.marks.get(f"{row.account}:{row.group}")
    at, distance = row.liquidation_price, row.liquidation_distance
    if given is not None or at is None or distance is None:
        return given
    possible = [at / (1.0 + side * distance) for side in (1.0, -1.0) if side * distance > -1.0]
    indexes = [index for index in plan.index_usd.values() if index > 0.0]
    return min(possible, key=lambda mark: _farness(mark, indexes))


def _farness(mark: float, indexes: list[float]) -> float:
    """How far a price is from the nearest index, as a ratio; 0 when there is none."""
    return min((abs(math.log(mark / index)) for index in indexes), default=0.0)


def priced(plan: PlanRows, row: MarginRow, at: float) -> str:
    """A price of the group's contract that liquidates, on the safe side."""
    mark, tick = mark_of(plan, row), plan.ticks.get(f"{row.account}:{row.group}")
    return on_tick(at, at if mark is None else mark, tick)


def liquidated_at(plan: PlanRows, row: MarginRow) -> str:
    """Where the group is closed, for people: a price, or never."""
    if row.liquidation_price is None:
        return "never"
    coin = f"{row.liquidation_coin} " if row.liquidation_coin else ""
    return f"{coin}{priced(plan, row, row.liquidation_price)}"


def away(plan: PlanRows, row: MarginRow) -> float | None:
    """The move that closes the group, with its sign: + when it lies above the price."""
    if row.liquidation_move is not None:
        return row.liquidation_move
    mark, at, distance = mark_of(plan, row), row.liquidation_price, row.liquidation_distance
    if distance is None:
        return None
    return -distance if mark is not None and at is not None and at < mark else distance
