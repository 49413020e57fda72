"""Changes that nobody could see, with the reason: they are not drawn.

FILLED: functions that make rows which others fill, so that the numbers in them say nothing.
SINGLE: single changes, by file, the whole line, and what becomes what, as the table shows it.
"""

FILLED: dict[tuple[str, str], str] = {
    ("rules.py", "new_answer"): "act overwrites it all (test_nothing_survives_a_step)",
    ("rules.py", "new_work"): "act overwrites it all (test_nothing_survives_a_step)",
    ("coordinates.py", "no_calm"): "a box is drawn before it is read; flag, wait are set awake",
    ("warm.py", "run_made_up"): "what is compiled depends on types and sizes, not on figures",
}
SINGLE: dict[tuple[str, str, str], str] = {
    ("margin.py", "if legs.initial_base[leg] > 0.0:", "> -> >="): (
        "where a venue's initial margin is unknown its slope is 0 too, and so is the rate"
    ),
}
