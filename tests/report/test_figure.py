"""The figure: one series, two back-ends."""

import builtins
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report import plans
from volsculpt.errors import MissingExtra
from volsculpt.report.charts.plan import MOST_LABELS, marks_of, series_of, short
from volsculpt.report.charts.plan_plotly import specification
from volsculpt.report.plan import Curve

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_series_is_the_curve() -> None:
    """Moves in percent, wealth in dollars, today's point, and one mark."""
    plan = plans.treasury()
    series = series_of(plan)
    assert series.move_pct == [100 * shock for shock in plan.curve.shock_ratio]
    assert series.hedged_usd == plan.curve.hedged_usd
    assert series.today_usd == plan.wealth_usd
    assert [mark.label for mark in series.marks] == ["coinm BTC liquidated at +32.7 %"]
    assert (series.coin, series.price) == ("BTC", 60_000.0)


def test_without_a_curve_the_scenarios_are_drawn() -> None:
    """A plan with scenarios alone still has a figure."""
    series = series_of(plans.treasury(curve=Curve([], [], [], [])))
    assert series.span == (-50.0, 100.0)
    assert len(series.hedged_usd) == len(plans.SHOCKS)


def test_plotly_draws_the_series() -> None:
    """Both lines and today's point are in the figure, the price on a second axis."""
    figure = plans.treasury().figure()
    series = series_of(plans.treasury())
    assert [trace.name for trace in figure.data[:3]] == ["hedged", "unhedged", "today"]
    assert list(figure.data[0].y) == series.hedged_usd
    assert figure.layout.xaxis2.title.text == "BTC price, USD"
    assert tuple(figure.layout.xaxis2.range) == pytest.approx((24_000.0, 132_000.0))
    assert figure.layout.annotations[0].text == "coinm BTC liquidated at +32.7 %"


def test_several_coins_have_no_price_axis() -> None:
    """A price axis for one of two hedged coins would mislead."""
    drawn = specification(series_of(plans.many_coins()))
    assert "xaxis2" not in drawn["layout"]


def test_an_empty_plan_has_a_figure() -> None:
    """Nothing held draws nothing, and does not fail."""
    assert len(plans.empty().figure().data) == 3


def test_labels_do_not_lie_on_each_other() -> None:
    """Groups closed at nearly the same move are told on different heights, left to right."""
    marks = marks_of([(0.33, "b"), (0.32, "a"), (0.34, "c")])
    assert [mark.label[0] for mark in marks] == ["a", "b", "c"]
    assert marks[0].top > marks[1].top > marks[2].top


def test_many_marks_are_not_all_labelled() -> None:
    """Beyond a few, the list below the figure tells the rest."""
    crowd = [(0.3 + n / 100, f"account {n}") for n in range(10)]
    plan = plans.treasury(curve=Curve([-0.5, 1.0], [1, 2], [1, 3], crowd))
    drawn = specification(series_of(plan))["layout"]
    assert (len(drawn["shapes"]), len(drawn["annotations"])) == (10, MOST_LABELS)
    assert plan.to_html().count("liquidated at +3") >= 10


def test_a_long_name_is_cut_in_a_label() -> None:
    """A label has room for so many letters."""
    assert short("x" * 30) == "x" * 23 + "…"


@pytest.mark.parametrize("made", [plans.treasury, plans.many_coins, plans.empty])
def test_a_picture_is_written(made: object, tmp_path: Path) -> None:
    """The PNG is one, for books of all kinds."""
    made().to_png(tmp_path / "plan.png")  # type: ignore[operator]
    assert (tmp_path / "plan.png").read_bytes().startswith(PNG)


def test_a_picture_with_strange_names(tmp_path: Path) -> None:
    """Dollar signs are no formulas, and letters that the font lacks are no warning."""
    odd = Curve([-0.5, 1.0], [1, 2], [1, 3], [(0.3, "保管庫 $x_1$")])
    plans.treasury(name="$a_{b$ 保管庫", curve=odd).to_png(tmp_path / "plan.png")
    assert (tmp_path / "plan.png").read_bytes().startswith(PNG)


def test_without_matplotlib_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing library is told with the command that installs it."""
    real = builtins.__import__

    def blocked(name: str, *rest: object) -> object:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", blocked)
    with pytest.raises(MissingExtra, match=r"pip install 'volsculpt\[png\]'"):
        plans.treasury().to_png(tmp_path / "plan.png")


def test_a_plan_is_light_until_it_is_shown() -> None:
    """Importing a plan loads nothing that only shows it."""
    code = (
        "import sys, volsculpt.report.plan\n"
        "print({'rich', 'plotly', 'matplotlib', 'numpy'} & set(sys.modules) or 'light')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "light"
