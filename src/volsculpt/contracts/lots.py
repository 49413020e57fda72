"""Whole lots: the size between an inner bound and the target that never crosses it."""

import math

from volsculpt.compilable import compilable

WHOLE = 1e-6  # a count this close to a whole lot is that lot
ULPS = 1e-15  # of a count of lots: what dividing by a lot leaves of noise
COUNTED = 1e15  # beyond it lots are not counted: "no limit" is such a number


@compilable
def near_whole(lots: float) -> float:
    """How near to a whole count `lots` (>= 0) is taken for it, whatever its size.

    Worked: 1e-6 of a thousand lots; 1.1e-5 of ten thousand millions, whose doubles lie 2e-6 apart.
    """
    return WHOLE + ULPS * lots


@compilable
def lots_down(amount: float) -> float:
    """Whole lots in `amount` (>= 0) lots, toward zero. Worked: 740.7 -> 740; 3.9999999 -> 4."""
    if amount >= COUNTED:
        return amount
    return float(math.floor(amount + near_whole(amount)))


@compilable
def lots_up(amount: float) -> float:
    """Fewest whole lots that reach `amount` (>= 0) lots. Worked: 740.2 -> 741; 4.0000001 -> 4."""
    if amount >= COUNTED:
        return amount
    return float(math.ceil(amount - near_whole(amount)))


@compilable
def nearest_lots(amount: float) -> float:
    """The whole count nearest to `amount` (>= 0) lots. Worked: 740.2 -> 740; 740.5 -> 741."""
    return lots_down(amount + 0.5)


@compilable
def is_whole(amount: float) -> int:
    """1 when `amount` (>= 0) lots are a whole count but for noise. Worked: 3.9999999, not 3.99."""
    return 1 if abs(amount - nearest_lots(amount)) <= near_whole(amount) else 0


@compilable
def less_lots(held: float, moved: float, lot: float) -> float:
    """What `moved` contracts (>= 0) leave of `held`, its sign kept; 0.0 where noise is left.

    Worked: 787,664.352 less 787,664.3519999999 in lots of 0.001: 0.
    """
    left = abs(held) - moved
    if left < lot * near_whole(abs(held) / lot):
        return 0.0
    return math.copysign(left, held)


@compilable
def lots_between(near: float, far: float) -> float:
    """Lots to trade so as to land between inner bound and target, nearest the inner bound.

    near, far: lots to the inner bound and to the target, both >= 0 and near <= far. When no
    whole lot lies between, round toward zero. Worked: near = far = 4.3 (held -745, target
    -740.7): 4; near 2.2, far 4.3: 3.
    """
    return min(lots_up(near), lots_down(far))
