"""`volsculpt regime`: the condition, its evidence, what would change it, and the orders."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import run
from tests.hedge.a_market import BEGIN_NS, DAYS, a_history, a_mandate, changed_after
from volsculpt import verbs
from volsculpt.app.cli.published import published
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.regimes.reading import framework_text
from volsculpt.hedge.regimes.survey import SurveyRequest, regime_survey
from volsculpt.hedge.regimes.turning import nearest_turns
from volsculpt.hedge.spec import Hedge
from volsculpt.hedge.stored import features_of
from volsculpt.market.series import Bars
from volsculpt.market.store import save
from volsculpt.report.charts.regime import regime_chart
from volsculpt.report.pages.regime import EVIDENCE, timing_words
from volsculpt.units import DAY_NS, iso, iso_day

AT_NS = BEGIN_NS + (DAYS - 20) * DAY_NS
AT = iso(AT_NS)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the made-up market."""
    return stored(tmp_path_factory.mktemp("regime"))


def stored(folder: Path, changed_ns: int | None = None) -> Path:
    """The made-up market, or one with another future, in a store."""
    history = a_history() if changed_ns is None else changed_after(a_history(), changed_ns, 1.4)
    for one in history.series:
        save(folder, one, BEGIN_NS)
    return folder


def printed(of: object, root: Path, *options: str) -> dict[str, Any]:
    """The one coin that --json prints, as its schema says."""
    result = run("regime", str(of), "--data", root, "--json", *options)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    Draft202012Validator(published("regime")).validate(found)
    (one,) = found["regimes"]
    return dict(one)


def test_a_condition_is_dated_from_its_beginning(root: Path) -> None:
    """The first one of a year too, however late one looks: not from where the year begins."""
    whole = printed("BTC", root, "--history", iso(BEGIN_NS + 40 * DAY_NS), AT)["named"]
    firsts = [
        printed("BTC", root, "--at", iso(AT_NS - days * DAY_NS))["named"][0] for days in (0, 9)
    ]
    assert all(one in whole for one in firsts)
    assert any(one["since"] < iso(AT_NS - 365 * DAY_NS) for one in firsts)


def test_a_coin_that_nothing_was_tested_of_says_so() -> None:
    """Tests of timing are of two coins; of others the line says whose they are."""
    told = {
        coin: timing_words(cast(Any, SimpleNamespace(is_tested=True, coin=coin)))
        for coin in ("BTC", "SOL")
    }
    assert told["BTC"] == EVIDENCE
    assert told["SOL"] == f"{EVIDENCE}; they are of BTC and ETH, and nothing was tested of SOL"


def test_all_of_it_adds_up(root: Path) -> None:
    """Memberships to 1, evidence to raw memberships, and the ratio out of both."""
    found = printed("BTC", root, "--at", AT)
    assert found["missing"] == ["dominance"]
    total, ratio = found["rest_membership"], found["rest_membership"] * 0.10
    for one in found["conditions"]:
        adds = sum(each["adds"] or 0.0 for each in one["evidence"])
        assert adds == pytest.approx(one["raw_membership"])
        band = one["high_ratio"] - one["low_ratio"]
        ratio += one["membership"] * (one["low_ratio"] + one["conviction"] * band)
        total += one["membership"]
    assert total == pytest.approx(1.0)
    assert found["seen_ratio"] == pytest.approx(ratio)
    assert abs(found["ratio"] - ratio) <= 0.05
    assert found["named"][-1] == {"since": found["since"], "condition": found["condition"]}
    assert found["headline"].startswith("HEDGE ")
    assert found["headline"].endswith(found["reasons"][0].removeprefix("BTC: "))
    assert found["orders"] is None
    assert found["timing_evidence"].startswith("no evidence of timing skill")


def test_the_future_is_not_read(root: Path, tmp_path: Path) -> None:
    """A store with another future tells the same of a moment before it."""
    other = stored(tmp_path, AT_NS)
    assert printed("BTC", root, "--at", AT) == printed("BTC", other, "--at", AT)
    assert printed("BTC", root)["ratio"] != printed("BTC", other)["ratio"]


def test_a_survey_is_of_its_last_look(root: Path) -> None:
    """Figures, what is seen of them and what would turn it; a year of looks, or the last alone."""
    policy = RegimePolicy(framework_text())
    found = regime_survey(SurveyRequest(root, AT_NS + 10**13), "BTC", policy)
    stamps = range(AT_NS - 365 * DAY_NS, AT_NS + 1, DAY_NS)
    *_, known = features_of(found.history, (Hedge("BTC", policy),), stamps) or []
    assert found.figures == policy.figures(known, "BTC")
    assert found.assessment == policy.look(known, "BTC")
    assert found.turns == tuple(nearest_turns(found.framework, found.figures)) != ()
    assert found.time_ns == AT_NS + 10**13
    days = [one.time_ns // DAY_NS for one in found.looks]
    assert days == list(range(AT_NS // DAY_NS - 365, AT_NS // DAY_NS + 1))
    late = regime_survey(SurveyRequest(root, AT_NS, AT_NS + 5 * DAY_NS), "BTC", policy)
    assert late.looks == found.looks[-1:]
    hidden = regime_survey(SurveyRequest(root, AT_NS), "BTC", replace(policy, model="hmm"))
    assert hidden.turns == ()


def test_it_looks_at_midnight(root: Path) -> None:
    """What is asked in the afternoon is what the policy told that day."""
    one, later = printed("BTC", root, "--at", AT), printed("BTC", root, "--at", iso(AT_NS + 10**13))
    assert one["looked_at"] == later["looked_at"] == AT
    assert later["ratio"] == one["ratio"]


def test_a_mandate_is_told_the_orders(root: Path, tmp_path: Path) -> None:
    """To the contract what its hedge would trade at the ratio told; nobody else's coins."""
    mandate = tmp_path / "mandate.toml"
    mandate.write_text(a_mandate('policy = "regime"'), encoding="utf-8")
    found = printed(mandate, root, "--at", AT)
    decision = verbs.decision(mandate, at=AT_NS, data=root)
    (order,) = found["orders"]
    price = decision.quoted.quote.index_usd[decision.flat.currencies.index("BTC")]
    placed = re.fullmatch(r"place sell ([0-9,]+) contracts of BTC/USD:BTC in coinm", order)
    assert placed is not None
    count = float(placed[1].replace(",", ""))
    assert count == pytest.approx(4.0 * found["ratio"] * price, rel=0.01)
    result = run("regime", mandate, "--data", root, "--at", AT, "--width", "80")
    assert order in " ".join(result.stdout.split())


def test_it_is_read_at_eighty_columns(root: Path) -> None:
    """The condition in a sentence, evidence with its number, and that nothing is proven."""
    result = run("regime", "BTC", "--data", root, "--at", AT, "--width", "80")
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    text = " ".join(result.stdout.split())
    for said in ("since 202", "For bearish".upper(), "no evidence of timing skill", "so hedge "):
        assert said in text
    lines = result.stdout.splitlines()
    assert re.match(r"HEDGE [0-9.]+ % of BTC: ", lines[lines.index("WHAT TO HEDGE") + 1])
    assert sum(line.startswith("conviction  ") for line in lines) == 4


def test_a_history_tells_every_change(root: Path, tmp_path: Path) -> None:
    """With its reason, on a page and as a picture; its end is the moment that is told."""
    page, picture = tmp_path / "page.html", tmp_path / "picture.png"
    from_to = (iso(AT_NS - 60 * DAY_NS), AT)
    reports = ("--report", page, "--report", picture)
    result = run("regime", "BTC", "--data", root, "--history", *from_to, *reports)
    assert result.exit_code == 0, result.output
    told = regime_survey(
        SurveyRequest(root, AT_NS, AT_NS - 60 * DAY_NS), "BTC", RegimePolicy(framework_text())
    )
    assert len(told.looks) == 61
    assert len(told.changes) > 1
    text = page.read_text(encoding="utf-8")
    assert re.search(
        '<p class="verdict">(HEDGE [0-9.]+\xa0% of|KEEP what is held of) BTC</p>', text
    )
    listed = result.stdout.upper().partition("EVERY CHANGE OF THE RATIO")[2]
    for time_ns, _, _ in told.changes:
        assert iso_day(time_ns) in listed
        assert iso_day(time_ns) in text
    assert picture.read_bytes().startswith(b"\x89PNG")
    again = regime_survey(SurveyRequest(root, AT_NS), "BTC", RegimePolicy(framework_text()))
    assert again.looks[-61:] == told.looks


def test_the_price_is_coloured_without_gaps(root: Path) -> None:
    """Every span begins where another ends, from the first look that knew enough to the last."""
    found = regime_survey(SurveyRequest(root, AT_NS), "BTC", RegimePolicy(framework_text()))
    panel = regime_chart(found).panels[0]
    spans = sorted(span for shade in panel.shades for span in shade.spans)
    assert spans[0][0] == found.named[0][0]
    assert [end for _, end in spans[:-1]] == [begin for begin, _ in spans[1:]]
    assert spans[-1][1] == AT_NS


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--at", AT, "--history", "2021-01-01", "2021-02-01"], "leave --at out"),
        (
            ["--history", "2021-02-01", "2021-01-01"],
            "--history: 2021-01-01 is not after 2021-02-01; write the earlier",
        ),
        (["--report", "x.pdf"], "must end in .html or .png"),
        (["--at", "yesterday"], "write a day, 2021-01-01"),
        (["--index-venue", "okx"], "no prices stored of BTC"),
    ],
)
def test_what_cannot_be_told_is_refused(root: Path, options: list[str], message: str) -> None:
    """With what to write."""
    result = run("regime", "BTC", "--data", root, *options)
    assert result.exit_code == (8 if "--index-venue" in options else 2)
    assert message in " ".join(result.stderr.split())


def test_what_is_not_known_is_said(root: Path) -> None:
    """With too little history there is no ratio, and the reason names what lacks."""
    found = printed("BTC", root, "--at", "2020-02-10")
    assert found["ratio"] is None
    assert found["condition"] is None
    assert "the regime is unknown" in found["reasons"][0]
    result = run("regime", "BTC", "--data", root, "--at", "2020-02-10")
    assert "KEEP what is held of BTC: the regime is unknown" in " ".join(result.stdout.split())


def test_a_mandate_without_a_regime_is_refused(root: Path, tmp_path: Path) -> None:
    """With what to do."""
    mandate = tmp_path / "mandate.toml"
    text = a_mandate("ratio = 0.5")
    mandate.write_text(text, encoding="utf-8")
    result = run("regime", mandate, "--data", root)
    assert result.exit_code == 2
    assert 'no hedge has policy = "regime"' in " ".join(result.stderr.split())


def test_a_coin_that_is_not_stored_is_named(root: Path) -> None:
    """As `features` does."""
    result = run("regime", "ETH", "--data", root)
    assert result.exit_code == 8
    assert "no prices stored of ETH" in result.stderr


def test_why_a_figure_is_not_known_is_told(root: Path) -> None:
    """Each that is missing, with what to do."""
    result = run("regime", "BTC", "--data", root, "--at", AT, "--width", 120)
    told = " ".join(result.output.split())
    assert "NOT KNOWN - the change of BTC's share of all coins: nothing of btc_dominance is" in told
    assert "`volsculpt data list` shows it, `volsculpt data import` stores it" in told


def test_coins_of_a_mandate_are_told_at_the_last_moment_of_all(tmp_path: Path) -> None:
    """Prices of one end nine days earlier: nothing that came later is told of the other."""
    folder, cut_ns = stored(tmp_path), AT_NS + 11 * DAY_NS
    spot = a_history().index["BTC"]
    assert isinstance(spot, Bars)
    early = spot.open_ns < cut_ns
    parts = ("open_ns", "open", "high", "low", "close", "volume")
    held = {name: getattr(spot, name)[early] for name in parts if getattr(spot, name) is not None}
    save(folder, replace(spot, label=replace(spot.label, symbol="ETH"), **held), BEGIN_NS)
    other = '[[hedge]]\nunderlying = "ETH"\npolicy = "regime"\nproxy = "BTC"\nbeta = 1\n'
    file = tmp_path / "two.toml"
    file.write_text(a_mandate('policy = "regime"') + other, encoding="utf-8")
    result = run("regime", file, "--data", folder, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["regimes"]
    assert [one["as_of"] for one in found] == [iso(cut_ns)] * 2
    at = run("regime", file, "--data", folder, "--json", "--at", iso(cut_ns))
    assert json.loads(at.stdout)["regimes"] == found


OVERRIDE = "\n[[override]]\nratio = 0.9\nuntil = 2100-01-01T00:00:00Z\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[[hedge]]", f"{OVERRIDE}[[hedge]]", "in force is 90 %: overridden by hand to 90 %"),
        ("[[hedge]]", "[limits]\nmax_ratio = 0.01\n[[hedge]]", "in force is 1 %"),
        ("balances = { BTC = 1.5 }", "balances = {}", "no order yet"),
        (
            '"regime"',
            '"regime"\nband = { trigger = 0.99 }',
            "nothing to trade: what is held is in its band",
        ),
    ],
)
def test_what_stands_above_and_before_the_orders_is_told(
    root: Path, tmp_path: Path, old: str, new: str, told: str
) -> None:
    """An override, a limit, an empty margin account; where it is none of these, the band."""
    mandate = tmp_path / "mandate.toml"
    text = a_mandate('policy = "regime"').replace(old, new)
    mandate.write_text(text, encoding="utf-8")
    orders = printed(mandate, root, "--at", AT)["orders"]
    assert orders[0].startswith(told)
    waits = [one for one in orders if "what comes first: volsculpt plan" in one]
    assert len(waits) == (1 if told == "no order yet" else 0)


def test_what_was_tested_is_told_of_the_own_framework_alone(root: Path, tmp_path: Path) -> None:
    """Nothing was tested of another model."""
    mandate = tmp_path / "mandate.toml"
    for keys, told in (("", "in one of four tests"), ('\nmodel = "hmm"', "nothing was tested")):
        mandate.write_text(a_mandate(f'policy = "regime"{keys}'), encoding="utf-8")
        assert told in printed(mandate, root, "--at", AT)["timing_evidence"]
