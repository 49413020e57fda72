"""Words of what is left: one of it, a part of it, and what is too little to name."""

import pytest

from volsculpt.report.pages.order_parts import later_lines, later_orders, parts_lines
from volsculpt.report.pages.plan import residual
from volsculpt.report.rows.ratio_words import share


@pytest.mark.parametrize(
    ("left_usd", "said"),
    [
        (1.0, "1 USD of the target stays unhedged"),
        (-1.0, "1 USD more than the target stays hedged"),
        (1.01, "1.01 USD of the target stay unhedged"),
        (-2.0, "2 USD more than the target stay hedged"),
        (0.5, "0.50 USD of the target stay unhedged"),
        (-0.5, "0.50 USD more than the target stay hedged"),
        (0.49, "the target is then reached"),
        (-0.49, "the target is then reached"),
    ],
)
def test_what_is_left_of_a_target(left_usd: float, said: str) -> None:
    """One dollar stays, two stay; less than half of one is dust, on either side."""
    assert residual(left_usd) == said


@pytest.mark.parametrize(
    ("size", "most", "said"),
    [
        (11.0, 5.0, "x takes 5 contracts at market: 2 orders of 5 and one of 1"),
        (6.0, 5.0, "x takes 5 contracts at market: 1 order of 5 and one of 1"),
        (10.0, 5.0, "x takes 5 contracts at market: 2 orders of 5"),
        (3.0, 1.0, "x takes 1 contract at market: 3 orders of 1"),
        (0.3, 0.1, "x takes 0.1 contracts at market: 3 orders of 0.1"),
    ],
)
def test_parts_of_an_order(size: float, most: float, said: str) -> None:
    """The last of them is what is left, one contract too; no dust of a division is an order."""
    assert [line.text for line in parts_lines(size, most, "x")] == [said]


def test_an_order_that_is_taken_whole_has_no_parts() -> None:
    """As large as the largest, or where that is not known."""
    assert parts_lines(5.0, 5.0, "x") == parts_lines(5.0, None, "x") == []


@pytest.mark.parametrize(
    ("size", "later", "said"),
    [
        (25.0, 1.0, "then 1 contract more: 1 more order, one a decision, as far as the band asks"),
        (1.0, 1.0, "then 1 contract more: 1 more order, one a decision, as far as the band asks"),
        (25.0, 25.5, "then 25.5 contracts more: 2 more orders, one a decision, as far as the"),
    ],
)
def test_orders_that_follow(size: float, later: float, said: str) -> None:
    """One more is one; a part of one is a whole order."""
    (line,) = later_lines(size, later)
    assert line.text.startswith(said)
    assert later_orders(size, later) in line.text
    assert later_lines(size, 0.0) == []


@pytest.mark.parametrize(
    ("left", "said"),
    [(1.0, "100 %"), (0.1, "10 %"), (0.31234, "31.2 %"), (0.09876, "9.876 %"), (0.0, "0 %")],
)
def test_a_share_of_the_variance_that_is_left(left: float, said: str) -> None:
    """All of it, none of it; from a tenth on one digit behind the point, below it three."""
    assert share(left) == said
