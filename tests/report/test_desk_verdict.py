"""A desk in fifteen lines: what is wrong stands first, and none of it is lost in silence."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.report.pages.desk import status_page
from volsculpt.report.pages.desk_verdict import MORE, WELL, verdict, wrong
from volsculpt.report.pages.shortened import MOST_LINES, height, shortened
from volsculpt.report.render.terminal import rendered

Json = dict[str, Any]
SINCE = "2024-05-20T08:00:00Z"
NOT_KNOWN = {"acknowledged": None, "acknowledged_by": None, "acknowledged_note": None}
KNOWN = {"acknowledged": SINCE, "acknowledged_by": "ann", "acknowledged_note": "seen"}
EARNED = {
    "since": SINCE,
    "coins_usd": 3_166.4,
    "futures_usd": -1_760.0,
    "funding_usd": 23.0,
    "fees_usd": -26.0,
    "interest_usd": 0.0,
    "liquidation_usd": 0.0,
    "flows_usd": 0.0,
    "differences_usd": 0.0,
}
END: Json = {
    "account": "coinm",
    "group": "BTC",
    "currency": "BTC",
    "equity_coin": 2.75,
    "equity_usd": 20_415.0,
    "leverage": 2.03,
    "price": 7_423.7,
    "liquidation_contract": "BTC/USD:BTC",
    "liquidation_coin": "BTC",
    "liquidation_price": 14_554.312,
    "liquidation_distance": 0.9605,
    "liquidation_move": 0.9605,
}


def ratio(coin: str, held: float | None, target: float | None) -> Json:
    """A hedge of a status."""
    return {"underlying": coin, "held_ratio": held, "target_ratio": target, "reasons": []}


def alert(number: int, level: str, text: str, **other: object) -> Json:
    """An alert of a status."""
    row = {"key": f"k{number}", "number": number, "level": level, "text": text, "since": SINCE}
    return {**row, **NOT_KNOWN, **other}


def facts(**other: object) -> Json:
    """A desk that runs well."""
    return {
        "mandate": "small",
        "running": True,
        "paused": False,
        "last_decision": SINCE,
        "next_decision": "2024-05-20T09:00:00Z",
        "wealth_usd": 82_758.0,
        "since_start": EARNED,
        "margin": [END],
        "last_liquidation": None,
        "stopped": [],
        "urgent": [],
        "alerts": [],
        "noted": [],
        "passed": {},
        "hedges": [ratio("BTC", 0.5709, 0.6), ratio("ETH", 0.3698, None)],
        "orders": [],
        "transfers": [],
        "overrides": [],
        "latches": {},
        **other,
    }


def shown(width: int = 400, **other: object) -> list[str]:
    """The lines of a verdict."""
    return rendered(verdict(facts(**other)), width).rstrip("\n").split("\n")


WEALTH = (
    "Wealth 82,758 USD; since 2024-05-20 08:00 UTC: coins +3,166, futures -1,760, funding +23, "
    "fees -26 USD."
)


def test_a_desk_that_is_well_says_so_first_and_how_it_stands() -> None:
    """Ratios, the nearest end, wealth and its parts, decisions, no liquidation."""
    assert shown() == [
        "Desk of small, running",
        "",
        WELL,
        "Hedged: BTC 57.09 % of 60 %, ETH 36.98 % kept.",
        "coinm: equity 2.75 BTC, 2.03x, liquidated at 14,554.3 (now 7,423.7, +96.05 % away).",
        WEALTH,
        "Last decision 2024-05-20 08:00 UTC, the next 2024-05-20 09:00 UTC.",
        "Never liquidated.",
        MORE,
    ]


def test_what_is_wrong_stands_first_the_gravest_and_unknown_before_all() -> None:
    """Each once, with the words of the newest decision, its number and since when."""
    told = shown(
        urgent=[alert(2, "critical", "ADD 0.7 BTC TO coinm NOW: closes your hedge")],
        alerts=[
            alert(1, "warning", "a read fails: look at the venue"),
            alert(2, "critical", "as it was when it began"),
            alert(3, "critical", "the kill switch is set", **KNOWN),
        ],
    )
    since = "since 2024-05-20 08:00 UTC"
    assert told[2:5] == [
        f"! alert 2, critical, {since}: ADD 0.7 BTC TO coinm NOW: closes your hedge",
        f"! alert 1, warning, {since}: a read fails: look at the venue",
        f"! alert 3, critical, {since}, acknowledged: the kill switch is set",
    ]
    assert WELL not in told


def test_when_all_that_is_wrong_is_known_it_says_so() -> None:
    """It is not well, and there is nothing new."""
    told = shown(alerts=[alert(3, "critical", "the kill switch is set", **KNOWN)])
    assert told[2] == "Nothing is wrong that you do not know of."
    assert told[3].endswith("acknowledged: the kill switch is set")


def test_what_is_stopped_and_not_told_yet_is_not_well() -> None:
    """A pause of a desk that does not run, before any step could tell it."""
    told = shown(
        paused=True, stopped=[{"key": "paused", "level": "info", "text": "paused by hand"}]
    )
    assert told[0] == "Desk of small, running, paused"
    assert told[2] == "info: paused by hand"


def test_more_than_fit_are_counted() -> None:
    """Of twenty alerts those that have room, then how many more."""
    rows = [alert(n, "warning", f"trouble {n}") for n in range(1, 21)]
    told = shown(80, alerts=rows)
    alerts = [one for one in told if "trouble" in one]
    (more,) = [one for one in told if one.endswith("more that are wrong: --full")]
    assert more == f"! and {20 - len(alerts)} more that are wrong: --full"
    assert len(told) == MOST_LINES


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"leverage": None, "liquidation_distance": 0.0}, "no margin left, the exchange closes it"),
        ({"liquidation_distance": 0.0}, "2.03x, the exchange closes it at once."),
        (
            {"liquidation_distance": None, "liquidation_price": None, "liquidation_move": None},
            "2.03x, no move of the price liquidates it.",
        ),
        ({"group": "BTC/USD:BTC"}, "coinm BTC/USD:BTC: equity"),
        ({"liquidation_move": -0.3, "liquidation_distance": 0.3}, "-30 % away)."),
    ],
)
def test_the_end_of_the_nearest_group_in_words(change: Json, words: str) -> None:
    """Gone, at once, never; isolated ones by their contract."""
    assert any(words in line for line in shown(margin=[END | change]))


def test_of_several_groups_the_nearest_is_told() -> None:
    """The first of them, and how many there are; none where nothing is held."""
    assert shown(margin=[END, END])[4].startswith("coinm (nearest of 2): equity 2.75 BTC")
    assert "No contracts are held, so nothing can be liquidated." in shown(margin=[])


def test_what_is_not_known_is_said() -> None:
    """Never 0: a ratio without a base, gains without a price; a share that is none is left out."""
    told = shown(
        hedges=[ratio("BTC", None, 0.6)],
        since_start=EARNED | {"coins_usd": None, "flows_usd": 50_000.0, "interest_usd": None},
        wealth_usd=None,
    )
    assert "Hedged: BTC unknown of 60 %." in told
    assert (
        "Since 2024-05-20 08:00 UTC: coins unknown, futures -1,760, funding +23, fees -26, "
        "interest unknown, deposits +50,000 USD." in told
    )


def test_what_a_liquidation_took_has_its_own_word() -> None:
    """It is no interest; where nothing was taken it is not told."""
    told = shown(since_start=EARNED | {"liquidation_usd": -871.3})
    assert any("fees -26, liquidation -871 USD." in line for line in told)
    assert not any("liquidation -" in line for line in shown())


def test_before_the_first_decision_there_is_nothing_to_tell() -> None:
    """No ratios, no gains; and no desk that runs makes no next one."""
    told = shown(
        running=False, hedges=[], margin=[], since_start=None, last_decision=None, wealth_usd=None
    )
    assert "Nothing is hedged: nothing is decided yet." in told
    assert "Nothing decided yet; none follows until a desk runs." in told


def test_many_coins_tell_the_furthest_from_their_targets() -> None:
    """What is not known first; how many more."""
    rows = [ratio(f"C{n}", 0.5, 0.5 + n / 100) for n in range(6)] + [ratio("X", None, 0.5)]
    (line,) = [one for one in shown(hedges=rows) if one.startswith("Hedged")]
    assert line == (
        "Hedged: X unknown of 50 %, C5 50 % of 55 %, C4 50 % of 54 %, C3 50 % of 53 % "
        "and 3 more coins."
    )


def test_liquidations_overrides_and_what_is_under_way() -> None:
    """Each on one line."""
    told = shown(
        last_liquidation={
            "time": SINCE,
            "account": "coinm",
            "contract": "bybit:BTC/USD:BTC",
            "contracts": 4_000.0,
            "price": 9_000.0,
            "reason": "liquidation",
            "lost_usd": 1_234.5,
        },
        overrides=[{"ratio": 0.9, "until_ns": 0, "underlying": "BTC", "note": ""}],
        orders=[{}],
        transfers=[{}, {}],
    )
    assert (
        "! LIQUIDATED 2024-05-20 08:00 UTC at 9,000: +4,000 of BTC/USD:BTC on coinm; 1,234 USD "
        "lost."
    ) in told
    assert (
        "overridden by hand: BTC to 90 % until 1970-01-01 00:00 UTC; under way: 1 order, "
        "2 transfers."
    ) in told


WORDS = st.text("abc 19%-", min_size=1, max_size=400)
NAMES = st.text("abcXYZ-", min_size=1, max_size=60)
ALERTS = st.lists(
    st.builds(
        alert,
        st.integers(1, 10**6),
        st.sampled_from(["info", "warning", "critical"]),
        WORDS,
        acknowledged=st.sampled_from([None, SINCE]),
    ),
    max_size=25,
    unique_by=lambda one: one["key"],
)
SIZES = st.floats(-1e12, 1e12) | st.none()


@given(
    st.fixed_dictionaries(
        {
            "mandate": NAMES,
            "urgent": ALERTS,
            "alerts": ALERTS,
            "paused": st.booleans(),
            "running": st.booleans(),
            "hedges": st.lists(st.builds(ratio, NAMES, SIZES, SIZES), max_size=9),
            "margin": st.lists(st.builds(lambda name: END | {"account": name}, NAMES), max_size=3),
            "since_start": st.builds(
                lambda usd: EARNED | dict.fromkeys([k for k in EARNED if k != "since"], usd), SIZES
            ),
            "overrides": st.lists(
                st.builds(
                    lambda name: {"ratio": 0.9, "until_ns": 0, "underlying": name, "note": ""},
                    NAMES,
                ),
                max_size=3,
            ),
            "orders": st.lists(st.just({}), max_size=2),
            "last_liquidation": st.none()
            | st.builds(
                lambda name: {
                    "time": SINCE,
                    "account": name,
                    "contract": "bybit:BTC/USD:BTC",
                    "contracts": 4_000.0,
                    "price": 9_000.0,
                    "reason": "adl",
                    "lost_usd": 12_345.6,
                },
                NAMES,
            ),
        }
    )
)
def test_it_takes_no_more_than_a_screen_whatever_there_is(change: Json) -> None:
    """Fifteen lines at 80 columns, and the worst that is wrong is among them."""
    told = shown(80, **change)
    assert len(told) <= MOST_LINES
    assert max(map(len, told)) <= 80
    worst = wrong(facts(**change))
    if worst:
        first = " ".join(told[2:5])
        assert f"alert {worst[0]['number']}, {worst[0]['level']}" in first
        assert WELL not in told
    assert told[-1] == MORE


@given(WORDS, st.integers(1, 6))
def test_a_text_is_cut_at_a_word_and_says_so(text: str, lines: int) -> None:
    """No more lines than asked for; whole where it fits."""
    found = shortened(text, lines)
    assert height(found) <= lines
    assert (found == text) == (height(text) <= lines)
    assert found == text or (
        found.endswith(" ...") and "".join(text.split()).startswith("".join(found[:-4].split()))
    )


def test_the_whole_page_tells_the_same_alerts() -> None:
    """With number and who knows of it."""
    rows = [alert(3, "critical", "the kill switch is set", **KNOWN)]
    no_changes = dict.fromkeys(("next_changes", "next_unseen", "next_now", "next_unknown"), ())
    whole = rendered(
        status_page(facts(alerts=rows, positions=[], balances=[], **no_changes)),
        400,
    )
    since = "since 2024-05-20 08:00 UTC"
    assert f"(alert 3, {since}; acknowledged by ann: seen)" in whole


REMEDY = "ADD 0.31 BTC TO coinm NOW: " + "it is closed at 69,278 and the desk moves nothing, " * 5


@pytest.mark.parametrize("others", [0, 3, 12])
def test_a_danger_is_told_whole_and_notes_last(others: int) -> None:
    """Its remedy is not cut, whatever else is open; of what harms nothing less is told."""
    long = "the file of --log cannot be written, and what it is about goes on and on " * 4
    rows = [alert(9 + n, "warning", long, key=f"untold:{n}") for n in range(others)]
    rows.append(alert(7, "warning", f"a hedge is off {long}", key="unmet:BTC"))
    told = shown(
        width=80, urgent=[alert(2, "warning", REMEDY + "END", key="danger:coinm|BTC")], alerts=rows
    )
    text = " ".join(" ".join(told).split())
    assert REMEDY + "END" in text
    assert "alert 7" in text or f"and {others + 1} more that are wrong" in text
    order = [one["key"] for one in wrong(facts(alerts=rows))]
    assert order == ["unmet:BTC", *(f"untold:{n}" for n in range(others))]
