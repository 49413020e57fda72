"""What carries the rest of a hedge whose account has too few coins: first move, then trade."""

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from volsculpt.book.breaches import Breaches
from volsculpt.book.exposure import coins_per_contract
from volsculpt.book.fill import book_trade
from volsculpt.book.posting import group_wallet
from volsculpt.book.state import State, copy_state
from volsculpt.contracts.costs import fee
from volsculpt.contracts.currencies import moves
from volsculpt.contracts.lots import lots_down
from volsculpt.contracts.payoff import value
from volsculpt.decide.finish import contract_usd
from volsculpt.decide.margin_need import Within, lacking
from volsculpt.decide.rules import CAPPED, FULL, POSITION_MOST, pool_hedges
from volsculpt.decide.step import Decision
from volsculpt.watch.base import settled, wanted
from volsculpt.watch.breach import margin_status
from volsculpt.watch.coins import (
    FreeCoins,
    coins_needed,
    rounded_up,
    safe_leverage,
)
from volsculpt.watch.filled import landed, shares
from volsculpt.watch.later import later_trades, once_arrived


@dataclass(frozen=True, slots=True)
class NextStepRow:
    """Coins that would carry the rest of a hedge, the order to send then, and how it stands.

    available: coins by account that back nothing. leverage, liquidation_*: with both done; leverage
    is None where nothing is held then, or no equity is left.
    planned: the move is one of the plan's own transfers, and stands there too. lacking: coins
    beyond those available, which have to be bought or deposited first. sold: what to do instead
    of depositing money: less, for coins that are sold need no hedge. face_usd, reference_price, fee
    (of `fee_currency`): of the order. market_most: contracts of the venue's largest market order.
    later_contracts: as `later_trades` finds them.
    """

    account: str
    currency: str
    coins: float
    available: dict[str, float]
    contract: str
    venue: str
    side: Literal["buy", "sell"]
    contracts: float
    leverage: float | None
    liquidation_price: float | None
    liquidation_move: float | None
    group: str = ""
    planned: bool = False
    lacking: float = 0.0
    sold: "SoldRow | None" = None
    face_usd: float | None = None
    reference_price: float | None = None
    fee: float | None = None
    fee_currency: str = ""
    market_most: float | None = None
    later_contracts: float = 0.0


@dataclass(frozen=True, slots=True)
class SoldRow:
    """Coins of a hedged coin to sell for the money that a step lacks, and what it is then.

    brings: what they are sold for, in the currency of the step. contracts: of its order then, >= 0.
    """

    coin: str
    coins: float
    brings: float
    contracts: float


def next_steps(decision: Decision, after: State) -> list[NextStepRow]:
    """One row a pool or group that too few coins hold under its target, in the order to be done.

    after: the book once this plan's orders fill. Where coins are asked for, what is decided once
    they are there; then what is left of each pool on its first full leg, with what it needs.
    """
    late, book = once_arrived(decision, after)
    rows = _planned(decision, after, late, book)
    return rows + [row for _, row in _unplanned(late, book)]


# --- coins that the plan moves itself -------------------------------------------------


def _planned(decision: Decision, after: State, late: Decision, book: State) -> list[NextStepRow]:
    """What is decided by the same function once the coins asked for have arrived.

    One row a group: its largest order. Args: after: the book once this plan's orders fill; late,
    book: as `once_arrived` finds them.
    """
    if late is decision:
        return []
    flat, quote, rows = decision.flat, decision.quoted.quote, list[NextStepRow]()
    later = later_trades(late)
    for group in range(len(flat.groups)):
        size = {
            leg: abs(late.answer.trade[leg]) * contract_usd(flat.layout, quote, leg)
            for leg in flat.legs_of(group)
            if late.answer.trade[leg] != 0.0
        }
        wanted = decision.answer.top_up[group]
        if size and wanted > 0.0:
            leg = max(size, key=lambda one: size[one])
            shares_now = shares(decision, group, list(after.wallet))
            found = {flat.wallets[wallet].account: coins for wallet, coins in shares_now}
            sold = late.answer.trade[leg]
            row = _row(decision, book, leg, sold, wanted, found, planned=True)
            rows.append(replace(row, later_contracts=abs(later.get(leg, 0.0))))
    return rows


def book_then(decision: Decision, after: State) -> State | None:
    """The book once coins to move are there and what is decided then is filled; None: as it is.

    Steps that nobody moves coins for count with both, where accounts that back nothing have them.
    """
    late, there = once_arrived(decision, after)
    steps = _unplanned(late, there)
    changes, book = late is not decision, landed(late, there) if steps else there
    for leg, row in steps:
        if row.lacking <= 0.0:
            _do(late, book, leg, row)
            changes = True
    return book if changes else None


def _do(decision: Decision, book: State, leg: int, row: NextStepRow) -> None:
    """Take a step: its order, and its coins from the accounts that have them, in their order.

    What they lack comes from elsewhere.
    """
    flat, legs, left = decision.flat, decision.flat.layout.legs, row.coins
    currency = decision.rules.move_currency[legs.group[leg]]
    size = row.contracts if row.side == "buy" else -row.contracts
    _trade(decision, book, leg, size)
    for wallet, label in enumerate(flat.wallets):
        matches = label.account in row.available and label.asset == flat.currencies[currency]
        matches = matches and not label.is_kept
        used = min(left, max(0.0, book.wallet[wallet])) if matches else 0.0
        book.wallet[wallet] -= used
        left -= used
    book.wallet[_target(decision, leg)] += row.coins


# --- coins that nobody moves yet ------------------------------------------------------


class _Before(NamedTuple):
    """The book of the steps before one, and the coins that may leave their accounts in it."""

    book: State
    free: FreeCoins


def _unplanned(decision: Decision, after: State) -> list[tuple[int, NextStepRow]]:
    """(leg, its step) of each pool whose coins nobody moves, each on the book of those before.

    Coins under way count as there.
    """
    found, book = list[tuple[int, NextStepRow]](), landed(decision, after)
    free: FreeCoins | None = None
    for pool in range(decision.rules.pools):
        leg = _full_leg(decision, pool)
        if leg is None:
            continue
        free = free or FreeCoins(decision, book)
        row = _settled(decision, _Before(book, free), pool, leg)
        if row is not None:
            free = None
            found.append((leg, row))
            _do(decision, book, leg, row)
    return found


def _target(decision: Decision, leg: int) -> int:
    """The wallet that coins for a leg arrive in; -1 for none."""
    group = decision.flat.layout.legs.group[leg]
    return group_wallet(decision.flat.layout, group, decision.rules.move_currency[group])


def _trade(decision: Decision, book: State, leg: int, size: float) -> None:
    """Fill an order whose coins are on their way: an isolated account's free coins go below 0.

    What limits want posted beyond that is posted too.
    """
    layout, legs, rules = decision.flat.layout, decision.flat.layout.legs, decision.rules
    book_trade(layout, book, leg, size, decision.quoted.quote.mark[leg], legs.taker[leg])
    if legs.posted_wallet[leg] >= 0:
        within = Within(rules.max_leverage, rules.min_distance, 1)
        short = max(0.0, lacking(decision.problem, book, legs.group[leg], within))
        book.wallet[legs.posted_wallet[leg]] += short
        book.wallet[legs.free_wallet[leg]] -= short


def _needed(decision: Decision, book: State, leg: int) -> float:
    """Coins that a book lacks with an order of `_trade` filled.

    An isolated position takes what it posts at its own leverage, whatever would be safe. Worked:
    3.4 BTC more at 2x: 1.7 BTC and the fee.
    """
    legs, group = decision.flat.layout.legs, decision.flat.layout.legs.group[leg]
    if legs.free_wallet[leg] >= 0:
        return max(0.0, -book.wallet[legs.free_wallet[leg]])
    return coins_needed(decision, book, group, safe_leverage(decision, group))


def _full_leg(decision: Decision, pool: int) -> int | None:
    """The first leg of a capped pool that more coins would let grow, where nothing moves to it.

    One that holds all that its venue or its ladder lets it hold grows by no coins.
    """
    rules, answer = decision.rules, decision.answer
    codes = [answer.hedge_code[hedge] for hedge in pool_hedges(rules, pool)]
    if not any(code & CAPPED for code in codes):
        return None
    for use in range(rules.pool_from[pool], rules.pool_to[pool]):
        leg = rules.use_leg[use]
        group = decision.flat.layout.legs.group[leg]
        grows = answer.leg_code[leg] & (FULL | POSITION_MOST) == FULL
        if grows and answer.top_up[group] == 0.0:
            return leg
    return None


def _settled(decision: Decision, before: _Before, pool: int, leg: int) -> NextStepRow | None:
    """A step whose size is the target once what it lacks has come: owned then, or sold for.

    Args: before: the steps before; pool, leg: their rows.
    """
    row = _step(decision, before, pool, leg, decision.answer.want[pool])
    if row is None or row.lacking <= 0.0:
        return row

    def step(coins: float) -> NextStepRow | None:
        return _step(decision, before, pool, leg, wanted(decision, pool, {target: coins}))

    target, side = _target(decision, leg), row.side
    coins = settled(lambda coins: _lacking(step(coins), side))
    row = row if coins is None else step(coins) or row
    if moves(row.currency) or row.lacking <= 0.0:
        return row
    return replace(row, sold=_sold(decision, before, pool, leg, row))


def _lacking(row: NextStepRow | None, side: str) -> float:
    """Coins that a step to one side lacks; none where it has no coins to wait for."""
    return 0.0 if row is None or row.side != side else row.lacking


def _sold(
    decision: Decision, before: _Before, pool: int, leg: int, row: NextStepRow
) -> SoldRow | None:
    """What a step is where hedged coins are sold for it; None: there are too few of them.

    Args: before, pool, leg: as in `_settled`; row: the step with all it lacks deposited.
    """
    index, free = (
        decision.quoted.quote.index_usd,
        FreeCoins(decision, decision.flat.state, before.book),
    )
    money = index[decision.rules.move_currency[decision.flat.layout.legs.group[leg]]]
    for hedge in pool_hedges(decision.rules, pool):
        coin = decision.rules.hedge_currency[hedge]
        there, each = free.of_coin(coin), money / index[coin]
        if sum(there.values()) >= row.lacking * each:
            then = _once_sold(decision, before, (pool, leg), (there, each), row)
            if then is not None:
                sold, name = rounded_up(then.lacking * each), decision.flat.currencies[coin]
                return SoldRow(name, sold, then.lacking, then.contracts)
    return None


def _once_sold(
    decision: Decision,
    before: _Before,
    rows: tuple[int, int],
    sale: tuple[dict[int, float], float],
    row: NextStepRow,
) -> NextStepRow | None:
    """A step once coins are sold for all it lacks; None where there is no such.

    Args: before: as in `_settled`; rows: of the pool and its leg; sale: coins there by row of their
    wallet, and coins that one of the money costs; row: the step with all it lacks deposited.
    """
    (pool, leg), (there, each) = rows, sale

    def step(brings: float) -> NextStepRow | None:
        left, change = brings * each, {_target(decision, leg): brings}
        for wallet, held in there.items():
            change[wallet] = -min(left, held)
            left += change[wallet]
        return _step(decision, before, pool, leg, wanted(decision, pool, change))

    brings = settled(lambda coins: _lacking(step(coins), row.side))
    then = None if brings is None else step(brings)
    return then if _lacking(then, row.side) > 0.0 else None


def _step(
    decision: Decision, before: _Before, pool: int, leg: int, want: float
) -> NextStepRow | None:
    """The coins a leg needs for the rest of its pool's target, and the figures with both.

    Args: before: the steps before; pool, leg: their rows; want: the target, in coins.
    """
    after, free = before
    flat, quote, answer = decision.flat, decision.quoted.quote, decision.answer
    legs, group = flat.layout.legs, flat.layout.legs.group[leg]
    rest = (want - answer.after[pool]) / coins_per_contract(flat.layout, quote, leg)
    size = lots_down(abs(rest) / legs.lot[leg]) * legs.lot[leg]
    if size <= 0.0 or _target(decision, leg) < 0 or after.contracts[leg] * rest < 0.0:
        return None
    size, book = (size if rest > 0.0 else -size), copy_state(after)
    _trade(decision, book, leg, size)
    needed = _needed(decision, book, leg)
    if needed <= 0.0:
        return None
    available = free.elsewhere(decision, group)
    have = sum(available.values())
    moved = have if needed <= have < rounded_up(needed) else rounded_up(needed)
    book.wallet[_target(decision, leg)] += moved
    row = _row(decision, book, leg, size, moved, available)
    return replace(row, lacking=rounded_up(moved - have))


def _row(
    decision: Decision,
    book: State,
    leg: int,
    size: float,
    moved: float,
    available: dict[str, float],
    planned: bool = False,
) -> NextStepRow:
    """A row; book: how it all stands with the coins there and the order filled."""
    flat, quote, legs = decision.flat, decision.quoted.quote, decision.flat.layout.legs
    group = legs.group[leg]
    then = margin_status(Breaches(flat, book, quote), group, leg)
    account, contract = flat.legs[leg]
    traded = value(legs.payoff[leg], size, contract.multiplier, quote.mark[leg])
    return NextStepRow(
        account=account,
        currency=flat.currencies[decision.rules.move_currency[group]],
        coins=moved,
        available=available,
        contract=contract.symbol,
        venue=contract.venue,
        side="sell" if size < 0.0 else "buy",
        contracts=abs(size),
        leverage=then.leverage if then.gross > 0.0 else None,
        liquidation_price=then.breach.price if then.breach else None,
        liquidation_move=then.breach.move if then.breach else None,
        group=flat.groups[group].group,
        planned=planned,
        face_usd=abs(size) * contract_usd(flat.layout, quote, leg),
        reference_price=quote.mark[leg],
        fee=fee(traded, legs.taker[leg]),
        fee_currency=contract.settle,
        market_most=contract.orders.market_most,
    )
