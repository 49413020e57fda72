"""Of several stored series the one is read that knows the time asked for, holes and all."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app.running import run
from tests.hedge.a_market import BEGIN_NS, DAYS, a_history, a_mandate, a_store
from tests.market.made import BTC, START_NS, USDT, bars
from volsculpt import verbs
from volsculpt.errors import HistoryError
from volsculpt.mandate.history import open_market
from volsculpt.mandate.load import parse_mandate
from volsculpt.market.choosing import silent_ns
from volsculpt.market.opening import open_history, quotes_at
from volsculpt.market.series import Bars
from volsculpt.market.store import save, stored
from volsculpt.units import DAY_NS, HOUR_NS

DAY = 24
WHOLE = 100 * DAY  # hours stored


def hourly(holes: list[tuple[int, int]], venue: str = "coinbase", price: float = 100.0) -> Bars:
    """A hundred days of hours. holes: (first day, end) of what is missing."""
    kept = [k for k in range(WHOLE) if not any(a * DAY <= k < b * DAY for a, b in holes)]
    return bars(replace(BTC, venue=venue), [price] * len(kept), kept)


def taken(
    root: Path, first: int | None, last: int | None, look_back: int = 0, venue: str | None = None
) -> tuple[str, str]:
    """The venue that is taken for a span of days, and the notes."""
    ends = [None if day is None else START_NS + day * DAY_NS for day in (first, last)]
    back_ns = look_back * DAY_NS
    found = open_history(root, (), ("BTC",), *ends, index_venue=venue, look_back_ns=back_ns)
    return found.index["BTC"].label.venue, " ".join(found.notes)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Hours with a hole of 50 days; daily bars without; hours of another venue, late."""
    save(tmp_path, hourly([(20, 70)]), START_NS)
    save(tmp_path, bars(replace(BTC, venue="kraken"), [90.0] * 100, every=24.0), START_NS)
    return tmp_path


def test_a_finer_series_with_a_hole_is_not_taken_where_the_hole_is(root: Path) -> None:
    """Over all of the time and inside the hole the daily one is, and the note says why."""
    venue, notes = taken(root, 0, 100)
    assert venue == "kraken"
    assert "coinbase-USD_1h.parquet (silent for 49 days of the time)" in notes
    assert taken(root, 30, 60)[0] == "kraken"
    assert taken(root, 0, 20)[0] == taken(root, 71, 100)[0] == "coinbase"
    assert taken(root, None, None)[0] == "kraken"


@pytest.mark.parametrize("quote", ["USD", "USDT"])
@pytest.mark.parametrize(("first", "last"), [(None, None), (0, None), (None, 100)])
def test_a_short_sample_is_not_taken_for_all_that_is_stored(
    tmp_path: Path, first: int | None, last: int | None, quote: str
) -> None:
    """Three weeks in dollars beside a hundred days in USDT; of the three weeks alone they are."""
    save(tmp_path, bars(replace(BTC, venue="binance", quote="USDT"), [100.0] * WHOLE), START_NS)
    sample = replace(BTC, venue="kraken", quote=quote)
    save(tmp_path, bars(sample, [100.0] * 21 * DAY, range(60 * DAY, 81 * DAY)), START_NS)
    save(tmp_path, bars(USDT, [1.0] * 100, every=24.0), START_NS)
    venue, notes = taken(tmp_path, first, last)
    assert venue == "binance"
    assert f"kraken-{quote}_1h.parquet (silent for 77 days of the time)" in notes
    if quote == "USD":
        assert taken(tmp_path, 61, 80)[0] == "kraken"


def test_a_finer_sample_is_not_taken_for_all_that_is_stored(tmp_path: Path) -> None:
    """A week of hours beside a hundred days; hours of most of the time are, or where they begin."""
    save(tmp_path, bars(replace(BTC, venue="kraken"), [90.0] * 100, every=24.0), START_NS)
    save(tmp_path, bars(BTC, [90.0] * 7 * DAY), START_NS)
    assert taken(tmp_path, None, None)[0] == "kraken"
    late = range(45 * DAY, 100 * DAY)
    save(tmp_path, bars(replace(BTC, venue="okx"), [90.0] * len(late), late), START_NS)
    assert taken(tmp_path, None, None)[0] == "kraken"
    assert taken(tmp_path, 50, None)[0] == "okx"
    most = range(20 * DAY, 100 * DAY)
    save(tmp_path, bars(replace(BTC, venue="binance"), [90.0] * len(most), most), START_NS)
    assert taken(tmp_path, None, None)[0] == taken(tmp_path, 0, None)[0] == "binance"
    assert taken(tmp_path, 0, 100)[0] == "kraken"


def test_holes_before_the_span_count_where_features_look_back(root: Path) -> None:
    """Twenty days after the hole the finer one is enough for a run, not for what looks back far."""
    assert taken(root, 90, 100, 10)[0] == "coinbase"
    venue, notes = taken(root, 90, 100, 60)
    assert venue == "kraken"
    assert "(silent for 39 days before it)" in notes
    save(root, hourly([], "binance"), START_NS)
    assert taken(root, 90, 100, 60)[0] == "binance"


def test_a_year_before_is_enough_for_what_looks_back_for_ever(tmp_path: Path) -> None:
    """Days are known for three years, hours for one: a run reads hours, as plans in it do."""
    begin = 3 * 365
    save(tmp_path, bars(replace(BTC, venue="kraken"), [90.0] * (begin + 100), every=24.0), START_NS)
    late = [(begin - 300) * DAY + k for k in range(400 * DAY)]
    save(tmp_path, bars(replace(BTC, venue="binance"), [100.0] * len(late), late), START_NS)
    for last in (begin + 1, begin + 100):
        assert taken(tmp_path, begin, last, 9_999)[0] == "binance"
    assert taken(tmp_path, begin - 200, begin, 9_999)[0] == "kraken"


@pytest.mark.parametrize("days", [1, 2, 3])
def test_one_that_has_nothing_in_a_short_span_is_not_taken(tmp_path: Path, days: int) -> None:
    """Hours in dollars with a hole of ninety days, and days without one: within it the days."""
    hours = [*range(5 * DAY), *range(95 * DAY, 100 * DAY)]
    save(tmp_path, bars(replace(BTC, venue="kraken"), [100.0] * len(hours), hours), START_NS)
    whole = bars(replace(BTC, venue="okx"), [90.0] * 100, every=24.0)
    save(tmp_path, whole, START_NS)
    assert taken(tmp_path, 50, 50 + days)[0] == "okx"
    assert taken(tmp_path, 96, 96 + days)[0] == "kraken"


def test_a_venue_that_is_named_is_taken_as_it_is(root: Path) -> None:
    """With its hole; one that is not stored is told; quotes come from any venue."""
    assert taken(root, 0, 100, venue="coinbase")[0] == "coinbase"
    with pytest.raises(HistoryError, match=r"of BTC.*\(indexes of okx, the index_venue\)"):
        taken(root, 0, 100, venue="okx")
    spot = bars(replace(BTC, venue="okx", quote="USDT"), [100.0] * 100, every=24.0)
    save(root, spot, START_NS)
    save(root, bars(USDT, [0.98] * 100, every=24.0), START_NS)
    assert taken(root, 0, 100, venue="okx")[0] == "okx"
    quotes, _ = quotes_at(root, START_NS + 50 * DAY_NS, (), ("BTC",), index_venue="okx")
    assert quotes.index["BTC"] == pytest.approx(98.0)


@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=40, unique=True),
    st.integers(-50, 250),
    st.integers(1, 200),
)
def test_silence_is_that_of_every_hour(
    tmp_path_factory: pytest.TempPathFactory, hours: list[int], first: int, length: int
) -> None:
    """Hour by hour: how many are more than a day after the last stamp, or the beginning."""
    folder = tmp_path_factory.mktemp("silent")
    opened = sorted(hours)
    save(folder, bars(BTC, [1.0] * len(opened), opened), START_NS)
    (one,) = stored(folder)
    last = first + length
    inside = [k for k in opened if first <= k < last]
    silent = sum(
        k - max([first, *(at for at in inside if at <= k)]) >= DAY for k in range(first, last)
    )
    reached = silent_ns(one, START_NS + first * HOUR_NS, START_NS + last * HOUR_NS) / HOUR_NS
    assert abs(reached - silent) <= (1 if one.gaps == 0 else 0)


def test_a_mandate_names_the_index_in_every_mode(tmp_path: Path) -> None:
    """A plan and a backtest read the venue it names; without one both take the best."""
    a_store(tmp_path, BEGIN_NS)
    index = a_history().index["BTC"]
    assert isinstance(index, Bars)
    label = replace(index.label, venue="kraken", quote="USD")
    dearer = {name: getattr(index, name) * 2.0 for name in ("open", "high", "low", "close")}
    save(tmp_path, replace(index, label=label, **dearer), BEGIN_NS)
    moment = BEGIN_NS + (DAYS - 20) * DAY_NS
    text, span = a_mandate("ratio = 0.5"), (moment - DAY_NS, moment, None)
    prices = {}
    for venue in ("", 'index_venue = "kraken"\n', 'index_venue = "binance"\n'):
        mandate = parse_mandate(venue + text)
        planned = verbs.plan(mandate, at=moment, data=tmp_path).index_usd["BTC"]
        aligned, history, _ = open_market(mandate, None, tmp_path, span)
        prices[venue] = planned
        assert aligned.index.value[-1, aligned.currencies.index("BTC")] == pytest.approx(planned)
        assert history.index["BTC"].label.venue in (venue or "kraken")
    best, kraken, binance = prices.values()
    assert best == kraken == pytest.approx(2.0 * binance, rel=0.01)
    file = tmp_path / "m.toml"
    file.write_text('index_venue = "okx"\n' + text, encoding="utf-8")
    result = run("backtest", file, "--data", tmp_path, "--from", "2021-01-01", "--to", "2021-02-01")
    assert result.exit_code == 8
    assert "indexes of okx, the index_venue" in " ".join(result.stderr.split())
