"""Decisions in the ledger: every input and output of `aim` and `act`, and both run again.

What rarely changes (layout, rules, hedges) is a document, kept once. `react` and `reaim` run
the functions of today on stored inputs: under the same digest of sources the answers are the
stored ones, bit for bit.
"""

from collections.abc import Sequence
from typing import Any, get_args

from volsculpt.book.flatten import Flat, GroupLabel, WalletLabel
from volsculpt.book.state import Layout, Quote, State
from volsculpt.contracts.expiries import parse_symbol
from volsculpt.contracts.legs import Legs
from volsculpt.contracts.payoff import PAYOFF_CODE
from volsculpt.contracts.spec import Contract, Payoff
from volsculpt.decide.act import act
from volsculpt.decide.rules import Answer, Problem, Rules, new_problem
from volsculpt.decide.step import Decision
from volsculpt.errors import LedgerError, PolicyError
from volsculpt.hedge.aim import Overlays, aim_one
from volsculpt.hedge.answer import Aim, Band
from volsculpt.hedge.feature import Feature, plain_feature
from volsculpt.hedge.market_features import CoinFeatures, Features
from volsculpt.hedge.memory import kept, remembered
from volsculpt.hedge.policy import HedgeSummary, Policy, plain_policy
from volsculpt.hedge.registry import feature_of, policy_class, policy_names
from volsculpt.hedge.spec import (
    BetaRule,
    EventOverlay,
    Hedge,
    MacroOverlay,
    Override,
    Proxy,
    Tilt,
)
from volsculpt.ledger.codec import canonical
from volsculpt.ledger.events import Decided, Json
from volsculpt.ledger.ledger import Ledger
from volsculpt.ledger.plain import record_in, record_out, rows_in, rows_out
from volsculpt.sources import deciding_digest

RECORDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Aim,
        Band,
        BetaRule,
        EventOverlay,
        HedgeSummary,
        MacroOverlay,
        Override,
        Overlays,
        Tilt,
    )
}
LABELS: dict[str, type] = {kind.__name__: kind for kind in (GroupLabel, WalletLabel)}
# What policies were called in ledgers that kept them by the names of their classes.
EARLIER = {"FixedPolicy": "fixed", "SeriesPolicy": "series", "VolTargetPolicy": "vol-target"}


def decided_event(
    ledger: Ledger,
    decision: Decision,
    reasons: Sequence[str] | None = None,
    urgent: Sequence[Json] = (),
) -> Decided:
    """The event of a decision; its layout, rules and hedges are kept as documents.

    Raises LedgerError (from here or at append): features or a policy's memory that are not plain
    values.

    Args: reasons: the decision in words, default: what the aims say; urgent: what is urgent, as
    plain values.
    """
    setup = decision.setup
    lines = [line for one in decision.aims for line in one.reasons]
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
            "memory": kept(setup.hedges, decision.before),
            "summaries": record_out(decision.summaries),
            "wealth_usd": decision.wealth_usd,
            "unpriced": sorted(setup.missing.unpriced),
            "hedges": ledger.keep_once("hedges", setup.hedges, lambda: hedges_document(decision)),
            "overlays": record_out(setup.overlays),
            "bounds": [setup.limits.min_ratio, setup.limits.max_ratio],
        },
        aims=record_out(decision.aims),
        memory=kept(setup.hedges, decision.memory),
        reasons=list(reasons) if reasons is not None else lines,
        urgent=list(urgent),
    )


def features_out(features: Features | None) -> Json | None:
    """What was known of the market: of each coin its index and what each feature remembers."""
    if features is None:
        return None
    coins = {
        coin: {
            "index_usd": of_coin.index_usd,
            "index_ns": of_coin.index_ns,
            "features": [_feature_out(one, memory) for one, memory in of_coin.memories.items()],
        }
        for coin, of_coin in features.coins.items()
    }
    return {"time_ns": features.time_ns, "coins": coins}


def _feature_out(feature: Feature, memory: Any) -> Json:  # noqa: ANN401
    """One feature by name, version and parameters, and its memory; None: it was fed nothing."""
    return {
        **plain_feature(feature),
        "memory": None if memory is None else feature.plain(memory),
    }


def features_in(stored: Json | None) -> Features | None:
    """The features of a stored decision. Raises LedgerError: of another version or unknown."""
    if stored is None:
        return None
    coins = {
        coin: CoinFeatures(
            of_coin["index_usd"],
            of_coin["index_ns"],
            dict(_feature_in(one) for one in of_coin["features"]),
        )
        for coin, of_coin in stored["coins"].items()
    }
    return Features(stored["time_ns"], coins)


def _feature_in(stored: Json) -> tuple[Feature, Any]:
    """A feature and what it remembered."""
    try:
        feature = feature_of(stored)
    except PolicyError as error:
        raise LedgerError(
            f"{error}; use the version of volsculpt that wrote it to act on it again"
        ) from None
    memory = stored["memory"]
    return feature, None if memory is None else feature.memory_of(memory)


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
            {
                "underlying": hedge.underlying,
                "policy": plain_policy(hedge.policy),
                **_betas_out(hedge),
            }
            for hedge in decision.setup.hedges
        ]
    }


def _betas_out(hedge: Hedge) -> Json:
    """How betas are estimated, and what that reads of the hedge; nothing where they are stated."""
    if hedge.betas is None:
        return {}
    own = {"betas": hedge.betas, "proxies": hedge.carriers, "band": hedge.band}
    return {name: record_out(one) for name, one in own.items()}


def _hedge_in(stored: Json, policy: Policy) -> Hedge:
    """What `aim` reads of a stored hedge."""
    if "betas" not in stored:
        return Hedge(stored["underlying"], policy)
    return Hedge(
        stored["underlying"],
        policy,
        proxies=tuple(Proxy(*one) for one in stored["proxies"]),
        band=record_in(stored["band"], RECORDS),
        betas=record_in(stored["betas"], RECORDS),
    )


def problem_of(ledger: Ledger, decided: Decided) -> Problem:
    """The book, prices and rules of a stored decision.

    Raises LedgerError: a document is missing, or the inputs are of another form than today's.
    """
    layout = rows_in(Layout, ledger.document(decided.layout)["layout"])
    rules = rows_in(Rules, ledger.document(decided.rules))
    return new_problem(layout, rows_in(State, decided.state), rows_in(Quote, decided.quote), rules)


def flat_of(ledger: Ledger, decided: Decided) -> Flat:
    """The book of a stored decision, the name of every row beside it.

    Of its contracts nothing is known here but what their names and the layout say. Raises
    LedgerError: a document is missing, or the inputs are of another form than today's.
    """
    document = ledger.document(decided.layout)
    layout = rows_in(Layout, document["layout"])
    return Flat(
        layout,
        rows_in(State, decided.state),
        list(document["currencies"]),
        list(record_in(document["wallets"], LABELS)),
        [(name, _named(key, layout.legs, leg)) for leg, (name, key) in enumerate(document["legs"])],
        list(record_in(document["groups"], LABELS)),
    )


def _named(key: str, legs: Legs, leg: int) -> Contract:
    """A contract by its key, with its terms. leg: its row."""
    venue, _, symbol = key.partition(":")
    parts, code = parse_symbol(symbol), legs.payoff[leg]
    payoff: Payoff = next(name for name in get_args(Payoff) if PAYOFF_CODE[name] == code)
    named = (venue, symbol, parts.base, parts.quote, parts.settle)
    return Contract(*named, payoff, legs.multiplier[leg], base_count=parts.coins)


def react(ledger: Ledger, decided: Decided) -> Answer:
    """What `act` of today answers to the stored inputs of a decision. Raises LedgerError."""
    problem = problem_of(ledger, decided)
    act(problem, decided.ratio)
    return problem.answer


def reaim(ledger: Ledger, decided: Decided) -> list[tuple[Json, Any] | None]:
    """What `aim` of today says to the stored inputs: (aim, memory after) per hedge.

    None where the policy is a function of the owner's, which is not in the ledger.
    """
    inputs = decided.aim_input
    hedges = ledger.document(inputs["hedges"])["hedges"]
    overlays = record_in(inputs["overlays"], RECORDS)
    bounds = (inputs["bounds"][0], inputs["bounds"][1])
    features, before = features_in(inputs["features"]), inputs["memory"]
    found: list[tuple[Json, Any] | None] = []
    for hedge, summary in zip(hedges, inputs["summaries"], strict=True):
        policy = policy_in(hedge["policy"])
        if policy is None:
            found.append(None)
            continue
        hedge_spec, summary_record = _hedge_in(hedge, policy), record_in(summary, RECORDS)
        memory = remembered([hedge_spec], before)[0]
        rest = (inputs["time_ns"], overlays, bounds)
        aim, after = aim_one(hedge_spec, memory, features, summary_record, *rest)
        found.append((record_out(aim), after))
    return found


def policy_in(stored: Json) -> Policy | None:
    """A stored policy again; None for one that cannot be made again from plain values.

    Raises LedgerError: a policy that this program does not know, or has in another version.
    """
    if "is" in stored:  # by the name of its class, as older ledgers have it
        name, version = EARLIER.get(stored["is"]), 1
        figures = {key: value for key, value in stored.items() if key != "is"}
    else:
        name, version, figures = stored["policy"], stored["version"], stored["figures"]
    if name is None or name not in policy_names() or not policy_class(name).REPLAYS:
        return None
    kind: Any = policy_class(name)
    if version != kind.VERSION:
        raise LedgerError(
            f"the policy {name!r}, version {version}, is not of this program; use the version of "
            f"volsculpt that wrote it to act on it again"
        )
    made = {key: _figure_in(value) for key, value in figures.items()}
    if any(made[key] is None and isinstance(value, dict) for key, value in figures.items()):
        return None  # a policy in it cannot be made again
    found: Policy = kind(**made)
    return found


def _figure_in(stored: Any) -> Any:  # noqa: ANN401
    """A figure of its plain value: lists are tuples, a table is a policy."""
    if isinstance(stored, list):
        return tuple(_figure_in(one) for one in stored)
    return policy_in(stored) if isinstance(stored, dict) else stored


def differences(ledger: Ledger, decided: Decided) -> list[str]:
    """Where the answers of today are not the stored ones, to the bit; empty when they are.

    Worked: an answer that trades -9,999 where -10,000 is stored: ["act: trade"].
    """
    answer, stored = rows_out(react(ledger, decided)), decided.answer
    found = [f"act: {name}" for name in answer if not _same(answer[name], stored.get(name))]
    for row, again in enumerate(reaim(ledger, decided)):
        coin = decided.aim_input["summaries"][row]["underlying"]
        then = [decided.aims[row], decided.memory.get(coin, {}).get("memory")]
        if again is not None and not _same(list(again), then):
            found.append(f"aim: hedge {row + 1}")
    return found


def _same(one: object, other: object) -> bool:
    """Equal to the bit: 0.0 is not -0.0, and 1 is not 1.0."""
    return canonical(one) == canonical(other)
