"""The types of the public names in `__init__.py`; a test holds the two together."""

from volsculpt.contracts.catalog import read_contracts as read_contracts
from volsculpt.errors import VolsculptError as VolsculptError
from volsculpt.hedge.answer import Aim as Aim
from volsculpt.market.opening import open_history as open_history
from volsculpt.report.backtest import BacktestReport as BacktestReport
from volsculpt.simulate.backtest import Costs as Costs
from volsculpt.verbs import Plan as Plan
from volsculpt.verbs import backtest as backtest
from volsculpt.verbs import load as load
from volsculpt.verbs import plan as plan
