"""Changes that nobody could see, with the reason: they are not drawn.

FILLED: functions that make rows which others fill, so that the numbers in them say nothing.
SINGLE: single changes, by file, the whole line (a bare one after the line before it), and what
becomes what, as the table shows it.
"""

FILLED: dict[tuple[str, str], str] = {
    ("rules.py", "new_answer"): "act overwrites it all (test_nothing_survives_a_step)",
    ("state.py", "new_exposure"): "exposure sets every sum before it adds",
    ("rules.py", "new_work"): "act overwrites it all (test_nothing_survives_a_step)",
    ("warm.py", "made_up"): "what is compiled depends on types and sizes, not on figures",
}
NO_WALLET = "whether a leg has such a wallet is asked by its sign"
FASTER = "the same is found, only later: one by one, or looked for where it cannot be"
ALIKE = "where both ends of a bar hurt alike, either is the worse"
BY_COMPILER = "the compiler takes longer, what it makes stays the same"
BY_SIGN = "a direction is compared with UP or taken by its sign"
SINGLE: dict[tuple[str, str, str], str] = {
    ("flatten.py", "return group, -1, -1", "1 -> 2"): NO_WALLET,
    ("block_sums.py", "under = 0", "0 -> 1"): FASTER,
    ("capacity.py", "if leverage <= 0.0 and distance <= 0.0:", "<= -> <"): FASTER,
    (
        "pool.py",
        "return 1 if rules.pool_currency[pool] == rules.hedge_currency[hedge] else 0",
        "1 -> 2",
    ): "a coin's price over itself is 1 too; where nothing is owned no share is looked at",
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
    ("kernel.py", "status, wait, speaks = RUNNING, span.from_step, 1", "1 -> 2"): (
        "it is compared with 0"
    ),
    ("block_sums.py", "under |= sums[place] <= 0.0", "0.0 -> 1.0"): FASTER,
    ("kernel.py", "wait = step + PATIENCE", "+ -> -"): FASTER,
    ("kernel.py", "found, looks = 0, 1 if step >= wait else 0", "0 -> 1"): FASTER,
    ("liquidate.py", "if high < least:", "< -> <="): ALIKE,
    ("liquidation.py", "UP = 1", "1 -> 2"): BY_SIGN,
    ("liquidation.py", "DOWN = -1", "1 -> 2"): BY_SIGN,
    ("margin.py", "if legs.initial_base[leg] > 0.0:", "> -> >="): (
        "where a venue's initial margin is unknown its slope is 0 too, and so is the rate"
    ),
}
