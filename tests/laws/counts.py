"""What kinds of book a run of the laws has seen."""

from tests.laws import formulas
from tests.laws.drawn import Drawn
from tests.laws.judge import breaches, legs_of_pool, old_position, pools_of, spare_of, traded
from tests.laws.rounds import Trace


def kinds_of(drawn: Drawn, trace: Trace) -> set[str]:
    """The names of the kinds that a book belongs to."""
    return of_contracts(drawn) | of_rules(drawn) | of_state(drawn) | of_trace(trace)


def of_contracts(drawn: Drawn) -> set[str]:
    """Kinds by margin mode, margin rule and payoff of the contracts that may trade."""
    found = set()
    for used in drawn.setup.legs:
        for name, contract, _ in used:
            account = drawn.setup.book.account(name)
            margin = contract.margin
            assert account is not None
            assert margin is not None
            found |= {str(account.margin_mode), contract.payoff, f"venue {contract.venue}"}
            found |= {"dated"} if contract.expiry_ns is not None else set()
            found |= {"margin on entry"} if margin.base == "entry" else set()
            found |= {"margin by slope"} if margin.kind == "slope" else set()
            by_contracts = margin.kind == "tiers" and margin.unit == "contracts"
            found |= {"tiers by contracts"} if by_contracts and len(margin.tiers) > 1 else set()
    return found


def of_rules(drawn: Drawn) -> set[str]:
    """Kinds by what the owner asks."""
    setup, found = drawn.setup, set()
    limits = setup.limits
    found |= {"max_leverage"} if limits.max_leverage else set()
    found |= {"min_liquidation_distance"} if limits.min_liquidation_distance else set()
    found |= {"max_order_usd"} if limits.max_order_usd else set()
    found |= {"min_ratio below 0"} if limits.min_ratio < 0.0 else set()
    found |= {"collateral plan"} if setup.collateral else set()
    found |= {"transfers that cost"} if any(plan.cost for plan in setup.collateral) else set()
    for hedge in setup.hedges:
        settles = max(hedge.band.under_settle, hedge.band.over_settle)
        found |= {"settle above 0"} if settles > 0.0 else set()
        found |= {"proxy"} if hedge.proxies else set()
        found.add(f"base {hedge.base}")
    for pool in pools_of(setup):
        places = {
            (name, one.settle if account_mode(drawn, name) == "cross" else name)
            for name, one in legs_of_pool(setup, pool)
        }
        found |= {"two groups of one hedge"} if len(places) > 1 else set()
    return found


def account_mode(drawn: Drawn, name: str) -> str:
    """The margin mode of an account."""
    account = drawn.setup.book.account(name)
    assert account is not None
    return str(account.margin_mode)


def of_state(drawn: Drawn) -> set[str]:
    """Kinds by what is held at the start."""
    found = set()
    for group in formulas.groups_of(drawn.setup.book):
        spare = spare_of(drawn, group)
        if any(breaches(drawn, group, drawn.setup.limits, 1.0, spare)):
            found.add("over a limit at the start")
    for one in drawn.setup.book.accounts:
        if one.margin_mode == "unified" and any(w == 0.0 for w in one.collateral_weights.values()):
            found.add("collateral weight 0")
        if any(coins < 0.0 for coins in one.balances.values()):
            found.add("loan")
        if any(old_position(line, drawn) for line in one.positions):
            found.add("old profit or loss")
    return found


def of_trace(trace: Trace) -> set[str]:
    """Kinds by what was done."""
    found = set()
    if any(not move.is_inside for moves in trace.moves for move in moves):
        found.add("moved coins")
    if any(move.is_inside for moves in trace.moves for move in moves):
        found.add("posted or freed isolated margin")
    for decision, book in zip(trace.decisions, trace.books, strict=False):
        held = {(a, p.contract.key): p.contracts for a, p in formulas.lines_of(book)}
        sent = traded(decision)
        found |= {"traded"} if sent else set()
        for key, size in sent.items():
            before = held.get(key, 0.0)
            if before * (before + size) < 0.0:
                found.add("flipped side")
    return found
