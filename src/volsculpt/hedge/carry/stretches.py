"""What selling forward was expected to earn when it began, and what it earned, stretch by stretch.

Of the market alone: one coin sold by the contract that the rule sold by, from the look at which it
came to the one at which it went, whatever a book had room for.

    perpetual:  earned = funding paid - 2·cost
    dated:      earned = premium then - premium at the end - cost - cost, or the fee at delivery
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from volsculpt.hedge.carry.standing import CarryStanding
from volsculpt.hedge.carry.terms import CarryTerms, annual, trade_costs
from volsculpt.hedge.carry.traded import CarryOutlook, TradedContract
from volsculpt.market.series import FundingRates
from volsculpt.text import day, days_words, fine_percent
from volsculpt.units import DAY_NS

MOST_LISTED = 6  # stretches, the newest; more are counted


@dataclass(frozen=True, slots=True)
class CarryStretch:
    """A time in which coins were sold by one contract. Times are ns UTC.

    expected: a year after costs, when it began; is_locked: until delivery. premium: then, of a
    dated contract; left_at: the newest known in it. expiry_ns: of a dated contract.
    """

    rule: str
    key: str
    from_ns: int
    to_ns: int
    expected: float
    is_locked: bool
    premium: float | None
    left_at: float | None
    expiry_ns: int | None

    @property
    def is_delivered(self) -> bool:
        """Whether it was held to its delivery."""
        return self.expiry_ns is not None and self.to_ns >= self.expiry_ns

    @property
    def days(self) -> float:
        """How long it was held, to its delivery at most."""
        end_ns = self.to_ns if self.expiry_ns is None else min(self.to_ns, self.expiry_ns)
        return (end_ns - self.from_ns) / DAY_NS


Looks = Sequence[tuple[int, CarryStanding | None, Sequence[CarryOutlook]]]


def stretches_of(looks: Looks) -> list[CarryStretch]:
    """The stretches of looks that rise, each (time, standing after it, what contracts earn)."""
    found: list[CarryStretch] = []
    is_open = False
    for now_ns, standing, every in looks:
        if is_open:
            found[-1] = _gone_on(found[-1], now_ns, every)
        key = standing.key if standing is not None and standing.is_on else ""
        if standing is None or not key or not is_open or found[-1].key != key:
            is_open = bool(key)
            if standing is not None and key:
                found.append(_begun(standing, now_ns, every))
    return found


def _begun(standing: CarryStanding, now_ns: int, every: Sequence[CarryOutlook]) -> CarryStretch:
    """A stretch that begins, or that went on before the first look. now_ns: ns UTC."""
    own = next((one for one in every if one.key == standing.key), None)
    premium, expiry_ns = (None, None) if own is None else (own.premium, own.expiry_ns)
    expected = standing.entry if standing.entered_ns == now_ns or own is None else own.enter
    return CarryStretch(
        standing.rule,
        standing.key,
        now_ns,
        now_ns,
        (standing.entry if expected is None else expected) or 0.0,
        standing.is_locked,
        premium,
        premium,
        expiry_ns,
    )


def _gone_on(one: CarryStretch, now_ns: int, every: Sequence[CarryOutlook]) -> CarryStretch:
    """A stretch up to a look. now_ns: ns UTC."""
    own = next((other for other in every if other.key == one.key), None)
    newest = one.left_at if own is None or own.premium is None else own.premium
    return replace(one, to_ns=now_ns, left_at=newest)


def earned(
    one: CarryStretch, contract: TradedContract, funding: Mapping[str, FundingRates]
) -> float | None:
    """What a stretch earned after costs, a fraction of what was sold; None where not known.

    Args: contract: by which; funding: stored, by contract.
    """
    delivery = contract.delivery if one.is_delivered else None
    costs = trade_costs(contract.taker or 0.0, delivery, 0.0, CarryTerms(max(one.days, 1.0)))
    if contract.is_dated:
        if one.premium is None or one.left_at is None:
            return None
        return one.premium - (0.0 if one.is_delivered else one.left_at) - costs.total
    rates = funding.get(one.key)
    if rates is None:
        return None
    inside = (rates.stamp_ns > one.from_ns) & (rates.stamp_ns <= one.to_ns)
    return float(np.sum(rates.rate[inside])) - costs.total


def stretch_words(
    coin: str, found: Sequence[CarryStretch], earned_by: Callable[[CarryStretch], float | None]
) -> list[str]:
    """What each stretch was expected to earn, and earned; the newest where there are many.

    Args: coin: that was sold; found: in order; earned_by: what one earned, a fraction.
    """
    lines = [_words(coin, one, earned_by(one)) for one in found[-MOST_LISTED:]]
    more = len(found) - len(lines)
    return [f"{coin}: {more} earlier times sold forward are not told"] * (more > 0) + lines


def _words(coin: str, one: CarryStretch, brought: float | None) -> str:
    """Worked: "BTC sold forward by … from … to …: locked 8.1 % a year, earned 8 %"."""
    how = "locked" if one.is_locked else "expected"
    text = (
        f"{coin} sold forward by {one.key} from {day(one.from_ns)} to {day(one.to_ns)}: {how} "
        f"{fine_percent(round(one.expected, 3))} a year after costs"
    )
    if brought is None:
        return f"{text}, what it earned is not known"
    rate = annual(brought, one.days)
    if rate is None:
        return f"{text}, earned {fine_percent(round(brought, 4))} in {days_words(one.days)}"
    return f"{text}, earned {fine_percent(round(rate, 3))}"
