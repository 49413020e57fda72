"""The share that each of several hedges has of its pool, as rows that bound it."""

import pytest

from tests.factories import account, decided, fixed, inverse
from tests.laws.forms import empty_rows, new_form
from volsculpt.book.holdings import Book
from volsculpt.decide.rules import BASE_GONE, ZERO_TARGET, Problem
from volsculpt.decide.trigger_shares import (
    SHARE,
    WIDEST,
    band_dollars,
    coins_per_unit,
    leeway,
    may_net,
    share_now,
    share_rows,
    side_row,
    usd_forms,
)
from volsculpt.decide.triggers import FORM, RANGE, Triggers, row_now
from volsculpt.hedge.answer import Band
from volsculpt.hedge.spec import Proxy

PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0, "ADA": 0.5}
BASES = {"BTC": 60_000.0, "SOL": 30_000.0, "ADA": 10_000.0}  # US dollars
BETAS = (1.0, 0.5, 2.0)
UNDER, OVER = (0.02, 0.03, 0.06), (0.04, 0.01, 0.05)


def three(*betas: float) -> Problem:
    """BTC, SOL and ADA by one contract on BTC, and ETH by its own: two pools."""
    names = list(BASES)
    coins = {name: usd / PRICES[name] for name, usd in BASES.items()}
    book = Book(
        (
            account("vault", coins | {"BTC": 0.5, "ETH": 2.0}, kind="cold"),
            account("one", {"BTC": 0.5}),
            account("two", {"ETH": 2.0}),
        )
    )
    bands = [Band(under, under, over, over) for under, over in zip(UNDER, OVER, strict=True)]
    hedges = [fixed("ETH")] + [
        fixed(name, band=band, proxies=() if name == "BTC" else (Proxy("BTC", beta),))
        for name, beta, band in zip(names, betas or BETAS, bands, strict=True)
    ]
    legs = [[("two", inverse("ETH"), False)]] + [[("one", inverse(), False)]] * 3
    return decided(book, hedges, legs, PRICES).problem


def pool_of(problem: Problem) -> int:
    """The pool on BTC."""
    return next(pool for pool in range(2) if pool_size(problem, pool) == 3)


def pool_size(problem: Problem, pool: int) -> int:
    """How many hedges a pool carries."""
    return list(problem.rules.link_pool).count(pool)


def links_of(problem: Problem) -> list[int]:
    """The links of the pool on BTC: of BTC, SOL and ADA."""
    return [
        link
        for link in range(problem.rules.links)
        if problem.rules.link_pool[link] == pool_of(problem)
    ]


def forms_of(problem: Problem, rows: Triggers, needs: list[float]) -> tuple[int, int]:
    """(first of the forms of needs in US dollars, the one of their sum)."""
    first = new_form(problem, rows) + 1
    for need in (*needs, sum(needs)):
        rows.constant[new_form(problem, rows)] = need
    return first, first + len(needs)


def test_a_hedge_counts_by_its_beta_and_its_own_coin_whole() -> None:
    """Even where a beta stands beside its own contracts."""
    problem = three(3.0, 0.5, -2.0)
    told = [coins_per_unit(problem.rules, link) for link in links_of(problem)]
    assert told == [1.0, 0.5, -2.0]
    odd = problem.rules._replace(link_beta=[3.0] * problem.rules.links)
    assert [coins_per_unit(odd, link) for link in links_of(problem)] == [1.0, 3.0, 3.0]


@pytest.mark.parametrize("place", range(4))
def test_hedges_of_a_pool_may_net_where_any_beta_is_below_0(place: int) -> None:
    """First or last, of that pool alone; a beta of 0 nets nothing."""
    problem = three()
    for beta, nets in ((-0.1, 1), (0.0, 0), (0.1, 0)):
        betas = [1.0] * problem.rules.links
        betas[place] = beta
        rules = problem.rules._replace(link_beta=betas)
        mine = problem.rules.link_pool[place]
        assert may_net(rules, mine) == nets
        assert may_net(rules, 1 - mine) == 0


@pytest.mark.parametrize("netted", [False, True])
def test_a_band_in_dollars_is_beta_times_the_trigger_of_its_side(netted: bool) -> None:
    """Of a pool that may net the narrower of both triggers on both sides."""
    betas = (1.0, 0.5, -2.0) if netted else BETAS
    problem = three(*betas)
    pool = pool_of(problem)
    for place, link in enumerate(links_of(problem)):
        narrow = min(UNDER[place], OVER[place])
        for sign, trigger in ((1.0, UNDER[place]), (-1.0, OVER[place])):
            wanted = abs(betas[place]) * (narrow if netted else trigger)
            assert band_dollars(problem.rules, pool, link, sign) == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("part", "whole", "most"),
    [
        (1.0, 4.0, 0.25),
        (0.1, 0.5, 0.2),
        (4.0, 4.0, 1.0),
        (5.0, 4.0, 1.0),
        (1.0, 0.0, 1.0),
        (1.0, -4.0, 1.0),
        (0.0, 4.0, 0.0),
    ],
)
def test_a_share_is_a_part_of_the_whole(part: float, whole: float, most: float) -> None:
    """The whole where nothing is asked for together."""
    problem = three()
    rows = empty_rows(problem)
    first, _ = forms_of(problem, rows, [part, whole])
    assert share_now(problem.layout, rows, first, first + 1) == pytest.approx(most)


@pytest.mark.parametrize(
    ("place", "gap", "wanted"),
    [
        (0, -2_000.0, (1_200.0 / 500.0) ** 0.25),  # a band of 2 % of 60,000, a quarter of the gap
        (0, 4_000.0, (2_400.0 / 1_000.0) ** 0.25),  # 4 % on the other side
        (1, -1_000.0, (450.0 / 250.0) ** 0.25),  # by beta: half of 3 % of 30,000
        (2, 2_000.0, (1_000.0 / 500.0) ** 0.25),  # twice 5 % of 10,000
        (0, -300.0, WIDEST),
        (0, -1.0, WIDEST),
        (0, 0.0, WIDEST),
        (0, -4_790.0, SHARE),
        (0, -5_000.0, SHARE),
        (0, -1e12, SHARE),
    ],
)
def test_a_share_may_grow_on_its_way_to_where_its_band_is_reached(
    place: int, gap: float, wanted: float
) -> None:
    """By a quarter of it in ratio, within stated ends."""
    problem = three()
    rows = empty_rows(problem)
    row = new_form(problem, rows)
    rows.constant[row] = gap
    assert leeway(problem, rows, links_of(problem)[place], row, 0.25) == pytest.approx(wanted)


@pytest.mark.parametrize("usd", [5.0, -5.0])
def test_a_form_keeps_its_side_while_its_row_is_above_zero(usd: float) -> None:
    """The row is its size, whatever its sign; it is tested as the end of a range."""
    problem = three()
    rows = empty_rows(problem)
    first, _ = forms_of(problem, rows, [usd])
    side_row(problem.layout, problem.rules.hedges, rows, first, 1)
    row = rows.used[0] - 1
    assert (rows.kind[row], rows.subject[row]) == (RANGE, 1)
    assert row_now(problem.layout, rows, row) == 5.0


def shares(needs: list[float], *betas: float, gap: float = 1e12) -> tuple[list[float], list[float]]:
    """(the most that each hedge's share may be, the ends of ranges in US dollars)."""
    problem = three(*betas)
    rows = empty_rows(problem)
    off = new_form(problem, rows)
    rows.constant[off] = gap
    first, total = forms_of(problem, rows, needs)
    share_rows(problem, rows, pool_of(problem), first, total, off)
    ranges = [row for row in range(total, rows.used[0]) if rows.kind[row] == RANGE]
    told = [row_now(problem.layout, rows, row) for row in ranges]
    return list(rows.least[first:total]), told


def test_hedges_that_all_ask_share_by_what_they_ask_for() -> None:
    """10, 30 and 60 of 100: each share may be more by its leeway, and each keeps asking."""
    most, ends = shares([10.0, 30.0, 60.0])
    assert most == pytest.approx([SHARE * 0.1, SHARE * 0.3, SHARE * 0.6])
    more = SHARE - 1.0
    assert ends == pytest.approx([10.0, 30.0, 60.0, 10.0 * more, 30.0 * more, 60.0 * more])
    most, ends = shares([0.1, 0.3, 0.6])
    assert most == pytest.approx([SHARE * 0.1, SHARE * 0.3, SHARE * 0.6])
    assert ends == pytest.approx([0.1, 0.3, 0.6, 0.1 * more, 0.3 * more, 0.6 * more])
    most, ends = shares([1.0, 2.0, 97.0], gap=-0.5)
    assert most == pytest.approx([0.02, 0.04, 1.0])
    assert ends == pytest.approx([1.0, 2.0, 97.0, 1.0, 2.0])


def test_a_hedge_that_asks_for_nothing_has_no_share() -> None:
    """Whichever it is: rows of the pool are not made then; one that asks to buy has one."""
    for needs, full in (([0.0, 1.0, 1.0], 1), ([1.0, 1.0, 0.0], 1), ([1.0, -1.0, 1.0], 0)):
        problem = three()
        rows = empty_rows(problem)
        first, total = forms_of(problem, rows, needs)
        share_rows(problem, rows, pool_of(problem), first, total, total)
        assert rows.full[0] == full


@pytest.mark.parametrize("needs", [[-10.0, 30.0, 60.0], [10.0, 30.0, -60.0]])
def test_hedges_of_which_one_asks_to_buy_share_by_their_bases(needs: list[float]) -> None:
    """60,000, 15,000 and 20,000 USD, beta counted."""
    most, ends = shares(needs)
    usd = [60_000.0, 15_000.0, 20_000.0]
    wanted = [SHARE * one / 95_000.0 for one in usd]
    assert most == pytest.approx(wanted)
    assert ends[:3] == pytest.approx([abs(one) for one in needs])
    assert ends[3:] == pytest.approx([(SHARE - 1.0) * one for one in usd])


def test_hedges_that_net_may_have_all_of_their_pool() -> None:
    """Whatever they ask for, without an end."""
    assert shares([10.0, 30.0, 60.0], 1.0, 0.5, -2.0) == ([1.0, 1.0, 1.0], [])


@pytest.mark.parametrize("closed", range(3))
@pytest.mark.parametrize("code", [ZERO_TARGET, BASE_GONE])
def test_dollars_of_a_pool_are_those_of_its_bases(closed: int, code: int) -> None:
    """By beta; a hedge with a target of 0 has no form and counts in their sum, unlike one gone."""
    problem, usd = three(), [60_000.0, 15_000.0, 20_000.0]
    hedge = problem.rules.link_hedge[links_of(problem)[closed]]
    problem.answer.hedge_code[hedge] = code
    rows = empty_rows(problem)
    new_form(problem, rows)
    first, whole = usd_forms(problem, rows, pool_of(problem))
    assert whole == first + 2 == rows.used[0] - 1
    found = [row_now(problem.layout, rows, row) for row in (first, first + 1)]
    assert found == pytest.approx(usd[:closed] + usd[closed + 1 :])
    total = sum(usd) if code == ZERO_TARGET else sum(usd) - usd[closed]
    assert row_now(problem.layout, rows, whole) == pytest.approx(total)
    assert {rows.kind[row] for row in range(first, rows.used[0])} == {FORM}
