"""Arguments to call each scalar formula with, plain and compiled."""

import random
from collections.abc import Callable

Function = Callable[..., object]

PRICE = (0.05, 90_000.0)
SIZE = (-50_000.0, 50_000.0)
RATE = (-0.01, 0.02)
RATIO = (-0.5, 1.5)
SHARE = (1e-4, 1.0)
COUNT = (1.0, 900.0)
PAYOFF = (0, 1, 2)
SIDE = (-1, 0, 1)

# name of the formula -> what each argument may be: a range of floats or a tuple of choices
SCALARS: dict[str, tuple[tuple[float, ...], ...]] = {
    "value": (PAYOFF, SIZE, SHARE, PRICE),
    "unrealised_pnl": (PAYOFF, SIZE, SIZE),
    "trade": (PAYOFF, SHARE, SIZE, SIZE, SIZE, PRICE),
    "average_entry": (PAYOFF, SIZE, SHARE, SIZE),
    "base_exposure": (PAYOFF, SIZE, SHARE, PRICE, PRICE, PRICE),
    "quote_exposure": (PAYOFF, SIZE, SHARE, PRICE),
    "delivery_pnl": (PAYOFF, SIZE, SHARE, SIZE, PRICE, RATE),
    "fee": (SIZE, RATE),
    "cash_flow": (SIZE, RATE),
    "fraction_of_value": (RATE, PRICE),
    "annual": (RATE, COUNT),
    "carried_mark": (PRICE, PRICE, PRICE),
    "basis": (PRICE, PRICE),
    "basis_annual": (PRICE, PRICE, COUNT),
    "basis_continuous": (PRICE, PRICE, COUNT),
    "convergence": (PAYOFF, SIZE, SHARE, PRICE, PRICE),
    "slope_rate": (SHARE, SHARE, COUNT),
    "held_ratio": (SIZE, PRICE),
    "time_decay": (COUNT, COUNT),
    "ewma": (SHARE, SHARE, SHARE),
    "annual_square": (PRICE, PRICE, (3.6e12, 8.64e13)),
    "vol_target_ratio": (SHARE, (0.01, 3.0)),
    "bounded": (RATIO, (0, 1, 2), RATIO),
    "clamped": (RATIO, RATIO, RATIO),
    "in_force": ((0, 5, 9), (0, 5, 9), (0, 5, 9)),
    "lots_down": (COUNT,),
    "lots_up": (COUNT,),
    "lots_between": (COUNT, COUNT),
    "band_side": (RATIO, RATIO, SHARE, SHARE),
    "inner_bound": (SIDE, RATIO, SHARE, SHARE),
    "whole": (SIZE, SHARE),
    "fill_price": (PRICE, SIZE, SHARE),
    "power": (SHARE, (-1, 0, 1, 2)),
}


def drawn(choices: tuple[float, ...], dice: random.Random) -> float:
    """One argument: a float of a range, or one of the whole numbers."""
    if isinstance(choices[0], int):
        return dice.choice(choices)
    return dice.uniform(choices[0], choices[1])


def arguments(name: str, draws: int = 200) -> list[tuple[float, ...]]:
    """The same sample of arguments at every run."""
    dice = random.Random(name)
    return [tuple(drawn(choices, dice) for choices in SCALARS[name]) for _ in range(draws)]


def names_used(
    function: Callable[..., object], known: dict[str, Callable[..., object]]
) -> set[str]:
    """Names of the listed functions that a function calls, directly or through others."""
    found: set[str] = set()
    waiting = [function]
    while waiting:
        current = waiting.pop()
        for name in current.__code__.co_names:
            target = current.__globals__.get(name)
            if target is not None and target in known.values() and target.__name__ not in found:
                found.add(target.__name__)
                waiting.append(target)
    return found
