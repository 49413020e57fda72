"""A lane at rest: how long its rows stay above zero, its funding and its wealth meanwhile.

The contracts of a lane at rest stay as they are, so the funding to come is known: what it has
added up to at each step, a contract of each leg, is one more number that rows are sums of. Rows are
looked at over many steps at once, funding and all, and it is booked once they are found silent.
"""

from volsculpt.book.exposure import venue_contracts
from volsculpt.book.state import Layout, State
from volsculpt.decide.triggers import AT_CLOSE, FORM, INSIDE, Triggers, numbers_of
from volsculpt.exchange.rows import NOT_DUE, Pending
from volsculpt.exchange.step import is_funded, pay_funding, pay_leg
from volsculpt.simulate.block_sums import BLOCK_PARTS, series_of, silent_until
from volsculpt.simulate.horizon import Horizon
from volsculpt.simulate.log import INLINED as LOG_INLINED
from volsculpt.simulate.log import Log, first_from, is_full, keep
from volsculpt.simulate.market_arrays import Market
from volsculpt.simulate.one_lane import Lane

NOTHING = 0  # what of a step is booked: nothing,
PAID = 1  # its funding,
ADVANCED = 2  # or all that an exchange does in it

REACH = 1_024  # steps that rows are chosen for: the fewer, the surer that funding moves none

MORE = 1.001  # than what funding may bring, for what rounding leaves


def write_wealth(one: Lane, horizon: Horizon, log: Log, start: int, stop: int) -> None:
    """Wealth in US dollars at the end of each step in [start, stop): its form over time.

    Args: log: written; start, stop: [start, stop) in steps.
    """
    rows, count = one.rows, series_of(one.layout)
    row, part = one.rules.hedges, log.wealth[one.lane, start:stop]
    for place in range(stop - start):
        part[place] = 0.0
    for number in range(count):
        by = rows.ahead[row * count + number]
        if by != 0.0:
            series = horizon.close[number, one.path, start:stop]
            for place in range(stop - start):
                part[place] += by * series[place]


def write_ahead(one: Lane, horizon: Horizon, start: int, even: int) -> None:
    """Each row as a sum of series, from `start` on: with the funding of legs where it is even.

    What funding adds up to begins at 0 with a run, so what it was before `start` is taken off.

    Args: start: a step; even: 1 where funding is, `is_even`.
    """
    layout, state, rows = one.layout, one.state, one.rows
    legs, wallets = layout.legs, layout.wallets
    numbers, count = numbers_of(layout), series_of(layout)
    for row in range(rows.used[0]):
        if rows.kind[row] == FORM and row > one.rules.hedges:
            continue  # the first are those of bases and wealth
        first = row * count
        for number in range(numbers):
            rows.ahead[first + number] = rows.coef[row * numbers + number]
        for leg in range(legs.rows):
            by = 0.0
            if even == 1:
                by = venue_contracts(state, leg) * rows.gain[row * wallets + legs.cash_wallet[leg]]
            rows.ahead[first + numbers + leg] = by
            if by != 0.0:
                before = horizon.paid[leg, one.path, start]
                rows.ahead[first + legs.settle[leg]] -= by * before


def most_taken(
    one: Lane, horizon: Horizon, row: int, currency: int, start: int, stop: int
) -> float:
    """The most that funding in a currency may take off what a row counts of it, over some steps.

    Args: row: its number; currency: by row; start, stop: [start, stop) in steps.
    """
    layout, rows, taken = one.layout, one.rows, 0.0
    first = row * series_of(layout) + numbers_of(layout)
    for leg in range(layout.legs.rows):
        if layout.legs.settle[leg] == currency:
            swing = horizon.swing[leg, one.path]
            taken += MORE * abs(rows.ahead[first + leg]) * (swing[stop] - swing[start])
    return taken


def may_speak(one: Lane, horizon: Horizon, row: int, start: int, stop: int) -> int:
    """0 when prices above zero, whatever they are, keep a row above zero over some steps.

    Args: row: its number; start, stop: [start, stop) in steps.
    """
    layout, rows = one.layout, one.rows
    numbers, count, hedges = numbers_of(layout), series_of(layout), one.rules.hedges
    if rows.constant[row] < 0.0:
        return 1
    for hedge in range(hedges):
        if rows.turn[row * hedges + hedge] != 0.0 and horizon.turns[hedge, one.lane] == 1:
            return 1
    for number in range(numbers):
        if rows.coef[row * numbers + number] < 0.0:
            return 1
    for leg in range(layout.legs.rows):
        if rows.ahead[row * count + numbers + leg] != 0.0:
            settle = layout.legs.settle[leg]
            taken = most_taken(one, horizon, row, settle, start, stop)
            if rows.coef[row * numbers + settle] < taken:
                return 1
    return 0


def choose_rows(one: Lane, horizon: Horizon, start: int, stop: int) -> None:
    """The rows that could speak at all in [start, stop), those inside bars first.

    Args: start, stop: [start, stop) in steps.
    """
    rows, count = one.rows, 0
    for where in (INSIDE, AT_CLOSE):
        for row in range(rows.used[0]):
            if rows.kind[row] == FORM or rows.where[row] != where:
                continue
            if may_speak(one, horizon, row, start, stop) == 1:
                rows.order[count] = row
                count += 1
    rows.tested[0] = count


def pay_at(one: Lane, horizon: Horizon, place: int) -> None:
    """Book the funding of a step.

    Args: place: of the step among those with funding.
    """
    layout, bar, opened = one.layout, one.bar, one.prices.opened
    for leg in range(layout.legs.rows):
        bar.funding[leg] = horizon.due_rate[leg, one.path, place]
        opened.mark[leg] = horizon.due_mark[leg, one.path, place]
    for currency in range(layout.currencies):
        opened.index_usd[currency] = horizon.due_index[currency, one.path, place]
    pay_funding(layout, one.state, bar, opened, one.page)


def pay(one: Lane, horizon: Horizon, log: Log, place: int) -> None:
    """Book the funding of a step of a lane, and keep it where what happens is noted.

    Args: log: written; place: of the step among those with funding.
    """
    page = one.page
    pay_at(one, horizon, place)
    if one.noted == 1:
        keep(one.layout, one.state, page, log, one.lane, 2 * int(horizon.due[one.path, place]))
    page.used[0] = 0


def has_room(one: Lane, log: Log) -> int:
    """1 when what a step may bring has room in the log, or is not noted."""
    return 1 if one.noted == 0 or is_full(log, one.page, one.lane) == 0 else 0


def pay_until(one: Lane, horizon: Horizon, log: Log, start: int, stop: int) -> int:
    """Book the funding of [start, stop); the step before which the log is full, else stop.

    It is even, so where nothing is noted there is nothing but what each leg is paid: the same sums
    in the same order as `pay` adds them.

    Args: log: written; start, stop: [start, stop) in steps.
    """
    layout, state, due, path = one.layout, one.state, horizon.due[one.path], one.path
    place = first_from(due, horizon.dues[path], start)
    while due[place] < stop:
        if one.noted == 1:
            if has_room(one, log) == 0:
                return int(due[place])
            pay(one, horizon, log, place)
        else:
            for leg in range(layout.legs.rows):
                rate = horizon.due_rate[leg, path, place]
                if is_funded(state, leg, rate) == 1:
                    pay_leg(layout, state, leg, rate, horizon.due_mark[leg, path, place])
        place += 1
    return stop


def take_coins(layout: Layout, state: State, rows: Triggers) -> None:
    """Bring rows up to date with the coins of wallets."""
    numbers = numbers_of(layout)
    for wallet in range(layout.wallets):
        coins = state.wallet[wallet] - rows.kept[wallet]
        if coins != 0.0:
            rows.kept[wallet] = state.wallet[wallet]
            currency = layout.wallet_currency[wallet]
            for row in range(rows.used[0]):
                gained = rows.gain[row * layout.wallets + wallet] * coins
                rows.coef[row * numbers + currency] += gained


def is_even(layout: Layout, state: State) -> int:
    """1 when funding changes nothing but the wallets that legs are paid from, as it comes.

    Not where what is received goes on elsewhere, nor where what is missing comes out of a margin.
    """
    legs = layout.legs
    for leg in range(legs.rows):
        elsewhere = legs.funding_wallet[leg] != legs.cash_wallet[leg]
        if venue_contracts(state, leg) != 0.0 and (elsewhere or legs.posted_wallet[leg] >= 0):
            return 0
    return 1


def is_clear(layout: Layout, pending: Pending) -> int:
    """1 when no order and no transfer is on its way."""
    for leg in range(layout.legs.rows):
        if pending.order_due[leg] != NOT_DUE:
            return 0
    for group in range(layout.groups):
        if pending.transfer_due[group] != NOT_DUE:
            return 0
    return 1


def rest_until(
    one: Lane, market: Market, horizon: Horizon, log: Log, start: int, stop: int
) -> tuple[int, int]:
    """(the step at which a lane must be looked at, what of it is booked already).

    NOTHING, its funding (PAID), or all that an exchange does in it (ADVANCED): where a row speaks
    at its close alone. Where funding is not even, rows are looked at from one to the next, each
    booked before.

    Args: log: written; start, stop: [start, stop) in steps.
    """
    layout, state, rows = one.layout, one.state, one.rows
    for wallet in range(layout.wallets):
        rows.kept[wallet] = state.wallet[wallet]
    even, due, halt = is_even(layout, state), horizon.due[one.path], horizon.halt[one.path]
    step, end = start, min(stop, halt[first_from(halt, horizon.halts[one.path], start)])
    while step < end:
        done, after = NOTHING, min(end, step + REACH)
        if even == 0:
            place = first_from(due, horizon.dues[one.path], step)
            if due[place] == step:
                if has_room(one, log) == 0:
                    return step, NOTHING
                pay(one, horizon, log, place)
                place, done = place + 1, PAID
            after = min(end, due[place])
        take_coins(layout, state, rows)
        write_ahead(one, horizon, step, even)
        choose_rows(one, horizon, step, after)
        until, is_last = silent_until(one, market, horizon, step, after)
        write_wealth(one, horizon, log, step, until)
        if even == 1:
            reached = pay_until(one, horizon, log, step, until + is_last)
            if reached < until + is_last:
                return reached, NOTHING
        if until < after:
            booked = done if until == step else NOTHING
            return until, ADVANCED if is_last == 1 else booked
        step = until
    return step, NOTHING


SCAN_PARTS = (is_clear, take_coins, is_even, rest_until)
INLINED = (
    *BLOCK_PARTS,
    pay_at,
    write_wealth,
    write_ahead,
    most_taken,
    may_speak,
    choose_rows,
    *LOG_INLINED,
    pay,
    has_room,
    pay_until,
)  # passing arrays would cost more than they do
