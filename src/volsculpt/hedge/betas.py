"""Betas that are estimated: fitted on daily prices of the past, on a schedule, and kept as numbers.

A fit is of the window that ends at a multiple of `refit_ns` since 1970, whenever it is made: a
plan, a backtest and a desk find the same. New betas come into force only where they move a target
by more than the band, so that no noise of a fit is traded; those that wait do so until the ratio
has grown to where they would. A plan without memory takes the newest.
A fit that cannot be made leaves the last one in force, and why is said; beyond `keep_ns` after its
turn it is too old.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from volsculpt.errors import EstimateError
from volsculpt.hedge.answer import Aim, Band
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.change import Change
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import PolicyInput
from volsculpt.hedge.refit import is_too_old
from volsculpt.hedge.spec import BetaRule, Hedge
from volsculpt.text import decimals
from volsculpt.units import DAY_NS, iso_day

# Those that tell how errors of betas go together.
BetaEstimator = Literal["ewma", "ols", "rolling-ols"]
LEAST_WINDOW_NS = 60 * DAY_NS  # with less of the past, a beta is mostly noise
Memory = dict[str, Any]  # of a hedge: plain values
UNKNOWN = "betas are not known"  # how the reason of a hedge without them begins
DIGITS = 4  # of a beta: what a fit knows, and the same on every machine


def closes(rule: BetaRule, coin: str) -> Feature:
    """Daily prices of a coin, as far back as the oldest fit that may hold."""
    window_ns = rule.window_ns + rule.refit_ns + rule.keep_ns
    return Change(f"index:{coin}", window_ns, DAY_NS)


def beta_needs(hedge: Hedge, rule: BetaRule) -> dict[str, tuple[Feature, ...]]:
    """Daily prices of the coin and of its proxies."""
    return {coin: (closes(rule, coin),) for coin in hedge.coins_named}


def next_turn_ns(rule: BetaRule, now_ns: int) -> int:
    """When betas are fitted next."""
    return (now_ns // rule.refit_ns + 1) * rule.refit_ns


def with_betas(
    hedge: Hedge,
    rule: BetaRule,
    answer: Aim,
    memory: Memory | None,
    given: PolicyInput,
    ratio: float | None,
) -> tuple[Aim, Memory]:
    """What a policy said with the betas in force, and what is remembered of them.

    Where none are known the ratio stands: `aim.settled` tells whether it can go without.

    Args: memory: None before the first fit; given: what the policy was told; ratio: that will be
    asked for, after overlays and limits, None keeps what is held.
    """
    now, refit = given.time_ns, rule.refit_ns
    turn = now // refit * refit
    if memory is None or memory["asked_ns"] < turn:
        memory = _looked(hedge, rule, memory, given.features, turn)
    memory = _in_force(memory, ratio, answer.band or hedge.band, rule, now)
    is_old = is_too_old(memory["fitted_ns"], refit, rule.keep_ns, now)
    if memory["betas"] and not is_old:
        return replace(
            answer, beta=dict(memory["betas"]), reasons=(*answer.reasons, *betas_in_words(memory))
        ), memory
    why = f"{UNKNOWN}: {memory['failed'] or 'the last fit is too old'}"
    if rule.is_given:
        return replace(answer, reasons=(*answer.reasons, f"{why}; those you gave stand")), memory
    return replace(answer, beta=None, reasons=(*answer.reasons, why)), memory


def lacks_betas(hedge: Hedge, answer: Aim) -> bool:
    """Whether nothing tells how much of its proxies a ratio of a hedge is."""
    return hedge.betas is not None and not hedge.betas.is_given and answer.beta is None


def _looked(
    hedge: Hedge, rule: BetaRule, before: Memory | None, features: Features, turn_ns: int
) -> Memory:
    """The memory after an attempt to fit at a turn; what was found waits to be judged."""
    names = [one.coin for one in hedge.carriers]
    kept = dict(before or {"fitted_ns": 0, "betas": {}, "std": {}}, asked_ns=turn_ns, stays=False)
    try:
        found, errors = fitted(hedge, rule, features, turn_ns)
    except EstimateError as error:
        return kept | {"failed": str(error)}
    newer = {
        "betas": dict(zip(names, found, strict=True)),
        "std": dict(zip(names, errors, strict=True)),
        "fitted_ns": turn_ns,
    }
    return kept | {"failed": "", "newer": newer}


def _in_force(
    memory: Memory, ratio: float | None, band: Band, rule: BetaRule, now_ns: int
) -> Memory:
    """The memory with the newest betas in force: where they would move a target at this ratio.

    Or where those in force are too old: an age is that of the betas it is told of.

    Args: memory: after a look; ratio: asked for, None keeps what is held; band: of the hedge; rule:
    how long a fit holds; now_ns: ns UTC.
    """
    newer: Memory | None = memory.get("newer")
    if newer is None:
        return memory
    is_old = is_too_old(memory["fitted_ns"], rule.refit_ns, rule.keep_ns, now_ns)
    moves = not memory["betas"] or moves_target(memory["betas"], newer["betas"], ratio, band)
    if not moves and not is_old:
        return memory | {"stays": True}
    return memory | newer | {"stays": False, "newer": None}


def moves_target(
    old: dict[str, float], new: dict[str, float], ratio: float | None, band: Band
) -> bool:
    """Whether betas move the target of any proxy by more than the band, in held ratio.

    What is held of ratio r at beta B is r·B/B' of what B' asks for. Worked: 1.00 to 1.03 at ratio
    1: 0.029 too little, out of a band of 0.02 and inside one of 0.05.

    Args: old, new: betas by proxy; ratio: that is asked for, None, what is held, counts as 1; band:
    of the hedge.
    """
    ratio = 1.0 if ratio is None else abs(ratio)
    if ratio == 0.0:
        return True
    for name, beta in new.items():
        if beta == 0.0:
            off = 0.0 if old[name] == 0.0 else -ratio
        else:
            off = ratio * (1.0 - old[name] / beta)
        if off > band.under_trigger or -off > band.over_trigger:
            return True
    return False


def remembered_betas(hedge: Hedge, memory: Any) -> dict[str, float] | None:  # noqa: ANN401 - or None
    """The betas in force by a hedge's memory; None where they are stated, or not known yet."""
    if hedge.betas is None or memory is None or memory["betas"] is None:
        return None
    return dict(memory["betas"]["betas"]) or None


def fitted(
    hedge: Hedge, rule: BetaRule, features: Features, turn_ns: int
) -> tuple[list[float], list[float]]:
    """(betas, their standard errors) of the window before a turn, in the order of `carriers`.

    Raises EstimateError: prices are missing, too few, or do not move.

    Args: features: what is known; turn_ns: ns UTC, the end of the window.
    """
    prices = shared_returns(rule, hedge.coins_named, features, turn_ns)
    days, needed = len(prices[hedge.underlying]), rule.window_ns // DAY_NS
    if 2 * days < needed:
        shorter = f", or take a window of {2 * days}d or less"
        raise EstimateError(
            f"of the {needed} days before {iso_day(turn_ns)} only {days} have a return of all "
            f"of {', '.join(prices)}, and half is needed; import more of those before"
            f"{shorter if 2 * days * DAY_NS >= LEAST_WINDOW_NS else ''}"
        )
    start = [one.beta for one in hedge.carriers]

    from volsculpt.hedge.estimators.shrunk import shrunk_betas

    names = [one.coin for one in hedge.carriers]
    found, errors = shrunk_betas(
        rule.estimator, [prices[name] for name in names], prices[hedge.underlying], start
    )
    return [round(one, DIGITS) for one in found], [round(one, DIGITS) for one in errors]


def shared_returns(
    rule: BetaRule, coins: Sequence[str], features: Features, end_ns: int
) -> dict[str, list[float]]:
    """Returns of each coin over the days of a window at both ends of which all have a price.

    Worked: prices of one coin on days 1, 2, 3 and 5, of another on 2, 3, 4 and 5: the day from 2
    to 3. Raises EstimateError where none of a coin is known.

    Args: rule: its window; coins: by name; features: what is known; end_ns: ns UTC, of the window.
    """
    columns: dict[str, dict[int, float]] = {}
    for coin in coins:
        memory = features.memory(coin, closes(rule, coin))
        if memory is None:
            raise EstimateError(
                f"no daily prices of {coin} are known; plan with --at TIME and --data FOLDER, from "
                f"stored history that has them (`volsculpt data import` stores it)"
            )
        first_ns = end_ns - rule.window_ns
        rows = zip(memory.known_ns, memory.figures, strict=True)
        columns[coin] = {time_ns: price for time_ns, price in rows if first_ns <= time_ns <= end_ns}
    shared = sorted(set.intersection(*(set(one) for one in columns.values())))
    days = [time_ns for time_ns in shared if all(time_ns - DAY_NS in c for c in columns.values())]
    return {
        coin: [prices[day] / prices[day - DAY_NS] - 1.0 for day in days]
        for coin, prices in columns.items()
    }


def betas_in_words(memory: Memory) -> list[str]:
    """The betas in force in words, and why newer ones are not.

    Worked: "beta 0.61 ± 0.08 to BTC, 0.48 ± 0.07 to ETH, of 2023-05-01".
    """
    each = [
        f"{decimals(beta, 2)} ± {decimals(memory['std'][name], 2)} to {name}"
        for name, beta in memory["betas"].items()
    ]
    words = [f"beta {', '.join(each)}, by the prices up to {iso_day(memory['fitted_ns'])}"]
    if memory["stays"]:
        words.append("newer betas would move no target by more than the band, so these stay")
    if memory["failed"]:
        words.append(f"these betas hold, no newer could be fitted: {memory['failed']}")
    return words
