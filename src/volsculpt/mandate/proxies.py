"""The coins that stand in for a hedged one: what `proxy` and `beta` of a [[hedge]] say."""

import math
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from volsculpt.hedge.betas import LEAST_WINDOW_NS, BetaEstimator
from volsculpt.hedge.spec import BetaRule, Proxy
from volsculpt.mandate.kinds import OWN_MESSAGE, Contradiction, Duration, Name, TomlTable, key
from volsculpt.units import DAY_NS, duration_ns, minutes_problem

ESTIMATED = "estimated"
MOST_BETA = 10.0  # in size; what lies beyond is a percentage or a price
HINT = 'write one coin, for example proxy = "BTC", or several, proxy = { BTC = 0.6, ETH = 0.5 }'


def _not_zero(value: float) -> float:
    """A beta that hedges something."""
    if value == 0.0:
        raise PydanticCustomError(OWN_MESSAGE, "must not be 0, which would hedge nothing")
    return value


def _meant(value: float) -> float:
    """A beta that can be meant; a percentage is refused with the beta it stands for."""
    problem = beta_problem(value)
    if problem is not None:
        raise PydanticCustomError(OWN_MESSAGE, "{problem}", {"problem": problem})
    return _not_zero(value)


def beta_problem(beta: float) -> str | None:
    """What is wrong with a beta that no coin has; None where one may.

    Worked: 1.2 -> None; 120 -> "120 is a move of 120 % ...: write 1.2 ...".
    """
    if abs(beta) <= MOST_BETA:
        return None
    return (
        f"{beta:g} says that the coin moves {abs(beta):g} % when its proxy moves 1 %; no more than "
        f"{MOST_BETA:g} is taken. If {beta:g} % is meant, write {beta / 100.0:g}; a beta is a "
        f"ratio of moves, not a price or a number of coins"
    )


Given = Annotated[float, Field(allow_inf_nan=False)]
Beta = Annotated[float, AfterValidator(_meant)]


class BetasTable(TomlTable):
    """How betas to proxies are estimated."""

    estimator: BetaEstimator = key(
        "What fits them: moments that forget, or least squares.", "ols", "ewma"
    )
    window: Duration = key("How much of the past is fitted.", "365d", "180d")
    refit: Duration = key("Time between two fits, on multiples since 1970.", "7d", "30d")
    max_age: Duration = key("How long the last fit holds beyond its turn.", "60d", "30d")

    def check(self) -> Iterator[Contradiction]:
        """Windows that a fit can be made of."""
        if duration_ns(self.window) < LEAST_WINDOW_NS:
            yield "window", 'must be 60 days or more, so that there is enough to fit: "60d"'
        if duration_ns(self.refit) < DAY_NS:
            yield "refit", 'must be a day or more, as prices are daily: "1d"'
        problem = minutes_problem("max_age", self.max_age)
        if problem is not None:
            yield "max_age", problem


def _table(value: object) -> object:
    """`"estimated"` as the table that it stands for; no other word is known."""
    if value == ESTIMATED:
        return {}
    if isinstance(value, str):
        example = 'must be "estimated" or a table, for example { window = "365d" }'
        raise PydanticCustomError(OWN_MESSAGE, "{problem}", {"problem": example})
    return value


BetasKey = Annotated[
    BetasTable | None,
    BeforeValidator(_table, json_schema_input_type=Literal["estimated"] | BetasTable | None),
]


def _named(value: object) -> object:
    """One coin, or a beta for each of several, as coin -> beta; None: another key tells it."""
    if isinstance(value, str) and value:
        return {value: None}
    if isinstance(value, list) and value and all(one and isinstance(one, str) for one in value):
        twice = sorted({name for name in value if value.count(name) > 1})
        if twice:
            problem = f"names {', '.join(twice)} more than once; name each coin once"
            raise PydanticCustomError(OWN_MESSAGE, "{problem}", {"problem": problem})
        return dict.fromkeys(value)
    if not isinstance(value, Mapping) or not value:
        raise PydanticCustomError(OWN_MESSAGE, "names no coin; {hint}", {"hint": HINT})
    for name, beta in value.items():
        is_number = isinstance(beta, int | float) and not isinstance(beta, bool)
        if not name or not is_number or not math.isfinite(beta):
            problem = f"{name or 'a coin without a name'}: its beta must be a number; {HINT}"
            raise PydanticCustomError(OWN_MESSAGE, "{problem}", {"problem": problem})
        if (why := beta_problem(beta)) is not None:
            raise PydanticCustomError(OWN_MESSAGE, "{problem}", {"problem": f"{name}: {why}"})
    return {name: float(beta) for name, beta in value.items()}


ProxyKey = Annotated[
    dict[Name, float | None] | None,
    BeforeValidator(_named, json_schema_input_type=Name | list[Name] | dict[Name, Given] | None),
]


def proxy_problems(
    underlying: str,
    proxy: Mapping[str, float | None] | None,
    beta: float | None,
    estimated: bool,
) -> Iterator[Contradiction]:
    """What contradicts another in the keys of a table.

    Args: underlying: the hedged coin, or "*"; proxy: as read; beta: the key; estimated: whether
    betas are.
    """
    if proxy is None:
        for name in [*(["beta"] if beta is not None else []), *(["betas"] if estimated else [])]:
            yield name, 'belongs to a proxy; give proxy too, for example proxy = "BTC"'
        return
    if len(proxy) > 1 and None in proxy.values() and not estimated:
        yield "proxy", f'has no beta for {", ".join(proxy)}; {HINT}, or betas = "estimated"'
    if underlying in proxy:
        alone = "remove proxy and beta" if len(proxy) == 1 else f"take {underlying} out of proxy"
        yield "proxy", f"a coin cannot stand in for itself; {alone}"
    given = {name: own for name, own in proxy.items() if own is not None}
    if given and beta is not None:
        yield "beta", "is given with each proxy already; remove it"
    if given and not any(given.values()):
        yield (
            "proxy",
            "every beta is 0, so nothing would hedge it; give one that is not, or ratio = 0",
        )


def proxies_of(proxy: Mapping[str, float | None], beta: float | None) -> tuple[Proxy, ...]:
    """The proxies of a table, a beta of 0 left out. beta: of the one that has none, None is 1.

    Several without a beta share 1, before they are estimated. Worked: {BTC: 0.6, ETH: 0} -> BTC at
    0.6.
    """
    default = 1.0 / len(proxy) if beta is None else beta
    betas = {coin: default if own is None else own for coin, own in proxy.items()}
    return tuple(Proxy(coin, own) for coin, own in betas.items() if own != 0.0)


def beta_rule(table: BetasTable | None, is_given: bool) -> BetaRule | None:
    """How betas are estimated; None: they are as stated. is_given: whether the mandate has any."""
    if table is None:
        return None
    window_ns, refit_ns, keep_ns = map(duration_ns, (table.window, table.refit, table.max_age))
    return BetaRule(table.estimator, window_ns, refit_ns, keep_ns, is_given)
