"""How near its end a margin group is: the one function that judges a danger."""

from typing import Literal

from volsculpt.decide.step import Decision
from volsculpt.watch.breach import MarginStatus

DangerLevel = Literal["critical", "warning"]
WORRY_LEVERAGE = 4.0
WARNING_DISTANCE = 0.25
CRITICAL_DISTANCE = 0.10
EASE = 1.1
OF_LIMIT = 0.95  # a stated distance is kept up to its own dead zone


def level_of(
    decision: Decision, found: MarginStatus, before: DangerLevel | None = None
) -> DangerLevel | None:
    """How near its end a group is: critical, warning, or None.

    Under 10 % away, or no more margin than needed, is critical; under 25 % away, or above 4x,
    a warning. Keeping a smaller distance that the mandate states is none. What was `before`
    already stays so until it is a tenth beyond that, so that it does not come and go.
    """
    ease = EASE if before is not None else 1.0
    if found.gross <= 0.0:
        return None
    leverage = found.leverage
    if leverage is None or found.is_breached:
        return "critical"
    stated = decision.setup.limits.min_liquidation_distance
    near = WARNING_DISTANCE if stated is None else min(WARNING_DISTANCE, OF_LIMIT * stated)
    if found.breach is not None and abs(found.breach.move) < near * ease:
        end = CRITICAL_DISTANCE * (EASE if before == "critical" else 1.0)
        return "critical" if abs(found.breach.move) < end else "warning"
    allowed = decision.setup.limits.max_leverage or WORRY_LEVERAGE
    return "warning" if leverage > max(WORRY_LEVERAGE, allowed) * (1.0 + 1e-9) / ease else None
