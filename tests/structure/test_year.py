"""How long a year is stands in `units.py` alone."""

import re

from tests.structure.source_tree import PACKAGE, package_files

SAID = re.compile(r"^[A-Z_]*YEAR[A-Z_]* *= *[0-9(]|\b365\.0\b|\b8760\b|365 \* 24\b", re.MULTILINE)


def test_a_year_has_one_length() -> None:
    """A second one would be another year once somebody changes one of them."""
    said = [
        str(path.relative_to(PACKAGE))
        for path in package_files()
        if SAID.search(path.read_text(encoding="utf-8"))
    ]
    assert said == ["units.py"]
