"""The box of a resting lane: its sides, its corners, and all that keeps a lane awake."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulate.test_rest import SETUPS, STEPS, targets, world_of
from tests.simulate.worlds import Plain, steady
from volsculpt.book.exposure import leg_value
from volsculpt.book.state import Quote, copy_state
from volsculpt.decide.act import act
from volsculpt.decide.rules import IN_BAND, ZERO_TARGET
from volsculpt.simulate import calm as boxes
from volsculpt.simulate import edges, rest
from volsculpt.simulate.coordinates import no_calm, sides_of

RATIOS = [0.5, 0.4]


class Still:
    """The treasury hedged to its targets at its first prices: nothing is left to do."""

    def __init__(self, name: str = "bare", moving: bool = False) -> None:
        self.world = world_of(SETUPS[name], 4, 0.0001)
        self.lane = Plain(self.world, noted=False)
        self.lane.walk(targets(4, moving=False), 0, 3)
        rows = self.lane.rows
        self.layout, self.rules, self.state = rows[0][0], rows[1][0], rows[3][0]
        self.pending, self.answer, self.work = rows[4][0], rows[5][0], rows[6][0]
        flat, market = self.world.flat, self.world.market
        last = (2, slice(None), 0)
        self.quote = Quote(market.close_index[last].tolist(), market.close_mark[last].tolist())
        self.there = Quote(list(self.quote.index_usd), list(self.quote.mark))
        ratios = targets(4, moving)
        self.sides = sides_of(flat, self.rules, market, ratios, noted=False)
        self.calm = no_calm(flat, self.rules)
        act(self.layout, self.state, self.quote, self.rules, RATIOS, self.work, self.answer)

    def box(self, down: float, up: float, wide: float) -> None:
        """Draw a box around the prices."""
        own = (self.layout, self.rules, self.state, self.quote, RATIOS)
        boxes.set_box(self.sides, self.calm, *own, down, up, wide)

    def rests(self) -> int:
        """Whether nothing keeps the lane awake."""
        own = (self.layout, self.rules, self.state, self.pending, self.answer)
        return boxes.is_resting(self.calm, *own)

    def silent(self, ratios: list[float]) -> int:
        """Whether `act` is silent at the prices."""
        own = (self.layout, self.rules, self.state, self.quote, ratios, self.work, self.answer)
        return boxes.is_silent(self.calm, *own)

    def certified(self) -> int:
        """Whether all corners of the box are."""
        own = (self.layout, self.rules, self.state, self.quote, self.there, RATIOS)
        return boxes.is_certified(self.sides, self.calm, *own, self.work, self.answer)

    def currency(self, name: str) -> int:
        """Row of a currency."""
        return self.world.flat.currency(name)


def test_the_sides_of_a_box_are_as_wide_as_it_says() -> None:
    """Coins from down to up; a stablecoin by 0.4 % of that; cash, basis and marks by their own."""
    still = Still(moving=True)
    still.box(0.9, 1.2, 0.5)
    calm, quote, layout = still.calm, still.quote, still.layout
    bitcoin, tether = still.currency("BTC"), still.currency("USDT")
    spot, peg = quote.index_usd[bitcoin], quote.index_usd[tether]
    assert calm.index_low[bitcoin] == pytest.approx(0.9 * spot, rel=1e-12)
    assert calm.index_high[bitcoin] == pytest.approx(1.2 * spot, rel=1e-12)
    assert calm.index_low[tether] == pytest.approx(peg * (1.0 - 0.002 * 0.1), rel=1e-12)
    assert calm.index_high[tether] == pytest.approx(peg * (1.0 + 0.002 * 0.2), rel=1e-12)
    for leg in range(layout.legs.rows):
        basis = quote.mark[leg] / edges.fair(layout, quote, leg)
        assert calm.basis_low[leg] == pytest.approx(0.998 * basis, rel=1e-12)
        assert calm.basis_high[leg] == pytest.approx(1.002 * basis, rel=1e-12)
        assert calm.mark_low[leg] == pytest.approx(quote.mark[leg] * 0.9 * 0.99, rel=1e-12)
        assert calm.mark_high[leg] == pytest.approx(quote.mark[leg] * 1.2 * 1.01, rel=1e-12)
        wallet = layout.legs.cash_wallet[leg]
        drift = 0.004 * abs(leg_value(layout, still.state, quote, leg))
        cash = still.state.wallet[wallet]
        assert calm.cash_low[wallet] == pytest.approx(cash - drift, rel=1e-12)
        assert calm.cash_high[wallet] == pytest.approx(cash + drift, rel=1e-12)
    others = set(range(layout.wallets)) - set(layout.legs.cash_wallet)
    assert all(calm.cash_low[row] == still.state.wallet[row] for row in others)
    assert all(calm.cash_high[row] == still.state.wallet[row] for row in others)
    assert calm.ratio_low == pytest.approx([0.496, 0.396], rel=1e-12)
    assert calm.ratio_high == pytest.approx([0.504, 0.404], rel=1e-12)


def test_targets_that_never_move_have_no_side() -> None:
    """The box stands on them."""
    still = Still()
    still.box(0.9, 1.2, 0.5)
    assert still.calm.ratio_low == still.calm.ratio_high == RATIOS


def test_corners_are_all_the_ways_to_choose_ends() -> None:
    """Each coordinate stands at the end that its bit says; a mark follows index and basis."""
    still = Still(moving=True)
    still.box(0.9, 1.2, 0.5)
    calm, sides, layout, there = still.calm, still.sides, still.layout, still.there
    seen = set()
    for corner in range(sides.corners):
        state = copy_state(still.state)
        own = (layout, still.rules, state, still.quote, there, RATIOS)
        boxes.go_to_corner(sides, calm, corner, *own)
        table = [
            (there.index_usd, calm.index_low, calm.index_high, sides.index_bit),
            (state.wallet, calm.cash_low, calm.cash_high, sides.cash_bit),
            (calm.asked, calm.ratio_low, calm.ratio_high, sides.ratio_bit),
        ]
        for found, low, high, bits in table:
            for row, bit in enumerate(bits):
                if bit >= 0:
                    assert found[row] == (high if corner & 2**bit else low)[row]
        for leg, bit in enumerate(sides.basis_bit):
            basis = (calm.basis_high if corner & 2**bit else calm.basis_low)[leg]
            fair = edges.fair(layout, there, leg)
            assert there.mark[leg] == pytest.approx(fair * basis, rel=1e-15)
        still_usd = still.currency("USD")
        assert there.index_usd[still_usd] == still.quote.index_usd[still_usd]
        seen.add((*there.index_usd, *there.mark, *state.wallet, *calm.asked))
    assert len(seen) == sides.corners >= 16


def test_act_is_silent_only_for_the_same_reasons() -> None:
    """At its target it is; another reason, another target, coins to post or to move wake it."""
    still = Still()
    assert still.rests() == 1
    assert still.silent(RATIOS) == 1
    assert still.silent([0.8, 0.4]) == 0
    assert still.silent([0.5, 0.8]) == 0
    still.calm.codes[1] += 1
    assert still.silent(RATIOS) == 0


def test_a_corner_stands_while_every_group_is_solvent() -> None:
    """The mark of a leg is the end that its bit says; one insolvent group is enough."""
    still = Still()
    still.box(0.95, 1.05, 0.5)
    own = (still.layout, still.state, still.there)
    assert boxes.stands(still.sides, still.calm, still.sides.corners - 1, *own) == 1
    assert still.there.mark == still.calm.mark_high
    assert boxes.stands(still.sides, still.calm, 0, *own) == 1
    assert still.there.mark == still.calm.mark_low
    for leg in range(still.layout.legs.rows):
        high = still.calm.mark_high[leg]
        still.calm.mark_high[leg] *= 1e4
        wallet = still.layout.legs.cash_wallet[leg]
        cash, still.state.wallet[wallet] = still.state.wallet[wallet], 0.0
        assert boxes.stands(still.sides, still.calm, still.sides.corners - 1, *own) == 0
        still.calm.mark_high[leg], still.state.wallet[wallet] = high, cash


def test_a_box_is_certified_up_to_the_band_and_cash_is_put_back() -> None:
    """Near prices pass; where the band would speak, or a group would fall, it fails."""
    still = Still()
    assert still.rests() == 1
    before = list(still.state.wallet)
    for down, up, found in [(0.98, 1.02, 1), (0.98, 3.0, 0), (0.3, 1.02, 0)]:
        still.box(down, up, 0.1)
        assert still.certified() == found, (down, up)
        assert still.state.wallet == before


def test_every_corner_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once each; groups where no basis matters, as each leg's mark takes its place."""
    still, seen = Still(), list[int]()
    assert still.rests() == 1
    still.box(0.98, 1.02, 0.1)
    go = boxes.go_to_corner

    def noted(sides: Any, calm: Any, corner: int, *rest: Any) -> None:  # noqa: ANN401
        seen.append(corner)
        go(sides, calm, corner, *rest)

    monkeypatch.setattr(boxes, "go_to_corner", noted)
    assert still.certified() == 1
    assert seen == list(range(still.sides.corners))


def changed(rows: Any, at: int, value: float) -> Callable[[Still], None]:  # noqa: ANN401
    """Writes a value into a row that is found in a lane by name."""

    def change(still: Still) -> None:
        table: Any = still
        for name in rows.split("."):
            table = getattr(table, name)
        table[at] = value

    return change


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(
    ("rows", "value"),
    [
        ("rules.planned", 1),
        ("rules.use_retire", 1),
        ("state.slot", 1),
        ("state.working", -7.0),
        ("answer.trade", -7.0),
        ("pending.transfer_due", 9),
        ("state.incoming", 0.1),
        ("answer.top_up", -0.1),
        ("answer.post", 0.1),
        ("answer.hedge_code", 0),
        ("answer.hedge_code", IN_BAND + 8),
    ],
)
def test_whatever_is_under_way_keeps_a_lane_awake(rows: str, value: float, at: int) -> None:
    """An order, a transfer, a plan, a leg to be closed, another reason: of any leg or group."""
    still = Still()
    assert still.rests() == 1
    changed(rows, at, value)(still)
    assert still.rests() == 0


def test_a_position_that_no_hedge_manages_keeps_a_lane_awake() -> None:
    """Its slot in the pools gone, a leg is nobody's."""
    still = Still()
    still.rules.use_leg[1] = still.rules.use_leg[0]
    still.state.contracts[still.rules.use_leg[0]] = 0.0
    assert still.rests() == 0


def test_a_target_of_zero_rests_as_well() -> None:
    """And the reasons found are those that a box holds to."""
    still = Still()
    still.answer.hedge_code[0] = IN_BAND + ZERO_TARGET
    assert still.rests() == 1
    assert still.calm.codes == [IN_BAND + ZERO_TARGET, IN_BAND]


def test_the_first_guess_is_where_the_nearest_band_ends() -> None:
    """Of two hedges and both sides of each; nothing moves farther than 1.6 times."""
    still = Still()
    calm, rules = still.calm, still.rules
    calm.gap[:], calm.gap_above[:], calm.gap_below[:] = [0.0, 0.0], [0.1, 0.05], [-0.075, -0.04]
    (near_up, near_down), (far_up, far_down) = (
        [
            edges.crossing(calm.gap[row], calm.gap_above[row], calm.gap_below[row], gap)
            for gap in (rules.over_trigger[row], -rules.under_trigger[row])
        ]
        for row in (0, 1)
    )
    assert 1.0 / 1.6 < far_down < near_down < 1.0 < near_up < far_up < 1.6
    assert edges.edges(calm, rules) == (near_down, near_up)
    calm.gap_above[:], calm.gap_below[:] = [0.0, 0.0], [0.0, 0.0]
    assert edges.edges(calm, rules) == (1.0 / 1.6, 1.6)


def test_edges_of_the_box_that_was_left_are_tried_again() -> None:
    """The nearest of all coins' edges, as factors of the prices now."""
    still = Still()
    still.box(0.9, 1.2, 0.5)
    own = (still.sides, still.calm, still.layout, still.quote)
    assert edges.old_edges(*own) == pytest.approx((0.9, 1.2), rel=1e-12)
    bitcoin = still.currency("BTC")
    still.quote.index_usd[bitcoin] *= 1.1
    assert edges.old_edges(*own) == pytest.approx((0.9, 1.2 / 1.1), rel=1e-12)
    still.quote.index_usd[bitcoin] *= 0.95 / 1.1
    assert edges.old_edges(*own) == pytest.approx((0.9 / 0.95, 1.2), rel=1e-12)


def test_asking_elsewhere_moves_coins_and_keeps_their_basis() -> None:
    """Index of coins by the factor, of stablecoins not, marks with them; gaps per owned coin."""
    still = Still()
    there, quote, gaps = still.there, still.quote, [9.0, 9.0]
    own = (still.layout, still.rules, still.state, quote, there, RATIOS, still.work, still.answer)
    edges.probe(*own, 1.2, gaps)
    bitcoin, tether = still.currency("BTC"), still.currency("USDT")
    assert there.index_usd[bitcoin] == pytest.approx(1.2 * quote.index_usd[bitcoin], rel=1e-12)
    assert there.index_usd[tether] == quote.index_usd[tether]
    assert there.mark == pytest.approx([1.2 * mark for mark in quote.mark], rel=1e-12)
    answer = still.answer
    wanted = [(answer.can[row] - answer.before[row]) / answer.base[row] for row in range(len(gaps))]
    assert gaps == wanted
    assert max(map(abs, gaps)) > 0.01
    answer.base[0] = 0.0
    edges.note_gaps(still.rules, answer, gaps)
    assert gaps == [0.0, wanted[1]]


@pytest.mark.parametrize("start", [0, 1, 63, 64, 100])
@pytest.mark.parametrize("stop", [100, 128, 129, 200])
@pytest.mark.parametrize("at", [None, 0, 1, 63, 64, 65, 127, 128, 150, 199])
@pytest.mark.parametrize("value", [0.89, 1.21])
def test_the_first_step_outside(start: int, stop: int, at: int | None, value: float) -> None:
    """As a plain search finds it, whatever the blocks; an edge is inside."""
    numbers = [0.9, 1.2] * 100
    if at is not None:
        numbers[at] = value
    wanted = next((row for row in range(start, stop) if not 0.9 <= numbers[row] <= 1.2), stop)
    assert rest.first_outside(numbers, 0.9, 1.2, start, stop) == wanted


def test_a_lane_rests_long_and_gives_up_for_a_while() -> None:
    """In a still market to the end; where no box is worth its price it waits four steps."""
    world = world_of(SETUPS["bare"], 4, 0.0001)
    lane = Plain(world, noted=False)
    lane.walk(steady(STEPS, RATIOS))
    assert lane.calm.flag[0] == edges.RESTING
    assert lane.calm.until[0] == STEPS
    tight = Still()
    tight.rules.under_trigger[0] = tight.rules.over_trigger[0] = 1e-6
    seek(tight)
    assert tight.calm.flag[0] == edges.AWAKE
    assert tight.calm.wait[0] == 7 + 4


def seek(still: Still) -> None:
    """Try to certify a box at step 7."""
    own = (still.layout, still.rules, still.state, still.pending, still.quote, still.there, RATIOS)
    boxes.seek_calm(still.sides, still.calm, 7, 0, *own, still.work, still.answer)


def test_a_box_reaches_as_far_as_it_can_be_certified() -> None:
    """Nine tenths of the way to where the band ends, or 0.6 of that, and so on."""
    still = Still()
    seek(still)
    assert still.calm.flag[0] == edges.RESTING
    assert still.calm.wait[0] == 0
    bitcoin, gaps = still.currency("BTC"), still.calm
    down, up = edges.edges(gaps, still.rules)
    spot = still.quote.index_usd[bitcoin]
    reached = gaps.index_high[bitcoin] / spot - 1.0, 1.0 - gaps.index_low[bitcoin] / spot
    tries = [0.9 * 0.6**turn for turn in range(5)]
    shares = reached[0] / (up - 1.0), reached[1] / (1.0 - down)
    assert shares[0] == pytest.approx(shares[1], rel=1e-9)
    (turn,) = [row for row, one in enumerate(tries) if shares[0] == pytest.approx(one, rel=1e-9)]
    width = min(1.0, 2.0 * (reached[0] + reached[1]))
    basis = still.quote.mark[0] / edges.fair(still.layout, still.quote, 0)
    assert gaps.basis_high[0] == pytest.approx(basis * (1.0 + 0.004 * width), rel=1e-12)
    if turn > 0:
        wider = [1.0 + (reached[0] / 0.6), 1.0 - reached[1] / 0.6]
        still.box(wider[1], wider[0], min(1.0, (wider[0] - wider[1]) / 0.5))
        assert still.certified() == 0
