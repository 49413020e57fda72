"""The owner's rules as flat rows, and the lists `act` writes its answer into.

A pool is the set of legs on one coin that carry a hedge: the coin's own, and those of
coins proxied by it. A link is a hedge and one pool that carries it: a coin hedged by its own
contracts has one, one that goes by several proxies has as many. In the flat rows 0.0 stands for
"no limit".
"""

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

from volsculpt.book.state import Exposure, Layout, Quote, State, layout_rows
from volsculpt.compilable import compilable
from volsculpt.dimensions import (
    PerGroup,
    PerHedge,
    PerLeg,
    PerLink,
    PerPool,
    PerSource,
    PerUse,
    blank,
)

BASE_EQUITY = 0
BASE_COINS = 1
BASE_WEALTH = 2  # the largest: it binds all coins together
BASE_CODE = {"equity": BASE_EQUITY, "coins": BASE_COINS, "wealth": BASE_WEALTH}


class Rules(NamedTuple):
    """Hedges, pools, limits and collateral plans; columns hold row numbers of the layout."""

    hedges: int  # rows that are real; compiled code pads the columns
    links: int
    pools: int
    groups: int
    legs: int
    hedge_currency: PerHedge[Sequence[int]]
    hedge_own: PerHedge[Sequence[int]]  # 1: by contracts on its own coin, 0: by proxies
    hedge_base: PerHedge[Sequence[int]]
    hedge_coins: PerHedge[Sequence[float]]
    hedge_hold: PerHedge[
        Sequence[int]
    ]  # 1: no answer from its policy: its pools keep what they hold
    link_hedge: PerLink[Sequence[int]]
    link_pool: PerLink[Sequence[int]]
    link_beta: PerLink[Sequence[float]]  # 1.0 for a coin's own hedge; 0.0 carries nothing
    link_weight: PerLink[Sequence[float]]  # |beta| over the sum of those of its hedge
    under_trigger: PerHedge[Sequence[float]]
    under_settle: PerHedge[Sequence[float]]
    over_trigger: PerHedge[Sequence[float]]
    over_settle: PerHedge[Sequence[float]]
    pool_currency: PerPool[Sequence[int]]
    pool_from: PerPool[Sequence[int]]
    pool_to: PerPool[Sequence[int]]
    use_leg: PerUse[Sequence[int]]  # in order of preference
    use_retire: PerUse[Sequence[int]]  # 1: to be closed, its rule has rolled on
    use_slice: PerUse[Sequence[float]]  # the share of the target that a decision rolls; 1.0: all
    max_leverage: float
    min_distance: float
    dead_zone: float  # share of a limit by which a held position may pass it before it is cut
    allow_long: int  # 1: the futures of a pool may be net long
    max_order_usd: float
    min_base_usd: float
    planned: PerGroup[Sequence[int]]  # 1 when coins may move
    assumed: PerGroup[Sequence[int]]  # 1 when its account is taken to hold what it needs
    band_first: PerGroup[Sequence[float]]  # leverage below which coins are released
    band_second: PerGroup[Sequence[float]]
    band_third: PerGroup[Sequence[float]]
    band_last: PerGroup[Sequence[float]]  # leverage above which coins are added
    transfer_cost: PerGroup[Sequence[float]]
    min_transfer: PerGroup[Sequence[float]]  # coins: a smaller move is not made
    move_currency: PerGroup[Sequence[int]]  # the currency that moves
    source_from: PerGroup[Sequence[int]]
    source_to: PerGroup[Sequence[int]]
    source_wallet: PerSource[Sequence[int]]


class Answer(NamedTuple):
    """What `act` decides. Codes say why; `words` turns them into sentences."""

    trade: PerLeg[MutableSequence[float]]  # signed contracts to send
    cancel: PerLeg[MutableSequence[int]]  # cancel what is working
    top_up: PerGroup[MutableSequence[float]]  # coins: + in, - release
    post: PerGroup[MutableSequence[float]]  # coins of an isolated account to post (+) or free (-)
    base: PerHedge[MutableSequence[float]]  # coins; may be <= 0
    held: PerHedge[MutableSequence[float]]  # held ratio; 0.0 with code BASE_GONE
    hedge_code: PerHedge[MutableSequence[int]]
    want: PerPool[MutableSequence[float]]  # futures coins of the unbanded target
    can: PerPool[MutableSequence[float]]  # the same within capacity
    before: PerPool[MutableSequence[float]]  # futures coins held and working
    after: PerPool[MutableSequence[float]]  # futures coins once orders fill
    leg_code: PerLeg[MutableSequence[int]]
    group_code: PerGroup[MutableSequence[int]]
    lacking: PerGroup[MutableSequence[float]]  # coins a top-up lacks in its sources


class Work(NamedTuple):
    """Scratch that `act` overwrites; nothing in it survives a step."""

    held: Exposure  # sums of the held book
    sized: Exposure  # sums with working orders counted
    goal: State  # the post-trade book being built
    hold: PerLeg[MutableSequence[float]]  # contracts held and working
    whole: PerLeg[MutableSequence[float]]  # its goal before an order is cut to the largest one
    term: PerLink[MutableSequence[float]]  # coins of the pool its target asks for
    share: PerLink[MutableSequence[float]]  # its part of the pool's futures
    reserved: PerGroup[MutableSequence[float]]  # coins its target will draw from sources
    spare: PerGroup[MutableSequence[float]]  # coins it can give back
    urgent: PerGroup[MutableSequence[int]]  # 1: it lacks coins for what it holds
    booked: PerLeg[MutableSequence[float]]  # coins its goal adds to its cash wallet
    cut: PerLeg[MutableSequence[float]]  # contracts that a limit takes off what is held
    posting: PerLeg[MutableSequence[float]]  # free coins its isolated position posts at once
    kept: PerLeg[MutableSequence[float]]  # its goal before a cut group is shared out anew


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
OWES = 128  # 0 of wealth, and something is owed against the coins: futures carry that, no more
NO_LONG = 256
WEALTH_GONE = 512  # the ratio is a fraction of it: a short is kept, up to all coins

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


def rule_rows(layout: Layout, rules: Rules) -> dict[str, int]:
    """How many there are of what a book and its rules have, by dimension."""
    own = {
        "hedge": len(rules.hedge_currency),
        "link": len(rules.link_hedge),
        "pool": len(rules.pool_currency),
    }
    return layout_rows(layout) | own


def new_answer(layout: Layout, rules: Rules) -> Answer:
    """Empty lists of the right length."""
    return blank(Answer, rule_rows(layout, rules))


def new_work(layout: Layout, rules: Rules) -> Work:
    """Scratch lists of the right length."""
    return blank(Work, rule_rows(layout, rules))


def new_problem(layout: Layout, state: State, quote: Quote, rules: Rules) -> Problem:
    """A book at a quote under its rules, nothing decided yet."""
    work, answer = new_work(layout, rules), new_answer(layout, rules)
    return Problem(layout, state, quote, rules, work, answer)


def hedge_pools(rules: Rules, hedge: int) -> list[int]:
    """The rows of the pools that carry a hedge."""
    return [rules.link_pool[link] for link in range(rules.links) if rules.link_hedge[link] == hedge]


def pool_hedges(rules: Rules, pool: int) -> list[int]:
    """The rows of the hedges that a pool carries."""
    return [rules.link_hedge[link] for link in range(rules.links) if rules.link_pool[link] == pool]


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
