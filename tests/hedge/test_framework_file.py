"""The file of a framework: the package's own, an owner's, and what is refused."""

import json
import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scripts.ratio_studies.kept import ROOT, read
from volsculpt.errors import PolicyError
from volsculpt.hedge.features.level import Level
from volsculpt.hedge.features.rank import Rank
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.regimes.reading import OWN, framework_in, framework_of, framework_text
from volsculpt.sources import digest

Change = Callable[[dict[str, Any]], object]
BANDS = {
    "bull run": (0.2, 0.4),
    "range": (0.0, 0.1),
    "bearish": (0.6, 1.0),
    "recovery": (0.3, 0.5),
}


def test_the_packages_own_has_the_bands_that_are_promised() -> None:
    """Four conditions, the rest at a tenth, steady by 0.05, 0.1 and a week."""
    one = framework_in(framework_text(), "BTC")
    assert {each.name: (each.low, each.high) for each in one.conditions} == BANDS
    assert (one.rest_ratio, one.hysteresis, one.lead) == (0.10, 0.05, 0.1)
    assert one.min_dwell_ns == 7 * 24 * 3600 * 10**9
    assert "dvol" not in OWN.read_text(encoding="utf-8").lower()


def test_a_threshold_that_changes_is_seen() -> None:
    """Both pages print the digest of the file; figures of the studies were made with it."""
    table = tomllib.loads(OWN.read_text(encoding="utf-8"))
    assert f"`{digest(table)}`" in RegimePolicy.DOCS
    page = (ROOT / "docs" / "ratio.md").read_text(encoding="utf-8")
    assert f"`{digest(table)}`" in page
    assert read()["regime"]["framework"] == digest(table), "the studies of docs/ratio.md are old"
    table["condition"][0]["evidence"][0]["from"] += 0.01
    assert f"`{digest(table)}`" not in RegimePolicy.DOCS


def test_figures_are_those_of_the_coin() -> None:
    """A stream of a contract is the coin's own; a feature of a feature is made too."""
    text = framework_text()
    one, other = framework_in(text, "BTC"), framework_in(text, "ETH")
    assert isinstance(one.figure("unrest").feature, Rank)
    assert other.figure("funding").feature == Level("funding:bybit:ETH/USD:ETH", 7 * 86_400 * 10**9)
    assert one.figure("fall") == other.figure("fall")


def test_comments_and_order_of_keys_are_no_change(tmp_path: Path) -> None:
    """The text of a file is what it says."""
    told = OWN.read_text(encoding="utf-8")
    copied = tmp_path / "mine.toml"
    lines = [line for line in told.splitlines() if not line.startswith("#")]
    copied.write_text("# mine\n" + "\n".join(lines), encoding="utf-8")
    assert framework_text(copied) == framework_text()


def put(*path: str | int, value: object) -> Change:
    """A change of one key."""

    def change(table: dict[str, Any]) -> None:
        held: Any = table
        for step in path[:-1]:
            held = held[step]
        held[path[-1]] = value

    return change


def weights(value: float) -> Change:
    """Every weight of a list."""

    def change(table: dict[str, Any]) -> None:
        for one in table["condition"][2]["evidence"]:
            one["weight"] = value

    return change


def near(start: float) -> Change:
    """A ramp of a distance that begins there."""

    def change(table: dict[str, Any]) -> None:
        table["condition"][2]["evidence"][1] |= {"about": 0.2, "from": start, "to": 0.3}

    return change


def twice(table: dict[str, Any]) -> None:
    """A term stands in its list twice."""
    terms = table["condition"][2]["evidence"]
    terms.append(dict(terms[0]))


ONE_BAR = {"feature": "realised-volatility", "estimator": "yang-zhang", "window": "1d"}
TERM = ("condition", 2, "evidence", 1)
CONVICTION = ("condition", 2, "conviction", 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put(*TERM, "weight", value=-1), "'bearish': evidence, term 2: weight = -1: must be 0 or"),
        (weights(0), "condition 'bearish': evidence: every weight is 0; give one term or more a"),
        (put("condition", 2, "low", value=1.5), "low = 1.5 is above high = 1; exchange the two"),
        (put("condition", 2, "low", value=math.nan), "low = nan: must be a number"),
        (put("condition", 2, "high", value=math.inf), "high = inf: must be a number"),
        (put("condition", 2, "high", value=3.1), "high = 3.1: must be between -3 and 3"),
        (put("condition", 1, "low", value=-3.5), "low = -3.5: must be between -3 and 3"),
        (put("condition", 1, "high", value=-0.1), "low = 0 is above high = -0.1; exchange the two"),
        (put("rest_ratio", value=math.nan), "rest_ratio = nan: must be a number"),
        (put(*CONVICTION, "weight", value=math.nan), "conviction, term 1: weight = nan: must be a"),
        (put(*CONVICTION, "weight", value=-0.5), "conviction, term 1: weight = -0.5: must be 0 or"),
        (put(*CONVICTION, "from", value=math.inf), "conviction, term 1: from = inf: must be a num"),
        (put("condition", 2, "low", value=60), "low = 60: must be between -3 and 3.*mean 0.6"),
        (put(*TERM, "of", value="fal"), 'no such figure; did you mean "fall"'),
        (put(*TERM, "from", value=0.5), "from and to are both 0.5, so it would jump"),
        (put(*TERM, "form", value=0.5), 'term 2: form: there is no such key; did you mean "from"'),
        (twice, "'trend' stands in it 2 times; keep one, with the weight of all"),
        (put("figure", "fall", "feature", value="draw"), 'feature; did you mean "drawdown"'),
        (put("figure", "fall", "windw", value="1d"), 'no such key; did you mean "window"'),
        (put("figure", "fall", "window", value=90), "window = 90: must be a length of time, like"),
        (put("figure", "fall", "what", value=""), "figure.fall: what is missing: say what it is"),
        (put("figure", "mood", "of", value="fear_greed"), "is no stream; write KIND:NAME"),
        (put("figure", "mood", "of", value=5), "figure.mood: level cannot be made of feature, of"),
        (put("figure", "unrest", "of", "estimator", value="x"), "there is none of this name"),
        (near(-0.1), "term 2: from and to are distances from about = 0.2, and -0.1 is below 0"),
        (put(*TERM, "weight", value=1e308), "term 2: weight = 1e.308: must be 1e.06 or less"),
        (put("hysteresis", value=5), "hysteresis = 5: must be between 0 and 1.*mean 0.05"),
        (put("lead", value=10), "lead = 10: must be between 0 and 1, where 1 is all; did you mean"),
        (
            put("figure", "trend", "half_life", value="1s"),
            "figure.trend: half_life = 1 second.*1 d",
        ),
        (
            put("figure", "unrest", "window", value="29d"),
            "figure.unrest: window = 29 days is too s",
        ),
        (
            put("figure", "unrest", "of", value=ONE_BAR),
            "figure.unrest: of: window = 1 day is too short for yang-zhang: it takes 2 bars",
        ),
        (put("figure", "fall", "window", value="5h"), "window = 5 hours is too short for drawdown"),
        (put("figure", "mood", "half_life", value="1h"), "half_life = 1 hour is too short for lev"),
        (put("figure", "funding", "of", value="funding:bybit:BTC/USDX"), "figure.funding: symbol"),
        (lambda table: table.pop("lead"), "lead is missing"),
        (lambda table: table["condition"][0].pop("conviction"), "conviction is missing"),
        (put("condition", 0, "conviction", value=[]), "must be a list with one term or more"),
        (put("condition", 0, "name", value="range"), "the name is taken; choose another"),
        (put("condition", 0, "why", value=3), "why = 3: must be words, in quotes"),
        (put("condition", value=[]), "condition: must be tables; write"),
        (put("min_dwell", value="week"), "min_dwell = 'week': must be a length of time"),
        (
            put("min_dwell", value="1m"),
            "min_dwell = '1m': is a minute; did you mean a month. write",
        ),
        (put("figure", "fall", "window", value="3m"), "window = '3m': is 3 minutes; did you mean"),
        (put("hysteresis", value=-0.1), "hysteresis = -0.1: must be 0 or more"),
        (put("rest_ratio", value=True), "rest_ratio = True: must be a number"),
        (put("hysterisis", value=0.1), 'did you mean "hysteresis"'),
    ],
)
def test_what_cannot_be_meant_is_refused(change: Change, message: str) -> None:
    """With the file, the place, what is wrong, and the fix."""
    table = tomllib.loads(OWN.read_text(encoding="utf-8"))
    change(table)
    with pytest.raises(PolicyError, match=message) as caught:
        framework_of(table, "BTC", "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Not there, or no TOML."""
    with pytest.raises(PolicyError, match=r"mine\.toml: there is no such file; it is relative"):
        framework_text(tmp_path / "mine.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("lead = ", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"broken\.toml: cannot be read as TOML: "):
        framework_text(broken)


def test_the_text_is_plain() -> None:
    """What a ledger keeps of it is JSON, with every figure of the file."""
    assert json.loads(framework_text()) == tomllib.loads(OWN.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("change", "limits", "told"),
    [
        (
            put("condition", 1, "low", value=-0.2),
            (0.0, 1.0),
            ["low of 'range': ratio -0.2 will be"],
        ),
        (put("condition", 1, "low", value=-0.2), (-0.2, 1.0), []),  # 20 % beyond what is owned
        (put("condition", 2, "high", value=1.2), (0.0, 1.0), ["high of 'bearish': ratio 1.2 will"]),
        (put("condition", 2, "high", value=1.2), (0.0, 1.5), []),  # a bet on a fall
        (put("rest_ratio", value=-0.1), (0.0, 1.0), ["rest_ratio: ratio -0.1 will be held to 0"]),
    ],
)
def test_an_end_beyond_the_limits_is_told_with_its_condition(
    change: Change, limits: tuple[float, float], told: list[str], tmp_path: Path
) -> None:
    """It means something to a mandate whose limits allow it, and is held to them elsewhere."""
    table = tomllib.loads(OWN.read_text(encoding="utf-8"))
    change(table)
    framework_of(table, "BTC", "mine.toml")
    doubts = RegimePolicy(json.dumps(table)).doubts(*limits)
    assert len(doubts) == len(told)
    assert all(part in line for part, line in zip(told, doubts, strict=True))
