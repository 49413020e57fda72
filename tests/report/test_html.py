"""The page: one file that loads nothing, safe with any name, and a fragment for notebooks."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from tests.report import plans
from volsculpt.report.plan import Plan
from volsculpt.report.render.html import html_fragment

VOID = {"meta", "br", "hr", "img", "input", "link"}
LOADS = {"src", "href", "srcset", "data", "action", "poster"}


class Reader(HTMLParser):
    """Collects tags, what they would load, and tags that are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.wrong: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the tag and what it loads."""
        self.tags.append(tag)
        self.loads += [
            f"{tag} {key}={value}"
            for key, value in attrs
            if key in LOADS and not str(value).startswith("#")  # a place on this page
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """The last opened tag is the one that closes."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        """Remember what is shown."""
        if not self.open or self.open[-1] not in {"script", "style"}:
            self.text.append(data)


def read(text: str) -> Reader:
    """A page, read."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


LARGEST_PAGE = 1_500_000
PAGE = plans.treasury().to_html()


def test_the_page_loads_nothing() -> None:
    """No tag and no style rule of ours asks for another file."""
    assert read(PAGE).loads == []
    styles = "".join(re.findall(r"<style>(.*?)</style>", PAGE, flags=re.DOTALL))
    assert "url(" not in styles
    assert "@import" not in styles


def test_the_page_brings_the_script_that_draws() -> None:
    """plotly's script is inside, and the button that would upload the figure is off."""
    assert "plotly.js (basic - minified) v" in PAGE
    assert "showSendToCloud: false" in PAGE


def test_what_is_vendored_is_what_its_page_says() -> None:
    """The bundle has the digest and the version that are stated, and its licence beside it."""
    vendor = files("volsculpt.report.render") / "vendor"
    script = (vendor / "plotly-basic.min.js").read_bytes()
    stated = (vendor / "README.md").read_text()
    assert f"sha256 {hashlib.sha256(script).hexdigest()}." in stated
    version = re.search(rb"plotly.js \(basic - minified\) v([0-9.]+)", script)
    assert version
    assert f"plotly.js {version[1].decode()}" in stated
    assert (vendor / "plotly-basic.LICENSE.txt").read_text().startswith("MIT License")


def test_a_page_is_small() -> None:
    """A page can be sent by mail: with its script it stays under 1.5 MB."""
    assert len(plans.many_coins().to_html().encode()) < LARGEST_PAGE


def test_tags_are_closed_in_order() -> None:
    """The page is well formed."""
    reader = read(PAGE)
    assert (reader.wrong, reader.open) == ([], [])


def test_the_page_fits_phones_and_the_dark() -> None:
    """It tells phones its width, and follows the reader's light or dark."""
    assert 'name="viewport" content="width=device-width' in PAGE
    assert "prefers-color-scheme: dark" in PAGE
    assert "max-width: 640px" in PAGE


def test_the_page_says_what_the_text_says() -> None:
    """Orders, reasons, warnings and figures are on the page."""
    shown = " ".join(read(PAGE).text).replace("\xa0", " ")
    for said in (
        "SELL 87,692 contracts of BTC/USD:BTC on coinm (bybit)",
        "MOVE 0.53418803 BTC from vault to coinm",
        "you asked for 100 %",
        "79,603.1",
        "so its mark is the index 60000",
        "the group loses all its equity",
    ):
        assert said in shown


def test_a_warning_is_a_sentence_with_its_code_small_behind_it() -> None:
    """A reader who knows no code reads what is wrong first."""
    lines = re.findall(r'<p class="warning">(.*?)</p>', PAGE)
    assert lines[-1].startswith("bybit:BTC/USD:BTC has no price of its own")
    assert lines[-1].endswith("=60000 <small>[assumed_mark]</small>")


def test_a_name_cannot_become_a_tag() -> None:
    """Names are text, in the page and in the figure's data."""
    wicked = '</script><script>alert(1)</script><img src="http://x">'
    plan = plans.treasury(name=wicked, warnings=[wicked])
    text = plan.to_html()
    reader = read(text)
    assert reader.loads == []
    assert reader.tags.count("script") == 4
    assert wicked not in text


def test_the_figures_data_can_be_read_back() -> None:
    """The data inside the page is JSON with the series in it."""
    held = re.search(r'<script id="volsculpt-charts" type="application/json">(.*?)</script>', PAGE)
    assert held
    (drawn,) = json.loads(held[1])["charts"]
    packed = drawn["data"][0]["y"]
    figures = np.frombuffer(base64.b64decode(packed["bdata"]), dtype=packed["dtype"])
    assert figures == pytest.approx(plans.treasury().curve.hedged_usd, rel=1e-7)


def test_the_page_is_written_where_asked(tmp_path: Path) -> None:
    """The text returned and the file are the same."""
    text = plans.treasury().to_html(tmp_path / "plan.html")
    assert (tmp_path / "plan.html").read_text(encoding="utf-8") == text


def test_a_notebook_gets_a_fragment() -> None:
    """Tables and style, without the script and without a whole page around them."""
    shown = plans.treasury()._repr_html_()
    assert shown == html_fragment(plans.treasury().page(), "hedge plan")
    assert "<script" not in shown
    assert "<body" not in shown
    assert "87,692" in shown


@settings(max_examples=40)
@given(plan=plans.plans)
def test_every_plan_makes_a_well_formed_fragment(plan: Plan) -> None:
    """Random names and numbers leave the tags in order and load nothing."""
    reader = read(plan._repr_html_())
    assert (reader.wrong, reader.open, reader.loads) == ([], [], [])


@pytest.mark.parametrize("made", [plans.many_coins, plans.empty])
def test_other_books_make_pages(made: object) -> None:
    """Large and empty books make well-formed pages too."""
    reader = read(made().to_html())  # type: ignore[operator]
    assert (reader.wrong, reader.open, reader.loads) == ([], [], [])
