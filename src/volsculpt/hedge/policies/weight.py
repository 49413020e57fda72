"""What a coin holds above a target share of wealth is hedged: a rebalance without selling."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from volsculpt.hedge.answer import Aim
from volsculpt.hedge.policy import NO_WEALTH, BaseKind, Parameter, Policy, PolicyInput
from volsculpt.hedge.words import held_words
from volsculpt.text import percent, usd

FOREVER_NS = 2**62  # a stamp beyond every history


def share_of(owned_usd: float, wealth_usd: float) -> float | None:
    """Which part of wealth is owned of a coin, above 1 where money is owed; None without wealth.

    Worked: 72,000 of 100,000 US dollars -> 0.72.
    """
    return owned_usd / wealth_usd if wealth_usd > 0.0 else None


@dataclass(frozen=True, slots=True)
class WeightPolicy(Policy):
    """Leave a coin no more than a share of wealth: delta_usd = weight · wealth_usd.

    weight: the share of the whole wealth that the coin may move, a fraction. The base is always
    wealth, so the ratio is 1 - weight whatever prices do, and what is hedged is what lies above it.
    """

    NAME: ClassVar[str] = "weight"
    SUMMARY: ClassVar[str] = "a share of wealth"
    DOCS: ClassVar[
        str
    ] = """A coin that has grown beyond its place: whatever it holds above `weight`
of your whole wealth is hedged, as if it had been sold for dollars, and the coins stay where they are.
`delta_usd = weight × wealth`, so `ratio = 1 - weight`, a share of wealth.

```toml
[[hedge]]
underlying = "BTC"
policy = "weight"
weight = 0.40
band = { trigger = 0.03, settle = 0.0 }
```

With 72,000 US dollars of BTC in a wealth of 100,000, 32,000 are hedged. BTC falls by a quarter: it is
54,000, the short has earned 8,000, wealth is 90,000, of which 40 % are 36,000: 18,000 stay hedged.

- It buys back after a fall and hedges more after a rise, as a rebalance does: the band is how far the
  share may wander, here 3 % of wealth either side.
- *Below its weight* a coin is not hedged. Nothing is bought for it unless `min_ratio` in `[limits]` is
  below 0, which allows long futures.
- *Wealth* is all of it: cash, other coins, profit and loss of contracts. One `weight` for each coin;
  those of several should not add up to more than 1.
- It is `policy = "fixed"` with `ratio = 1 - weight` and `base = "wealth"`, said as it is meant.
- Rebalancing earns where prices come back and loses where they run away: Perold and Sharpe, "Dynamic
  strategies for asset allocation", Financial Analysts Journal 44(1), 1988, 16-27."""  # noqa: E501 - text of the page
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "weight",
            "number",
            "the share of wealth that stays exposed to the coin.",
            0.4,
            unit="of wealth",
            above=0.0,
            most=1.0,
            why=": it is a fraction of wealth; 40 % is weight = 0.4",
        ),
    )
    BASE: ClassVar[BaseKind | None] = "wealth"
    BASE_WHY: ClassVar[str] = "of which the coin is given a share"
    ASKS_BOOK: ClassVar[bool] = True

    weight: float

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The ratio that leaves the share, and what the coin is now."""
        book = given.book
        if book.wealth_usd is None or book.index_usd is None:
            return Aim(1.0 - self.weight, reasons=(NO_WEALTH,)), memory
        share = share_of(book.owned_coin * book.index_usd, book.wealth_usd)
        coin, wanted = book.underlying, percent(self.weight)
        if share is None:
            why = f"your wealth is {usd(book.wealth_usd)} USD: of none no share can be kept"
        elif share > self.weight:
            reason = f"{percent(share - self.weight)} of wealth is hedged"
            why = f"{coin} is {percent(share)} of your wealth and {wanted} is wanted: {reason}"
        else:
            reason = f"no more than the {wanted} that is wanted: there is nothing to hedge"
            why = f"{coin} is {percent(share)} of your wealth, {reason}"
        return Aim(1.0 - self.weight, reasons=(why,)), memory

    def held(self, memory: Any) -> tuple[Aim, int] | None:  # noqa: ANN401
        """The ratio never changes; what the coin is now is only told."""
        return Aim(1.0 - self.weight), FOREVER_NS

    def words(self) -> str:
        """Worked: "hedge what is above 40 % of your wealth"."""
        return f"hedge what is above {percent(self.weight)} of your wealth"

    def highest(self) -> float | None:
        """All but the share."""
        return 1.0 - self.weight

    def ratio_meant(self) -> float | None:
        """All but the share."""
        return 1.0 - self.weight

    def doubts(self, lowest: float, highest: float) -> list[str]:
        """A share that the limits will not allow."""
        outside = held_words(1.0 - self.weight, lowest, highest)
        return [outside] if outside is not None else []

    @classmethod
    def together(cls, policies: Mapping[str, Self]) -> list[str]:
        """Shares that add up to more than all there is."""
        total = sum(one.weight for one in policies.values())
        if len(policies) < 2 or total <= 1.0:
            return []
        coins = ", ".join(policies)
        return [f"weight of {coins}: they add up to {percent(total)} of your wealth, more than all"]
