"""A function of the owner's, with a schedule of its own: between two calls its answer holds.

What it said last is kept in its memory, in plain values, so that a restart goes on with it.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from volsculpt.errors import PolicyError
from volsculpt.hedge.answer import Aim, aim_of, checked_answer, plain
from volsculpt.hedge.feature import Feature
from volsculpt.hedge.features.volatility import Volatility
from volsculpt.hedge.policy import Parameter, Policy, PolicyInput


@dataclass(frozen=True, slots=True)
class CallablePolicy(Policy):
    """The owner's function(time_ns, features, book, memory) -> (Aim or ratio, memory)."""

    NAME: ClassVar[str] = "callable"
    SUMMARY: ClassVar[str] = "a Python function"
    DOCS: ClassVar[
        str
    ] = """`my_policy(time_ns, features, book, memory)` returns a ratio (or an Aim)
and a memory, which it is given again the next time. A file that fails to load ends with a policy
error. Between two calls, `every` apart, the last answer holds.

`features` is what is known of the market at that moment, the same in a plan and in a backtest:

| | |
|---|---|
| `features.time_ns` | the moment |
| `features.index_usd("BTC")` | the newest index price, in US dollars |
| `features.sigma_forecast("BTC")` | the forecast of volatility, a ratio a year, with a half-life of 30 days |
| `features.sigma_forecast("BTC", half_life_ns)` | with another that a `vol-target` hedge on the coin has |

Each is None where it is not known: in a plan without `--at`, before there is enough history, and for a
coin without a hedge. `book` tells of the hedged coin: `index_usd`, `owned_coin`, `delta_coin`,
`base_coin`, `held_ratio` (None without a base) and `wealth_usd`. On a desk `index_usd`, `wealth_usd` and the
`base_coin` of a hedge of wealth are None while a price that they need is not known. A policy that returns
`Aim(None, reasons=("why",))` keeps what is held.

```python
def my_policy(time_ns, features, book, memory):
    sigma = features.sigma_forecast("BTC")
    if sigma is None:
        return memory or 0.5, memory  # what was said last
    ratio = 0.8 if sigma > 0.7 else 0.3
    return ratio, ratio
```"""  # noqa: E501 - rows of a table
    PARAMETERS: ClassVar[tuple[Parameter, ...]] = (
        Parameter("callable", "function", "file and function.", "my_file.py:my_policy"),
        Parameter(
            "every", "duration", "how often it is asked; absent: at each step.", "1d", optional=True
        ),
    )
    ASKS_BOOK: ClassVar[bool] = True
    REPLAYS: ClassVar[bool] = False

    function: Callable[[int, Any, Any, Any], tuple[Any, Any]]
    every_ns: int | None
    source: str

    @classmethod
    def made(cls, values: Mapping[str, Any]) -> Self:
        """From the loaded function and its place."""
        function, source = values["callable"]
        return cls(function, values["every"], source)

    def step(self, memory: Any, given: PolicyInput) -> tuple[Aim, Any]:  # noqa: ANN401
        """What the function says, or said last while the next call is not due."""
        if self.every_ns is None:
            return self._ask(memory, given)
        held = self.held(memory)
        if held is not None and given.time_ns < held[1]:
            return held[0], memory
        answer, own = self._ask(memory["own"] if memory is not None else None, given)
        return answer, {"asked_ns": given.time_ns, "said": plain(answer), "own": own}

    def _ask(self, memory: object, given: PolicyInput) -> tuple[Aim, object]:
        """Ask the function; whatever it raises becomes a PolicyError that names it."""
        where = f"policy {self.source}"
        try:
            with redirect_stdout(sys.stderr):  # what it prints must not mix with a plan's JSON
                returned = self.function(given.time_ns, given.features, given.book, memory)
            answer, memory = returned
        except PolicyError:
            raise
        except (Exception, SystemExit) as error:
            raise PolicyError(
                f"{where}: {type(error).__name__}: {error}; it must take "
                f"(time_ns, features, book, memory) and return (ratio or Aim, memory)"
            ) from error
        return checked_answer(answer, where), memory

    def held(self, memory: Any) -> tuple[Aim, int] | None:  # noqa: ANN401
        """What it said last, and when it is asked next; None without a schedule."""
        if self.every_ns is None or memory is None:
            return None
        return aim_of(memory["said"]), memory["asked_ns"] + self.every_ns

    def words(self) -> str:
        """Worked: "hedge what your policy mine.py:ratio says"."""
        return f"hedge what your policy {self.source} says"

    def needs(self, coin: str, hedged: Sequence[str]) -> dict[str, tuple[Feature, ...]]:
        """The usual forecast of every hedged coin: which it asks for is not known."""
        return dict.fromkeys(hedged, (Volatility(),))
