"""Why coins are sold forward, or not, in words."""

from collections.abc import Sequence

from volsculpt.hedge.carry.standing import CarryBounds, CarryStanding
from volsculpt.hedge.carry.traded import CarryOutlook, best_first
from volsculpt.text import day, fine_percent, percent


def carry_reasons(
    coin: str,
    after: CarryStanding,
    every: Sequence[CarryOutlook],
    bounds: CarryBounds,
    ratio: float,
) -> tuple[str, ...]:
    """What decided, the runner-up, what would change it, and what is not known.

    Args: coin: that is hedged; after: a look at which enough was known; every: what each contract
    is expected to earn; bounds: of the owner; ratio: that is asked for.
    """
    lines = _in(coin, after, every, bounds) if after.is_on else _out(coin, every, bounds)
    lines[0] += f": hedge {percent(ratio)}"
    return (*lines, *(f"{one.key}: {one.why}" for one in every if one.why))


def _in(
    coin: str, after: CarryStanding, every: Sequence[CarryOutlook], bounds: CarryBounds
) -> list[str]:
    """Of who has sold. Arguments as those of `carry_reasons`."""
    held = next(one for one in every if one.rule == after.rule)
    stay, entered = _over(held.stay, bounds), after.entered_ns or 0
    is_new = after.entered_ns == after.known_ns
    if is_new and after.entered_ns == after.since_ns:
        how = _earns(coin, held, "is")
        first = f"{how}, {_against(held.enter, bounds.hurdle, 'hurdle', bounds)}"
    elif stay < bounds.exit:
        first = (
            f"{_earns(coin, held, 'is', from_here=True)}, below your exit of "
            f"{percent(bounds.exit)}{_cash(bounds)}, and goes on for now: the last change is less "
            f"than your min_dwell ago"
        )
    else:
        against = _against(held.stay, bounds.exit, "exit", bounds)
        first = f"{_earns(coin, held, 'is', from_here=True)}, {against}"
    locked = "locked in" if after.is_locked else "expected"
    lines = [first]
    if not is_new:
        lines.append(
            f"the rule sells by {after.key} since {day(entered)}, when {_rate(after.entry)} a year "
            f"was {locked}"
        )
    elif after.is_locked:
        lines.append(f"held to its delivery, {_rate(after.entry)} a year are locked in")
    lines += _runner_up(held.rule, every)
    lines.append(f"it is let go of below {percent(bounds.exit)} a year{_cash(bounds)}")
    return lines


def _out(coin: str, every: Sequence[CarryOutlook], bounds: CarryBounds) -> list[str]:
    """Of who has not sold. Arguments as those of `carry_reasons`."""
    best = best_first(list(every))
    if not best:
        return [f"selling {coin} forward: nothing is known of what it earns now"]
    first = f"{_earns(coin, best[0], 'is')}, "
    if _over(best[0].enter, bounds) >= bounds.hurdle:
        first += (
            f"{_against(best[0].enter, bounds.hurdle, 'hurdle', bounds)}, and waits: the last "
            f"change is less than your min_dwell ago"
        )
        return [first, *_runner_up(best[0].rule, every)]
    first += _against(best[0].enter, bounds.hurdle, "hurdle", bounds)
    hurdle = f"it is sold from {percent(bounds.hurdle)} a year{_cash(bounds)} on"
    return [first, *_runner_up(best[0].rule, every), hurdle]


def _earns(coin: str, one: CarryOutlook, is_: str, from_here: bool = False) -> str:
    """What a contract is expected to earn. Args: coin; one; is_: a verb; from_here: staying."""
    rate = one.stay if from_here else one.enter
    when = "from here on, after the costs to come" if from_here else "after costs"
    return f"selling {coin} forward by {one.key} {is_} expected to earn {_rate(rate)} a year {when}"


def _against(rate: float | None, bound: float, name: str, bounds: CarryBounds) -> str:
    """Where a rate stands to a bound. Worked: "above your hurdle of 5 %".

    Args: rate: a year; bound: over cash; name: of the bound; bounds: of the owner.
    """
    side = "above" if _over(rate, bounds) >= bound else "below"
    return f"{side} your {name} of {percent(bound)}{_cash(bounds)}"


def _runner_up(rule: str, every: Sequence[CarryOutlook]) -> list[str]:
    """The best of the other contracts."""
    others = [one for one in best_first(list(every)) if one.rule != rule]
    return [f"next best: {one.key}, {_rate(one.enter)} a year" for one in others[:1]]


def _over(rate: float | None, bounds: CarryBounds) -> float:
    """A rate over that of cash."""
    return (rate or 0.0) - bounds.cash_rate


def _cash(bounds: CarryBounds) -> str:
    """What bounds stand over. Worked: " over the 4 % that cash earns"."""
    return f" over the {percent(bounds.cash_rate)} that cash earns" if bounds.cash_rate else ""


def _rate(rate: float | None) -> str:
    """A rate to a tenth of a percent. Worked: 0.08123 -> "8.1 %"."""
    return fine_percent(round(rate or 0.0, 3))
