"""How long a year is stands in `units.py` alone."""

import re

from tests.structure.source_tree import PACKAGE, package_files

SAID = re.compile(
    r"\b365\.0\b|\b8760\b|\b365 \* 24\b|^(DAYS_\w+_YEAR|YEAR_DAYS|YEAR_NS) = [0-9]", re.MULTILINE
)


def test_a_year_has_one_length() -> None:
    """A second one would be another year once somebody changes one of them."""
    said = [
        str(path.relative_to(PACKAGE))
        for path in package_files()
        if SAID.search(path.read_text(encoding="utf-8"))
    ]
    assert said == ["units.py"]
