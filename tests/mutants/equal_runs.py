"""Single changes of exchanges and runs that nobody could see: the same happens."""

from tests.mutants.because import (
    ALIKE,
    BY_COMPILER,
    EDGE,
    FASTER,
    FROM_END,
    NEVER_0,
    NOW,
    POSTED,
)

RUNS: dict[tuple[str, str, str], str] = {
    ("block_sums.py", "under = 0", "0 -> 1"): FASTER,
    (
        "compiled.py",
        "kind = (first[0] if isinstance(first, tuple) else first).dtype",
        "0 -> 1",
    ): "every record of a book has its size",
    ("parts.py", '"no_cpython_wrapper": True,', "True -> False"): BY_COMPILER,
    ("parts.py", '"no_cfunc_wrapper": True,', "True -> False"): BY_COMPILER,
    ("block_sums.py", "under |= sums[place] <= 0.0", "0.0 -> 1.0"): FASTER,
    ("kernel.py", "if one.rows.used[0] < 0:", "0 -> 1"): "wealth is always one of the rows",
    ("place.py", "if answer.top_up[group] > 0.0:", "> -> >="): "nothing asked sends nothing",
    ("kernel.py", "return RUNNING", "RUNNING -> -(RUNNING)"): "it is 0",
    (
        "run_start.py",
        "continue  # nothing rolls, and nothing that rolled is left",
        "continue -> pass",
    ): FASTER,
    (
        "run_start.py",
        ("if wanted == before and not any(leg[2] or leg[1].expiry_ns for u in last for leg in u):"),
        "leg[2] or leg[1].expiry_ns -> (leg[2] and leg[1].expiry_ns)",
    ): "of those in use only what is given up and ends can leave",
    (
        "run_start.py",
        "step_ns, last = int(stamps[1] - stamps[0]), len(stamps) - 2",
        "- -> +",
    ): FASTER,
    (
        "run_start.py",
        "step_ns, last = int(stamps[1] - stamps[0]), len(stamps) - 2",
        "stamps[1] -> stamps[1 + 1]",
    ): FASTER,
    (
        "run_start.py",
        "if now != used or any(start < expiry <= end for expiry in expiries):",
        "< -> <=",
    ): FASTER,
    (
        "backtest.py",
        "for lane in range(lanes if noted else 0):",
        "0) -> 0 - 1)",
    ): "a range to -1 is empty too",
    ("liquidate.py", "return 1 return 0", "0 -> 1"): FASTER,
    (
        "liquidate.py",
        "for _ in range(HALVINGS):",
        "range(HALVINGS) -> range(HALVINGS - 1)",
    ): "doubles have 53 bits",
    (
        "liquidate.py",
        "worst_corner(layout, state, bar, opened, there, group, part)",
        "worst_corner(layout, state, bar, opened, th… -> pass",
    ): "the last of the halvings left it there, to the last bit or two",
    ("block_sums.py", "if horizon.turns[hedge, lane] == 0: continue", "continue -> pass"): FASTER,
    ("compiled.py", "return total.hexdigest()[:16]", "16 -> 17"): "a name of one more digit",
    ("liquidate.py", "HALVINGS = 60", "60 -> 61"): "doubles have 53 bits",
    ("liquidate.py", "if high < least:", "< -> <="): ALIKE,
    (
        "exchange/step.py",
        "if coins > 0.0 and layout.legs.funding_wallet[leg] != layout.legs.cash_wallet[leg]:",
        "> -> >=",
    ): NEVER_0,
    ("exchange/step.py", "if coins > 0.0:", "> -> >="): NEVER_0,
    (
        "exchange/step.py",
        "if bar.flow[wallet] < 0.0 and layout.wallet_group[wallet] >= 0:",
        "< -> <=",
    ): NEVER_0,
    ("exchange/step.py", "if posted >= 0:", ">= -> >"): POSTED,
    ("exchange/step.py", "if posted >= 0:", "0 -> 1"): POSTED,
    (
        "exchange/step.py",
        "margin = state.wallet[posted] if posted >= 0 else 0.0",
        ">= -> >",
    ): POSTED,
    ("exchange/step.py", "margin = state.wallet[posted] if posted >= 0 else 0.0", "0 -> 1"): POSTED,
    (
        "exchange/step.py",
        "margin = state.wallet[posted] if posted >= 0 else 0.0",
        "0.0 -> 1.0",
    ): "put_back writes it only where it is posted",
    (
        "exchange/step.py",
        "if posted >= 0 and state.wallet[cash] < -ROUNDING * abs(coins):",
        ">= -> >",
    ): POSTED,
    (
        "exchange/step.py",
        "if posted >= 0 and state.wallet[cash] < -ROUNDING * abs(coins):",
        "0 -> 1",
    ): POSTED,
    (
        "exchange/step.py",
        "if posted >= 0 and state.wallet[cash] < -ROUNDING * abs(coins):",
        "< -> <=",
    ): EDGE,
    ("exchange/step.py", "if legs.posted_wallet[leg] >= 0:", ">= -> >"): POSTED,
    ("exchange/step.py", "if legs.posted_wallet[leg] >= 0:", "0 -> 1"): POSTED,
    (
        "exchange/step.py",
        "slack = ROUNDING * group_gross(layout, state, quote, group)",
        "* -> /",
    ): "a tolerance",
    (
        "exchange/step.py",
        "opens = 1 if opening_short(layout, state, quote, group) <= slack else 0",
        "<= -> <",
    ): EDGE,
    (
        "exchange/step.py",
        "return opens if excess >= 0.0 else 0",
        "opens if excess >= 0.0 else 0 -> -(opens if excess >= 0.0 else 0)",
    ): "it is compared with 0",
    ("exchange/step.py", "return opens if excess >= 0.0 else 0", ">= -> >"): EDGE,
    ("exchange/step.py", "return owned", "owned -> (owned) + 1"): "it is read as a difference",
    (
        "reprice.py",
        "if state.contracts[leg] == 0.0 and state.cost[leg] == 0.0:",
        (
            "state.contracts[leg] == 0.0 and state.cost[… -> (state.contracts[leg] "
            "== 0.0 or state.cost[…"
        ),
    ): "both are 0 or neither is",
    (
        "recorded.py",
        "leverage = np.where(solvent, gross / np.where(solvent, equity, 1.0), np.nan)",
        "1.0 -> 2.0",
    ): "no leverage is told where there is no equity",
    ("recorded.py", "distance = np.where(away < 0.0, np.nan, away)", "< -> <="): EDGE,
    ("series.py", "if place > start:", "> -> >="): "what is taken again is the same",
    ("scenario.py", "direction = UP if shock >= 0.0 else DOWN", ">= -> >"): EDGE,
    (
        "look_ahead.py",
        "other = min(sign * others[place], sign * others[place + half])",
        "+ -> -",
    ): FROM_END,
    (
        "look_ahead.py",
        "one = min(sign * figures[place], sign * figures[place + half])",
        "+ -> -",
    ): FROM_END,
    ("look_ahead.py", "while half > 1:", "> -> >="): "half of one place is none",
    (
        "scenario.py",
        "exposure(flat.layout, state, quote, 0, sums)",
        "0 -> 1",
    ): "orders at work are no part of wealth",
    (
        "scenario.py",
        "if found == NEVER or (factor - 1.0 - shock) * direction > 0.0:",
        "* -> /",
    ): "a direction is 1 or -1",
    (
        "scenario.py",
        "if found == NEVER or (factor - 1.0 - shock) * direction > 0.0:",
        "> -> >=",
    ): EDGE,
    ("run_start.py", "found += range(early + 1, late + 1)", "1 -> 0"): FASTER,
    ("series.py", "place = row_before(log, lane, 2 * span.from_stamp - 3)", "3 -> 4"): FASTER,
    (
        "series.py",
        "place = state_at(layout, log, lane, place, 2 * stamp, state)",
        "2 -> 3",
    ): "nothing is kept after the end",
    (
        "liquidate.py",
        "return value_at(excess_terms(layout, state, quote, group, 1.0, -1, 1), 1.0)",
        "-1 -> (1)",
    ): NOW,
    (
        "liquidate.py",
        "return value_at(excess_terms(layout, state, quote, group, 1.0, -1, 1), 1.0)",
        "1 -> 0",
    ): NOW,
    ("liquidate.py", "if abs(moved - 1.0) > abs(most - 1.0):", "> -> >="): "both moved as far",
    (
        "liquidate.py",
        "if worst_corner(layout, state, bar, opened, there, group, 0.0) < 0.0:",
        "< -> <=",
    ): EDGE,
    (
        "liquidate.py",
        "if worst_corner(layout, state, bar, opened, there, group, middle) < 0.0:",
        "< -> <=",
    ): EDGE,
    (
        "liquidate.py",
        "if worst_corner(layout, state, bar, opened, there, group, 1.0) >= 0.0:",
        ">= -> >",
    ): EDGE,
}
