"""Margin groups of which nobody knows how much is left: they hold what no price is known of.

What stands for such a price in a quote is none, so no size is read off it: nothing that needs
margin is sent there and no coins are moved. What brings a hedge nearer to its target and makes
positions smaller is still sent, for that needs no margin.
"""

from collections.abc import Collection, Sequence, Set

from volsculpt.book.exposure import coins_per_contract, venue_contracts
from volsculpt.book.flatten import Flat
from volsculpt.book.state import SLOT_MISSING, Quote
from volsculpt.contracts.orders import is_reduction
from volsculpt.decide.act import act
from volsculpt.decide.rules import Problem, Rules, new_problem


def unpriced_groups(flat: Flat, unpriced: Set[str]) -> set[int]:
    """Rows of groups that hold contracts or coins whose price is not known.

    A coin of weight 0 backs nothing while it is owned.
    """
    found, layout = set[int](), flat.layout
    for leg, (_, contract) in enumerate(flat.legs):
        named = {contract.base, contract.quote, contract.settle}
        if venue_contracts(flat.state, leg) != 0.0 and unpriced & named:
            found.add(layout.legs.group[leg])
    for row, label in enumerate(flat.wallets):
        coin = flat.currencies[layout.wallet_currency[row]]
        if flat.state.wallet[row] != 0.0 and not label.in_transit and coin in unpriced:
            found |= {
                group
                for group, of in enumerate(flat.groups)
                if of.account == label.account and _counts(flat, group, row)
            }
    return found


def _counts(flat: Flat, group: int, wallet: int) -> bool:
    """Whether the coins of a wallet of its account are margin of a group, or owed there."""
    layout, currency = flat.layout, flat.layout.wallet_currency[wallet]
    if layout.group_currency[group] >= 0:
        return layout.group_currency[group] == currency
    weight = layout.group_weight[group * layout.currencies + currency]
    return weight > 0.0 or flat.state.wallet[wallet] < 0.0


def act_on_priced(
    flat: Flat, quote: Quote, rules: Rules, ratios: Sequence[float], unpriced: Set[str]
) -> tuple[Rules, Problem]:
    """`act`, with the rules it was given and what it wrote, where some prices are not known.

    Writes the slots of legs that must be left alone into the state.

    Args: ratios: per hedge; unpriced: currencies of which no price holds.
    """
    dark = unpriced_groups(flat, unpriced) if unpriced else set[int]()
    planned = [0 if row in dark else one for row, one in enumerate(rules.planned)]
    rules = rules._replace(planned=planned) if dark else rules
    problem = new_problem(flat.layout, flat.state, quote, rules)
    if dark:
        _act_around(problem, ratios, dark)
    else:
        act(problem, ratios)
    return rules, problem


def _act_around(problem: Problem, ratios: Sequence[float], dark: Collection[int]) -> None:
    """`act` with all legs of some groups left alone, but those whose pools only shrink there.

    A pool that turns out to do more, as for a limit that is judged by what stands for a price, is
    left alone too. Args: ratios: per hedge; dark: rows of groups.
    """
    rules, slots = problem.rules, list(problem.state.slot)
    _leave(problem, dark, slots, ())
    act(problem, ratios)
    pools = [pool for pool in range(rules.pools) if _legs_in(problem, dark, pool)]
    opened = {pool for pool in pools if _shrinks(problem, pool)}
    wrong = opened
    while wrong:
        _leave(problem, dark, slots, opened)
        act(problem, ratios)
        wrong = {pool for pool in opened if not _only_shrank(problem, dark, pool)}
        opened -= wrong


def _legs_in(problem: Problem, dark: Collection[int], pool: int) -> list[int]:
    """Legs of a pool in some groups."""
    rules, of = problem.rules, problem.layout.legs.group
    legs = rules.use_leg[rules.pool_from[pool] : rules.pool_to[pool]]
    return [leg for leg in legs if of[leg] in dark]


def _leave(
    problem: Problem, dark: Collection[int], slots: Sequence[int], opened: Collection[int]
) -> None:
    """Leave alone the legs of some groups, but those of pools that may shrink there.

    Args: dark: rows of groups; slots: of all legs as they are; opened: rows of pools.
    """
    rules, of = problem.rules, problem.layout.legs.group
    free = {leg for pool in opened for leg in _legs_in(problem, dark, pool)}
    for leg in range(rules.legs):
        left = of[leg] in dark and leg not in free
        problem.state.slot[leg] = SLOT_MISSING if left else slots[leg]


def _shrinks(problem: Problem, pool: int) -> bool:
    """Whether the target of a pool is nearer to nothing than what it holds, on the same side."""
    held, want = problem.answer.before[pool], problem.answer.want[pool]
    return held * want >= 0.0 and abs(want) < abs(held)


def _only_shrank(problem: Problem, dark: Collection[int], pool: int) -> bool:
    """Whether a pool's orders in some groups only reduce, and none takes it past its target."""
    layout, answer, state = problem.layout, problem.answer, problem.state
    legs = _legs_in(problem, dark, pool)
    traded = [leg for leg in legs if answer.trade[leg] != 0.0]
    if any(not is_reduction(venue_contracts(state, leg), answer.trade[leg]) for leg in traded):
        return False
    lots = [
        layout.legs.lot[leg] * abs(coins_per_contract(layout, problem.quote, leg)) for leg in traded
    ]
    past = abs(answer.want[pool]) - abs(answer.after[pool])
    return past <= max(lots, default=0.0)
