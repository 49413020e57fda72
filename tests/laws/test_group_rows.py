"""The rows of margin groups of random books, beside what is decided on: limits, asking, giving."""

import random
from collections.abc import Iterator

import pytest

from tests.laws.forms import (
    There,
    elsewhere,
    empty_rows,
    ends_with_signs,
    new_form,
    problem_of,
    ranges_from,
    read,
)
from tests.laws.test_row_forms import equity_usd, margin_usd
from volsculpt.book.exposure import venue_contracts, venue_value
from volsculpt.book.liquidation import is_smooth
from volsculpt.contracts.payoff import QUANTO, power
from volsculpt.decide.collateral import DUST, GIVE_BACK, coins_lacking
from volsculpt.decide.goal import start_goal
from volsculpt.decide.margin_need import Within, is_lost, lacking
from volsculpt.decide.rules import Problem, Rules, new_problem
from volsculpt.decide.trigger_groups import (
    bounded_rows,
    excess_row,
    group_rows,
    is_kept,
    is_managed,
    leverage_row,
    limit_rows,
    may_ask,
    release_rows,
    short_row,
    top_up_rows,
)
from volsculpt.decide.triggers import (
    AT_CLOSE,
    DISTANCE,
    FORM,
    INSIDE,
    LEVERAGE,
    RELEASE,
    SURVIVAL,
    TOP_UP,
    Triggers,
    row_now,
)

BOOKS = 60
LIMITS = ((0.0, 0.0), (0.8, 0.0), (0.0, 0.3), (4.0, 0.15), (3.0, 1.2))
WIDE = {"band_first": 1e6, "band_second": 1e6, "max_leverage": 0.0, "min_distance": 0.0}
OTHERWISE: tuple[dict[str, float], ...] = (
    {},
    {"min_transfer": 1e9},
    {"max_leverage": 0.3},
    WIDE,
    WIDE | {"min_distance": 0.3},
)
PER_GROUP = ("band_first", "band_second", "min_transfer")
NEAREST = 1e-9  # of the price: what a fall to nothing is judged at


def groups(plain: bool = True) -> Iterator[tuple[int, Problem, int]]:
    """(seed, problem, group); plain: those whose excess between two prices its ends tell."""
    for seed in range(BOOKS):
        problem = planned(problem_of(seed), seed)
        for group in range(problem.layout.groups):
            if not plain or is_smooth(problem.layout, group) == 1:
                yield seed, problem, group


def planned(problem: Problem, seed: int) -> Problem:
    """The book with limits and a plan for every group, its band wide or narrow."""
    leverage, distance = LIMITS[seed % len(LIMITS)]
    by, count = (1.0, 0.2)[seed % 2], problem.layout.groups
    band = [by * one for one in (2.0, 2.5, 3.0, 4.0 if seed % 3 else 3.0)]
    rules = problem.rules._replace(
        max_leverage=leverage,
        min_distance=distance,
        dead_zone=0.1,
        planned=[1] * count,
        band_first=[band[0]] * count,
        band_second=[band[1]] * count,
        band_third=[band[2]] * count,
        band_last=[band[3]] * count,
        transfer_cost=[0.0002] * count,
        min_transfer=[0.0003 * (seed % 2)] * count,
    )
    return problem._replace(rules=rules)


def there_of(problem: Problem, there: There) -> Problem:
    """The book at other prices and coins, nothing of it decided yet."""
    found = new_problem(problem.layout, there.state, there.quote, problem.rules)
    start_goal(found)
    return found


def needed(problem: Problem, group: int, there: There, factor: float, initial: int) -> float:
    """Margin of a group at a factor, in US dollars."""
    legs = problem.layout.legs
    mine = [leg for leg in range(legs.rows) if legs.group[leg] == group]
    return sum(margin_usd(problem, leg, there, factor, initial) for leg in mine)


def gross_usd(problem: Problem, group: int, there: There) -> float:
    """The size of all positions of a group, in US dollars."""
    layout, legs = problem.layout, problem.layout.legs
    return sum(
        abs(venue_value(layout, there.state, there.quote, leg))
        * there.quote.index_usd[legs.settle[leg]]
        for leg in range(legs.rows)
        if legs.group[leg] == group
    )


def of_kinds(rows: Triggers, first: int, kinds: tuple[int, ...]) -> list[int]:
    """The rows of these kinds from `first` on."""
    return [row for row in range(first, rows.used[0]) if rows.kind[row] in kinds]


def in_ranges(problem: Problem, rows: Triggers, there: There) -> bool:
    """Whether every range that rows were made for still holds."""
    return all(read(problem, rows, row, there) > 0.0 for row in ranges_from(rows, 1))


@pytest.mark.parametrize("kind", [FORM, TOP_UP])
def test_rows_of_limits_are_above_zero_while_nothing_lacks(kind: int) -> None:
    """Equity less gross over the leverage, and less maintenance here and at both distances."""
    compared = 0
    for seed, problem, group in groups():
        rules, dice = problem.rules, random.Random(seed)
        leverage, distance = rules.max_leverage, rules.min_distance
        rows = empty_rows(problem)
        first = new_form(problem, rows) + 1
        limit_rows(problem, rows, group, leverage, distance, kind)
        factors = [1.0, 1.0 + distance, max(NEAREST, 1.0 - distance)] if distance else []
        names = [kind or LEVERAGE] * (leverage > 0.0) + [kind or DISTANCE] * len(factors)
        own = of_kinds(rows, first, (LEVERAGE, DISTANCE, TOP_UP))
        assert [rows.kind[row] for row in own] == names, seed
        there = elsewhere(problem, dice, 0.1)
        if not own or not in_ranges(problem, rows, there):
            continue
        found, wanted = [read(problem, rows, row, there) for row in own], []
        if leverage > 0.0:
            equity = equity_usd(problem, group, there, 1.0, 1)
            wanted.append(equity - gross_usd(problem, group, there) / leverage)
        for factor in factors:
            equity = equity_usd(problem, group, there, factor, 1)
            wanted.append(equity - needed(problem, group, there, factor, 0))
        assert found == pytest.approx(wanted, rel=1e-6, abs=1e-5), seed
        short = lacking(there_of(problem, there), there.state, group, Within(leverage, distance, 0))
        assert (min(found) < 0.0) == (short > 0.0), seed
        compared += 1
    assert compared > BOOKS / 3


def test_a_row_of_leverage_is_of_its_kind_and_group() -> None:
    """Whatever it is for; the haircuts of its group are kept in rows after it."""
    for _, problem, group in groups(plain=False):
        rows = empty_rows(problem)
        new_form(problem, rows)
        row = leverage_row(problem, rows, TOP_UP, group, 2.0)
        assert (rows.kind[row], rows.subject[row], rows.where[row]) == (TOP_UP, group, AT_CLOSE)
        there = elsewhere(problem, random.Random(group), 0.1)
        usd = equity_usd(problem, group, there, 1.0, 1) - gross_usd(problem, group, there) / 2.0
        assert read(problem, rows, row, there) == pytest.approx(usd, rel=1e-6, abs=1e-5)


def test_rows_of_equity_keep_the_haircuts_that_it_was_told_with() -> None:
    """Beside the leverage of a group, its excess, and what it lacks before coins leave."""
    kept = 0
    for seed, problem, group in groups(plain=False):
        rows = empty_rows(problem)
        assert new_form(problem, rows) + 1 == leverage_row(problem, rows, TOP_UP, group, 2.0)
        assert ends_with_signs(problem, rows, group, 1.0), seed
        first = rows.used[0]
        kept += first > 3
        assert excess_row(problem, rows, SURVIVAL, group, 0.6, INSIDE, 0) == first
        assert (rows.kind[first], rows.where[first]) == (SURVIVAL, INSIDE)
        assert ends_with_signs(problem, rows, group, 0.6)
        first = rows.used[0]
        assert short_row(problem, rows, group, 0.6, 1) == first
        assert ends_with_signs(problem, rows, group, 0.6)
    assert kept > BOOKS / 10


def test_the_worst_price_of_quanto_has_no_form() -> None:
    """A distance of a group with such a contract is looked at at every bar."""
    told = {0: 0, 1: 0}
    for _, problem, group in groups(plain=False):
        legs = problem.layout.legs
        mine = {legs.payoff[leg] for leg in range(legs.rows) if legs.group[leg] == group}
        for distance in (0.0, 0.2):
            rows = empty_rows(problem)
            limit_rows(problem, rows, group, 2.0, distance, FORM)
            full = distance > 0.0 and QUANTO in mine
            if rows.used[0] < len(rows.kind):
                assert rows.full[0] == full
                told[full] += 1
    assert min(told.values()) > 2


def test_in_the_dead_zone_of_a_limit_its_edge_is_looked_at() -> None:
    """A group within its limits has rows of them, one past them rows of a tenth beyond."""
    seen = {0: 0, 1: 0}
    for seed, problem, group in groups(plain=False):
        rules = problem.rules
        leverage, distance = rules.max_leverage, rules.min_distance
        for wide in (1.0, 0.3):
            said = problem._replace(rules=rules._replace(max_leverage=leverage * wide))
            rows, wanted = empty_rows(said), empty_rows(said)
            first = new_form(said, rows) + 1
            new_form(said, wanted)
            limit_rows(said, wanted, group, leverage * wide, distance, FORM)
            own = [row for row in range(first, wanted.used[0]) if wanted.kind[row] != FORM]
            past = any(row_now(said.layout, wanted, row) <= 0.0 for row in own)
            if past:
                wanted = empty_rows(said)
                new_form(said, wanted)
                limit_rows(said, wanted, group, leverage * wide * 1.1, distance * 0.9, FORM)
            bounded_rows(said, rows, group)
            if not leverage and not distance:
                assert rows.used[0] == first
                continue
            seen[past] += 1
            assert rows.used[0] == wanted.used[0], seed
            width = first * (said.layout.currencies + said.layout.legs.rows)
            assert str(rows.coef[width:]) == str(wanted.coef[width:])
    assert min(seen.values()) > BOOKS / 5


def test_rows_of_a_plan_that_asks_turn_where_coins_lack() -> None:
    """Beyond the band's last leverage, a limit, initial margin or maintenance, at any price."""
    asked, silent = 0, 0
    for seed, problem, group in groups():
        rows = empty_rows(problem)
        first = new_form(problem, rows) + 1
        top_up_rows(problem, rows, group)
        own = of_kinds(rows, first, (TOP_UP,))
        assert all(rows.where[row] == AT_CLOSE for row in own)
        dice = random.Random(seed)
        for _ in range(3):
            there = elsewhere(problem, dice, 0.15)
            gross = gross_usd(problem, group, there)
            if gross == 0.0 or not in_ranges(problem, rows, there):
                continue
            last, equity = problem.rules.band_last[group], equity_usd(problem, group, there, 1.0, 1)
            spare = DUST * gross if last == problem.rules.band_third[group] else 0.0
            found = [read(problem, rows, row, there) for row in own]
            by_band = equity - gross / last + spare
            opening = [equity - needed(problem, group, there, 1.0, one) for one in (1, 0)]
            assert found[0] == pytest.approx(by_band, rel=1e-6, abs=1e-5)
            assert found[-2:] == pytest.approx(opening, rel=1e-6, abs=1e-5)
            moved = there_of(problem, there)
            _, _, code = coins_lacking(moved, group)
            if abs(by_band - spare) > 2.0 * DUST * gross:
                assert (code != 0) == (min(found) < 0.0 and is_lost(moved, group) == 0), seed
                asked, silent = asked + (code != 0), silent + (code == 0)
    assert min(asked, silent) > BOOKS / 6


def reasons(problem: Problem, group: int, there: There) -> list[float]:
    """What keeps a group from giving coins back, each in US dollars: above 0 it does.

    Leverage, coins that are too few, equity, the limit of leverage, initial margin, distances.
    """
    rules, layout = problem.rules, problem.layout
    coin, gross = rules.move_currency[group], gross_usd(problem, group, there)
    equity = equity_usd(problem, group, there, 1.0, 0)
    few = max(rules.min_transfer[group], rules.transfer_cost[group])
    for wallet in range(layout.wallets):
        mine = layout.wallet_group[wallet] == group and layout.wallet_wrapped[wallet] == 0
        if mine and layout.wallet_currency[wallet] == coin:
            few -= there.state.wallet[wallet]
    second = rules.band_second[group]
    found = [
        gross - rules.band_first[group] * equity,
        few * there.quote.index_usd[coin],
        gross * (1.0 / second + DUST) - equity,
    ]
    if rules.max_leverage > 0.0:
        found.append(gross * (1.0 / rules.max_leverage + GIVE_BACK) - equity)
    far = rules.min_distance
    for factor in (1.0, 1.0 + far, max(NEAREST, 1.0 - far)) if far > 0.0 else (1.0,):
        need = needed(problem, group, there, factor, int(factor == 1.0))
        short = need - equity_usd(problem, group, there, factor, 0)
        found.append(short / power(factor, layout.moves[coin]) + GIVE_BACK * gross)
    return found


def with_each(problem: Problem, columns: dict[str, float]) -> Rules:
    """The rules with some figures replaced, those of groups in every group."""
    own = {
        name: [figure] * problem.layout.groups if name in PER_GROUP else figure
        for name, figure in columns.items()
    }
    return problem.rules._replace(**own)  # type: ignore[arg-type]


def test_of_all_that_keeps_coins_the_most_is_watched() -> None:
    """One row, of what is nearest to hand; the limits only where leverage and size let go."""
    watched = set()
    for seed, problem, group in groups():
        dice, now = random.Random(seed), There(problem.quote, problem.state)
        for columns in OTHERWISE:
            said = problem._replace(rules=with_each(problem, columns))
            rows = empty_rows(said)
            first = new_form(said, rows) + 1
            release_rows(said, rows, group)
            own = of_kinds(rows, first, (RELEASE,))
            assert len(own) == 1 - is_kept(said, group), seed
            told = reasons(said, group, now)
            told = told[:3] if max(told[:3]) > 0.0 else told
            place = told.index(max(told))
            forms = [row for row in range(first, rows.used[0]) if rows.kind[row] == FORM]
            assert len(forms) == (len(told) - 1 if own else 0), seed
            if own and len(told) == 3:
                rows.used[0] -= 2
                assert ends_with_signs(said, rows, group, 1.0)
            there = elsewhere(said, dice, 0.1)
            if own and in_ranges(said, rows, there):
                wanted = reasons(said, group, there)[place]
                assert (rows.subject[own[0]], rows.where[own[0]]) == (group, AT_CLOSE)
                found = read(said, rows, own[0], there)
                assert found == pytest.approx(wanted, rel=1e-6, abs=1e-5), (seed, place)
                watched.add((place, len(told)))
    assert {place for place, _ in watched} >= {0, 1, 2}
    assert len(watched) >= 6


def test_the_rows_of_a_group_are_of_what_it_holds_and_may_be_told() -> None:
    """Survival where it holds contracts, limits where a hedge trades them, and its plan's."""
    seen = dict.fromkeys((SURVIVAL, LEVERAGE, DISTANCE, TOP_UP, RELEASE), 0)
    for seed, problem, group in groups(plain=False):
        layout, state, rules = problem.layout, problem.state, problem.rules
        mine = [leg for leg in range(layout.legs.rows) if layout.legs.group[leg] == group]
        holds = any(venue_contracts(state, leg) != 0.0 for leg in mine)
        isolated = any(layout.legs.posted_wallet[leg] >= 0 for leg in mine)
        for assumed, plan in ((0, 1), (1, 1), (0, 0)):
            count = layout.groups
            said = problem._replace(
                rules=rules._replace(assumed=[assumed] * count, planned=[plan] * count)
            )
            rows = empty_rows(said)
            new_form(said, rows)
            group_rows(said, rows, group)
            kinds = {rows.kind[row] for row in range(rows.used[0])}
            if rows.full[0] == 1:
                continue
            assert (SURVIVAL in kinds) == holds, seed
            free = assumed == 1 and not isolated
            limited = holds and not free and is_managed(said, group) == 1
            assert (LEVERAGE in kinds) == (limited and rules.max_leverage > 0.0), seed
            assert (DISTANCE in kinds) == (limited and rules.min_distance > 0.0)
            assert (TOP_UP in kinds) == (holds and plan == 1 and may_ask(said, group) == 1)
            assert (RELEASE in kinds) == (plan == 1 and is_kept(said, group) == 0)
            for kind in kinds & set(seen):
                seen[kind] += 1
            for row in of_kinds(rows, 1, (SURVIVAL,)):
                now = There(said.quote, said.state)
                assert rows.where[row] == INSIDE
                usd = equity_usd(said, group, now, 1.0, 1) - needed(said, group, now, 1.0, 0)
                found = read(said, rows, row, now)
                assert found <= usd + 1e-6 * abs(usd)
                assert is_smooth(layout, group) == 0 or found == pytest.approx(usd, abs=1e-6)
    assert min(seen.values()) > BOOKS / 5
