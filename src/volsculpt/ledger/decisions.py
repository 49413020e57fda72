"""Decisions in the ledger: every input and output of `aim` and `act`, and both run again.

What rarely changes (layout, rules, hedges) is a document, kept once. `react` and `reaim` run
the functions of today on stored inputs: under the same digest of sources the answers are the
stored ones, bit for bit.
"""

from collections.abc import Sequence
from typing import Any

from volsculpt.book.flatten import Flat
from volsculpt.book.state import Layout, Quote, State
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer, Rules, new_answer, new_work
from volsculpt.decide.step import Decision
from volsculpt.hedge.aim import Aim, HedgeSummary, Overlays, aim_one
from volsculpt.hedge.features import CoinFeatures, Features
from volsculpt.hedge.spec import (
    Band,
    Event,
    FixedPolicy,
    Hedge,
    Override,
    SeriesPolicy,
    Tilt,
    VolTargetPolicy,
)
from volsculpt.hedge.volatility import VolatilityMemory
from volsculpt.ledger.codec import canonical
from volsculpt.ledger.events import Decided, Json
from volsculpt.ledger.ledger import Ledger
from volsculpt.ledger.plain import record_in, record_out, rows_in, rows_out
from volsculpt.sources import deciding_digest

# Policies that can be asked again from what is stored; a function of the owner's cannot.
POLICIES = (FixedPolicy, SeriesPolicy, VolTargetPolicy)
OTHERS = (Aim, Band, Event, HedgeSummary, Override, Overlays, Tilt)
RECORDS: dict[str, type] = {kind.__name__: kind for kind in (*POLICIES, *OTHERS)}


def decided_event(
    ledger: Ledger,
    decision: Decision,
    reasons: Sequence[str] | None = None,
    urgent: Sequence[Json] = (),
) -> Decided:
    """The event of a decision; its layout, rules and hedges are kept as documents.

    reasons: the decision in words; default: what the aims say. Raises LedgerError (from here or
    at append): features or a policy's memory that are not plain values.
    """
    setup = decision.setup
    said = [line for one in decision.aims for line in one.reasons]
    return Decided(
        sources=deciding_digest(),
        layout=ledger.keep(layout_document(decision.flat)),
        rules=ledger.keep(rows_out(decision.rules)),
        state=rows_out(decision.flat.state),
        quote=rows_out(decision.quoted.quote),
        ratio=decision.ratios,
        answer=rows_out(decision.answer),
        aim_input={
            "time_ns": decision.time_ns,
            "features": features_out(decision.features),
            "memory": decision.before,
            "summaries": record_out(decision.summaries),
            "wealth_usd": decision.summaries[0].wealth_usd if decision.summaries else None,
            "hedges": ledger.keep_once("hedges", setup.hedges, lambda: hedges_document(decision)),
            "overlays": record_out(setup.overlays),
            "bounds": [setup.limits.min_ratio, setup.limits.max_ratio],
        },
        aims=record_out(decision.aims),
        memory=decision.memory,
        reasons=list(reasons) if reasons is not None else said,
        urgent=list(urgent),
    )


def features_out(features: Features | None) -> Json | None:
    """What was known of the market: of each coin its index and a memory for each half-life."""
    if features is None:
        return None
    coins = {
        coin: {
            "index_usd": known.index_usd,
            "index_ns": known.index_ns,
            "memories": [[life, rows_out(one)] for life, one in sorted(known.memories.items())],
        }
        for coin, known in features.coins.items()
    }
    return {"time_ns": features.time_ns, "coins": coins}


def features_in(stored: Json | None) -> Features | None:
    """The features of a stored decision."""
    if stored is None:
        return None
    coins = {
        coin: CoinFeatures(
            known["index_usd"],
            known["index_ns"],
            {life: rows_in(VolatilityMemory, one) for life, one in known["memories"]},
        )
        for coin, known in stored["coins"].items()
    }
    return Features(stored["time_ns"], coins)


def layout_document(flat: Flat) -> Json:
    """The layout, and the name of every row of it."""
    return {
        "layout": rows_out(flat.layout),
        "currencies": list(flat.currencies),
        "wallets": record_out(flat.wallets),
        "legs": [[account, contract.key] for account, contract in flat.legs],
        "groups": record_out(flat.groups),
    }


def hedges_document(decision: Decision) -> Json:
    """What `aim` reads of each hedge: its coin and its policy."""
    return {
        "hedges": [
            {"underlying": hedge.underlying, "policy": record_out(hedge.policy)}
            for hedge in decision.setup.hedges
        ]
    }


def react(ledger: Ledger, decided: Decided) -> Answer:
    """What `act` of today answers to the stored inputs of a decision.

    Raises LedgerError: a document is missing, or the inputs are of another form than today's.
    """
    layout = rows_in(Layout, ledger.document(decided.layout)["layout"])
    rules = rows_in(Rules, ledger.document(decided.rules))
    state, quote = rows_in(State, decided.state), rows_in(Quote, decided.quote)
    answer, work = new_answer(layout, rules), new_work(layout, rules)
    act(layout, state, quote, rules, decided.ratio, work, answer)
    return answer


def reaim(ledger: Ledger, decided: Decided) -> list[tuple[Json, Any] | None]:
    """What `aim` of today says to the stored inputs: (aim, memory after) per hedge.

    None where the policy is a function of the owner's, which is not in the ledger.
    """
    given = decided.aim_input
    hedges = ledger.document(given["hedges"])["hedges"]
    overlays = record_in(given["overlays"], RECORDS)
    bounds = (given["bounds"][0], given["bounds"][1])
    features = features_in(given["features"])
    found: list[tuple[Json, Any] | None] = []
    for hedge, summary, memory in zip(hedges, given["summaries"], given["memory"], strict=True):
        policy = hedge["policy"]
        if policy["is"] not in RECORDS:
            found.append(None)
            continue
        asked = Hedge(hedge["underlying"], record_in(policy, RECORDS))
        known = record_in(summary, RECORDS)
        rest = (given["time_ns"], overlays, bounds)
        said, after = aim_one(asked, memory, features, known, *rest)
        found.append((record_out(said), after))
    return found


def differences(ledger: Ledger, decided: Decided) -> list[str]:
    """Where the answers of today are not the stored ones, to the bit; empty when they are.

    Worked: an answer that trades -9,999 where -10,000 is stored: ["act: trade"].
    """
    answer, stored = rows_out(react(ledger, decided)), decided.answer
    found = [f"act: {name}" for name in answer if not _same(answer[name], stored.get(name))]
    for row, again in enumerate(reaim(ledger, decided)):
        kept = (decided.aims[row], decided.memory[row])
        if again is not None and not _same(list(again), list(kept)):
            found.append(f"aim: hedge {row + 1}")
    return found


def _same(one: object, other: object) -> bool:
    """Equal to the bit: 0.0 is not -0.0, and 1 is not 1.0."""
    return canonical(one) == canonical(other)
