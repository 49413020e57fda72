"""What must not matter to a decision: order, names, units, strangers, what was decided before."""

import copy
import dataclasses
import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import account, decided, fixed, inverse, trades, vault
from tests.laws.strategies import Case, cases, logarithmic, ratios
from volsculpt.book.holdings import Account, Book
from volsculpt.book.state import copy_state
from volsculpt.contracts.spec import Contract, Margin, Tier
from volsculpt.decide.act import act
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.rules import SOURCES_SHORT, Answer, Work, new_problem
from volsculpt.decide.step import Decision, Setup
from volsculpt.hedge.spec import Hedge
from volsculpt.market.quotes import Quotes

Said = dict[tuple[str, str], tuple[float, int]]


def said(decision: Decision) -> Said:
    """(account, contract) -> what is sent and cancelled there."""
    rows = zip(decision.flat.legs, decision.answer.trade, decision.answer.cancel, strict=True)
    return {(account, contract.key): (trade, cancel) for (account, contract), trade, cancel in rows}


def moved(decision: Decision) -> dict[str, float]:
    """Group -> coins that move to it."""
    rows = zip(decision.flat.groups, decision.answer.top_up, strict=True)
    return {f"{label.account} {label.group}": coins for label, coins in rows}


def with_book(case: Case, book: Book) -> Case:
    """The case on another book."""
    return Case(dataclasses.replace(case.setup, book=book), case.quotes)


def check_same(before: Decision, after: Decision) -> None:
    """The same orders to the contract, and the same coins moved.

    Where the sources are short of coins, groups are served in the order of the file.
    """
    one, two = said(before), said(after)
    assert one.keys() == two.keys()
    for leg, (trade, cancel) in one.items():
        assert two[leg] == (pytest.approx(trade, rel=1e-9), cancel), leg
    if any(code & SOURCES_SHORT for code in (*before.answer.group_code, *after.answer.group_code)):
        return
    for group, coins in moved(before).items():
        assert moved(after)[group] == pytest.approx(coins, rel=1e-6, abs=1e-9)


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_accounts_does_not_matter(case: Case, random: Random) -> None:
    """Accounts, balances and positions in another order give the same decision."""
    accounts = list(case.setup.book.accounts)
    random.shuffle(accounts)
    turned = []
    for held in accounts:
        balances = list(held.balances.items())
        positions = list(held.positions)
        random.shuffle(balances)
        if held.margin_mode != "unified":  # there the first position names the coin to top up
            random.shuffle(positions)
        turned.append(
            dataclasses.replace(held, balances=dict(balances), positions=tuple(positions))
        )
    book = dataclasses.replace(case.setup.book, accounts=tuple(turned))
    check_same(case.decide(), with_book(case, book).decide())


@given(cases(bases=("equity", "coins")))
def test_a_stranger_coin_does_not_matter(case: Case) -> None:
    """A coin that no hedge and no contract knows changes no order."""
    stranger = Account("other", "cold", balances={"DOGE": 1e6})
    book = dataclasses.replace(case.setup.book, accounts=(stranger, *case.setup.book.accounts))
    quotes = dataclasses.replace(case.quotes, index={"DOGE": 0.3, **case.quotes.index})
    check_same(case.decide(), Case(dataclasses.replace(case.setup, book=book), quotes).decide())


@given(cases(), st.floats(0.1, 0.9))
def test_a_vault_in_two_halves_is_one_vault(case: Case, part: float) -> None:
    """Cold coins in two places, both named as sources, are the same coins."""
    setup = case.setup
    accounts = []
    for held in setup.book.accounts:
        if held.name != "vault":
            accounts.append(held)
            continue
        for name, share in (("vault", part), ("second", 1.0 - part)):
            coins = {coin: amount * share for coin, amount in held.balances.items()}
            accounts.append(Account(name, "cold", balances=coins))
    free = [dataclasses.replace(plan, cost=0.0) for plan in setup.collateral]
    both = [dataclasses.replace(plan, source=("second", *plan.source)) for plan in free]
    whole = Case(dataclasses.replace(setup, collateral=tuple(free)), case.quotes)
    book = dataclasses.replace(setup.book, accounts=tuple(accounts))
    split = Case(dataclasses.replace(setup, book=book, collateral=tuple(both)), case.quotes)
    check_same(whole.decide(), split.decide())


@given(cases())
def test_names_do_not_matter(case: Case) -> None:
    """An account by another name trades the same."""

    def renamed(name: str) -> str:
        return "zz" if name == "one" else name

    setup = case.setup
    accounts = tuple(
        dataclasses.replace(held, name=renamed(held.name)) for held in setup.book.accounts
    )
    transfers = tuple(
        dataclasses.replace(way, target=renamed(way.target)) for way in setup.book.transfers
    )
    book = dataclasses.replace(setup.book, accounts=accounts, transfers=transfers)
    legs = tuple(tuple((renamed(a), c, r) for a, c, r in used) for used in setup.legs)
    other = Case(dataclasses.replace(setup, book=book, legs=legs), case.quotes).decide()
    before = case.decide()
    assert before.answer == other.answer


def twice_margin(margin: Margin) -> Margin:
    """The margin rule of a venue where every size is counted in halves."""
    tiers = tuple(
        Tier(2.0 * tier.floor, tier.maintenance_rate, tier.max_leverage) for tier in margin.tiers
    )
    return dataclasses.replace(margin, tiers=tiers, rate_slope=0.5 * margin.rate_slope)


def twice_contract(contract: Contract) -> Contract:
    """The contract whose lots, minimum and tiers are twice as large."""
    assert contract.margin is not None
    minimum = None if contract.minimum is None else 2.0 * contract.minimum
    return dataclasses.replace(
        contract, lot=2.0 * contract.lot, minimum=minimum, margin=twice_margin(contract.margin)
    )


def twice_account(held: Account) -> Account:
    """Every amount of an account doubled."""
    positions = tuple(
        dataclasses.replace(
            line,
            contract=twice_contract(line.contract),
            contracts=2.0 * line.contracts,
            margin=None if line.margin is None else 2.0 * line.margin,
        )
        for line in held.positions
    )
    working = tuple(
        dataclasses.replace(
            order, contract=twice_contract(order.contract), remaining=2.0 * order.remaining
        )
        for order in held.orders
    )
    balances = {coin: 2.0 * amount for coin, amount in held.balances.items()}
    return dataclasses.replace(held, balances=balances, positions=positions, orders=working)


def twice_limits(limits: Limits) -> Limits:
    """Limits on money doubled."""
    order = limits.max_order_usd
    return dataclasses.replace(
        limits,
        max_order_usd=None if order is None else 2.0 * order,
        min_base_usd=2.0 * limits.min_base_usd,
    )


def twice_hedge(hedge: Hedge) -> Hedge:
    """A declared number of coins doubled."""
    return dataclasses.replace(hedge, coins=None if hedge.coins is None else 2.0 * hedge.coins)


def twice(setup: Setup) -> Setup:
    """Everything that is an amount, doubled."""
    book = dataclasses.replace(
        setup.book,
        accounts=tuple(twice_account(held) for held in setup.book.accounts),
        transfers=tuple(
            dataclasses.replace(way, amount=2.0 * way.amount) for way in setup.book.transfers
        ),
    )
    plans: tuple[CollateralPlan, ...] = tuple(
        dataclasses.replace(plan, cost=2.0 * plan.cost) for plan in setup.collateral
    )
    return dataclasses.replace(
        setup,
        book=book,
        hedges=tuple(twice_hedge(hedge) for hedge in setup.hedges),
        legs=tuple(tuple((a, twice_contract(c), r) for a, c, r in used) for used in setup.legs),
        limits=twice_limits(setup.limits),
        collateral=plans,
    )


@given(cases())
def test_twice_the_book_trades_twice_the_contracts(case: Case) -> None:
    """Doubling every amount, lots and tiers with them, doubles every order, bit for bit."""
    one, two = case.decide().answer, Case(twice(case.setup), case.quotes).decide().answer
    assert two.trade == [2.0 * trade for trade in one.trade]
    assert two.top_up == [2.0 * coins for coins in one.top_up]
    assert (two.cancel, two.leg_code, two.held) == (one.cancel, one.leg_code, one.held)


@given(cases())
def test_the_same_inputs_give_the_same_answer(case: Case) -> None:
    """Law 11: a decision replayed from its inputs is identical, and the inputs are untouched."""
    kept: tuple[Setup, Quotes] = copy.deepcopy((case.setup, case.quotes))
    first, second = case.decide(), case.decide()
    assert (case.setup, case.quotes) == kept
    assert first.answer == second.answer
    assert first.aims == second.aims
    assert first.flat == second.flat


def spoil(rows: Answer | Work, nonsense: float = math.nan) -> None:
    """Overwrite every number of an answer or of scratch with nonsense.

    No number is more than one that is none: what is asked of old scratch may need another.
    """
    for column in rows:
        if isinstance(column, tuple):
            spoil(column, nonsense)  # type: ignore[arg-type]
        else:
            for row in range(len(column)):
                column[row] = -77 if isinstance(column[row], int) else nonsense


@given(cases(), st.booleans())
def test_nothing_survives_a_step(case: Case, known: bool) -> None:
    """act overwrites whatever its scratch and answer held, and leaves the state as it was."""
    decision = case.decide()
    flat, rules = decision.flat, decision.rules
    ratios = [aim.ratio or 0.0 for aim in decision.aims]
    state = copy_state(flat.state)
    state.known[rules.pool_currency[0]] = int(known)
    answers = []
    for nonsense in (None, math.nan, 77.0, -77.0):
        problem = new_problem(flat.layout, state, decision.quoted.quote, rules)
        if nonsense is not None:
            spoil(problem.answer, nonsense)
            spoil(problem.work, nonsense)
        act(problem, ratios)
        answers.append(problem.answer)
    assert all(one == answers[0] for one in answers)
    state.known[rules.pool_currency[0]] = 1
    assert state == flat.state


@given(
    logarithmic(0.01, 1e3), ratios, logarithmic(0.1, 10.0), st.sampled_from(["cross", "unified"])
)
def test_the_same_contract_elsewhere_trades_the_same(
    coins: float, ratio: float, move: float, mode: str
) -> None:
    """Nothing held and no limit: it does not matter in which account a contract is traded."""
    book = Book((vault(BTC=coins), account("one"), account("two", mode=mode)))
    found = []
    for where in ("one", "two"):
        legs = [[(where, inverse(), False)]]
        found.append(trades(decided(book, [fixed("BTC", ratio)], legs, {"BTC": 60_000.0 * move})))
    assert found[0] == found[1]
