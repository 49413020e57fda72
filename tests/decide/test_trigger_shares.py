"""The part that each of several hedges has of its pool, as a bound on its band."""

import pytest

from tests.factories import account, decided, fixed, inverse
from tests.laws.forms import empty_rows, new_form
from volsculpt.book.holdings import Book
from volsculpt.decide.rules import BASE_COINS, BASE_GONE, WEALTH_GONE, ZERO_TARGET, Problem
from volsculpt.decide.trigger_pools import need_row, pool_rows
from volsculpt.decide.trigger_shares import (
    WIDEST,
    band_dollars,
    coins_per_unit,
    is_constant,
    leeway,
    may_net,
    share_rows,
    side_row,
    usd_forms,
)
from volsculpt.decide.triggers import (
    FORM,
    NO_ROWS,
    RANGE,
    Triggers,
    add_row,
    numbers_of,
    row_now,
    write_numbers,
)
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
    ("place", "gap", "wanted"),
    [
        (0, -2_000.0, (4_800.0 / 2_000.0) ** 0.25),  # 2 % of 60,000 whose part is a quarter
        (0, 4_000.0, (9_600.0 / 4_000.0) ** 0.25),  # 4 % on the other side
        (1, -1_000.0, (1_800.0 / 1_000.0) ** 0.25),  # by beta: half of 3 % of 30,000
        (2, 2_000.0, (4_000.0 / 2_000.0) ** 0.25),  # twice 5 % of 10,000
        (0, -301.0, (4_800.0 / 301.0) ** 0.25),
        (0, -299.0, WIDEST),
        (0, -1.0, WIDEST),
        (0, 0.0, WIDEST),
        (0, -4_790.0, (4_800.0 / 4_790.0) ** 0.25),
        (0, -4_810.0, WIDEST),  # where the band is left, it bounds nothing
        (0, -1e12, WIDEST),
    ],
)
def test_base_over_part_may_fall_on_its_way_to_where_its_band_is_reached(
    place: int, gap: float, wanted: float
) -> None:
    """By a quarter of it in ratio, and never so far that the band is left by that alone."""
    problem = three()
    rows = empty_rows(problem)
    row = new_form(problem, rows)
    rows.constant[row] = gap
    whole = 4.0 * list(BASES.values())[place]
    assert leeway(problem, rows, links_of(problem)[place], whole, row) == pytest.approx(wanted)


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


def parts(
    needs: list[float], *betas: float, gap: float = 0.0
) -> tuple[int, list[float], list[float]]:
    """(how far the whole is behind the sum of needs, base over part, the ends of ranges in USD)."""
    problem = three(*betas)
    rows = empty_rows(problem)
    off = new_form(problem, rows)
    rows.constant[off] = gap
    first, total = forms_of(problem, rows, needs)
    whole = share_rows(problem, rows, pool_of(problem), first, total, off)
    ranges = [row for row in range(total, rows.used[0]) if rows.kind[row] == RANGE]
    told = [row_now(problem.layout, rows, row) for row in ranges]
    return whole - total, list(rows.least[first:total]), told


def test_hedges_that_all_ask_have_their_part_of_what_they_ask_for() -> None:
    """10, 30 and 60 USD beside bases that move: half as much at rest, and each keeps asking."""
    whole, over, ends = parts([10.0, 30.0, 60.0])
    assert whole == 0
    assert parts([0.1, 0.3, 0.6])[0] == 0
    assert over == pytest.approx([60_000.0 / 20.0, 30_000.0 / 60.0, 10_000.0 / 120.0])
    assert ends == pytest.approx([10.0, 30.0, 60.0, *(usd / 2.0 for usd in BASES.values())])
    _, near, _ = parts([10.0, 30.0, 60.0], gap=-11_999.0)  # BTC by 1,200 of 60,000, a tenth of it
    assert near[0] == pytest.approx(60_000.0 / 10.0 / (12_000.0 / 11_999.0) ** 0.25, rel=1e-12)


def test_a_part_that_is_a_number_of_times_its_base_needs_no_range() -> None:
    """Whatever prices do; but where a target may turn, which moves it, it does."""
    problem = three()
    for turns, ranges in (([0] * 4, 3), ([1] * 4, 6)):
        rows = empty_rows(problem)
        rows.turns[:] = turns
        gap = new_form(problem, rows)
        needs = rows.used[0]
        for link in links_of(problem):
            need_row(problem, 0.8, rows, link)
        total = new_form(problem, rows)
        for row in range(needs, total):
            add_row(problem.layout, problem.rules.hedges, rows, total, row, 1.0)
        assert share_rows(problem, rows, pool_of(problem), needs, total, gap) == total
        count = [rows.kind[row] for row in range(total, rows.used[0])].count(RANGE)
        assert count == ranges
        if turns[0] == 0:
            over = [1.0 / (0.8 * beta) for beta in BETAS]
            assert list(rows.least[needs:total]) == pytest.approx(over, rel=1e-12)


@pytest.mark.parametrize("moved", ["coef", "gain", "turn", "none"])
def test_a_form_of_zero_is_constant_where_nothing_moves_it(moved: str) -> None:
    """A price, a coin of funding, or a target of a hedge whose target may turn."""
    problem = three()
    layout, hedges = problem.layout, problem.rules.hedges
    widths = {"coef": numbers_of(layout), "gain": layout.wallets, "turn": hedges, "none": 1}
    for place in range(widths[moved]):
        rows = empty_rows(problem)
        write_numbers(layout, problem.quote, rows.now)
        rows.turns[:] = [int(hedge == place) for hedge in range(hedges)]
        new_form(problem, rows)
        row = new_form(problem, rows)
        assert is_constant(layout, rows, row, 1_000.0, hedges) == 1
        if moved == "none":
            continue
        by = 1.0 / rows.now[place] if moved == "coef" else 1e-3
        getattr(rows, moved)[row * widths[moved] + place] = 0.9e-9 * by
        assert is_constant(layout, rows, row, 1_000.0, hedges) == (moved != "turn")
        getattr(rows, moved)[row * widths[moved] + place] = 1.1e-9 * by if moved == "coef" else by
        assert is_constant(layout, rows, row, 1_000.0, hedges) == 0
        rows.turns[:] = [0] * hedges
        assert is_constant(layout, rows, row, 1_000.0, hedges) == (moved == "turn")


def test_a_hedge_that_asks_for_nothing_has_no_part() -> None:
    """Whichever it is: rows of the pool are not made then; one that asks to buy has one."""
    for needs, full in (([0.0, 1.0, 1.0], 1), ([1.0, 1.0, 0.0], 1), ([1.0, -1.0, 1.0], 0)):
        problem = three()
        rows = empty_rows(problem)
        first, total = forms_of(problem, rows, needs)
        share_rows(problem, rows, pool_of(problem), first, total, total)
        assert rows.full[0] == full


@pytest.mark.parametrize("needs", [[-10.0, 30.0, 60.0], [10.0, 30.0, -60.0]])
def test_hedges_of_which_one_asks_to_buy_have_their_part_by_their_bases(needs: list[float]) -> None:
    """Base over part is one over beta then, whatever moves: no range but that each keeps asking."""
    whole, over, ends = parts(needs)
    assert whole == 7  # behind a row that each keeps asking and a form of its dollars
    assert over == pytest.approx([1.0 / beta for beta in BETAS], rel=1e-12)
    assert ends == pytest.approx([abs(one) for one in needs])


def test_hedges_that_net_or_stand_alone_are_judged_by_their_bases() -> None:
    """Whatever they ask for; where futures may not be long as long as they ask for it."""
    netting = three(1.0, 0.5, -2.0)
    for allow_long, ends in ((1, 0), (0, 3)):
        problem = netting._replace(rules=netting.rules._replace(allow_long=allow_long))
        rows = empty_rows(problem)
        first, total = forms_of(problem, rows, [10.0, 30.0, 60.0])
        assert share_rows(problem, rows, pool_of(problem), first, total, total) == NO_ROWS
        assert rows.used[0] == total + 1 + ends
    rows = empty_rows(three())
    first, total = forms_of(three(), rows, [10.0])
    assert share_rows(three(), rows, 1 - pool_of(three()), first, total, total) == NO_ROWS


def test_a_pool_of_which_a_base_is_gone_has_no_rows() -> None:
    """Without wealth a short is kept up to the coins, which has no form: no part of it is 0."""
    problem = three()
    hedge = problem.rules.link_hedge[links_of(problem)[1]]
    problem.answer.hedge_code[hedge], problem.answer.base[hedge] = WEALTH_GONE, 0.0
    coins = [0.0 if one == hedge else 1e6 for one in range(4)]
    columns = {"hedge_base": [BASE_COINS] * 4, "hedge_coins": coins}
    said = problem._replace(rules=problem.rules._replace(**columns))  # type: ignore[arg-type]
    rows = empty_rows(said)
    new_form(said, rows)
    pool_rows(said, [0.5] * 4, rows, pool_of(said))
    assert rows.full[0] == 1


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
