"""The page for Python runs as it stands, prints what it shows, and names all there is."""

import re
from pathlib import Path

import volsculpt
from tests.structure.python_page import PAGE, page, shown


def test_the_page_runs_and_prints_what_it_shows(tmp_path: Path) -> None:
    """Block after block, figures too. To write what is printed: scripts/docs docs/python.md."""
    assert len(list(shown())) >= 5
    assert page(tmp_path) == PAGE.read_text(encoding="utf-8")


def test_every_public_name_is_on_the_page() -> None:
    """What the package offers is explained, and nothing else is."""
    told = set(re.findall(r"\bvs\.(\w+)", PAGE.read_text(encoding="utf-8")))
    assert told == set(volsculpt.__all__)
