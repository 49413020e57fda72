"""A hedge asked for in one line, as a page of one screen: 25 lines of 80 columns for three coins.

In the order in which its owner asks: prices, effect, steps, cost, end, moves, what else there is.
"""

import shlex
from collections.abc import Sequence

from volsculpt.contracts.currencies import moves
from volsculpt.contracts.lots import lots_up
from volsculpt.report.document import Column, Grid, Line, Page, Section
from volsculpt.report.rows.hedge import (
    HedgeEnd,
    HedgeFunding,
    HedgeLock,
    HedgeMove,
    HedgeRows,
    HedgeStep,
)
from volsculpt.report.rows.hedge_inputs import base_of
from volsculpt.text import (
    amount,
    coins,
    contracts,
    duration,
    fine_percent,
    found_price,
    given,
    measured,
    moment,
    percent,
    price,
    safe_price,
    signed_percent,
    signed_usd,
    usd,
    warning_words,
)
from volsculpt.units import DAY_NS
from volsculpt.watch.coins import rounded_up

BILLION = 1e9
MILLIONS_FROM = 1e7  # dollars: larger figures of the table are told in millions
CLOSED = "*"
FEW_ENDS = 3  # of more coins the nearest ends alone, to stay on one screen
DAY, MINUTE = len("2026-01-01"), len("2026-01-01T08:00")  # of a stamp
OLD_DAYS = 1 / 24  # older prices are a warning


def content(hedge: HedgeRows) -> Page:
    """The page of a hedge."""
    items: list[Line | Grid] = [
        *_old(hedge),
        Line(effect(hedge), "head"),
        *(Line(step_words(one, hedge), "action") for one in hedge.steps),
        *_sale(hedge),
        *_shortfall(hedge),
        *(Line(text) for text in cost_lines(hedge)),
        *(Line(text) for text in end_lines(hedge)),
        moves_grid(hedge),
        *(Line(text) for text in closed_words(hedge.moves)),
        Line(instead(hedge)),
        *_warned(hedge),
        Line(where_next(hedge), "legend"),
    ]
    return Page("hedge", lead(hedge), [Section("", items)])


# --- prices and effect ----------------------------------------------------------------


def lead(hedge: HedgeRows) -> str:
    """The prices it all rests on, and their age."""
    lines, fresh = list[str](), _coins_given(hedge)
    kept = [coin for coin in hedge.prices_usd if coin not in fresh]
    for names, age in ((kept, hedge.price_age_days), (fresh, None)):
        shown = ", ".join(f"{coin} {price(hedge.prices_usd[coin])}" for coin in names)
        source = "as given" if age is None else f"stored, {_age(age)} old"
        lines += [f"{shown} USD, {source}"] if names else []
    return f"{moment(f'{hedge.as_of[:MINUTE]}:00Z')}: {'; '.join(lines)}"


def _coins_given(hedge: HedgeRows) -> list[str]:
    """Coins whose price is not a stored one."""
    return list(hedge.prices_usd) if hedge.price_age_days is None else hedge.prices_given


def _age(days: float) -> str:
    return duration(round(days * DAY_NS))


def _old(hedge: HedgeRows) -> list[Line]:
    """That stored prices are too old to act on."""
    days = hedge.price_age_days
    kept = [coin for coin in hedge.prices_usd if coin not in _coins_given(hedge)]
    if days is None or days <= OLD_DAYS or not kept:
        return []
    flags = " ".join(f"--price {coin}=PRICE" for coin in kept)
    return [Line(f"these prices are {_age(days)} old: before you act, give {flags}", "warning")]


def effect(hedge: HedgeRows) -> str:
    """What it does, in a sentence: what a fall costs with it and without."""
    fall, bare = percent(hedge.fall_ratio), dollars(hedge.unhedged_loss_usd)
    own = f"You own {dollars(hedge.owned_usd)} USD"
    if not _sells(hedge):
        return f"{own}; a fall of {fall} costs you {bare} USD."
    hedged = hedge.hedged_loss_usd
    verb = f"costs you {dollars(hedged)}" if hedged >= 0.0 else f"earns you {dollars(-hedged)}"
    return f"{own}; hedged, a fall of {fall} {verb} USD, not {bare}."


def dollars(number: float) -> str:
    """Dollars in a sentence. Worked: 12 -> "12", 63,150,000,000 -> "63,150 million"."""
    return f"{usd(number / 1e6)} million" if abs(number) >= BILLION else usd(number)


def _sells(hedge: HedgeRows) -> bool:
    """Whether there is anything to sell."""
    return any(step.action == "sell" for step in hedge.steps)


# --- what to do -----------------------------------------------------------------------


def step_words(step: HedgeStep, hedge: HedgeRows) -> str:
    """One step as a command."""
    held = _listed([amount(number, name) for name, number in step.coins.items()])
    at = moment(step.at or "")
    where = f" ({hedge.venue})" if step.number == 1 else ""  # what was named above is known
    words = {
        "move": f"MOVE {held} from {step.source} to {step.account}{where}",
        "bring": f"BRING {held} to {step.account} ({hedge.venue}): {bring_how(step)}",
        "sell": sale_words(step, hedge),
        "lift": f"LIFT on {at[:DAY]}: BUY it all back (market, reduce-only); coins to wallet",
        "deliver": f"WAIT until {at}: it is delivered by itself; coins to wallet",
    }
    return f"{step.number}. {words[step.action]}"


def bring_how(step: HedgeStep) -> str:
    """How to come by coins that are lacking; money for which coins are sold is another order."""
    return "buy or deposit it" if any(moves(name) for name in step.coins) else "deposit it"


def _sale(hedge: HedgeRows) -> list[Line]:
    """The other way to come by money, with all that changes: what is sold needs no hedge."""
    sale = hedge.sale
    if sale is None:
        return []
    sold = _listed([amount(number, name) for name, number in sale.coins.items()])
    brings = _listed([amount(number, name) for name, number in sale.brings.items()])
    fewer = _listed([f"{contracts(size)} of {name}" for name, size in sale.contracts.items()])
    loss = sale.hedged_loss_usd
    comes = f"costs you {dollars(loss)}" if loss >= 0.0 else f"earns you {dollars(-loss)}"
    return [
        Line(
            f"Or sell {sold} for {brings}, bring that and SELL only {fewer}: a fall of "
            f"{percent(hedge.fall_ratio)} then {comes} USD, beside the fee of the sale."
        )
    ]


def sale_words(step: HedgeStep, hedge: HedgeRows) -> str:
    """A sale as the venue calls it: symbol, side, contracts, order type."""
    order = "market order"
    if step.order_most is not None:
        orders = lots_up((step.contracts or 0.0) / step.order_most)
        order = f"{coins(orders)} market orders"
    size = contracts(step.contracts or 0.0)
    return f"SELL {size} of {step.symbol} on {hedge.venue}, {order}"


def _shortfall(hedge: HedgeRows) -> list[Line]:
    """Why nothing is sold, or less than was asked for."""
    head = [] if _sells(hedge) else [Line("Nothing to sell.", "good")]
    return [*head, *(Line(one, "warning") for one in hedge.unhedged)]


# --- what it costs --------------------------------------------------------------------


def cost_lines(hedge: HedgeRows) -> list[str]:
    """Fees, then funding over the whole time, or what is locked in."""
    if not _sells(hedge):
        return []
    end = "unknown at delivery" if hedge.lock is not None else "unknown at the end"
    if hedge.fees_out_usd is not None:
        when = "at delivery" if hedge.lock is not None else "when lifted"
        end = f"{usd(hedge.fees_out_usd)} {when}"
    fees = f"Fees: {usd(hedge.fees_in_usd)} USD now, {end}."
    if hedge.lock is not None:
        return [fees, lock_words(hedge.lock, hedge.until)]
    return [f"{fees} {funding_words(hedge.funding, hedge.days)}"]


def funding_words(rows: Sequence[HedgeFunding], days: float) -> str:
    """Funding of all perpetuals over the whole time, + earned; what is not known is said so."""
    over = f"Funding over {measured(days, 1, 'day')}"
    now = _total([row.now_usd for row in rows])
    if now is None:
        return unknown_words(rows, over)
    low, high = _total([row.low_usd for row in rows]), _total([row.high_usd for row in rows])
    if low is None or high is None:
        return (
            f"{over}: {signed_usd(now)} USD at the rate of now (+ earns); its low and high are not "
            f"known: too little of it is stored (--data FOLDER)."
        )
    return (
        f"{over}, + earns: {signed_usd(low)} USD at its low, {signed_usd(now)} at the rate of now, "
        f"{signed_usd(high)} at its high ({stretch_words(rows)})."
    )


def stretch_words(rows: Sequence[HedgeFunding]) -> str:
    """Which times the low and the high are of: each perpetual's own, and added up where several.

    Worked: "5 and 95 % of such times since 2023-01-01"; of two "5 and 95 % of each one's such
    times, added up: BTC/USD:BTC since 2018-11-15, ETH/USD:ETH since 2023-01-01".
    """
    if len(rows) == 1:
        return f"5 and 95 % of such times since {rows[0].since}"
    each = ", ".join(f"{row.contract.partition(':')[2]} since {row.since}" for row in rows)
    return f"5 and 95 % of each one's such times, added up: {each}"


def unknown_words(rows: Sequence[HedgeFunding], over: str) -> str:
    """Funding that is not known of some perpetuals, beside what is known of the others.

    Args: rows: of all; over: what the sentence begins with.
    """
    priced = [row.now_usd for row in rows if row.now_usd is not None]
    lacking = [row for row in rows if row.now_usd is None]
    first, *others = lacking
    so = f", {_listed([base_of(row.contract) for row in others])} likewise" if others else ""
    flag = f"--funding {first.contract}=RATE{so}"
    each = usd(sum(row.example_usd for row in lacking))
    payments = {row.example_rate for row in lacking}
    paid = f", {fine_percent(min(payments))} a payment," if len(payments) == 1 else ""
    example = f"at 0.03 % a day{paid} it earns {each} USD, at -0.03 % it costs as much."
    if not priced:
        return f"{over} is not known ({flag}): {example}"
    priced_coins = _listed([base_of(row.contract) for row in rows if row.now_usd is not None])
    return (
        f"{over}: {signed_usd(sum(priced))} USD of {priced_coins} at the rate of now (+ earns); of "
        f"{_listed([base_of(row.contract) for row in lacking])} not known ({flag}): {example}"
    )


def _total(figures: Sequence[float | None]) -> float | None:
    """The sum; None where one is unknown."""
    available = [one for one in figures if one is not None]
    return sum(available) if len(available) == len(figures) else None


def lock_words(lock: HedgeLock, until: str) -> str:
    """What is fixed, and what that is a year, beside the perpetual."""
    beside = "that of the perpetual is not known (give its --funding)"
    if lock.perpetual_annual is not None:
        beside = f"the perpetual {signed_percent(lock.perpetual_annual)} at the funding of now"
    fees = "after fees" if lock.delivery_fee_usd is not None else "before the fee of delivery"
    return (
        f"Locked: {usd(lock.locked_usd)} USD on {until[:DAY]} whatever the price, if not "
        f"liquidated, for coins worth {usd(lock.spot_usd)} now: "
        f"{signed_percent(lock.yield_annual)} a year {fees}; {beside}."
    )


# --- what ends it ---------------------------------------------------------------------


def end_lines(hedge: HedgeRows) -> list[str]:
    """Where the venue closes the hedges, the nearest first, and when to add how much before."""
    ending = [row for row in hedge.ends if row.liquidation_price is not None]
    never = [coin for row in hedge.ends if row not in ending for coin in row.coins]
    nearest = sorted(ending, key=_nearness)
    lines = [end_words(row) for row in nearest[:FEW_ENDS]]
    more = len(nearest) - len(lines)
    lines += [f"{more} more are liquidated farther away: see the plan."] if more else []
    return (
        [*lines, f"{_listed(never)}: never liquidated, however far it rises."] if never else lines
    )


def _nearness(row: HedgeEnd) -> float:
    return abs(row.liquidation_move or 0.0)


def end_words(row: HedgeEnd) -> str:
    """The end of one hedge, and what puts it off.

    Worked, of two on one margin: "ETH and BTC, moving together: liquidated at BTC 79,642
    (+32.74 %); add 1,413 USDT at BTC 64,000 (+6.67 %)."
    """
    shares = len(row.coins) > 1
    of, who = f"{row.coin} " if shares else "", _listed(row.coins)
    who += ", moving together" if shares else ""
    text = f"{who}: liquidated at {of}{_end(row)} ({given(row.liquidation_move, signed_percent)})"
    if row.add_price is None or row.add_move is None or row.add_coin is None:
        return f"{text}."
    more = amount(rounded_up(row.add_coin), row.add_currency or "")
    at = f"{found_price(row.add_price)} ({signed_percent(row.add_move)})"
    return f"{text}; add {more} at {of}{at}."


def _end(row: HedgeEnd) -> str:
    """The price that liquidates, on the safe side."""
    return safe_price(row.liquidation_price or 0.0, row.liquidation_move or 0.0, row.price_step)


# --- moves, and what else there is ----------------------------------------------------


def moves_grid(hedge: HedgeRows) -> Grid:
    """Wealth after five moves, with the hedge and without; a mark where it ends on the way."""
    most = max(max(abs(row.hedged_usd), abs(row.unhedged_usd)) for row in hedge.moves)
    scale, unit = (1e6, "million USD") if most >= MILLIONS_FROM else (1.0, "USD")
    heads = [Column(signed_percent(row.shock_ratio)) for row in hedge.moves]
    hedged = [f"{usd(row.hedged_usd / scale)}{CLOSED * bool(row.closed)}" for row in hedge.moves]
    bare = [f"{usd(row.unhedged_usd / scale)}{' ' * bool(row.closed)}" for row in hedge.moves]
    first = Column(f"{unit} if all move", left=True)
    return Grid((first, *heads), [("hedged", *hedged), ("not hedged", *bare)])


def closed_words(rows: Sequence[HedgeMove]) -> list[str]:
    """Where a marked move was liquidated on its way, and what its wealth is of; else nothing.

    Worked: "* liquidated at ETH 4,455, BTC 89,550: margin lost, rest unhedged".
    """
    ends = {one.coin: one for row in rows for one in row.liquidated}
    if not ends:
        return []
    nearest = sorted(ends.values(), key=lambda one: abs(one.move))
    lines = [
        f"{one.coin} {safe_price(one.price, one.move, one.price_step)}"
        for one in nearest[:FEW_ENDS]
    ]
    more = len(nearest) - len(lines)
    lines += [f"{more} more"] if more else []
    return [f"{CLOSED} liquidated at {', '.join(lines)}: margin lost, rest unhedged"]


def instead(hedge: HedgeRows) -> str:
    """What selling would do in place of the hedge, and what is gone then."""
    worth = dollars((hedge.ratio if _sells(hedge) else 1.0) * hedge.coins_usd)
    if not _sells(hedge):
        return f"Instead: selling the coins now brings {worth} USD and ends the risk for good."
    part, left = "all", "no coins"
    if hedge.ratio < 1.0:
        part, left = f"{percent(hedge.ratio)} of them", "fewer coins"
    return f"Instead: sell {part} for {worth} USD: no margin to watch, but {left}."


def _warned(hedge: HedgeRows) -> list[Line]:
    """What a reader should look at: the first of the plan's warnings, and how many there are."""
    if not hedge.warnings:
        return []
    more = len(hedge.warnings) - 1
    rest = f" (and {more} more in the plan)" if more else ""
    return [Line(f"{warning_words(hedge.warnings[0])}{rest}", "warning")]


def where_next(hedge: HedgeRows) -> str:
    """The file, and the command that shows all of it."""
    if hedge.file is None:
        return "All of it: the plan of this mandate."
    return f"Wrote {shlex.quote(hedge.file)}. All tables: {hedge.next_command}"


def _listed(names: Sequence[str]) -> str:
    """Worked: [A, B, C] is "A, B and C"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
