"""A week through the paper venue and the same week through the simulator: the same fills."""

from dataclasses import replace

import pytest

from tests.factories import account, dated, fixed, inverse, linear, vault
from tests.trade.papers import Answer, market, stage
from volsculpt.book.holdings import Account, Book, Position
from volsculpt.contracts.spec import Contract
from volsculpt.decide.limits import CollateralPlan, Limits
from volsculpt.decide.step import Decision, Setup, decide
from volsculpt.hedge.spec import Band
from volsculpt.market.align import Aligned
from volsculpt.market.quotes import ContractQuote, Quotes
from volsculpt.market.times import HOUR_NS
from volsculpt.simulate import kernel
from volsculpt.simulate.backtest import Costs
from volsculpt.simulate.history_run import Asked, Ran, run_history
from volsculpt.trade.clock import VirtualClock, run_virtual
from volsculpt.trade.paper.terms import plain_terms
from volsculpt.trade.paper.venue import PaperVenue
from volsculpt.trade.paper.world import World
from volsculpt.trade.venue import OrderRequest, Statement
