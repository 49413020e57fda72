"""The laws of money over time, each a function from what happened to what broke.

A law returns lines; none means it holds. Tolerances are one lot where sizes are whole, else 1e-9.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tests.laws import formulas
from tests.laws.bounds import (
    EDGE,
    NEAR_WHOLE,
    are_opposed,
    breaches,
    can_be_kept,
    kind_of,
    spare_of,
)
from tests.laws.drawn import Drawn
from tests.laws.formulas import Group
from tests.laws.rounds import Trace
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.contracts.spec import Contract
from volsculpt.decide.rules import (
    CAPPED,
    LEAST_VALUE,
    MAX_ORDER,
    MIN_ORDER,
    OVER_LIMIT,
    VENUE_MOST,
)
from volsculpt.decide.step import Decision, Setup

PAST_LIMIT = 1.05  # a limit is left alone until it is passed by this much
SLICED = MAX_ORDER | VENUE_MOST
NOISE = 4.0 * 2.0**-52
TOO_SMALL = MIN_ORDER | LEAST_VALUE


@dataclass(frozen=True)
class Broken:
    """A law that a book broke."""

    law: str
    words: str


# --- what a decision did ---------------------------------------------------------------------
SPECK = 1e-5  # of the wealth: coins too few to speak of


def traded(decision: Decision) -> dict[tuple[str, str], float]:
    """(account, contract key) -> signed contracts sent."""
    return {
        (account, contract.key): size
        for (account, contract), size in zip(decision.flat.legs, decision.answer.trade, strict=True)
        if size != 0.0
    }


def codes_of(decision: Decision, group: Group) -> int:
    """The codes of all legs of a group, united."""
    keys = {line.contract.key for line in group.lines}
    codes = 0
    for (account, contract), code in zip(decision.flat.legs, decision.answer.leg_code, strict=True):
        if account == group.account and contract.key in keys:
            codes |= int(code)
    return codes


def used_legs(setup: Setup) -> set[tuple[str, str]]:
    """(account, contract key) of the legs that hedges may trade."""
    return {(account, one.key) for used in setup.legs for account, one, _ in used}


def legs_of_pool(setup: Setup, pool: str) -> list[tuple[str, Contract]]:
    """The legs that carry the hedges of a coin, each once."""
    found: dict[tuple[str, str], tuple[str, Contract]] = {}
    for row, used in enumerate(setup.legs):
        if pool in formulas.carriers_of(setup, row):
            for account, contract, _ in used:
                found[account, contract.key] = (account, contract)
    return list(found.values())


def coins_of_legs(book: Book, drawn: Drawn, legs: list[tuple[str, Contract]]) -> list[float]:
    """Signed futures coins that each of some legs holds."""
    keys = {(account, one.key) for account, one in legs}
    return [
        line.contracts * formulas.coins_each(line.contract, drawn.quotes)
        for account, line in formulas.lines_of(book)
        if (account, line.contract.key) in keys
    ]


def held_coins(book: Book, drawn: Drawn, legs: list[tuple[str, Contract]]) -> float:
    """Futures coins in some legs together."""
    return sum(coins_of_legs(book, drawn, legs))


def held_on_side(book: Book, drawn: Drawn, legs: list[tuple[str, Contract]], side: float) -> float:
    """Futures coins in the legs of one side (-1 short, 1 long), as an amount."""
    return sum(max(0.0, side * coins) for coins in coins_of_legs(book, drawn, legs))


def pools_of(setup: Setup) -> list[str]:
    """The coins whose contracts carry hedges."""
    return list(
        dict.fromkeys(
            pool for row in range(len(setup.hedges)) for pool in formulas.carriers_of(setup, row)
        )
    )


def largest_lot(drawn: Drawn, legs: list[tuple[str, Contract]]) -> float:
    """Coins of the largest lot or least order among legs."""
    return max(
        least_order(one, drawn) * abs(formulas.coins_each(one, drawn.quotes)) for _, one in legs
    )


def least_order(contract: Contract, drawn: Drawn) -> float:
    """Contracts of the least order that the venue takes, by number or by value."""
    value = contract.orders.least_value or 0.0
    each = abs(formulas.size_at(contract, 1.0, formulas.mark_at(contract, drawn.quotes, 1.0)))
    if contract.payoff == "inverse":
        each = contract.multiplier
    return max(contract.lot, contract.least_contracts, value / each + contract.lot)


# --- it comes to rest; nothing goes to and fro ------------------------------------------------


def rests(trace: Trace, most: int) -> Iterator[Broken]:
    """Prices and aims constant: after `most` rounds nothing more."""
    if trace.rested or trace.rounds + 1 < most:
        return
    last = trace.decisions[-1]
    if any(int(code) & VENUE_MOST for code in last.answer.leg_code):
        return
    moves = [f"{m.coins:.6g} {m.currency} {m.source}>{m.target}" for m in trace.moves[-1]]
    yield Broken("rest", f"still asks after {most} rounds: {traded(last)} {moves}")


def came_in_slices(trace: Trace) -> bool:
    """Whether an order of the run was cut to the largest the owner or the venue takes."""
    codes = (code for decision in trace.decisions for code in decision.answer.leg_code)
    return any(int(code) & SLICED for code in codes)


def aims_moved(trace: Trace) -> bool:
    """Whether a target moved by over 0.5 %: profit that a fill books in another coin is owned."""
    first = trace.decisions[0].answer.want
    return any(
        abs(want - was) > 0.005 * max(abs(want), abs(was))
        for decision in trace.decisions
        for want, was in zip(decision.answer.want, first, strict=True)
    )


def lot_left_over(drawn: Drawn) -> float:
    """US dollars of the largest lot among legs of a hedge in several accounts or contracts."""
    found = 0.0
    for pool in pools_of(drawn.setup):
        legs = legs_of_pool(drawn.setup, pool)
        if len(legs) > 1:
            coins = max(one.lot * abs(formulas.coins_each(one, drawn.quotes)) for _, one in legs)
            found = max(found, coins * drawn.quotes.index[pool])
    return found


def to_and_fro(trace: Trace, drawn: Drawn) -> Iterator[Broken]:
    """With aims constant, no account gives coins back twice, nor gets any after that.

    One release before the first orders and one after are allowed: profit they book may leave,
    and the book that coins were asked for is held by then. In slices it may give after each, and
    get once more: what is held after the last of them is not seen at the first.
    Coins worth less than a hundred-thousandth of the wealth are the rounding of lots, and so are
    those under a lot: what a leg's lots leave of a hedge is placed in another once they are held.
    """
    if aims_moved(trace):
        return
    speck = SPECK * abs(formulas.wealth_usd(trace.books[0], drawn.quotes))
    speck = max(speck, lot_left_over(drawn))
    flows: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for turn, moves in enumerate(trace.moves):
        for move in moves:
            worth = move.coins * drawn.quotes.index.get(move.currency, 1.0)
            if not move.is_inside and worth > speck:
                to, gone = (move.target, move.currency), (move.source, move.currency)
                flows.setdefault(to, []).append((turn, move.coins))
                flows.setdefault(gone, []).append((turn, -move.coins))
    margin = {one.name for one in trace.books[0].accounts if one.kind == "margin"}
    orders = [turn for turn, one in enumerate(trace.decisions) if any(one.answer.trade)]
    start = orders[0] if orders else len(trace.decisions)
    for (account, currency), amounts in flows.items():
        if account not in margin:
            continue
        signs = [amount > 0.0 for _, amount in amounts]
        turns = sum(1 for a, b in pairwise(signs) if a != b)
        given = [turn > start for turn, amount in amounts if amount < 0.0]
        shown = f"{account} {currency}: " + ", ".join(f"{coins:.6g}" for _, coins in amounts[:5])
        if turns > 1 or (turns == 1 and not signs[0] and not came_in_slices(trace)):
            yield Broken("to and fro", shown)
        elif max(given.count(True), given.count(False)) > 1 and not came_in_slices(trace):
            yield Broken("two releases", shown)


def dust(trace: Trace, drawn: Drawn) -> Iterator[Broken]:
    """No transfer moves less than it costs, or less than a cent; no source is overdrawn."""
    for step, moves in enumerate(trace.moves):
        for move in moves:
            usd = move.coins * drawn.quotes.index.get(move.currency, 1.0)
            if not move.is_inside and (move.coins < move.cost or usd < 0.01):
                yield Broken("dust", f"round {step}: {move.coins:.3g} {move.currency} moves")
        book = trace.books[step]
        for one in book.accounts:
            out = sum(m.coins + m.cost for m in moves if m.source == one.name and not m.is_inside)
            for currency in {m.currency for m in moves}:
                had = one.balances.get(currency, 0.0)
                gone = sum(
                    m.coins + m.cost
                    for m in moves
                    if m.source == one.name and m.currency == currency and not m.is_inside
                )
                if out > 0.0 and gone > max(0.0, had) * (1.0 + EDGE) + 1e-9:
                    yield Broken("overdrawn", f"{one.name}: {gone:.6g} of {had:.6g} {currency}")


# --- limits hold after its own orders ---------------------------------------------------------


def limits_after(drawn: Drawn, decision: Decision, after: Book) -> Iterator[Broken]:
    """A group that was traded in stands within its limits, or within the least cut of them.

    A part of an isolated position takes its share of the margin along, so a smaller one stands no
    better: there the coins that come free are posted, which `limits_at_rest` sees.
    """
    sent = traded(decision)
    for group in formulas.groups_of(after):
        own = {
            line.contract.key: sent.get((group.account, line.contract.key)) for line in group.lines
        }
        codes = codes_of(decision, group)
        if not any(own.values()) or codes & (SLICED | TOO_SMALL):
            continue
        spare = spare_of(drawn, group)
        grown = any(
            size and size * line.contracts > 0.0
            for line, size in zip(group.lines, own.values(), strict=True)
        )
        mode = mode_of(after, group)
        limits = decision.setup.limits
        keys = {key for name, key in used_legs(decision.setup) if name == group.account}
        for words in breaches(drawn, group, limits, 1.0, spare):
            if kind_of(words) == "leverage" and are_opposed(drawn, group, limits, keys):
                continue
            if not grown and not can_be_kept(drawn, group, limits, words, keys):
                continue
            if grown or mode != "isolated":
                yield Broken(f"limit after order ({mode})", f"{words}; sent {own}")
        need = formulas.initial(group, drawn.quotes)
        if grown and need > formulas.equity(group, drawn.quotes) + spare:
            words = f"needs {need:.6g}, has {formulas.equity(group, drawn.quotes):.6g}"
            yield Broken("initial margin", f"{group.account} {group.name}: {words}; sent {own}")


def mode_of(book: Book, group: Group) -> str:
    """The margin mode of a group's account."""
    account = book.account(group.account)
    return str(account.margin_mode if account is not None else None)


def limits_at_rest(drawn: Drawn, trace: Trace) -> Iterator[Broken]:
    """At rest a group is not past a limit by more than its dead zone, where that can be helped.

    It cannot in legs that no hedge trades, in an isolated one whose account has no free coins,
    where no smaller size of what hedges trade keeps the limit, or not both limits.
    """
    if not trace.rested:
        return
    book, setup = trace.books[-1], drawn.setup
    tradable = used_legs(setup)
    for group in formulas.groups_of(book):
        if all((group.account, line.contract.key) not in tradable for line in group.lines):
            continue
        account = book.account(group.account)
        assert account is not None
        if account.margin_mode == "isolated" and not has_free(account, group, drawn):
            continue
        if codes_of(trace.decisions[-1], group) & (TOO_SMALL | SLICED):  # not a lot is sent
            continue
        spare = spare_of(drawn, group)
        past = PAST_LIMIT * (1.0 + EDGE)
        keys = {key for name, key in tradable if name == group.account}
        for words in breaches(drawn, group, setup.limits, past, spare):
            if kind_of(words) == "leverage" and are_opposed(drawn, group, setup.limits, keys):
                continue
            if can_be_kept(drawn, group, setup.limits, words, keys):
                yield Broken(f"limit at rest ({mode_of(book, group)})", words)


def has_free(account: Account, group: Group, drawn: Drawn) -> bool:
    """Whether an isolated account has coins worth more than a cent that it may post."""
    unit = group.unit or "USD"
    free = formulas.free_coins(account).get(unit, 0.0)
    return free * drawn.quotes.index.get(unit, 1.0) > 0.01


def free_coins_stay(after: Book) -> Iterator[Broken]:
    """Orders never leave the free coins of an isolated account negative."""
    for one in after.accounts:
        if one.margin_mode == "isolated":
            for currency, coins in formulas.free_coins(one).items():
                if coins < -1e-9 * max(1.0, one.balances.get(currency, 0.0)):
                    yield Broken("free coins negative", f"{one.name}: {coins:.6g} {currency}")


# --- whole lots, never across -----------------------------------------------------------------


def whole_lots(decision: Decision, after: Book) -> Iterator[Broken]:
    """Every order is whole lots, unless it closes the leg."""
    held = {
        (account, line.contract.key): line.contracts for account, line in formulas.lines_of(after)
    }
    for (account, contract), size in zip(decision.flat.legs, decision.answer.trade, strict=True):
        lots = abs(size) / contract.lot
        noise = max(NEAR_WHOLE, NOISE * lots)  # doubles of more lots than 1e9 know no finer
        if abs(lots - round(lots)) > noise and (account, contract.key) in held:
            yield Broken("whole lots", f"{account} {contract.key}: {size!r} of lot {contract.lot}")


def never_crosses(drawn: Drawn, decision: Decision, after: Book) -> Iterator[Broken]:
    """What is held does not pass the uncapped target; only a limit takes it further inside.

    Legs that trade against each other, one smaller and one larger, are each rounded to a lot of
    their own: their sum may pass it by less than one.
    """
    setup = decision.setup
    for pool in pools_of(setup):
        legs = legs_of_pool(setup, pool)
        keys = {(account, one.key) for account, one in legs}
        rows = [row for row in range(len(setup.hedges)) if pool in formulas.carriers_of(setup, row)]
        if not keys & set(traded(decision)) or any(used[2] for r in rows for used in setup.legs[r]):
            continue
        before, now = held_coins(setup.book, drawn, legs), held_coins(after, drawn, legs)
        rest = formulas.futures_coins(setup.book, pool, drawn.quotes) - before
        target = own_target(drawn, decision, pool, rows, rest)
        bound = NEAR_WHOLE * largest_lot(drawn, legs) + 1e-9 * (abs(target) + abs(now))
        sides = {size > 0.0 for key, size in traded(decision).items() if key in keys}
        bound += largest_lot(drawn, legs) if len(sides) == 2 else 0.0
        if (now - target) * (before - target) >= 0.0 or abs(now - target) <= bound:
            continue
        if target > 0.0 and abs(now) <= bound:
            continue
        codes = 0
        for row in rows:
            codes |= decision.answer.hedge_code[row]
        legs_code = 0
        for (account, contract), code in zip(
            decision.flat.legs, decision.answer.leg_code, strict=True
        ):
            legs_code |= int(code) if (account, contract.key) in keys else 0
        if abs(now) < abs(target) and (codes & CAPPED or legs_code & OVER_LIMIT):
            continue
        words = f"{pool}: from {before:.8g} to {now:.8g}, target {target:.8g}"
        yield Broken("crosses the target", words)


def own_target(drawn: Drawn, decision: Decision, pool: str, rows: list[int], rest: float) -> float:
    """Coins that the legs of a pool should hold; `rest` are held in legs that no hedge uses.

    Legs in use never go against the side of the whole; a hedge of ratio 0 closes them all.
    """
    setup = decision.setup
    ratios, quotes = decision.ratios, drawn.quotes
    if all(formulas.closes(setup, row, ratios[row], quotes) for row in rows):
        return 0.0
    total = formulas.target_coins(setup, pool, decision.ratios, drawn.quotes)
    if (total - rest) * total <= 0.0:
        return 0.0
    may_buy = setup.limits.allow_long or setup.limits.min_ratio < 0.0
    coins = {setup.hedges[row].underlying for row in rows}
    may_buy |= any(formulas.settled_coins(setup.book, coin, drawn.quotes) < 0.0 for coin in coins)
    return total - rest if may_buy else min(0.0, total - rest)


def old_position(line: Position, drawn: Drawn) -> bool:
    """Whether a position was opened more than 2 % away from its mark."""
    mark = formulas.mark_at(line.contract, drawn.quotes, 1.0)
    return abs(line.entry / mark - 1.0) > 0.02
