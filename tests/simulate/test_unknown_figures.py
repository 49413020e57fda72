"""What a run says of figures that it went without, and from when to when."""

from pathlib import Path

import pytest

import volsculpt as vs
from tests.hedge.a_market import BEGIN_NS, a_history, a_mandate
from volsculpt.units import DAY_NS, iso_day

FIRST, LAST = BEGIN_NS + 440 * DAY_NS, BEGIN_NS + 450 * DAY_NS
MACRO = '[[overlay]]\nkind = "macro"\n'
DAYS = f"{iso_day(FIRST)} to {iso_day(LAST)}, 11 of 11 days"


def warned(folder: Path, rule: str, code: str, overlay: str = "") -> list[str]:
    """The warnings of a code of a run. rule: keys of its hedge; overlay: a table after it."""
    path = folder / "mandate.toml"
    path.write_text(a_mandate(rule) + overlay, encoding="utf-8")
    ran = vs.backtest(path, a_history(), from_ns=FIRST, to_ns=LAST, draws=0)
    return [line for line in ran.warnings if line.startswith(code)]


@pytest.mark.parametrize("policy", ["ratio = 0.5", 'policy = "regime"'])
def test_figures_of_the_economy_that_are_not_stored_are_told(tmp_path: Path, policy: str) -> None:
    """Of a run as of a plan: which, from when to when; what is stored is not among them."""
    (line,) = warned(tmp_path, policy, "macro_unknown", MACRO)
    told = line.partition("added nothing to the ratio: ")[2].partition(";")[0]
    names, _, span = told.rpartition(" (")
    assert span == f"{DAYS})"
    assert "policy rate" in names.split(", ")
    assert "2-year yield" not in names.split(", ")
    assert "`volsculpt data import` stores series" in line


def test_evidence_that_is_not_stored_is_told(tmp_path: Path) -> None:
    """The framework's too, which gives its weight to the rest."""
    (line,) = warned(tmp_path, 'policy = "regime"', "evidence_unknown")
    assert f"the change of BTC's share of all coins ({DAYS})" in line
    assert "fear" not in line


def test_nothing_is_told_where_nobody_asks(tmp_path: Path) -> None:
    """A fixed ratio without an overlay."""
    assert warned(tmp_path, "ratio = 0.5", "macro_unknown") == []
    assert warned(tmp_path, "ratio = 0.5", "evidence_unknown") == []
