"""Walks through folds made by hand, so that what evaluates them is tested alone."""

import dataclasses

import numpy as np

from tests.report import backtests
from volsculpt.simulate.record import BacktestRecord
from volsculpt.simulate.walk_forward import Fold, ForecastPath, WalkForward

DAYS = 130


def record(fold: int, seed: int = 7, **changed: object) -> BacktestRecord:
    """A backtest of 130 days that begins where the fold before ends; folds from 0."""
    made = backtests.inputs(DAYS, seed=seed + fold)
    shift = fold * int(made.stamps_ns[-1] - made.stamps_ns[0])
    return dataclasses.replace(made, stamps_ns=made.stamps_ns + shift, **changed)  # type: ignore[arg-type]


def walk(
    name: str = "calm",
    seed: int = 7,
    folds: int = 3,
    coins: tuple[str, ...] = ("BTC",),
    volatility: float | None = 0.4,
    sigma: float | None = None,
) -> WalkForward:
    """A mandate through folds. sigma: its forecast at every stamp, None for none."""
    records = [asked(record(fold, seed, name=name), volatility) for fold in range(folds)]
    return WalkForward(
        name, coins, volatility, tuple(Fold(one, said(one, sigma)) for one in records)
    )


def asked(one: BacktestRecord, volatility: float | None) -> BacktestRecord:
    """The same with a volatility that its hedge asks for."""
    hedges = tuple(dataclasses.replace(hedge, volatility=volatility) for hedge in one.hedges)
    return dataclasses.replace(one, hedges=hedges)


def said(one: BacktestRecord, sigma: float | None) -> tuple[ForecastPath, ...]:
    """A constant forecast, and the price it is held against."""
    if sigma is None:
        return ()
    return (ForecastPath("BTC", np.full(one.stamps_ns.size, sigma)),)


def priced(made: WalkForward) -> WalkForward:
    """The same with the price of the coin in each hedge, as a real run has it."""

    def with_price(fold: Fold) -> Fold:
        """One fold."""
        record = fold.record
        hedges = tuple(dataclasses.replace(h, price_usd=record.price_usd) for h in record.hedges)
        return dataclasses.replace(fold, record=dataclasses.replace(record, hedges=hedges))

    return dataclasses.replace(made, folds=tuple(map(with_price, made.folds)))
