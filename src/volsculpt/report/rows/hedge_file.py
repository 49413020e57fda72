"""A hedge file for auditors: what was designated and when, at which ratio, and how well it worked.

Out of a ledger's decisions alone: prices, positions and ratios as the desk saw them. Of each day
the last decision counts. With r the day's return of the coin, f that of the contracts (by their
share of the coins they carry) and h the ratio that was held the evening before:

    effectiveness = 1 - Var(r - f) / Var(r)        of what was hedged
    risk taken    = 1 - Var(r - h f) / Var(r)      of all that was owned
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from volsculpt.contracts.expiries import coin_of
from volsculpt.contracts.payoff import base_exposure
from volsculpt.errors import LedgerError
from volsculpt.ledger.decisions import flat_of
from volsculpt.ledger.entry import Entry
from volsculpt.ledger.events import Decided
from volsculpt.ledger.ledger import Ledger
from volsculpt.report.stats.bootstrap import NO_INTERVAL, Interval, resample
from volsculpt.report.stats.effectiveness import variance_reduction
from volsculpt.report.stats.metrics import Sample
from volsculpt.report.stats.returns import Floats, finite
from volsculpt.units import DAY_NS, DAYS_PER_YEAR, iso_day

SEED = 1  # of the draws, so that the same ledger gives the same file


@dataclass(frozen=True, slots=True)
class Designation:
    """What was hedged by what, from a moment on; held until the next of the same coin.

    seq, hash: of the event that says so; the chain of hashes shows that it was not written later.
    """

    coin: str
    from_ns: int
    seq: int
    hash: str
    policy: str
    figures: dict[str, Any]
    contracts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FittedShare:
    """A share of risk, None where too few days tell it, and how far it could be off."""

    share: float | None
    range: Interval = NO_INTERVAL


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """A quarter of one coin. target, held: means over its days; None where none was known.

    days: with a return; effectiveness: of what was hedged, on days on which contracts on the coin
    were held; risk_taken: of all that was owned, on days of which that is known.
    """

    coin: str
    quarter: str
    decisions: int
    days: int
    target: float | None
    held: float | None
    held_low: float | None
    held_high: float | None
    effectiveness: FittedShare
    risk_taken: FittedShare


@dataclass(frozen=True, slots=True)
class HedgeFile:
    """Designations by coin and time, quarters by coin and time, and where the ledger ends.

    year: None: all that is written.
    """

    ledger: str
    year: int | None
    head_seq: int
    head_hash: str
    designations: list[Designation]
    quarters: list[QuarterRow]


@dataclass(frozen=True, slots=True)
class _CoinInputs:
    """What a decision saw of one coin. marks: of the contracts on it; coins: that each carries."""

    time_ns: int
    index_usd: float
    target: float
    held: float | None
    marks: dict[str, float]
    coins: dict[str, float] = field(default_factory=dict)


def hedge_file(ledger: Ledger, year: int | None) -> HedgeFile:
    """The file of a year, or of all that is written. LedgerError: nothing was decided."""
    decided = [one for one in ledger.entries(1, ["decision"]) if isinstance(one.event, Decided)]
    if not decided:
        raise LedgerError(
            f"{ledger.name}: holds no decision, so nothing was hedged by it; give the ledger of a "
            f"desk"
        )
    inputs: dict[str, list[_CoinInputs]] = {}
    for one in decided:
        for coin, what in _coin_inputs(ledger, one):
            inputs.setdefault(coin, []).append(what)
    seq, head = ledger.head
    quarters = [row for coin, found in sorted(inputs.items()) for row in quarters_of(coin, found)]
    return HedgeFile(
        ledger=ledger.name,
        year=year,
        head_seq=seq,
        head_hash=head,
        designations=designations_of(ledger, decided),
        quarters=[one for one in quarters if year is None or one.quarter.startswith(f"{year}-")],
    )


# --- what was designated --------------------------------------------------------------


def designations_of(ledger: Ledger, decided: Iterable[Entry]) -> list[Designation]:
    """Each hedge when it was first decided, and whenever its policy or contracts changed."""
    found: list[Designation] = []
    last: dict[str, tuple[Any, ...]] = {}
    for entry in decided:
        event = entry.event
        assert isinstance(event, Decided)
        legs = ledger.document(event.layout)["legs"]
        for hedge in ledger.document(event.aim_input["hedges"])["hedges"]:
            coin, policy = hedge["underlying"], hedge["policy"]
            contracts = tuple(sorted({key for _, key in legs if coin_of(key) == coin}))
            designation = (policy, contracts)
            if last.get(coin) != designation:
                last[coin] = designation
                name = policy.get("policy", policy.get("is", "of the owner's own"))
                figures = dict(policy.get("figures", {}))
                at = event.aim_input["time_ns"]
                found.append(Designation(coin, at, entry.seq, entry.hash, name, figures, contracts))
    return sorted(found, key=lambda one: (one.coin, one.seq))


# --- how well it worked ---------------------------------------------------------------


def _coin_inputs(ledger: Ledger, entry: Entry) -> Iterable[tuple[str, _CoinInputs]]:
    """What a decision saw of each hedged coin."""
    event = entry.event
    assert isinstance(event, Decided)
    flat = flat_of(ledger, event)
    index = dict(zip(flat.currencies, event.quote["index_usd"], strict=False))
    for row, summary in enumerate(event.aim_input["summaries"]):
        coin = summary["underlying"]
        marks, coins = dict[str, float](), dict[str, float]()
        for leg, (_, contract) in enumerate(flat.legs):
            if contract.base == coin:
                mark, size = event.quote["mark"][leg], flat.state.contracts[leg]
                rates = index.get(contract.settle, 1.0), index.get(coin, 1.0)
                payoff, multiplier = flat.layout.legs.payoff[leg], contract.multiplier
                carried = base_exposure(payoff, size, multiplier, mark, *rates)
                marks[contract.key] = mark
                coins[contract.key] = coins.get(contract.key, 0.0) + carried
        at, usd = event.aim_input["time_ns"], summary["index_usd"]
        if usd is None:
            continue
        yield coin, _CoinInputs(at, usd, event.ratio[row], summary["held_ratio"], marks, coins)


def quarters_of(coin: str, inputs: Sequence[_CoinInputs]) -> list[QuarterRow]:
    """The quarters of a coin, by time."""
    ordered = sorted(inputs, key=lambda one: one.time_ns)
    days = [list(group)[-1] for _, group in groupby(ordered, key=lambda one: one.time_ns // DAY_NS)]
    steps = [pair for pair in pairwise(days) if _is_next_day(*pair)]
    rows = []
    for quarter, group in groupby(ordered, key=lambda one: quarter_of(one.time_ns)):
        here = list(group)
        inside = [pair for pair in steps if quarter_of(pair[1].time_ns) == quarter]
        rows.append(_quarter_row((coin, quarter), here, inside))
    return rows


def _is_next_day(one: _CoinInputs, other: _CoinInputs) -> bool:
    return other.time_ns // DAY_NS - one.time_ns // DAY_NS == 1


def quarter_of(time_ns: int) -> str:
    """Worked: 2024-05-20 is "2024-Q2"."""
    day = iso_day(time_ns)
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def _quarter_row(
    place: tuple[str, str],
    here: Sequence[_CoinInputs],
    steps: Sequence[tuple[_CoinInputs, _CoinInputs]],
) -> QuarterRow:
    """One quarter. place: coin and quarter; here: its decisions; steps: days to the next."""
    returns = [(b.index_usd / a.index_usd - 1.0, _future_return(a, b), a.held) for a, b in steps]
    hedged = np.array([(r, r - f) for r, f, _ in returns if f is not None]).reshape(-1, 2)
    available = [(r, f or 0.0, h or 0.0) for r, f, h in returns if f is not None or not h]
    whole = np.array([(r, r - h * f) for r, f, h in available]).reshape(-1, 2)
    held = [one.held for one in here if one.held is not None]
    return QuarterRow(
        *place,
        decisions=len(here),
        days=len(steps),
        target=_mean([one.target for one in here if np.isfinite(one.target)]),
        held=_mean(held),
        held_low=min(held, default=None),
        held_high=max(held, default=None),
        effectiveness=share_of_risk(hedged[:, 0], hedged[:, 1]),
        risk_taken=share_of_risk(whole[:, 0], whole[:, 1]),
    )


def _mean(figures: Sequence[float]) -> float | None:
    return float(np.mean(figures)) if figures else None


def _future_return(one: _CoinInputs, other: _CoinInputs) -> float | None:
    """What contracts on the coin returned between two decisions, by the coins that each carried.

    None where none carried any: nothing was hedged, or contracts of other coins did it.
    """
    there = [key for key, coins in one.coins.items() if coins != 0.0 and key in other.marks]
    carried = sum(abs(one.coins[key]) for key in there)
    if carried == 0.0:
        return None
    return sum(
        abs(one.coins[key]) / carried * (other.marks[key] / one.marks[key] - 1.0) for key in there
    )


def share_of_risk(unhedged: Floats, hedged: Floats) -> FittedShare:
    """The share of variance that a hedge took away, and its interval of 90 %.

    None of fewer than two days; without an interval of fewer than 30.
    """
    if unhedged.size < 2 or min(unhedged.min(), hedged.min()) <= -1.0:
        return FittedShare(None)
    books, years = {"unhedged": unhedged, "hedged": hedged}, unhedged.size / DAYS_PER_YEAR
    samples = {name: Sample(returns, years) for name, returns in books.items()}
    found = resample(books, years, {"share": variance_reduction}, SEED)
    return FittedShare(finite(float(variance_reduction(samples))), found.intervals["share"])
