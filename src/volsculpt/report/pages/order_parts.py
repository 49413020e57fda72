"""In how many orders a trade is sent that is larger than one may be, in words."""

from volsculpt.contracts.lots import lots_down, lots_up
from volsculpt.report.document import Line
from volsculpt.text import coins, contracts, counted


def parts_lines(size: float, most: float | None, venue: str) -> list[Line]:
    """How many market orders an order makes, where it is larger than the venue takes as one.

    Worked: 12 of 5: "bybit takes 5 contracts at market: 2 orders of 5 and one of 2".
    Args: size: contracts; most: of its largest market order, None: unknown; venue: its name.
    """
    if most is None or size <= most:
        return []
    whole = lots_down(size / most)
    left = float(f"{size - whole * most:.12g}")
    orders = counted(round(whole), "order")
    text = f"{venue} takes {contracts(most)} at market: {orders} of {coins(most)}"
    return [Line(f"{text} and one of {coins(left)}" if left > 0.0 else text, "detail")]


def later_lines(size: float, later: float) -> list[Line]:
    """How many orders follow one that is cut to the largest. Worked: 35 after 25: "2 orders".

    Args: size: contracts of the order; later: contracts of its target that it leaves.
    """
    if later <= 0.0:
        return []
    count = later_orders(size, later)
    return [
        Line(
            f"then {contracts(later)} more: {count}, one a decision, as far as the band asks",
            "detail",
        )
    ]


def later_orders(size: float, later: float) -> str:
    """Orders of a size that trade what is later. Worked: 25, 35: "2 more orders"."""
    count = lots_up(later / size)
    return "1 more order" if count == 1.0 else f"{coins(count)} more orders"
