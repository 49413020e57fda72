"""As much exposed as wealth can lose before it reaches a floor that only rises."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from volsculpt.hedge.answer import Aim, plain
from volsculpt.hedge.looking import every_parameter, last_answer
from volsculpt.hedge.policy import NO_WEALTH, BaseKind, Parameter, Policy, PolicyInput
from volsculpt.text import duration, percent, usd
from volsculpt.units import HOUR_NS


def floor_ratio(wealth_usd: float, floor_usd: float, multiplier: float) -> float:
    """Share of wealth to hedge: 1 - multiplier·(wealth - floor)/wealth; 1 at the floor or below.

    A floor is 0 or more. Below 0 far above the floor: the limits then decide. Worked: wealth 100,
    floor 80, multiplier 3: 60 stay exposed, 0.4; at 90: 30 of 90, 0.667. Sources: Black and Perold,
    "Theory of constant proportion portfolio insurance", Journal of Economic Dynamics and Control
    16(3-4), 1992, 403-426; the rising floor: Estep and Kritzman, "TIPP: Insurance without
    complexity", Journal of Portfolio Management 14(4), 1988, 38-42.
    """
    if wealth_usd <= floor_usd:
        return 1.0
    return 1.0 - multiplier * (wealth_usd - floor_usd) / wealth_usd


def fall_to_floor(wealth_usd: float, floor_usd: float, multiplier: float) -> float:
    """The fall of the price, a fraction, that takes wealth to its floor before anything is traded.

    1/multiplier, or what all of wealth can lose where all of it is exposed; 0 at the floor. Worked:
    wealth 100, floor 80: multiplier 3 -> 0.333; multiplier 10 (all exposed) -> 0.2.
    """
    if wealth_usd <= floor_usd:
        return 0.0
    return max(1.0 / multiplier, (wealth_usd - floor_usd) / wealth_usd)


@dataclass(frozen=True, slots=True)
class DrawdownFloorPolicy(Policy):
    """Keep wealth above a share of the highest it has been.

    floor: the share of the highest wealth that is kept, a fraction. multiplier: US dollars exposed
    for each above the floor. every_ns: between two looks, which fall on multiples of it since 1970.
    high_usd: the highest wealth before the first look, None: that of the first look. The base is
    always wealth.
    """

    NAME: ClassVar[str] = "drawdown-floor"
    SUMMARY: ClassVar[str] = "a floor under wealth"
    DOCS: ClassVar[str] = """It keeps your wealth above a floor: a share of the highest
wealth it has seen, so the floor rises with wealth and never falls. What lies above the floor may be lost;
`multiplier` times as much stays exposed, the rest is hedged:
`ratio = 1 - multiplier × (wealth - floor) / wealth`, held to `min_ratio` and `max_ratio`.

```toml
[[hedge]]
underlying = "BTC"
policy = "drawdown-floor"
floor = 0.80
multiplier = 3
```

At 100,000 US dollars the floor is 80,000 and 60,000 stay exposed; after a loss of 10,000 the floor is
still 80,000 and 30,000 do; at 150,000 it is 120,000.

- *Gap risk.* The floor holds only as far as trades come in time. A fall of the price of more than one part
  in `multiplier` (with 3 a third) between two looks goes through it, and so does a hedge that is late,
  capped by margin or liquidated. Fees, spread and funding are paid out of what lies above. A larger
  multiplier keeps more of a rise, and breaks sooner.
- *At the floor* all is hedged, and it stays so: what is hedged does not recover. A quiet end, but an end;
  then decide anew what the floor should be. Falls and rises that come back cost each time, for it
  hedges after the fall and lets go after the rise: a band keeps it from trading every hour of that.
- *Wealth* is all of it, cash and other coins too. Several coins with a floor each put their exposures
  together: divide the multiplier among them.
- *Coins taken out* look like a loss and coins put in like a gain. After either, write the highest wealth
  that you count from into `high_usd`: other figures make the policy begin anew, with a new memory.
- *A plan* begins without memory: without `high_usd` the wealth of its moment is the highest. A desk and a
  backtest remember the highest they have seen.
- Sources: Black and Perold, "Theory of constant proportion portfolio insurance", Journal of Economic
  Dynamics and Control 16(3-4), 1992, 403-426; Estep and Kritzman, "TIPP: Insurance without complexity",
  Journal of Portfolio Management 14(4), 1988, 38-42; Grossman and Zhou, "Optimal investment strategies for
  controlling drawdowns", Mathematical Finance 3(3), 1993, 241-276."""  # noqa: E501 - text of the page
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "floor",
            "number",
            "the share of the highest wealth that is kept.",
            0.8,
            unit="of the highest wealth",
            above=0.0,
            most=0.99,
            why=": it is a fraction, and something must be left to lose; for example floor = 0.8",
        ),
        Parameter(
            "multiplier",
            "number",
            "US dollars that stay exposed for each above the floor; absent: 3.",
            3.0,
            unit="times",
            default=3.0,
            above=0.0,
            most=20.0,
            why=": with 20 a fall of 5 % between two looks breaks the floor",
        ),
        Parameter(
            "high_usd",
            "number",
            "the highest wealth before the first look; absent: that of the first look.",
            100_000.0,
            unit="US dollars",
            optional=True,
            above=0.0,
        ),
        every_parameter("1h"),
    )
    BASE: ClassVar[BaseKind | None] = "wealth"
    BASE_WHY: ClassVar[str] = "which it keeps above a floor"
    ASKS_BOOK: ClassVar[bool] = True

    floor: float
    multiplier: float = 3.0
    high_usd: float | None = None
    every_ns: int = HOUR_NS

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the mandate's keys."""
        return cls(*(values[name] for name in ("floor", "multiplier", "high_usd", "every")))

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The ratio of the last look; a new look when it is due."""
        held = self.held(memory)
        if held is not None and given.time_ns < held[1]:
            return held[0], memory
        wealth_usd = given.book.wealth_usd
        if wealth_usd is None:
            return Aim(None, reasons=(NO_WEALTH,)), memory
        highest_usd = self.high_usd if memory is None else memory["high_usd"]
        high_usd = max(highest_usd or 0.0, wealth_usd)
        answer = self._aim_at(given.book.underlying, wealth_usd, high_usd)
        return answer, {"asked_ns": given.time_ns, "said": plain(answer), "high_usd": high_usd}

    def _aim_at(self, coin: str, wealth_usd: float, high_usd: float) -> Aim:
        """What is told of a wealth and the highest so far."""
        floor_usd = self.floor * high_usd
        ratio = floor_ratio(wealth_usd, floor_usd, self.multiplier)
        floor = (
            f"the floor is {usd(floor_usd)} USD, {percent(self.floor)} of the highest wealth so far"
        )
        if wealth_usd <= 0.0:
            none = f"wealth is {usd(wealth_usd)} USD: there is none to keep above it"
            return Aim(ratio, reasons=(floor, none))
        if wealth_usd <= floor_usd:
            below = f"wealth is {usd(wealth_usd)} USD, at it or below: all is hedged"
            return Aim(ratio, reasons=(floor, below))
        fall = fall_to_floor(wealth_usd, floor_usd, self.multiplier)
        above = (
            f"wealth is {usd(wealth_usd)} USD, {usd(wealth_usd - floor_usd)} above it: "
            f"{self.multiplier:g} times that may stay exposed to {coin}, {percent(1.0 - ratio)}"
        )
        gap = f"a fall of more than {percent(fall)} before the next trade would break the floor"
        return Aim(ratio, reasons=(floor, above, gap))

    def held(self, memory: Any) -> tuple[Aim, int] | None:  # noqa: ANN401
        """What it said last, and when it looks next."""
        return last_answer(memory, self.every_ns)

    def words(self) -> str:
        """Worked: "hedge so that wealth stays above 80 % of its highest (3 times the rest)"."""
        kept = f"wealth stays above {percent(self.floor)} of its highest"
        return f"hedge so that {kept} ({self.multiplier:g} times the rest)"

    def notes(self, coin: str, lowest: float, highest: float) -> list[str]:
        """What breaks it."""
        text = (
            f"{coin}: drawdown-floor looks every {duration(self.every_ns)}; a fall of more than "
            f"{percent(1.0 / self.multiplier)} between two looks can break the floor"
        )
        return [text]

    def doubts(self, lowest: float, highest: float) -> list[str]:
        """Limits that keep it from hedging all."""
        if highest >= 1.0:
            return []
        kept = percent(1.0 - highest)
        return [f"max_ratio {highest:g} leaves {kept} exposed at the floor, so it cannot hold"]

    @classmethod
    def together(cls, policies: Mapping[str, Self]) -> list[str]:
        """Several floors: what is exposed adds up."""
        if len(policies) < 2:
            return []
        coins, total = ", ".join(policies), sum(one.multiplier for one in policies.values())
        text = (
            f"drawdown-floor of {coins}: each leaves its multiple of what is above the floor "
            f"exposed; coins that fall together lose {total:g} times it, so a fall of "
            f"{percent(1.0 / total)} breaks it"
        )
        return [text]
