"""The tables of a mandate that say what is wanted: hedges, overlays, collateral, limits."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from volsculpt.hedge.auto_band import AVERSION
from volsculpt.hedge.policy import BaseKind
from volsculpt.mandate.kinds import (
    OWN_MESSAGE,
    Contradiction,
    Distance,
    Name,
    NotNegative,
    Positive,
    PositiveShare,
    PriceShare,
    Ratio,
    Share,
    Time,
    TomlTable,
    key,
)
from volsculpt.mandate.policy_keys import PolicyKeys, policy_of, with_policy_keys
from volsculpt.mandate.proxies import Beta, BetasKey, ProxyKey, proxy_problems

Pair = Annotated[list[NotNegative], Field(min_length=2, max_length=2)]


AUTO = "auto"
WIDTH_KEYS = ("trigger", "settle", "under", "over")


def _auto(value: object) -> object:
    """`"auto"` as the table that it stands for; no other word is known."""
    if value == AUTO:
        return {"aversion": AVERSION}
    if isinstance(value, str):
        raise PydanticCustomError(
            OWN_MESSAGE, 'must be "auto" or a table, for example { trigger = 0.05 }'
        )
    return value


class BandTable(TomlTable):
    """Leave the hedge alone while the held ratio is this near the target."""

    trigger: NotNegative | None = key("Trade when further from target than this.", 0.05, None)
    settle: NotNegative | None = key("Trade back to within this.", 0.02, None)
    under: Pair | None = key("[trigger, settle] below the target.", [0.05, 0.02], None)
    over: Pair | None = key("[trigger, settle] above the target.", [0.03, 0.0], None)
    aversion: Positive | None = key(
        'Of band = "auto": aversion to being off, relative; the more, the narrower. "auto" is 3.',
        3,
        None,
    )
    half_spread: PriceShare | None = key(
        'Of band = "auto": half of bid to ask, a fraction of the price; absent: 0.0001.',
        0.0002,
        None,
    )

    @property
    def is_auto(self) -> bool:
        """Whether its width is found from what a trade costs."""
        return self.aversion is not None or self.half_spread is not None

    def check(self) -> Iterator[Contradiction]:
        """One of the three forms, and settle inside trigger."""
        if self.is_auto:
            for name in WIDTH_KEYS:
                if getattr(self, name) is not None:
                    yield name, "is found from aversion and half_spread; give it or them, not both"
            return
        sides = (self.under is not None) + (self.over is not None)
        both = self.trigger is not None or self.settle is not None
        if both and sides:
            yield "trigger", "write either { trigger, settle } or { under, over }, not both"
        if sides == 1:
            missing = "over" if self.over is None else "under"
            yield missing, f"is missing: give both sides; for example {missing} = [0.05, 0.02]"
        for name, pair in {"under": self.under, "over": self.over}.items():
            if pair and pair[1] > pair[0]:
                yield name, "the second number (settle) must not be above the first (trigger)"
        trigger = 0.02 if self.trigger is None else self.trigger
        if self.settle is not None and self.settle > trigger:
            yield "settle", f"must not be above trigger, which is {trigger:g}"


class UseTable(TomlTable):
    """A contract that a hedge may trade."""

    account: Name | None = key(
        "Margin account; absent: the only one that can hold the contract.", "coinm", None
    )
    contract: Name = key(
        'A symbol, a rule for a dated one ("BTC/USD:BTC@quarter"), "inverse perpetual" or '
        '"linear perpetual".',
        "BTC/USD:BTC",
        "inverse perpetual",
    )
    roll_days: NotNegative | None = key(
        "Days before expiry at which a rule takes the next contract; absent: the hedge's.", 7, None
    )
    venue: Name | None = key("Venue of an account that does not exist yet.", "bybit", None)


def _use_list(value: object) -> object:
    """One contract in words as the list it stands for."""
    return [{"contract": value}] if isinstance(value, str) else value


class _Underlying(TomlTable):
    """What a hedge is on."""

    underlying: Name = key('The coin, or "*": every coin held without its own hedge.', "BTC")


# The keys of policies are read off the policies, which are found by name.
if TYPE_CHECKING:

    class _PolicyTable(PolicyKeys, _Underlying):
        """What a hedge is on, and what its policy asks for."""
else:
    _PolicyTable = with_policy_keys(_Underlying)


class HedgeTable(_PolicyTable):
    """How much of one coin's price risk to take away, and with what."""

    base: Literal["equity", "coins", "wealth"] | None = key(
        "What the ratio is a share of: coins owned with PnL, a number of coins, net wealth. "
        'Absent: what its policy takes, "equity" where it takes any.',
        "equity",
        None,
    )
    coins: Positive | None = key('With base = "coins": how many.', 3.0, None)
    band: Annotated[
        BandTable | None,
        BeforeValidator(_auto, json_schema_input_type=Literal["auto"] | BandTable | None),
    ] = key('No-trade band around the target, or "auto".', {"trigger": 0.05}, None)
    use: Annotated[
        list[UseTable] | None,
        BeforeValidator(_use_list, json_schema_input_type=Name | list[UseTable] | None),
        Field(min_length=1),
    ] = key("Contracts to trade, in order of preference.", [{"contract": "BTC/USD:BTC"}], None)
    roll_days: NotNegative = key("Default of roll_days in use.", 7, 7.0)
    roll_slice: PositiveShare = key(
        "The most of the target that one decision rolls into the next contract; 1: all at once.",
        0.1,
        0.1,
    )
    proxy: ProxyKey = key(
        "Another coin whose contracts hedge this one, or several with a beta each.",
        {"BTC": 0.6, "ETH": 0.5},
        None,
    )
    beta: Beta | None = key(
        "Move of this coin per move of the one proxy, in percent; below 0: the other way.",
        1.2,
        None,
    )

    betas: BetasKey = key(
        "How betas to the proxies are estimated from daily prices, in place of stated ones.",
        {"window": "365d"},
        None,
    )

    def check(self) -> Iterator[Contradiction]:
        """The keys that the policy, base and proxy need or exclude."""
        yield from self._check_policy()
        if self.base == "coins" and self.coins is None:
            yield "coins", 'is missing: base = "coins" needs it; for example coins = 3'
        if self.base != "coins" and self.coins is not None:
            yield "coins", f'only base = "coins" has it, not "{self.effective_base}"'
        if self.underlying == "*" and self.base == "coins":
            yield "base", 'a number of coins belongs to one coin, not "*"; use base = "equity"'
        yield from proxy_problems(self.underlying, self.proxy, self.beta, self.betas is not None)

    @property
    def effective_base(self) -> BaseKind:
        """The base, where none was said the one that the policy has."""
        if self.base is not None:
            return self.base
        return policy_of(self).BASE or "equity"

    def _check_policy(self) -> Iterator[Contradiction]:
        """The base that its policy takes, and the policy's own keys."""
        policy = policy_of(self)
        yield from self.key_problems()
        if policy.BASE is not None and self.effective_base != policy.BASE:
            problem = f'must be "{policy.BASE}" with policy = "{self.policy}", {policy.BASE_WHY}'
            yield "base", f"{problem}; remove it"
        yield from self.value_problems()


class OverlayTable(TomlTable):
    """A change of the ratio: a dated event bounds it, a tilt adds to it, the economy tilts it."""

    kind: Literal["event", "tilt", "macro"] = key(
        "What it does; macro: figures of the economy add to the ratio whenever they speak.", "event"
    )
    mode: Literal["at_least", "at_most", "set"] | None = key(
        "Event: how it binds; at_least when absent.", "at_least", None
    )
    from_: Time | None = key(
        "Event, tilt: from this time on.", "2024-05-20T00:00:00Z", None, alias="from"
    )
    to: Time | None = key("Event, tilt: until just before this time.", "2024-05-27T00:00:00Z", None)
    ratio: Ratio | None = key("Event: the bound.", 1.0, None)
    add: Ratio | None = key("Tilt: what is added to the ratio.", 0.1, None)
    file: Name | None = key(
        "Macro: a file of tilts of your own, or a framework with an [overlay]; absent: that of the "
        "package.",
        "mine.toml",
        None,
    )
    note: str = key("Why; shown in the plan.", "ETF ruling", "")
    underlying: Name | None = key("The hedge; absent: every hedge.", "BTC", None)

    def check(self) -> Iterator[Contradiction]:
        """The keys of its kind, and a time that begins before it ends."""
        if self.kind == "macro":
            for name in ("mode", "from_", "to", "ratio", "add"):
                if getattr(self, name) is not None:
                    yield name.rstrip("_"), 'does not belong to kind = "macro"; remove it'
            return
        if self.file is not None:
            yield "file", 'only kind = "macro" has it; remove it'
        for name, time in (("from_", self.from_), ("to", self.to)):
            if time is None:
                problem = f'is missing: kind = "{self.kind}" needs it; for example'
                yield name.rstrip("_"), f"{problem} {name.rstrip('_')} = 2024-05-20T00:00:00Z"
        needed, other = ("ratio", "add") if self.kind == "event" else ("add", "ratio")
        if getattr(self, needed) is None:
            yield needed, f'is missing: kind = "{self.kind}" needs it; for example {needed} = 0.5'
        if getattr(self, other) is not None:
            yield other, f'does not belong to kind = "{self.kind}"; it takes {needed}'
        if self.kind == "tilt" and self.mode is not None:
            yield "mode", 'only kind = "event" has it; remove it'
        if self.from_ is not None and self.to is not None and self.to <= self.from_:
            yield "to", "must be later than from"


class OverrideTable(TomlTable):
    """A ratio set by hand until a time."""

    ratio: Ratio = key("The ratio.", 0.8)
    until: Time = key("It holds until just before this time.", "2024-06-01T00:00:00Z")
    note: str = key("Why; shown in the plan.", "before the vote", "")
    underlying: Name | None = key("The hedge; absent: every hedge.", "ETH", None)


class CollateralTable(TomlTable):
    """How coins may move to and from a margin account."""

    account: Name | None = key("Margin account; absent: every one.", "coinm", None)
    currency: Name | None = key("Absent: what its contracts settle in.", "BTC", None)
    source: Annotated[list[Name], Field(min_length=1)] = key(
        "Accounts the coins come from and go back to, in order.", ["vault"]
    )
    leverage_band: Annotated[list[Positive], Field(min_length=4, max_length=4)] | None = key(
        "Release below the first, to the second; top up above the last, to the third.",
        [2.0, 3.0, 3.0, 4.0],
        None,
    )
    safe_leverage: Positive | None = key("Short for a band around it.", 3, None)
    transfer_hours: NotNegative = key("Hours a transfer takes.", 1, 0.0)
    cost: NotNegative = key("Coins a transfer costs.", 0.0002, 0.0)
    min_transfer: NotNegative | None = key(
        "Coins: a smaller move is not made; absent: 20 times the cost.", 0.01, None
    )

    def check(self) -> Iterator[Contradiction]:
        """One way to say the band, in rising order; no account twice."""
        band = self.leverage_band
        if band is not None and self.safe_leverage is not None:
            yield "safe_leverage", "give it or leverage_band, not both"
        if band is not None and band != sorted(band):
            yield "leverage_band", "must not fall from left to right; for example [2, 3, 3, 4]"
        if len(set(self.source)) < len(self.source):
            yield "source", "names an account twice"
        if self.account is not None and self.account in self.source:
            yield "source", f'coins for "{self.account}" cannot come from itself; name another'


class LimitsTable(TomlTable):
    """What the owner allows; a limit that is absent does not exist."""

    min_ratio: Ratio = key("Lowest target ratio.", 0.0, 0.0)
    max_ratio: Ratio = key("Highest target ratio.", 1.0, 1.0)
    max_leverage: Positive | None = key("Of each margin group.", 4.0, None)
    min_liquidation_distance: Distance | None = key(
        "Least distance of each group's liquidation price, as a fraction of the price.", 0.25, None
    )
    max_order_usd: Positive | None = key("Largest order.", 250_000, None)
    min_base_usd: NotNegative = key("A hedge of a base worth no more is closed.", 100, 0.0)
    dead_zone: Share = key(
        "Share by which a held position may pass a limit before it is cut back to it.", 0.05, 0.05
    )
    allow_long: bool = key(
        "Futures of a coin may be net long; a min_ratio below 0 implies it.", True, False
    )

    def check(self) -> Iterator[Contradiction]:
        """The lowest ratio is not above the highest."""
        if self.min_ratio > self.max_ratio:
            yield "min_ratio", f"must not be above max_ratio, which is {self.max_ratio:g}"
