"""A lane at rest: how long its rows stay above zero, its funding and its wealth meanwhile."""

from collections.abc import MutableSequence, Sequence

from volsculpt.book.exposure import venue_contracts
from volsculpt.book.state import Layout, State
from volsculpt.decide.rules import Rules
from volsculpt.decide.triggers import AT_CLOSE, FORM, Triggers, numbers_of
from volsculpt.exchange.events import EventPage
from volsculpt.exchange.rows import NOT_DUE, Bar, Pending, Step
from volsculpt.exchange.step import pay_funding
from volsculpt.simulate.horizon import BLOCK, Horizon
from volsculpt.simulate.log import Log, is_full, keep
from volsculpt.simulate.market_arrays import Market

DRIFT = 0.002  # of a position: what coins may change by meanwhile

HIGH, LOW, HEDGES = 1, 2, 3  # rows of the scratch; the first is the sum of a row


def add_series(
    sums: MutableSequence[float], by: float, series: Sequence[float], step: int, count: int
) -> None:
    """Add `by` times the numbers of some steps.

    Args: sums: written; by: times this; series: over time; step: the first; count: how many.
    """
    part = series[step : step + count]  # an index that begins at 0 is what the compiler vectorises
    for place in range(count):
        sums[place] += by * part[place]


def first_under(sums: Sequence[float], count: int) -> int:
    """The first place whose sum is not above zero; count if none is."""
    under = 0
    for place in range(count):
        under |= sums[place] <= 0.0
    place = 0
    if under == 0:
        return count
    while sums[place] > 0.0:
        place += 1
    return place


def sum_close(
    rows: Triggers,
    coef: Sequence[float],
    row: int,
    numbers: int,
    horizon: Horizon,
    path: int,
    step: int,
    count: int,
) -> None:
    """A row at the end of each of some steps, into the first row of the scratch.

    Args: coef: (row, number) flat, exact or rough; row, numbers: its number and how many a row has;
    path: its number; step: the first; count: how many.
    """
    sums = horizon.sums[0]
    for place in range(count):
        sums[place] = rows.constant[row] - rows.least[row]
    for number in range(numbers):
        by = coef[row * numbers + number]
        if by != 0.0:
            add_series(sums, by, horizon.close[number, path], step, count)


def sum_inside(
    rows: Triggers,
    coef: Sequence[float],
    row: int,
    numbers: int,
    horizon: Horizon,
    path: int,
    step: int,
    count: int,
) -> None:
    """The least of a row inside each of some steps: every coin at the corner that is worse.

    Args: coef, row, numbers, path, step, count: as `sum_close` takes them.
    """
    sums, high, low = horizon.sums[0], horizon.sums[HIGH], horizon.sums[LOW]
    for place in range(count):
        sums[place] = rows.constant[row] - rows.least[row]
    for coin in range(numbers):
        used = 0
        for number in range(numbers):
            by = coef[row * numbers + number]
            if by == 0.0 or horizon.coin[number] != coin:
                continue
            if used == 0:
                for place in range(count):
                    high[place], low[place] = 0.0, 0.0
            used = 1
            add_series(high, by, horizon.high[number, path], step, count)
            add_series(low, by, horizon.low[number, path], step, count)
        if used == 1:
            for place in range(count):
                sums[place] += min(high[place], low[place])


def turn_bases(
    rules: Rules,
    rows: Triggers,
    numbers: int,
    horizon: Horizon,
    path: int,
    lane: int,
    step: int,
    count: int,
) -> int:
    """Each hedge's base in USD times the change of its ratio; how many steps keep their zeros.

    A target of exactly 0 closes a hedge, so where one comes or goes the lane is looked at.

    Args: numbers: how many a row has; path, lane: their numbers; step: the first; count: how many.
    """
    for hedge in range(rules.hedges):
        if horizon.turns[hedge, lane] == 0:
            continue
        was, ratio = rows.ratio[hedge], horizon.ratio[hedge, lane]
        sum_close(rows, rows.coef, hedge, numbers, horizon, path, step, count)
        base, into = horizon.sums[0], horizon.sums[HEDGES + hedge]
        for place in range(count):
            into[place] = base[place] * (ratio[step + place] - was)
        place = 0
        while place < count and (ratio[step + place] == 0.0) == (was == 0.0):
            place += 1
        count = place
    return count


def add_turns(
    rules: Rules, rows: Triggers, row: int, horizon: Horizon, lane: int, count: int
) -> None:
    """Add to a row what the changes of ratios make of it.

    Args: row: its number; lane: its number; count: steps.
    """
    for hedge in range(rules.hedges):
        by = rows.turn[row * rules.hedges + hedge]
        if by != 0.0 and horizon.turns[hedge, lane] == 1:
            add_series(horizon.sums[0], by, horizon.sums[HEDGES + hedge], 0, count)


def silent_until(
    layout: Layout,
    rules: Rules,
    rows: Triggers,
    coef: Sequence[float],
    horizon: Horizon,
    path: int,
    lane: int,
    start: int,
    stop: int,
) -> int:
    """The first step of a span at which a row speaks; stop if none does.

    Args: coef: (row, number) flat, exact or rough; path, lane: their numbers; start, stop: [start,
    stop) in steps.
    """
    numbers, step = numbers_of(layout), start
    while step < stop:
        most = min(BLOCK, stop - step)
        count = turn_bases(rules, rows, numbers, horizon, path, lane, step, most)
        for row in range(rows.used[0]):
            if rows.kind[row] == FORM or count == 0:
                continue
            if rows.where[row] == AT_CLOSE:
                sum_close(rows, coef, row, numbers, horizon, path, step, count)
                add_turns(rules, rows, row, horizon, lane, count)
            else:
                sum_inside(rows, coef, row, numbers, horizon, path, step, count)
            count = first_under(horizon.sums[0], count)
        step += count
        if count < most:
            return step
    return stop


def write_wealth(
    layout: Layout,
    rules: Rules,
    rows: Triggers,
    horizon: Horizon,
    path: int,
    start: int,
    stop: int,
    wealth: MutableSequence[float],
) -> None:
    """Wealth in US dollars at the end of each step of a span: its form over time.

    Args: path: its number; start, stop: [start, stop) in steps; wealth: of the lane, by step,
    written.
    """
    numbers, row = numbers_of(layout), rules.hedges
    part = wealth[start:stop]
    for place in range(stop - start):
        part[place] = 0.0
    for number in range(numbers):
        by = rows.coef[row * numbers + number]
        if by != 0.0:
            add_series(part, by, horizon.close[number, path], start, stop - start)


def pay_at(
    layout: Layout,
    state: State,
    rows: Triggers,
    market: Market,
    bar: Bar,
    prices: Step,
    step: int,
    path: int,
    page: EventPage,
) -> None:
    """Book the funding of a step, and what its coins change in the rows.

    Args: bar, prices: written over; step, path: their numbers; page: written.
    """
    opened, numbers = prices.opened, numbers_of(layout)
    for leg in range(layout.legs.rows):
        bar.funding[leg] = market.funding[step, leg, path]
        opened.mark[leg] = market.open_mark[step, leg, path]
    for currency in range(layout.currencies):
        opened.index_usd[currency] = market.open_index[step, currency, path]
    pay_funding(layout, state, bar, opened, page)
    for wallet in range(layout.wallets):
        coins = state.wallet[wallet] - rows.kept[wallet]
        if coins != 0.0:
            rows.kept[wallet] = state.wallet[wallet]
            currency = layout.wallet_currency[wallet]
            for row in range(rows.used[0]):
                gained = rows.gain[row * layout.wallets + wallet] * coins
                rows.coef[row * numbers + currency] += gained


def allow_drift(layout: Layout, state: State, rows: Triggers) -> None:
    """Lower the rows by what wallets that funding reaches may change by: a part of a position."""
    legs, numbers = layout.legs, numbers_of(layout)
    for wallet in range(layout.wallets):
        rows.drift[wallet], rows.anchor[wallet] = 0.0, state.wallet[wallet]
    for leg in range(legs.rows):
        usd = abs(venue_contracts(state, leg)) * rows.now[layout.currencies + leg]
        for wallet in (legs.cash_wallet[leg], legs.posted_wallet[leg], legs.funding_wallet[leg]):
            if wallet >= 0:
                rows.drift[wallet] += DRIFT * usd / rows.now[layout.wallet_currency[wallet]]
    for place in range(rows.used[0] * numbers):
        rows.rough[place] = rows.coef[place]
    for wallet in range(layout.wallets):
        if rows.drift[wallet] > 0.0:
            currency = layout.wallet_currency[wallet]
            for row in range(rows.used[0]):
                gain = abs(rows.gain[row * layout.wallets + wallet])
                rows.rough[row * numbers + currency] -= gain * rows.drift[wallet]


def has_drifted(layout: Layout, state: State, rows: Triggers) -> int:
    """1 when a wallet has changed by more than the rough rows allow."""
    for wallet in range(layout.wallets):
        if abs(state.wallet[wallet] - rows.anchor[wallet]) > rows.drift[wallet]:
            return 1
    return 0


def turns_of(rules: Rules, horizon: Horizon, lane: int) -> int:
    """1 when a target of a lane is not the same at all steps."""
    for hedge in range(rules.hedges):
        if horizon.turns[hedge, lane] == 1:
            return 1
    return 0


def is_clear(layout: Layout, pending: Pending) -> int:
    """1 when no order and no transfer is on its way."""
    for leg in range(layout.legs.rows):
        if pending.order_due[leg] != NOT_DUE:
            return 0
    for group in range(layout.groups):
        if pending.transfer_due[group] != NOT_DUE:
            return 0
    return 1


def rest(
    layout: Layout,
    state: State,
    rules: Rules,
    rows: Triggers,
    market: Market,
    horizon: Horizon,
    bar: Bar,
    prices: Step,
    page: EventPage,
    log: Log,
    noted: int,
    path: int,
    lane: int,
    start: int,
    stop: int,
) -> tuple[int, int]:
    """(the step at which a lane must be looked at, 1 when the funding of it is booked already).

    Steps between two fundings are few, and looking at many together is what makes them cheap: so
    the rough rows are looked at first, far ahead, and the exact ones only where those end.

    Args: bar, prices, page: records, as scratch; noted: 0 writes wealth alone; path, lane: their
    numbers; start, stop: [start, stop) in steps.
    """
    for wallet in range(layout.wallets):
        rows.kept[wallet] = state.wallet[wallet]
    allow_drift(layout, state, rows)
    step, quiet = start, start  # before `quiet` the rough rows are known to be silent
    near = stop if turns_of(rules, horizon, lane) == 1 else start  # they are not asked before it
    while step < stop and horizon.busy[path, step] == 0:
        paid = 1 if horizon.event[path, step] == step else 0
        if paid == 1:
            if noted == 1 and is_full(log, page, lane) == 1:
                return step, 0
            pay_at(layout, state, rows, market, bar, prices, step, path, page)
            if noted == 1:
                keep(layout, state, page, log, lane, 2 * step)
            page.used[0] = 0
            if has_drifted(layout, state, rows) == 1:
                allow_drift(layout, state, rows)
                quiet = step
        if quiet <= step and near <= step:
            most = min(stop, step + BLOCK)
            quiet = silent_until(layout, rules, rows, rows.rough, horizon, path, lane, step, most)
            near = step + BLOCK if quiet == step else near
        after = min(stop, horizon.event[path, step + 1])
        until = min(after, quiet)
        if quiet <= step:
            until = silent_until(layout, rules, rows, rows.coef, horizon, path, lane, step, after)
        write_wealth(layout, rules, rows, horizon, path, step, until, log.wealth[lane])
        if quiet <= step and until < after:
            return until, paid if until == step else 0
        step = until
    return step, 0


SCAN_PARTS = (is_clear, pay_at, allow_drift, has_drifted)
INLINED = (
    add_series,
    first_under,
    sum_close,
    sum_inside,
    turn_bases,
    add_turns,
    silent_until,
    write_wealth,
    turns_of,
    rest,
)  # passing arrays would cost more than they do
