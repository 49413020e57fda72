"""Figures of random books: what is decided, what stands behind it, and the rows that wait."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, replace
from itertools import product

from tests.laws.after import filled
from tests.laws.drawn import Drawn, draw
from tests.laws.rounds import run
from tests.laws.test_not_own_laws import shared
from tests.laws.test_rows_in_vain import with_bonus
from tests.laws.test_same_answer import spoil
from volsculpt.book.exposure import wealth_usd
from volsculpt.book.group import group_equity, group_gross, group_maintenance
from volsculpt.book.holdings import Account, WorkingOrder, Wrapped
from volsculpt.book.liquidation import DOWN, UP, liquidation_factor
from volsculpt.book.state import Quote, State, copy_state
from volsculpt.contracts.spec import Contract
from volsculpt.decide.act import act
from volsculpt.decide.margin_need import Within, lacking
from volsculpt.decide.rules import Answer, Problem, new_problem
from volsculpt.decide.step import Decision
from volsculpt.decide.trigger_book import find_rows, find_silence
from volsculpt.decide.triggers import new_triggers, row_now
from volsculpt.decide.words import reasons

Figures = dict[str, list[float]]
Words = dict[str, list[str]]
STAKED = {"stBTC": "BTC", "stETH": "ETH"}
ROUNDS, HALF, OFTEN = 3, 0.5, 200
NAMES = [str(seed) for seed in range(400)]


def decided(answer: Answer) -> Figures:
    """Every column of what was decided."""
    return {name: [float(one) for one in column] for name, column in answer._asdict().items()}


def stands(decision: Decision, state: State) -> Figures:
    """Of each group: what it owns, holds, needs and lacks, and where it ends."""
    layout, quote = decision.flat.layout, decision.quoted.quote
    held = (layout, state, quote)
    within = Within(3.0, 0.3, 1)
    groups = range(layout.groups)
    ends = [
        liquidation_factor(*held, group, way, leg, part)
        for group in groups
        for way in (UP, DOWN)
        for leg, part in ((-1, 1), (-1, 0), (0, 1))
    ]
    return {
        "equity": [group_equity(*held, group) for group in groups],
        "gross": [group_gross(*held, group) for group in groups],
        "maintenance": [group_maintenance(*held, group) for group in groups],
        "lacking": [lacking(decision.problem, state, group, within) for group in groups],
        "ends": [float(figure) for end in ends for figure in end],
        "wealth": [wealth_usd(layout, quote, decision.work.held)],
    }


def waits(decision: Decision) -> Figures:
    """Each row of a book at rest: what it is of, and how far it is from speaking."""
    flat, rules = decision.flat, decision.rules
    rows = new_triggers(flat.layout, rules.hedges)
    problem = new_problem(flat.layout, flat.state, decision.quoted.quote, rules)
    problem = problem._replace(answer=decision.answer, work=decision.work)
    find_rows(problem, decision.ratios, rows)
    used = range(max(0, rows.used[0]))
    return {
        "rows": [float(rows.used[0])],
        "kind": [float(rows.kind[row]) for row in used],
        "about": [float(rows.subject[row] + 100 * rows.where[row]) for row in used],
        "now": [row_now(flat.layout, rows, row) for row in used],
        "least": [rows.least[row] for row in used],
        "coins": _by_row(rows.gain, len(used), flat.layout.wallets),
        "ratio": _by_row(rows.turn, len(used), rules.hedges),
    }


def _by_row(column: Sequence[float], rows: int, width: int) -> list[float]:
    """Sums of a table's rows."""
    return [sum(column[row * width : (row + 1) * width]) for row in range(rows)]


def again(decision: Decision) -> Figures:
    """What is decided next, once its orders are filled and prices have moved, and the rows then.

    Nonsense is left of the step before, which nothing may read.
    """
    found: Figures = {}
    for place, (state, factor) in enumerate(
        product((decision.flat.state, filled(decision)), (1.0, 0.9, 1.2))
    ):
        problem = spoiled(decision, state, scaled(decision, factor))
        act(problem, decision.ratios)
        found |= {f"{place} {what}": row for what, row in decided(problem.answer).items()}
        problem = spoiled(decision, state, problem.quote)
        rows = new_triggers(problem.layout, problem.rules.hedges)
        find_silence(problem, decision.ratios, rows)
        used = range(max(0, rows.used[0]))
        now = [row_now(problem.layout, rows, row) for row in used]
        found[f"{place} silent"] = [float(rows.used[0]), *now]
    return found


def scaled(decision: Decision, factor: float) -> Quote:
    """Prices times a factor, those of what stays at a dollar as they are."""
    quote, moves = decision.quoted.quote, decision.flat.layout.moves
    index = [
        usd * factor if moving else usd for usd, moving in zip(quote.index_usd, moves, strict=True)
    ]
    return Quote(index, [mark * factor for mark in quote.mark])


def spoiled(decision: Decision, state: State, quote: Quote) -> Problem:
    """The rules on another book, with nonsense in what is written."""
    problem = new_problem(decision.flat.layout, copy_state(state), quote, decision.rules)
    spoil(problem.answer)
    spoil(problem.work)
    return problem


def told(decision: Decision) -> Figures:
    """What each policy was told of the book; -1 where it was told nothing."""
    return {
        one.underlying: [-1.0 if figure is None else figure for figure in astuple(one)[1:]]
        for one in decision.summaries
    }


def says(decision: Decision) -> Words:
    """Why each hedge is as it is, and what its groups lack, in words."""
    return {
        hedge.underlying: reasons(decision, row) for row, hedge in enumerate(decision.setup.hedges)
    }


def lent(drawn: Drawn) -> Drawn:
    """The book at a venue that lends it coins, with an order at work beside each position."""
    accounts = []
    for one in drawn.setup.book.accounts:
        works = tuple(
            WorkingOrder(f"{one.name}-{place}", held.contract, HALF * held.contracts, "acked")
            for place, held in enumerate(one.positions)
            if place % 2 == 0
        )
        accounts.append(replace(with_bonus(one, HALF), orders=works))
    return with_accounts(drawn, accounts)


def shared_with(drawn: Drawn) -> Drawn:
    """The book with half as much of somebody else's in each position that is not isolated."""
    accounts = [
        one if one.margin_mode == "isolated" else shared(one, HALF, 1.1)
        for one in drawn.setup.book.accounts
    ]
    return with_accounts(drawn, accounts)


def wrapped(drawn: Drawn) -> Drawn:
    """The book with half of its coins staked where that may be: in vaults and unified accounts."""
    accounts = []
    for one in drawn.setup.book.accounts:
        balances, weights = dict(one.balances), dict(one.collateral_weights)
        for coin in [*balances] if one.margin_mode in (None, "unified") else []:
            if coin in STAKED.values():
                balances[f"st{coin}"] = HALF * balances[coin]
                balances[coin] *= HALF
        if one.margin_mode == "unified":
            weights |= {name: 0.8 for name in balances if name in STAKED}
        accounts.append(replace(one, balances=balances, collateral_weights=weights))
    drawn = with_accounts(drawn, accounts)
    kinds = {name: Wrapped(coin, 1.05) for name, coin in STAKED.items()}
    return replace(drawn, setup=replace(drawn.setup, book=replace(drawn.setup.book, wrapped=kinds)))


def on_entry(drawn: Drawn) -> Drawn:
    """The book at venues that take maintenance of the price paid, a part of it not its own."""
    accounts = [
        replace(one, positions=tuple(replace(p, contract=paid(p.contract)) for p in one.positions))
        for one in drawn.setup.book.accounts
    ]
    legs = tuple(
        tuple((name, paid(contract), retires) for name, contract, retires in used)
        for used in drawn.setup.legs
    )
    changed = replace(drawn, setup=replace(drawn.setup, legs=legs))
    return shared_with(with_accounts(changed, accounts))


def paid(contract: Contract) -> Contract:
    """The contract with maintenance of the price paid."""
    margin = contract.margin
    return contract if margin is None else replace(contract, margin=replace(margin, base="entry"))


def with_accounts(drawn: Drawn, accounts: list[Account]) -> Drawn:
    """The same book with these accounts."""
    book = replace(drawn.setup.book, accounts=tuple(accounts))
    return replace(drawn, setup=replace(drawn.setup, book=book))


def of_decision(name: str, one: Decision) -> Iterator[tuple[str, Figures | Words]]:
    """(what, its figures) of one decision. name: before each."""
    yield f"{name}decided", decided(one.answer)
    yield f"{name}stands", stands(one, one.flat.state)
    yield f"{name}told", told(one)
    yield f"{name}waits", waits(one)
    yield f"{name}says", says(one)


def figures(name: str) -> Iterator[tuple[str, Figures | Words]]:
    """(what, its figures) of the first rounds of a book, and of two like it."""
    seed = int(name)
    drawn = draw(seed)
    likes = {"other": lent if seed % 2 else shared_with, "odd": on_entry if seed % 2 else wrapped}
    for what, like in likes.items():
        yield from of_decision(f"{what} ", like(drawn).decided())
    trace = run(drawn, ROUNDS)
    for place, decision in enumerate(trace.decisions):
        yield f"{place} decided", decided(decision.answer)
        yield f"{place} stands", stands(decision, decision.flat.state)
        yield f"{place} says", says(decision)
    yield "waits", waits(trace.decisions[-1])
    if seed < OFTEN:
        yield "again", again(trace.decisions[-1])
