"""Ratios that estimators find from the past of a coin beside a contract, and what is told of them.

The policies that fit a ratio share these: a feature of the pair, fitted anew on a schedule; the
keys of it; an answer that says what was found and from what, and what holds when nothing is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from volsculpt.contracts.expiries import Symbol, parse_symbol
from volsculpt.errors import ContractError, EstimateError
from volsculpt.hedge.answer import Aim, fallen_back
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.market_features import Features
from volsculpt.hedge.policy import Parameter, Policy, PolicyInput
from volsculpt.hedge.refit import Numbers, Refitted
from volsculpt.hedge.window import WindowMemory
from volsculpt.market.streams import PricePair, Stream, pair_stream
from volsculpt.market.times import interval_text
from volsculpt.text import duration, percent
from volsculpt.units import DAY_NS, iso_day


def fitting_parameters(window: str) -> tuple[Parameter, ...]:
    """The keys that every policy with a fitted ratio has. window: where none is given."""
    return (
        Parameter(
            "contract",
            "contract",
            "VENUE:SYMBOL whose prices the ratio is found from; {coin} is the coin.",
            "bybit:{coin}/USD:{coin}",
        ),
        Parameter(
            "step",
            "duration",
            'length of a return, on multiples since 1970; absent: "1d".',
            "1d",
            default="1d",
            least="1h",
            why=", for shorter ones are mostly spread",
        ),
        Parameter(
            "window",
            "duration",
            f'how much of the past is fitted; absent: "{window}".',
            window,
            default=window,
        ),
        Parameter(
            "refit",
            "duration",
            'how often it is fitted anew, on multiples since 1970; absent: "30d".',
            "30d",
            default="30d",
        ),
        Parameter(
            "aim_max_age",
            "duration",
            "how long a fit holds beyond its turn when the next cannot be made.",
            "30d",
            default="30d",
        ),
        Parameter(
            "fallback_ratio",
            "ratio",
            "the ratio after that; absent: what is held is kept.",
            0.5,
            unit="of the base",
            optional=True,
        ),
    )


NO_ERROR = -1.0  # where it takes twenty fits more; `volsculpt ratio` has it


@dataclass(frozen=True, slots=True)
class FittedPolicy(Policy):
    """A policy whose ratio is fitted: from which prices, how often, and what holds without a fit.

    contract: "venue:symbol", {coin} stands for the coin. every_ns: length of a return. window_ns:
    of the past that is fitted. refit_ns: between fits. keep_ns: how long a fit holds beyond its
    turn. fallback_ratio: after that, None keeps what is held.
    """

    contract: str
    every_ns: int = DAY_NS
    window_ns: int = 365 * DAY_NS
    refit_ns: int = 30 * DAY_NS
    keep_ns: int = 30 * DAY_NS
    fallback_ratio: float | None = None

    def symbol(self, coin: str) -> Symbol:
        """The symbol of a coin's contract, taken apart."""
        return parse_symbol(self.key(coin).partition(":")[2])

    def key(self, coin: str) -> str:
        """The contract of a coin. Worked: "bybit:{coin}/USD:{coin}" of BTC: "bybit:BTC/USD:BTC"."""
        return self.contract.replace("{coin}", coin)

    def fitted_on(self, coin: str) -> str | None:
        """The coin of the contract; None where the contract cannot be read."""
        try:
            return self.symbol(coin).base
        except ContractError:
            return None

    def feature(self, coin: str) -> "FittedRatio":
        """The ratio of a coin."""
        raise AssertionError(f"{self.NAME} fits nothing of {coin}")

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """The ratio of the fit in force."""
        feature = self.feature(given.book.underlying)
        return fitted_aim(
            given.features, given.book.underlying, feature, self.fallback_ratio
        ), memory

    def shared(self, coin: str) -> dict[str, Any]:
        """What every such feature is told: the contract, and when it is fitted on what."""
        return {
            "contract": self.key(coin),
            "own": self.symbol(coin).base == coin,
            "every_ns": self.every_ns,
            "window_ns": self.window_ns,
            "refit_ns": self.refit_ns,
            "keep_ns": self.keep_ns,
        }

    def needs(self, coin: str, hedged: Sequence[str]) -> dict[str, tuple[Feature, ...]]:
        """The ratio of its own coin."""
        return {coin: (self.feature(coin),)}

    def fitting_words(self) -> str:
        """Worked: "365 days of 1d prices, anew every 30 days"."""
        window, anew = duration(self.window_ns), duration(self.refit_ns)
        return f"{window} of {interval_text(self.every_ns)} prices, anew every {anew}"


def fitting_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `FittedPolicy` out of the values of a mandate's keys."""
    keys = ("contract", "step", "window", "refit", "aim_max_age", "fallback_ratio")
    names = [one.name for one in fields(FittedPolicy)]
    return {name: values[key] for name, key in zip(names, keys, strict=True)}


@dataclass(frozen=True, slots=True)
class FittedRatio(Refitted):
    """The hedge ratio of a coin by a contract, fitted on a schedule; delta at the mark.

    contract: "venue:symbol". own: whether it is on the coin that is held; of another coin the ratio
    is US dollars of face for each held.
    """

    WINDOW_IS_KEY: ClassVar[bool] = True

    contract: str
    own: bool = True
    every_ns: int = DAY_NS
    window_ns: int = 365 * DAY_NS
    refit_ns: int = 30 * DAY_NS
    keep_ns: int = 30 * DAY_NS

    def stream(self, coin: str) -> Stream:
        """The coin beside the contract."""
        return pair_stream(coin, self.contract, self.every_ns)

    def moves(self, window: WindowMemory) -> Any:  # noqa: ANN401 - `Moves`, of tables
        """Returns of steps whose two ends are known. Raises EstimateError: too many are missing."""
        import numpy as np

        from volsculpt.hedge.estimators.moves import Moves, own_moves, proxy_moves

        spot, mark = np.array(window.figures, dtype=np.float64).T
        if self.own:
            made = own_moves(spot, mark, "linear")
        else:
            made = proxy_moves(spot, mark, mark, "linear")
        there = np.diff(np.array(window.known_ns)) == self.every_ns
        least = self.window_ns // self.every_ns
        if 2 * there.sum() < least:
            raise EstimateError(
                f"{there.sum()} of {least} steps have prices of both at their ends, fewer than half"
            )
        return Moves(made.held[there], made.moved[there], made.paid[there], made.premium)

    def found_words(self, coin: str, fit: Numbers) -> str:
        """What was found, in words."""
        raise AssertionError(f"{self.NAME} has no words for {coin}: {fit}")

    def figure_of(self, stored: Any) -> PricePair:  # noqa: ANN401
        """A pair of prices."""
        return PricePair(*stored)

    @classmethod
    def usual(cls, streams: Sequence[Stream]) -> tuple[Feature, ...]:
        """None: a fit takes libraries and time that a look at a coin should not."""
        return ()


def fitted_aim(
    features: Features, coin: str, feature: FittedRatio, fallback_ratio: float | None
) -> Aim:
    """The ratio of the fit in force and its reasons; without one the fallback.

    Args: features: what is known; coin: that is hedged; feature: the ratio; fallback_ratio: None
    keeps what is held.
    """
    memory, now_ns = features.memory(coin, feature), features.time_ns
    fit = feature.in_force(memory, now_ns)
    if fit is None:
        return fallen_back(f"no ratio: {features.lacking(coin, feature)}", fallback_ratio)
    since = f"fitted {iso_day(memory.fitted_ns)} on {duration(feature.window_ns)}"
    kept = feature.kept_words(memory, now_ns)
    found = f"{feature.found_words(coin, fit)}, {since}"
    return Aim(fit[0], reasons=(found, kept) if kept else (found,))


def ratio_words(coin: str, fit: Numbers, own: bool) -> str:
    """A ratio with its standard error. Worked: "98 % of BTC, give or take 1 %".

    Args: coin: that is held; fit: ratio, and its standard error below 0 where none was reckoned;
    own: whether the contract is on it.
    """
    of = f"of {coin}" if own else f"of the dollars in {coin}"
    error = f", give or take {percent(fit[1])}" if fit[1] >= 0.0 else ""
    return f"{percent(fit[0])} {of}{error}"
