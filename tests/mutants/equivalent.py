"""Changes that nobody could see, with the reason: they are not drawn.

FILLED: functions that make rows which others fill, so that the numbers in them say nothing.
SINGLE: single changes, by file (with its folder where another has the name), the whole line (a bare
one after the line before it), and what becomes what, as the table shows it.
"""

FILLED: dict[tuple[str, str], str] = {
    ("rules.py", "new_answer"): "act overwrites it all (test_nothing_survives_a_step)",
    ("state.py", "new_exposure"): "exposure sets every sum before it adds",
    ("rules.py", "new_work"): "act overwrites it all (test_nothing_survives_a_step)",
    ("warm.py", "made_up"): "what is compiled depends on types and sizes, not on figures",
}
FASTER = "the same is found, only later: one by one, or looked for where it cannot be"
ALIKE = "where both ends of a bar hurt alike, either is the worse"
BY_COMPILER = "the compiler takes longer, what it makes stays the same"
POSTED = "a wallet that posts stands behind the free one of its account, so it is never the first"
ENDS = "it has ended long before"
NEVER_0 = "it is not 0 there"
EDGE = "an edge that two sums meet only by rounding"
SINGLE: dict[tuple[str, str, str], str] = {
    ("block_sums.py", "under = 0", "0 -> 1"): FASTER,
    ("capacity.py", "if leverage <= 0.0 and distance <= 0.0:", "<= -> <"): FASTER,
    (
        "compiled.py",
        "kind = (first[0] if isinstance(first, tuple) else first).dtype",
        "0 -> 1",
    ): "every record of a book has its size",
    ("parts.py", '"no_cpython_wrapper": True,', "True -> False"): BY_COMPILER,
    ("parts.py", '"no_cfunc_wrapper": True,', "True -> False"): BY_COMPILER,
    (
        "finish.py",
        "if answer.trade[leg] == 0.0 or is_growth(goal, held) == 0: continue",
        "continue -> pass",
    ): "what does not grow is not cut either",
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
        (
            "if asked_for == before and "
            "not any(leg[2] or leg[1].expiry_ns for u in last for leg in u):"
        ),
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
    ("liquidate.py", "for _ in range(HALVINGS):", "range(HALVINGS) -> range(HALVINGS - 1)"): (
        "doubles have 53 bits"
    ),
    (
        "liquidate.py",
        "worst_corner(layout, state, bar, opened, there, group, part)",
        "worst_corner(layout, state, bar, opened, th… -> pass",
    ): "the last of the halvings left it there, to the last bit or two",
    (
        "block_sums.py",
        "if horizon.turns[hedge, lane] == 0: continue",
        "continue -> pass",
    ): FASTER,
    ("compiled.py", "return total.hexdigest()[:16]", "16 -> 17"): "a name of one more digit",
    (
        "liquidation.py",
        "factor = FARTHEST if direction == UP else 1.0 / FARTHEST",
        "1.0 -> 2.0",
    ): "beyond every price either way",
    ("liquidate.py", "HALVINGS = 60", "60 -> 61"): "doubles have 53 bits",
    ("liquidate.py", "if high < least:", "< -> <="): ALIKE,
    ("margin.py", "if legs.initial_base[leg] > 0.0:", "> -> >="): (
        "where a venue's initial margin is unknown its slope is 0 too, and so is the rate"
    ),
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
    (
        "exchange/step.py",
        "return owned",
        "owned -> (owned) + 1",
    ): "it is read as a difference",
    (
        "reprice.py",
        "if state.contracts[leg] == 0.0 and state.cost[leg] == 0.0:",
        (
            "state.contracts[leg] == 0.0 and state.cost[… -> "
            "(state.contracts[leg] == 0.0 or state.cost[…"
        ),
    ): "both are 0 or neither is",
    ("capacity.py", "TURNS = 200", "200 -> 201"): ENDS,
    ("capacity.py", "for turn in range(TURNS):", "range(TURNS) -> range(TURNS - 1)"): ENDS,
    ("offset.py", "TURNS = 60", "60 -> 61"): ENDS,
    ("offset.py", "for _ in range(TURNS):", "range(TURNS) -> range(TURNS - 1)"): ENDS,
    ("liquidation.py", "MOST_STEPS = 200", "200 -> 201"): ENDS,
    (
        "liquidation.py",
        "for _ in range(MOST_STEPS):",
        "range(MOST_STEPS) -> range(MOST_STEPS - 1)",
    ): ENDS,
    ("liquidation.py", "while reach < FARTHEST:", "< -> <="): "no step ends just there",
    (
        "recorded.py",
        "leverage = np.where(solvent, gross / np.where(solvent, equity, 1.0), np.nan)",
        "1.0 -> 2.0",
    ): "no leverage is told where there is no equity",
    ("orders.py", "return TAKEN", "TAKEN -> -(TAKEN)"): "it is 0",
    ("recorded.py", "distance = np.where(away < 0.0, np.nan, away)", "< -> <="): EDGE,
    (
        "recorded.py",
        "found, last = [], len(ran.stamp_ns) - 1",
        "- -> +",
    ): "nothing is liquidated after the last bar",
    (
        "recorded.py",
        "found, last = [], len(ran.stamp_ns) - 1",
        "1 -> 0",
    ): "nothing is liquidated after the last bar",
    ("finish.py", "return most if trade > 0.0 else -most", "> -> >="): NEVER_0,
    (
        "capacity.py",
        "for part in range(1, PARTS):",
        "1 -> 0",
    ): "the first of them is where it starts",
    (
        "trigger_book.py",
        "if out.kind[row] != FORM and row_now(layout, out, row) <= out.least[row]:",
        "<= -> <",
    ): EDGE,
    ("trigger_groups.py", "if lowest_from(layout, out, first) > NOISE:", "> -> >="): EDGE,
    (
        "trigger_groups.py",
        "if row_now(layout, out, kept) > NOISE * size_of(layout, out, kept):",
        "> -> >=",
    ): EDGE,
    ("trigger_margin.py", "if by < 0.0:", "< -> <="): NEVER_0,
    ("trigger_pools.py", "if lowest_from(layout, out, first) > NOISE:", "> -> >="): EDGE,
    (
        "trigger_room.py",
        "if state.contracts[leg] * up < 0.0:",
        "* -> /",
    ): "1 or -1: a product is a quotient",
    (
        "trigger_room.py",
        "if wide and row_now(layout, out, band) > row_now(layout, out, size):",
        "> -> >=",
    ): EDGE,
    (
        "trigger_shares.py",
        "trigger = rules.under_trigger[hedge] if sign > 0.0 else rules.over_trigger[hedge]",
        "> -> >=",
    ): NEVER_0,
    ("trigger_shares.py", "if need < 0.0:", "< -> <="): "where it is 0 there are no rows",
    (
        "trigger_forms.py",
        "weight = layout.wallet_weight[wallet] if state.wallet[wallet] > 0.0 else 1.0",
        "> -> >=",
    ): "none of it weighs nothing, and what comes is looked at anew",
}
