"""How much to hedge: exact exposure, a hedge ratio with its reason, whole contracts.

The names below are resolved when first used, so that importing the package costs nothing.
`__init__.pyi` tells type checkers the same names.
"""

from importlib import import_module

_PUBLIC = {
    "Aim": "volsculpt.hedge.answer",
    "BacktestReport": "volsculpt.report.backtest",
    "BookError": "volsculpt.errors",
    "CarryReport": "volsculpt.report.carry",
    "CarryTerms": "volsculpt.hedge.carry.terms",
    "ContractError": "volsculpt.errors",
    "Costs": "volsculpt.simulate.backtest",
    "Decision": "volsculpt.decide.step",
    "DeskReport": "volsculpt.report.desk",
    "EstimateError": "volsculpt.errors",
    "EvaluationReport": "volsculpt.report.evaluation",
    "Features": "volsculpt.hedge.market_features",
    "HedgeRequest": "volsculpt.mandate.quick",
    "History": "volsculpt.market.history",
    "HistoryError": "volsculpt.errors",
    "JointReport": "volsculpt.report.joint",
    "JointRequest": "volsculpt.report.rows.joint_build",
    "LedgerError": "volsculpt.errors",
    "Mandate": "volsculpt.mandate.objects",
    "MandateError": "volsculpt.errors",
    "MissingExtra": "volsculpt.errors",
    "OwnSeries": "volsculpt.market.own_frames",
    "Plan": "volsculpt.verbs",
    "PolicyError": "volsculpt.errors",
    "PriceError": "volsculpt.errors",
    "QuickHedge": "volsculpt.report.hedge",
    "RatioReport": "volsculpt.report.ratio",
    "RatioRequest": "volsculpt.report.ratio",
    "ReportError": "volsculpt.errors",
    "RunRequest": "volsculpt.simulate.run",
    "VenueError": "volsculpt.errors",
    "VolsculptError": "volsculpt.errors",
    "backtest": "volsculpt.verbs",
    "carry": "volsculpt.ratios",
    "decision": "volsculpt.verbs",
    "evaluate": "volsculpt.verbs",
    "history_from": "volsculpt.market.own_frames",
    "load": "volsculpt.verbs",
    "open_history": "volsculpt.market.opening",
    "open_ledger": "volsculpt.ledger.ledger",
    "paper": "volsculpt.verbs",
    "plan": "volsculpt.verbs",
    "propose": "volsculpt.ratios",
    "quick_hedge": "volsculpt.quick",
    "ratio": "volsculpt.ratios",
    "read_contracts": "volsculpt.contracts.catalog",
}

__all__ = sorted(_PUBLIC)


def __getattr__(name: str) -> object:
    """Import the module that holds a public name, at its first use."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'volsculpt' has no attribute {name!r}")
    value: object = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, and nothing else."""
    return __all__
