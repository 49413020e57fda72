"""Coins are sold forward while that pays: by the best contract of the hedge, after all costs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import gcd
from typing import TYPE_CHECKING, Any, ClassVar, Self

from volsculpt.errors import PolicyError
from volsculpt.hedge.answer import Aim, aim_of, fallen_back, plain
from volsculpt.hedge.carry.beside import HIGHER, SUM, combined, followed, highest_of, holds_until
from volsculpt.hedge.carry.standing import (
    CarryBounds,
    CarryPast,
    CarryStanding,
    after_look,
    narrowed_past,
    standing_of,
)
from volsculpt.hedge.carry.telling import carry_reasons
from volsculpt.hedge.carry.terms import CarryTerms
from volsculpt.hedge.carry.traded import CarryOutlook, TradedContract, outlook
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.looking import DAILY, holding_parameters, next_look_ns
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import Parameter, Policy, PolicyInput
from volsculpt.hedge.words import held_words
from volsculpt.text import duration, percent
from volsculpt.units import DAY_NS

if TYPE_CHECKING:
    from volsculpt.market.series import FundingRates

NO_CONTRACT = "this hedge has no contract to sell by"


@dataclass(frozen=True, slots=True)
class CarryPolicy(Policy):
    """Sell coins forward while the net yield of the best contract clears a hurdle.

    hurdle: over cash, a year, from which coins are sold; exit: below which they no longer are;
    cash_rate: what cash earns, a year. holding_ns: how long a position is expected to be held.
    ratio: while it pays; otherwise: while it does not. min_dwell_ns: between two changes; every_ns:
    between two looks, on multiples since 1970; max_age_ns: how long the last ratio holds while
    nothing is known; fallback_ratio: after that, None keeps what is held. beside: another policy,
    combine: how the two make one ratio. contracts: of the hedge, in order of preference.
    """

    NAME: ClassVar[str] = "carry"
    SUMMARY: ClassVar[str] = "what selling forward earns after costs"
    DOCS: ClassVar[
        str
    ] = """Your coins are sold forward, and so hedged, while that pays: `ratio` from the day on which the best contract
of `use` is expected to earn `hurdle` a year or more after all costs, `otherwise` again when the one sold by is expected to earn less
than `exit`.

```toml
[[hedge]]
underlying = "BTC"
policy = "carry"
hurdle = 0.05
holding = "90d"
use = [{ account = "coinm", contract = "BTC/USD:BTC" }, { account = "coinm", contract = "BTC/USD:BTC@quarter" }]
```

- *What a contract earns* is what `volsculpt carry` says ([cli.md](cli.md#carry)), by the same formulas over `holding`. A perpetual: the funding
  that is expected, less two trades. A dated contract: its premium less one trade and the fee at delivery, where it is held so long; a rule such
  as `@quarter` is rolled `roll_days` before, and earns its part of the premium less two trades. Fees are those of the account, a trade loses half
  a spread of 0.01 %, and the initial margin of a small position is counted as lost to cash at `cash_rate`.
- *Funding to come* is not the last rate. It is the mean of the last thirty whole days, drawn towards the long mean as far as the contract's own past had
  it: a payment of any size counts for its share of thirty days. Its forecasts are often off by 10 to 20 points a year, so a yield is an
  expectation and no promise.
- *The hurdle* is over `cash_rate`: with `hurdle = 0.05` and `cash_rate = 0.04` coins are sold from 9 % a year on. Once they are, the cost of
  entering is paid and counts no more: `exit` is asked of what is earned from then on.
- *Steady.* It looks once a day (`every`), at midnight UTC, and changes no sooner than `min_dwell` after the last change. A plan, a backtest and
  a desk on paper begin with what a run from the beginning of the stored prices would remember: at one moment they say the same.
- *Which contract.* The best one is sold by first, then the others in the order of `use` as far as the first has no room; a contract that is
  held is kept until the hedge is let go of, even where another would earn more by then.
- *A lock.* Held to delivery, N = C·F/(1 + fee) dollars sold by an inverse contract at F make C coins worth N dollars on that day, whatever the
  price: that is `ratio = 1` at the contract's own price, up to the fee, and no order of another size is needed. What was locked is told with
  the reasons, and the notes of a backtest say of each time what was locked or expected, and earned. A rule that rolls before delivery locks nothing.
- *What is not known* is never zero: a contract without enough history is left out, and the reasons say so. With none known the last ratio holds for
  `aim_max_age`, then `fallback_ratio` does; without one, what is held is kept. A premium above 30 %, or above 200 % a year with more than 30 days
  left, is told and not used; with fewer than 7 days left nothing is said a year.
- *Beside another policy:* `beside = "regime"`, or a table with its keys, `beside = { policy = "regime", fallback_ratio = 0.3 }`, and
  `combine`: the `"higher"` of the two ratios, or their `"sum"`. While either has no answer, what is held is kept.
- *History.* A plan reads funding and premiums with `--at TIME` and `--data FOLDER`. Funding must be known for 30 days, `holding` and 89 more.
- A perpetual hedged for its funding earns it only while longs pay. What this rule made of it from 2021 to 2024 is in
  [ratio.md](ratio.md#sell-forward-while-it-pays)."""  # noqa: E501 - text of the page
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "hurdle",
            "number",
            "the net yield over cash from which coins are sold forward.",
            0.05,
            unit="a year",
            default=0.05,
            most=1.0,
            why=": it is a fraction a year; 5 % is hurdle = 0.05",
        ),
        Parameter(
            "exit",
            "number",
            "the net yield over cash below which they no longer are; absent: half of `hurdle`.",
            0.025,
            unit="a year",
            optional=True,
            most=1.0,
            why=": it is a fraction a year; 2.5 % is exit = 0.025",
        ),
        Parameter(
            "holding",
            "duration",
            'how long a position is expected to be held; absent: "90d".',
            "90d",
            default="90d",
            least="7d",
            why=", for of less nothing is said a year",
        ),
        Parameter(
            "ratio",
            "ratio",
            "the ratio while it pays; absent: 1.",
            1.0,
            unit="of the base",
            default=1.0,
        ),
        Parameter(
            "otherwise",
            "ratio",
            "the ratio while it does not; absent: 0.",
            0.1,
            unit="of the base",
            default=0.0,
        ),
        Parameter(
            "cash_rate",
            "number",
            "what cash earns elsewhere; absent: 0.",
            0.04,
            unit="a year",
            default=0.0,
            least=0.0,
            most=0.99,
            why=": it is a fraction a year; 4 % is cash_rate = 0.04",
        ),
        Parameter(
            "min_dwell",
            "duration",
            'how long after a change there is no other; absent: "7d".',
            "7d",
            default="7d",
        ),
        DAILY,
        *holding_parameters("nothing is known"),
        Parameter(
            "beside",
            "policy",
            "another policy, by name or as a table with its keys.",
            "regime",
            optional=True,
        ),
        Parameter(
            "combine",
            "choice",
            'what the two ratios make: the "higher", or their "sum".',
            HIGHER,
            optional=True,
            choices=(HIGHER, SUM),
            needs="beside",
        ),
    )
    ASKS_BOOK: ClassVar[bool] = True

    hurdle: float = 0.05
    exit: float | None = None
    holding_ns: int = 90 * DAY_NS
    ratio: float = 1.0
    otherwise: float = 0.0
    cash_rate: float = 0.0
    min_dwell_ns: int = 7 * DAY_NS
    every_ns: int = DAY_NS
    max_age_ns: int = 7 * DAY_NS
    fallback_ratio: float | None = None
    beside: Policy | None = None
    combine: str | None = None
    contracts: tuple[TradedContract, ...] = ()

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the mandate's keys."""
        made = cls(*(values[one.name] for one in cls.PARAMETERS))
        if made.exit is not None and made.exit > made.hurdle:
            raise PolicyError(
                f"exit = {made.exit:g} is above hurdle = {made.hurdle:g}, so it would leave as it "
                f"comes; give less, or leave it out: half of hurdle"
            )
        if made.beside is not None and made.combine is None:
            raise PolicyError(
                'combine is missing: write combine = "higher" or combine = "sum" for what '
                "the two ratios make"
            )
        return made

    def traded(self, contracts: Sequence[TradedContract]) -> Self:
        """The same, with the contracts of its hedge."""
        return replace(self, contracts=tuple(contracts))

    @property
    def bounds(self) -> CarryBounds:
        """What yields are held to."""
        left = min(self.hurdle, 0.5 * self.hurdle) if self.exit is None else self.exit
        return CarryBounds(self.hurdle, left, self.cash_rate, self.min_dwell_ns, self.max_age_ns)

    @property
    def terms(self) -> CarryTerms:
        """How long a position is held, and what cash earns."""
        return CarryTerms(max(1, round(self.holding_ns / DAY_NS)), cash_rate=self.cash_rate)

    def look(self, features: Features, coin: str) -> list[CarryOutlook]:
        """What selling by each contract is expected to earn."""
        return [outlook(TradedContract(*one), features, coin, self.terms) for one in self.contracts]

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """What the last look said; a new look when it is due; and what the policy beside says."""
        coin, now_ns = given.book.underlying, given.time_ns
        held = self.held(memory)
        if held is not None and now_ns < held[1]:
            return held[0], memory
        if memory is None or now_ns >= self._due_ns(memory):
            kept = self._looked(coin, memory, given.features)
        else:
            kept = memory
        if self.beside is None:
            return aim_of(kept["said"]), kept
        before = (kept["beside"] or {}).get("memory")
        other, own = self.beside.step(before, given)
        kept = kept | {"beside": {"said": plain(other), "memory": own, "asked_ns": now_ns}}
        return self._combined(kept), kept

    def _looked(self, coin: str, memory: Any, features: Features) -> dict[str, Any]:  # noqa: ANN401
        """The memory after a look. Args: coin; memory: before, None at first; features: of it."""
        before = None if memory is None else standing_of(memory["standing"])
        every, now_ns = self.look(features, coin), features.time_ns
        after = after_look(before, every, now_ns, self.bounds)
        aim = self._aim_after(coin, after, every, now_ns)
        kept = None if after is None else after._asdict()
        return {
            "asked_ns": now_ns,
            "said": plain(aim),
            "standing": kept,
            "beside": None if memory is None else memory["beside"],
        }

    def _aim_after(
        self, coin: str, after: CarryStanding | None, every: Sequence[CarryOutlook], now_ns: int
    ) -> Aim:
        """What is told after a look.

        Args: coin: that is hedged; after: the look, None where nothing was ever known; every: what
        each contract earns; now_ns: ns UTC.
        """
        if after is not None and after.known_ns == now_ns:
            ratio = self.ratio if after.is_on else self.otherwise
            reasons = carry_reasons(coin, after, every, self.bounds, ratio)
            return Aim(ratio, reasons=reasons, prefer=(after.key,) if after.is_on else ())
        lacks = "; ".join(f"{one.key}: {one.why}" for one in every if one.why) or NO_CONTRACT
        why = f"what selling {coin} forward earns is not known: {lacks}"
        if after is not None and now_ns - after.known_ns <= self.max_age_ns:
            ratio, age = self.ratio if after.is_on else self.otherwise, now_ns - after.known_ns
            held = f"the last ratio, {percent(ratio)}, holds: it is {duration(age)} old"
            return Aim(ratio, reasons=(why, held), prefer=(after.key,) if after.is_on else ())
        return fallen_back(why, self.fallback_ratio)

    def _combined(self, memory: Mapping[str, Any]) -> Aim:
        """The answer of both policies."""
        assert self.beside is not None
        other = (self.beside.NAME, aim_of(memory["beside"]["said"]))
        return combined((self.NAME, aim_of(memory["said"])), other, self.combine or HIGHER)

    def _due_ns(self, memory: Any) -> int:  # noqa: ANN401
        """When it looks next."""
        return next_look_ns(memory["asked_ns"], self.every_ns)

    def held(self, memory: Any) -> tuple[Aim, int] | None:  # noqa: ANN401
        """What it said last, and when it, or the policy beside, is asked next."""
        if memory is None or (self.beside is not None and "said" not in (memory["beside"] or {})):
            return None  # no run led up to it: the policy beside is asked first
        if self.beside is None:
            return aim_of(memory["said"]), self._due_ns(memory)
        until = holds_until(self.beside, memory["beside"])
        return None if until is None else (self._combined(memory), min(until, self._due_ns(memory)))

    def looks_every_ns(self) -> int | None:
        """As often as it is told to; or as both policies are, where the other looks too."""
        other = None if self.beside is None else self.beside.looks_every_ns()
        return self.every_ns if other is None else reduce(gcd, (self.every_ns, other))

    def follow(self, coin: str, history: Sequence[Features]) -> tuple[Any, bool]:
        """Look after look; whether nothing of what was before the first can show."""
        memory: Any = None
        past = CarryPast()
        for features in history:
            if features.time_ns % self.every_ns == 0:
                memory = self._looked(coin, memory, features)
                every = self.look(features, coin)
                past = narrowed_past(past, every, features.time_ns, self.bounds)
        if memory is None or self.beside is None:
            return memory, past.is_sure
        own, is_sure = followed(self.beside, coin, history)
        return memory | {"beside": own}, past.is_sure and is_sure

    def notes_after(
        self,
        coin: str,
        history: Sequence[Features],
        memory: Any,  # noqa: ANN401
        funding: Mapping[str, "FundingRates"],
    ) -> list[str]:
        """What each time of selling was expected to earn, or locked, and what it earned.

        Args: coin: that is hedged; history: at the stamps of the run; memory: before the first;
        funding: stored, by contract.
        """
        from volsculpt.hedge.carry.stretches import earned, stretch_words, stretches_of

        looks = []
        for features in history:
            if memory is None or features.time_ns >= self._due_ns(memory):
                memory = self._looked(coin, memory, features)
                every = self.look(features, coin)
                looks.append((features.time_ns, standing_of(memory["standing"]), every))
        by_rule = {one[0]: TradedContract(*one) for one in self.contracts}
        found = stretches_of(looks)
        return stretch_words(coin, found, lambda one: earned(one, by_rule[one.rule], funding))

    def words(self) -> str:
        """Worked: "hedge 100 % while selling forward earns 5 % a year after costs, else 0 %"."""
        over = f" over {percent(self.cash_rate)}" if self.cash_rate else ""
        text = (
            f"hedge {percent(self.ratio)} while selling forward earns {percent(self.hurdle)} a "
            f"year after costs{over}, else {percent(self.otherwise)}"
        )
        if self.beside is None:
            return text
        return f"the {self.combine} of two ratios: {text}; {self.beside.words()}"

    def needs(self, coin: str, hedged: Sequence[str]) -> dict[str, tuple[Feature, ...]]:
        """Funding and premiums of its contracts, and what the policy beside wants."""
        days = round(self.terms.days)
        own = tuple(dict.fromkeys(TradedContract(*one).feature(days) for one in self.contracts))
        others = {} if self.beside is None else self.beside.needs(coin, hedged)
        return others | {coin: tuple(dict.fromkeys((*own, *others.get(coin, ()))))}

    def highest(self) -> float | None:
        """The highest of its ratios, with that of the policy beside."""
        own = max(self.ratio, self.otherwise, self.fallback_ratio or 0.0)
        if self.beside is None:
            return own
        return highest_of(own, self.beside.highest(), self.combine)

    def fitted_on(self, coin: str) -> str | None:
        """What the policy beside is fitted on."""
        return None if self.beside is None else self.beside.fitted_on(coin)

    def doubts(self, lowest: float, highest: float) -> list[str]:
        """Ratios outside the limits."""
        outside = [held_words(one, lowest, highest) for one in (self.ratio, self.otherwise)]
        others = [] if self.beside is None else self.beside.doubts(lowest, highest)
        return [*(line for line in outside if line is not None), *others]
