"""All estimators, in the order in which they are shown."""

from volsculpt.errors import EstimateError
from volsculpt.hedge.estimators.dcc import Dcc
from volsculpt.hedge.estimators.error_correction import ErrorCorrection
from volsculpt.hedge.estimators.estimator import Estimator
from volsculpt.hedge.estimators.ewma import Ewma
from volsculpt.hedge.estimators.garch import Garch
from volsculpt.hedge.estimators.inverse import InverseClosedForm
from volsculpt.hedge.estimators.kalman import Kalman
from volsculpt.hedge.estimators.liquidation import LiquidationAware
from volsculpt.hedge.estimators.min_cvar import MinCvar
from volsculpt.hedge.estimators.naive import Naive
from volsculpt.hedge.estimators.ols import Ols, RollingOls

ESTIMATORS: tuple[type[Estimator], ...] = (
    Naive,
    Ols,
    RollingOls,
    Ewma,
    ErrorCorrection,
    InverseClosedForm,
    Garch,
    Dcc,
    Kalman,
    MinCvar,
    LiquidationAware,
)


def estimator_class(name: str) -> type[Estimator]:
    """The estimator of a name. Raises EstimateError that lists them. Worked: "ols" is `Ols`."""
    for one in ESTIMATORS:
        if name == one.NAME:
            return one
    raise EstimateError(
        f"estimator = {name!r}: there is {', '.join(one.NAME for one in ESTIMATORS)}"
    )
