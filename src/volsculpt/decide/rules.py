"""The owner's rules as flat rows, and the lists `act` writes its answer into.

A pool is the set of legs on one coin that carry a hedge: the coin's own, and those of
coins proxied by it. In the flat rows 0.0 stands for "no limit".
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from volsculpt.book.state import Exposure, Layout, Quote, State, new_exposure
from volsculpt.compilable import compilable

BASE_EQUITY = 0
BASE_COINS = 1
BASE_WEALTH = 2  # the largest: it binds all coins together
BASE_CODE = {"equity": BASE_EQUITY, "coins": BASE_COINS, "wealth": BASE_WEALTH}


class Rules(NamedTuple):
    """Hedges, pools, limits and collateral plans; columns hold row numbers of the layout."""

    hedges: int  # rows that are real; compiled code pads the columns
    pools: int
    groups: int
    legs: int
    hedge_currency: Sequence[int]
    hedge_pool: Sequence[int]
    hedge_beta: Sequence[float]  # 1.0 for a coin's own hedge
    hedge_base: Sequence[int]
    hedge_coins: Sequence[float]
    hedge_hold: Sequence[int]  # 1: no answer from its policy; the pool keeps what it holds
    under_trigger: Sequence[float]
    under_settle: Sequence[float]
    over_trigger: Sequence[float]
    over_settle: Sequence[float]
    pool_currency: Sequence[int]
    pool_from: Sequence[int]
    pool_to: Sequence[int]
    use_leg: Sequence[int]  # in order of preference
    use_retire: Sequence[int]  # 1: to be closed, its rule has rolled on
    max_leverage: float
    min_distance: float
    dead_zone: float  # share of a limit by which a held position may pass it before it is cut
    allow_long: int  # 1: the futures of a pool may be net long
    max_order_usd: float
    min_base_usd: float
    planned: Sequence[int]  # per group: 1 when coins may move
    assumed: Sequence[int]  # per group: 1 when its account is taken to hold what it needs
    band_first: Sequence[float]  # leverage below which coins are released
    band_second: Sequence[float]
    band_third: Sequence[float]
    band_last: Sequence[float]  # leverage above which coins are added
    transfer_cost: Sequence[float]
    min_transfer: Sequence[float]  # coins: a smaller move is not made
    move_currency: Sequence[int]  # per group: the currency that moves
    source_from: Sequence[int]
    source_to: Sequence[int]
    source_wallet: Sequence[int]


class Answer(NamedTuple):
    """What `act` decides. Codes say why; `words` turns them into sentences."""

    trade: MutableSequence[float]  # per leg, signed contracts to send
    cancel: MutableSequence[int]  # per leg: cancel what is working
    top_up: MutableSequence[float]  # per group, coins: + in, - release
    post: MutableSequence[float]  # per group: coins of an isolated account to post (+) or free (-)
    base: MutableSequence[float]  # per hedge, coins; may be <= 0
    held: MutableSequence[float]  # per hedge, held ratio; 0.0 with code BASE_GONE
    hedge_code: MutableSequence[int]
    want: MutableSequence[float]  # per pool: futures coins of the unbanded target
    can: MutableSequence[float]  # per pool: the same within capacity
    before: MutableSequence[float]  # per pool: futures coins held and working
    after: MutableSequence[float]  # per pool: futures coins once orders fill
    leg_code: MutableSequence[int]
    group_code: MutableSequence[int]
    lacking: MutableSequence[float]  # per group: coins a top-up lacks in its sources


class Work(NamedTuple):
    """Scratch that `act` overwrites; nothing in it survives a step."""

    held: Exposure  # sums of the held book
    sized: Exposure  # sums with working orders counted
    goal: State  # the post-trade book being built
    hold: MutableSequence[float]  # per leg: contracts held and working
    term: MutableSequence[float]  # per hedge: coins of the pool its target asks for
    share: MutableSequence[float]  # per hedge: its part of the pool's futures
    reserved: MutableSequence[float]  # per group: coins its target will draw from sources
    spare: MutableSequence[float]  # per group: coins it can give back
    booked: MutableSequence[float]  # per leg: coins its goal adds to its cash wallet
    cut: MutableSequence[float]  # per leg: contracts that a limit takes off what is held
    posting: MutableSequence[float]  # per leg: free coins its isolated position posts at once


class Problem(NamedTuple):
    """A book at one quote under its owner's rules, and what is written while it is decided on."""

    layout: Layout
    state: State
    quote: Quote
    rules: Rules
    work: Work
    answer: Answer


# hedge codes, added together
IN_BAND = 1
ZERO_TARGET = 2
BASE_GONE = 4
CAPPED = 8
TRADED = 16
UNKNOWN_DATA = 32
ROUNDED_AWAY = 64
NO_LEG = 128
NO_LONG = 256

# leg codes
MAX_ORDER = 1
MIN_ORDER = 2
BUSY = 4
BLOCKED = 8
RETIRED = 16
OVER_LIMIT = 32
FULL = 64
VENUE_MOST = 128
LEAST_VALUE = 256
POSITION_MOST = 512

# group codes
BY_LEVERAGE = 1
BY_DISTANCE = 2
NO_EQUITY = 4
SOURCES_SHORT = 8
WAITS = 16
BY_FREE_COINS = 32
USELESS = 64  # the currency that moves counts nothing as margin there


def new_answer(layout: Layout, rules: Rules) -> Answer:
    """Empty lists of the right length."""
    legs, groups = len(layout.legs.payoff), len(layout.group_currency)
    hedges, pools = len(rules.hedge_currency), len(rules.pool_currency)
    return Answer(
        trade=[0.0] * legs,
        cancel=[0] * legs,
        top_up=[0.0] * groups,
        post=[0.0] * groups,
        base=[0.0] * hedges,
        held=[0.0] * hedges,
        hedge_code=[0] * hedges,
        want=[0.0] * pools,
        can=[0.0] * pools,
        before=[0.0] * pools,
        after=[0.0] * pools,
        leg_code=[0] * legs,
        group_code=[0] * groups,
        lacking=[0.0] * groups,
    )


def new_work(layout: Layout, rules: Rules) -> Work:
    """Scratch lists of the right length."""
    legs, groups = len(layout.legs.payoff), len(layout.group_currency)
    hedges = len(rules.hedge_currency)
    goal = State(
        wallet=[0.0] * len(layout.wallet_currency),
        contracts=[0.0] * legs,
        cost=[0.0] * legs,
        working=[0.0] * legs,
        slot=[0] * legs,
        incoming=[0.0] * groups,
        known=[1] * len(layout.moves),
        bonus=[0.0] * len(layout.group_weight),
        others=[0.0] * legs,
        others_cost=[0.0] * legs,
        others_coins=[0.0] * len(layout.group_weight),
    )
    return Work(
        held=new_exposure(layout),
        sized=new_exposure(layout),
        goal=goal,
        hold=[0.0] * legs,
        term=[0.0] * hedges,
        share=[0.0] * hedges,
        reserved=[0.0] * groups,
        spare=[0.0] * groups,
        booked=[0.0] * legs,
        cut=[0.0] * legs,
        posting=[0.0] * legs,
    )


def new_problem(layout: Layout, state: State, quote: Quote, rules: Rules) -> Problem:
    """A book at a quote under its rules, nothing decided yet."""
    work, answer = new_work(layout, rules), new_answer(layout, rules)
    return Problem(layout, state, quote, rules, work, answer)


@compilable
def use_rows(rules: Rules) -> int:
    """Rows of `use_leg` that are real: the legs of every pool, one pool after another."""
    return rules.pool_to[rules.pools - 1] if rules.pools > 0 else 0


@compilable
def wants_change(answer: Answer) -> bool:
    """Whether `act` trades, cancels, posts or moves anything."""
    for leg in range(len(answer.trade)):
        if answer.trade[leg] != 0.0 or answer.cancel[leg] != 0:
            return True
    for group in range(len(answer.top_up)):
        if answer.top_up[group] != 0.0 or answer.post[group] != 0.0:
            return True
    return False
