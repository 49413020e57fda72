"""The figure: one series, two back-ends."""

import builtins
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report import plans
from volsculpt.errors import MissingExtra
from volsculpt.report.charts.chart import MOST_LABELS, short
from volsculpt.report.charts.plan import plan_chart, rules_of
from volsculpt.report.charts.plotly_charts import specification
from volsculpt.report.rows.plan import Curve

PNG = b"\x89PNG\r\n\x1a\n"


def test_the_chart_is_the_curve() -> None:
    """Moves in percent, wealth in dollars, today's point, and one rule."""
    plan = plans.treasury()
    chart = plan_chart(plan)
    hedged, _, today = chart.traces
    assert hedged.x.tolist() == [100 * shock for shock in plan.curve.shock_ratio]
    assert hedged.y.tolist() == plan.curve.hedged_usd
    assert today.y.tolist() == [plan.wealth_usd]
    assert [rule.words for rule in chart.rules] == ["coinm BTC liquidated at +32.7 %"]
    assert chart.across is not None
    assert (chart.across.coin, chart.across.price) == ("BTC", 60_000.0)


def test_without_a_curve_the_scenarios_are_drawn() -> None:
    """A plan with scenarios alone still has a figure."""
    chart = plan_chart(plans.treasury(curve=Curve([], [], [], [])))
    assert chart.across is not None
    assert chart.across.span == (-50.0, 100.0)
    assert chart.traces[0].y.size == len(plans.SHOCKS)


def test_plotly_draws_the_chart() -> None:
    """Both lines and today's point are in the figure, the price on a second axis."""
    figure = plans.treasury().figure()
    assert [trace.name for trace in figure.data[:3]] == ["hedged", "unhedged", "today"]
    assert list(figure.data[0].y) == plans.treasury().curve.hedged_usd
    assert figure.layout.xaxis2.title.text == "BTC price, USD"
    assert tuple(figure.layout.xaxis2.range) == pytest.approx((24_000.0, 132_000.0))
    assert figure.layout.annotations[0].text == "coinm BTC liquidated at +32.7 %"


def test_a_chart_that_is_not_there_is_refused() -> None:
    """The message names the charts there are."""
    with pytest.raises(ValueError, match="this hedge plan has plan"):
        plans.treasury().figure("nonsense")


def test_several_coins_have_no_price_axis() -> None:
    """A price axis for one of two hedged coins would mislead."""
    drawn = specification(plan_chart(plans.many_coins()))
    assert "xaxis2" not in drawn["layout"]


def test_an_empty_plan_has_a_figure() -> None:
    """Nothing held draws nothing, and does not fail."""
    assert len(plans.empty().figure().data) == 3


def test_labels_do_not_lie_on_each_other() -> None:
    """Groups closed at nearly the same move are told on different heights, left to right."""
    rules = rules_of([(0.33, "b"), (0.32, "a"), (0.34, "c")])
    assert [rule.words[0] for rule in rules] == ["a", "b", "c"]
    assert rules[0].top > rules[1].top > rules[2].top


def test_many_marks_are_not_all_labelled() -> None:
    """Beyond a few, the list below the figure tells the rest."""
    crowd = [(0.3 + n / 100, f"account {n}") for n in range(10)]
    plan = plans.treasury(curve=Curve([-0.5, 1.0], [1, 2], [1, 3], crowd))
    drawn = specification(plan_chart(plan))["layout"]
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
