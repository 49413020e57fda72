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
ORDERED = "an order stands behind its decision, and leaves at the end of a step"
POSTED = "a wallet that posts stands behind the free one of its account, so it is never the first"
ENDS = "it has ended long before"
FROM_END = "half a block back from its first half is its second half, counted from the end"
NOW = "at the prices of now no leg has moved yet, alone or not"
NOTHING = "a share of nothing is nothing"
ARRIVED = "where a search has arrived it stays, to the last bits"
NEVER_0 = "it is not 0 there"
BISECTED = "each third turn halves what is left, so the size is found, only later"
ANSWERED = "only whether there is a ratio is asked"
EDGE = "an edge that two sums meet only by rounding"
TANGENT = "if nearer <= 0.0 or (nearer - factor) * direction >= 0.0:"
ISOLATED = "if layout.legs.group[leg] == group and layout.legs.posted_wallet[leg] >= 0:"
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
    ("sizing.py", "return math.inf", "math.inf -> (math.inf) + 1"): "without end is without end",
    (
        "sizing.py",
        "if owed & WEALTH_GONE != 0 and held * can <= 0.0:",
        "<= -> <",
    ): "what is past 0 has 0 as its bound either way",
    (
        "sizing.py",
        "if (bound - held) * (can - held) <= 0.0 or abs(bound - held) > abs(can - held):",
        "* -> /",
    ): "its sign alone is read, and what is out of its band is not at its target",
    (
        "sizing.py",
        "if (bound - held) * (can - held) <= 0.0 or abs(bound - held) > abs(can - held):",
        "> -> >=",
    ): "where they are equal the bound is the target",
    (
        "sizing.py",
        "if trades == 0 or abs(bound - can) < abs(inner - can):",
        "< -> <=",
    ): "both lie on the same side of the target, so they are one",
    ("lots.py", "if left < lot * near_whole(abs(held) / lot):", "< -> <="): EDGE,
    ("band.py", "if held < target - under_trigger - EDGE:", "< -> <="): EDGE,
    ("band.py", "if held > target + over_trigger + EDGE:", "> -> >="): EDGE,
    ("band.py", "return WITHIN", "WITHIN -> -(WITHIN)"): "it is 0",
    ("goal.py", "if posted >= 0:", ">= -> >"): POSTED,
    ("goal.py", "if posted >= 0:", "0 -> 1"): POSTED,
    ("capacity.py", "low = extra + spare_at(problem, leg, near, within)", "+ -> -"): BISECTED,
    ("capacity.py", "high = extra + spare_at(problem, leg, far, within)", "+ -> -"): BISECTED,
    ("capacity.py", "last = 0", "0 -> 1"): BISECTED,
    (
        "capacity.py",
        "if abs(far - near) <= max(close, 1e-15 * abs(far)):",
        "max(close, -> min(close,",
    ): BISECTED,
    ("capacity.py", "if abs(far - near) <= max(close, 1e-15 * abs(far)):", "* -> /"): BISECTED,
    (
        "capacity.py",
        "if abs(far - near) <= max(close, 1e-15 * abs(far)): break",
        "break -> pass",
    ): BISECTED,
    ("capacity.py", "middle = near + (far - near) * (low / (low - high))", "+ -> -"): BISECTED,
    ("capacity.py", "middle = near + (far - near) * (low / (low - high))", "/ -> *"): BISECTED,
    (
        "capacity.py",
        "if turn % 3 == 2 or not (min(near, far) < middle < max(near, far)):",
        "== -> !=",
    ): BISECTED,
    (
        "capacity.py",
        "if turn % 3 == 2 or not (min(near, far) < middle < max(near, far)):",
        "3 -> 4",
    ): BISECTED,
    (
        "capacity.py",
        "if turn % 3 == 2 or not (min(near, far) < middle < max(near, far)):",
        "min(near, -> max(near,",
    ): BISECTED,
    (
        "capacity.py",
        "if turn % 3 == 2 or not (min(near, far) < middle < max(near, far)):",
        "< -> >",
    ): BISECTED,
    (
        "capacity.py",
        "if turn % 3 == 2 or not (min(near, far) < middle < max(near, far)):",
        "max(near, -> min(near,",
    ): BISECTED,
    (
        "capacity.py",
        "if middle == near or middle == far:",
        "middle == near or middle == far -> (middle == near and middle == far)",
    ): BISECTED,
    ("capacity.py", "if middle == near or middle == far: break", "break -> pass"): BISECTED,
    ("capacity.py", "high = high * 0.5 if last == 1 else high", "* -> /"): BISECTED,
    (
        "capacity.py",
        "high = high * 0.5 if last == 1 else high",
        "* 0.5 if last == 1 else high -> if last == 1 else high * 0.5",
    ): BISECTED,
    ("capacity.py", "high = high * 0.5 if last == 1 else high", "0.5 -> 1.0"): BISECTED,
    ("capacity.py", "high = high * 0.5 if last == 1 else high", "== -> !="): BISECTED,
    ("capacity.py", "high = high * 0.5 if last == 1 else high", "1 -> 0"): BISECTED,
    ("capacity.py", "last = 1", "1 -> 0"): BISECTED,
    ("capacity.py", "low = low * 0.5 if last == -1 else low", "* -> /"): BISECTED,
    (
        "capacity.py",
        "low = low * 0.5 if last == -1 else low",
        "* 0.5 if last == -1 else low -> if last == -1 else low * 0.5",
    ): BISECTED,
    ("capacity.py", "low = low * 0.5 if last == -1 else low", "0.5 -> 1.0"): BISECTED,
    ("capacity.py", "low = low * 0.5 if last == -1 else low", "== -> !="): BISECTED,
    ("capacity.py", "low = low * 0.5 if last == -1 else low", "-1 -> (1)"): BISECTED,
    ("capacity.py", "low = low * 0.5 if last == -1 else low", "1 -> 0"): BISECTED,
    ("capacity.py", "last = -1", "-1 -> (1)"): BISECTED,
    ("capacity.py", "last = -1", "1 -> 0"): BISECTED,
    ("capacity.py", "return UNLIMITED", "UNLIMITED -> (UNLIMITED) + 1"): "it is the same number",
    (
        "capacity.py",
        "return near - little if steps and there + extra < 0.0 else near",
        "< -> <=",
    ): EDGE,
    (
        "capacity.py",
        "steps = here - there > STEEP * moved * unit_usd(layout, quote, legs.group[leg], leg)",
        "> -> >=",
    ): EDGE,
    (
        "capacity.py",
        "found = by_leverage if abs(by_leverage) < abs(by_distance) else by_distance",
        "< -> <=",
    ): "then they are one",
    ("capacity.py", "if spare >= 0.0 or flat <= spare:", ">= -> >"): EDGE,
    ("capacity.py", "if spare >= 0.0 or flat <= spare:", "<= -> <"): EDGE,
    (
        "capacity.py",
        "if rules.min_distance <= 0.0 or kept == less or layout.legs.free_wallet[leg] >= 0:",
        "<= -> <",
    ): FASTER,
    ("capacity.py", "if here > most:", "> -> >="): EDGE,
    ("capacity.py", "if most < 0.0:", "< -> <="): EDGE,
    ("capacity.py", "if spare_at(problem, leg, less, within) >= 0.0:", ">= -> >"): EDGE,
    (
        "quoting.py",
        "if abs(given / fair - 1.0) > FAR_FROM_INDEX:",
        "> -> >=",
    ): "no two doubles have 0.2 as this difference",
    ("margin_need.py", "TURNS = 16", "16 -> 17"): "the worst is found as well, to a millionth",
    (
        "margin_need.py",
        "for _ in range(TURNS):",
        "range(TURNS) -> range(TURNS - 1)",
    ): "the worst is found as well, to a millionth",
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
    (
        "finish.py",
        "return 1 if off > max(NOISE * size, WHOLE * least) else 0",
        "> -> >=",
    ): EDGE,
    ("finish.py", "if abs(lots - count) > near_whole(lots):", "> -> >="): EDGE,
    (
        "finish.py",
        "trade = at_most(trade, max(0.0, coins if trade > 0.0 else -coins), layout.legs.lot[leg])",
        "> -> >=",
    ): NEVER_0,
    (
        "finish.py",
        "if abs(answer.trade[leg] - change) > layout.legs.lot[leg] * WHOLE:",
        "> -> >=",
    ): EDGE,
    (
        "finish.py",
        "start = held if held * goal > 0.0 else 0.0  # a flip closes first",
        "* -> /",
    ): "its sign alone is read",
    (
        "finish.py",
        "start = held if held * goal > 0.0 else 0.0  # a flip closes first",
        "> -> >=",
    ): "where nothing is held it starts at nothing",
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
    ("log.py", "if place > 0:", "> -> >="): "the first is kept, whatever stands elsewhere",
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
    ("group.py", "if usd > 0.0:", "> -> >="): NOTHING,
    ("group.py", "if at(own, factor) > 0.0:", "> -> >="): EDGE,
    (
        "group.py",
        "return at(equity_terms(layout, state, quote, group, 1.0, -1), 1.0)",
        "-1 -> (1)",
    ): (NOW),
    (
        "group.py",
        "return at(equity_terms(layout, state, quote, group, 1.0, -1), 1.0)",
        "1 -> 0",
    ): NOW,
    (
        "liquidation.py",
        "if middle == safe or middle == breach: break",
        "break -> pass",
    ): FASTER,
    (
        "liquidation.py",
        "if middle == safe or middle == breach:",
        "middle == safe or middle == breach -> (middle == safe and middle == breach)",
    ): FASTER,
    ("fees.py", "return rate * left if rate is not None and rate > 0.0 else rate", "> -> >="): (
        NOTHING
    ),
    (
        "owners.py",
        "if said.contracts is None or said.entry is None:",
        (
            "said.contracts is None or said.entry is None -> "
            "(said.contracts is None and said.entry is N…"
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
    ): (NEVER_0),
    (
        "orders.py",
        "if size < 0.0 and down > 0.0 and price < mark * (1.0 - down) * (1.0 - 1e-9):",
        "< -> <=",
    ): (NEVER_0),
    (
        "liquidation.py",
        "if nearer <= 0.0 or (nearer - factor) * direction >= 0.0: break",
        "break -> pass",
    ): ARRIVED,
    ("liquidation.py", TANGENT, "<= -> <"): NEVER_0,
    ("liquidation.py", TANGENT, ">= -> >"): ARRIVED,
    ("liquidation.py", TANGENT, "0.0 -> 1.0"): ARRIVED,
    ("liquidation.py", TANGENT, "* -> /"): "up is 1 and down is -1",
    (
        "liquidation.py",
        "if nearer <= 0.0 or (nearer - factor) * direction >= 0.0:",
        (
            "nearer <= 0.0 or (nearer - factor) * direct… -> "
            "(nearer <= 0.0 and (nearer - factor) * dire…"
        ),
    ): ARRIVED,
    (
        "liquidation.py",
        "reach = reach * (FINE_STEP if reach < FINE_UNTIL else COARSE_STEP)",
        "< -> <=",
    ): "no step ends just there",
    ("liquidation.py", "if down == NEVER or above - 1.0 <= 1.0 - below:", "<= -> <"): EDGE,
    ("liquidation.py", "if left < 0.0:", "< -> <="): EDGE,
    ("posting.py", ISOLATED, ">= -> >"): POSTED,
    ("posting.py", ISOLATED, "0 -> 1"): POSTED,
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
        "start = (_EPOCH + timedelta(microseconds=limit // 1000)).date() - timedelta(days=1)",
        "+ -> -",
    ): FASTER,
    (
        "expiries.py",
        "start = (_EPOCH + timedelta(microseconds=limit // 1000)).date() - timedelta(days=1)",
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
    (
        "series.py",
        "place = row_before(log, lane, 2 * span.from_stamp - 3)",
        "3 -> 4",
    ): FASTER,
    (
        "series.py",
        "place = state_at(layout, log, lane, place, 2 * stamp, state)",
        "2 -> 3",
    ): "nothing is kept after the end",
    ("recorded.py", "if order < 0 or events.moment[order] < 0:", "< -> <="): ORDERED,
    ("recorded.py", "if order < 0 or events.moment[order] < 0:", "0 -> 1"): ORDERED,
    ("recorded.py", "begin = int(place) + 1", "1 -> 0"): "a loss is never the largest value",
        "margin.py",
        "return kept - (won if contracts > 0.0 else -won)",
        "> -> >=",
    ): NEVER_0,
    ("margin.py", "if distance > 0.0:", "> -> >="): "a move of nothing stays where it is",
    (
        "flatten.py",
        "owed = self.amount[free] < -ROUNDING * max(1.0, self.amount[posted])",
        "< -> <=",
    ): EDGE,
    ("posting.py", "elif abs(after) > abs(held):", "> -> >="): "a trade changes what is held",
    (
        "liquidation.py",
        "return (math.floor(ticks) if price > mark else math.ceil(ticks)) * tick",
        "> -> >=",
    ): "at the mark either side is as safe",
}
