"""Single changes of contracts and books that nobody could see: the same is counted."""

from tests.mutants.because import ARRIVED, EDGE, ENDS, FASTER, NEVER_0, NOTHING, NOW, POSTED

BOOKS: dict[tuple[str, str, str], str] = {
    (
        "liquidation.py",
        "factor = FARTHEST if direction == UP else 1.0 / FARTHEST",
        "1.0 -> 2.0",
    ): "beyond every price either way",
    (
        "margin.py",
        "if legs.initial_base[leg] > 0.0:",
        "> -> >=",
    ): "where a venue's initial margin is unknown its slope is 0 too, and so is the rate",
    ("liquidation.py", "MOST_STEPS = 200", "200 -> 201"): ENDS,
    (
        "liquidation.py",
        "for _ in range(MOST_STEPS):",
        "range(MOST_STEPS) -> range(MOST_STEPS - 1)",
    ): ENDS,
    ("liquidation.py", "while reach < FARTHEST:", "< -> <="): "no step ends just there",
    ("orders.py", "return TAKEN", "TAKEN -> -(TAKEN)"): "it is 0",
    ("group.py", "if usd > 0.0:", "> -> >="): NOTHING,
    ("group.py", "if at(own, factor) > 0.0:", "> -> >="): EDGE,
    (
        "group.py",
        "return at(equity_terms(layout, state, quote, group, 1.0, -1), 1.0)",
        "-1 -> (1)",
    ): NOW,
    (
        "group.py",
        "return at(equity_terms(layout, state, quote, group, 1.0, -1), 1.0)",
        "1 -> 0",
    ): NOW,
    ("liquidation.py", "if middle == safe or middle == breach: break", "break -> pass"): FASTER,
    (
        "liquidation.py",
        "if middle == safe or middle == breach:",
        "middle == safe or middle == breach -> (middle == safe and middle == breach)",
    ): FASTER,
    (
        "fees.py",
        "return rate * left if rate is not None and rate > 0.0 else rate",
        "> -> >=",
    ): NOTHING,
    (
        "owners.py",
        "if not_own.contracts is None or not_own.entry is None:",
        (
            "not_own.contracts is None or not_own.entry … -> (not_own.contracts is "
            "None and not_own.entr…"
        ),
    ): "an entry is told wherever a count is",
    (
        "orders.py",
        "return 1 if held * size < 0.0 and abs(size) <= abs(held) + NO_CONTRACTS else 0",
        "<= -> <",
    ): EDGE,
    ("orders.py", "if most > 0.0 and abs(size) > most + slack:", "> -> >="): EDGE,
    (
        "orders.py",
        "if cap > 0.0 and abs(held + size) > max(abs(held), cap) + slack:",
        "> -> >=",
    ): EDGE,
    (
        "orders.py",
        "if size > 0.0 and up > 0.0 and price > mark * (1.0 + up) * (1.0 + 1e-9):",
        "> -> >=",
    ): NEVER_0,
    (
        "orders.py",
        "if size < 0.0 and down > 0.0 and price < mark * (1.0 - down) * (1.0 - 1e-9):",
        "< -> <=",
    ): NEVER_0,
    (
        "liquidation.py",
        "if nearer <= 0.0 or (nearer - factor) * direction >= 0.0: break",
        "break -> pass",
    ): ARRIVED,
    (
        "liquidation.py",
        "if nearer <= 0.0 or (nearer - factor) * direction >= 0.0:",
        "<= -> <",
    ): NEVER_0,
    (
        "liquidation.py",
        "if nearer <= 0.0 or (nearer - factor) * direction >= 0.0:",
        ">= -> >",
    ): ARRIVED,
    (
        "liquidation.py",
        "if nearer <= 0.0 or (nearer - factor) * direction >= 0.0:",
        "0.0 -> 1.0",
    ): ARRIVED,
    (
        "liquidation.py",
        "if nearer <= 0.0 or (nearer - factor) * direction >= 0.0:",
        "* -> /",
    ): "up is 1 and down is -1",
    (
        "liquidation.py",
        "if nearer <= 0.0 or (nearer - factor) * direction >= 0.0:",
        (
            "nearer <= 0.0 or (nearer - factor) * direct… -> (nearer <= 0.0 and "
            "(nearer - factor) * dire…"
        ),
    ): ARRIVED,
    (
        "liquidation.py",
        "reach = reach * (FINE_STEP if reach < FINE_UNTIL else COARSE_STEP)",
        "< -> <=",
    ): "no step ends just there",
    ("liquidation.py", "if down == NEVER or above - 1.0 <= 1.0 - below:", "<= -> <"): EDGE,
    ("liquidation.py", "if left < 0.0:", "< -> <="): EDGE,
    (
        "posting.py",
        "if layout.legs.group[leg] == group and layout.legs.posted_wallet[leg] >= 0:",
        ">= -> >",
    ): POSTED,
    (
        "posting.py",
        "if layout.legs.group[leg] == group and layout.legs.posted_wallet[leg] >= 0:",
        "0 -> 1",
    ): POSTED,
    (
        "posting.py",
        "if posted < 0 or state.contracts[leg] == 0.0 or state.wallet[free] >= 0.0:",
        "< -> <=",
    ): POSTED,
    (
        "posting.py",
        "if posted < 0 or state.contracts[leg] == 0.0 or state.wallet[free] >= 0.0:",
        "0 -> 1",
    ): POSTED,
    (
        "posting.py",
        "if posted < 0 or state.contracts[leg] == 0.0 or state.wallet[free] >= 0.0:",
        ">= -> >",
    ): NOTHING,
    ("fill.py", "if legs.posted_wallet[leg] >= 0:", ">= -> >"): POSTED,
    ("fill.py", "if legs.posted_wallet[leg] >= 0:", "0 -> 1"): POSTED,
    ("payoff.py", "if contracts * change >= 0.0:", ">= -> >"): "nothing held cost nothing",
    ("payoff.py", "if abs(change) >= abs(contracts):", ">= -> >"): "nothing is left either way",
    (
        "expiries.py",
        "start = (EPOCH + timedelta(microseconds=limit // 1000)).date() - timedelta(days=1)",
        "+ -> -",
    ): FASTER,
    (
        "expiries.py",
        "start = (EPOCH + timedelta(microseconds=limit // 1000)).date() - timedelta(days=1)",
        "1000 -> 1001",
    ): FASTER,
    (
        "refusals.py",
        "share=100.0 * ((orders.price_up if buys else orders.price_down) or 0.0),",
        "0.0 -> 1.0",
    ): "a bound that is not known refuses nothing",
    ("refusals.py", "buys, orders = size > 0.0, contract.orders", "> -> >="): NEVER_0,
    (
        "catalog_build.py",
        "return CatalogEntry(family.venue, symbol, False, figures, family.sources, family.file)",
        "False -> True",
    ): "what is laid over it says which it is",
    (
        "owners.py",
        "return not may_be_long and not_own < 0.0 and held > not_own + SAME_CONTRACTS",
        "> -> >=",
    ): EDGE,
    ("margin.py", "return kept - (won if contracts > 0.0 else -won)", "> -> >="): NEVER_0,
    ("margin.py", "if distance > 0.0:", "> -> >="): "a move of nothing stays where it is",
    (
        "flatten.py",
        "owed = self.amount[free] < -ROUNDING * max(1.0, self.amount[posted])",
        "< -> <=",
    ): EDGE,
    ("posting.py", "elif abs(after) > abs(held):", "> -> >="): "a trade changes what is held",
}
