"""The coins that stand in for a hedged one: what `proxy` and `beta` of a [[hedge]] say."""

import math
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from volsculpt.hedge.spec import Proxy
from volsculpt.mandate.kinds import SAID, Contradiction, Name

HINT = 'write one coin, for example proxy = "BTC", or several, proxy = { BTC = 0.6, ETH = 0.5 }'


def _not_zero(value: float) -> float:
    """A beta that hedges something."""
    if value == 0.0:
        raise PydanticCustomError(SAID, "must not be 0, which would hedge nothing")
    return value


Given = Annotated[float, Field(allow_inf_nan=False)]
Beta = Annotated[float, AfterValidator(_not_zero)]


def _named(value: object) -> object:
    """One coin, or a beta for each of several, as coin -> beta; None: `beta` tells it."""
    if isinstance(value, str) and value:
        return {value: None}
    if not isinstance(value, Mapping) or not value:
        raise PydanticCustomError(SAID, "names no coin; {hint}", {"hint": HINT})
    for name, beta in value.items():
        is_number = isinstance(beta, int | float) and not isinstance(beta, bool)
        if not name or not is_number or not math.isfinite(beta):
            problem = f"{name or 'a coin without a name'}: its beta must be a number; {HINT}"
            raise PydanticCustomError(SAID, "{problem}", {"problem": problem})
    return {name: float(beta) for name, beta in value.items()}


ProxyKey = Annotated[
    dict[Name, float | None] | None,
    BeforeValidator(_named, json_schema_input_type=Name | dict[Name, Given] | None),
]


def proxy_problems(
    underlying: str, proxy: Mapping[str, float | None] | None, beta: float | None
) -> Iterator[Contradiction]:
    """What contradicts another in the keys of a table.

    Args: underlying: the hedged coin, or "*"; proxy: as read; beta: the key.
    """
    if proxy is None:
        if beta is not None:
            yield "beta", 'belongs to a proxy; give proxy too, for example proxy = "BTC"'
        return
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

    Worked: {BTC: 0.6, ETH: 0} -> BTC at 0.6.
    """
    default = 1.0 if beta is None else beta
    said = {coin: default if own is None else own for coin, own in proxy.items()}
    return tuple(Proxy(coin, own) for coin, own in said.items() if own != 0.0)
