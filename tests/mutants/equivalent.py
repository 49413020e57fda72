"""Changes that nobody could see, with the reason: they are not drawn.

FILLED: functions that make rows which others fill, so that the numbers in them say nothing.
SINGLE: single changes, by file (with its folder where another has the name), the whole line (a bare
one after the line before it), and what becomes what, as the table shows it.
"""

from tests.mutants.equal_aims import AIMS
from tests.mutants.equal_books import BOOKS
from tests.mutants.equal_decisions import DECISIONS
from tests.mutants.equal_runs import RUNS

FILLED: dict[tuple[str, str], str] = {
    ("rules.py", "new_answer"): "act overwrites it all (test_nothing_survives_a_step)",
    ("state.py", "new_exposure"): "exposure sets every sum before it adds",
    ("rules.py", "new_work"): "act overwrites it all (test_nothing_survives_a_step)",
    ("warm.py", "made_up"): "what is compiled depends on types and sizes, not on figures",
}
SINGLE = {**AIMS, **BOOKS, **DECISIONS, **RUNS}
