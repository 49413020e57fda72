"""Ratios from a CSV file and from a Python function."""

from pathlib import Path

import pytest

from tests.mandate.samples import BOOK
from volsculpt.errors import MandateError, PolicyError
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.policies.regime import RegimePolicy
from volsculpt.hedge.policies.series import SeriesPolicy
from volsculpt.hedge.policies.vol_target import VolTargetPolicy
from volsculpt.mandate.load import load_mandate, parse_mandate
from volsculpt.mandate.objects import Mandate
from volsculpt.units import MINUTE_NS

SERIES = '[[hedge]]\nunderlying = "BTC"\npolicy = "series"\nfile = "ratio.csv"\n'
CALLABLE = '[[hedge]]\nunderlying = "BTC"\npolicy = "callable"\ncallable = "mine.py:ratio"\n'
HEDGE = '[[hedge]]\nunderlying = "BTC"\n'
A_TIME = "must be a time with an offset, like 2024-05-20T00:00:00Z"
GOOD = """from dataclasses import dataclass

@dataclass
class Memory:
    calls: "int"

def ratio(time_ns, features, book, memory):
    return 0.25, Memory((memory.calls if memory else 0) + 1)
"""


def written(folder: Path, hedge: str, name: str, text: str | None) -> Path:
    """A mandate with one hedge, and the file it names beside it."""
    (folder / "m.toml").write_text(BOOK + hedge, encoding="utf-8")
    if text is not None:
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "m.toml"


def series(folder: Path, text: str) -> SeriesPolicy:
    """The policy of a mandate with this ratio file."""
    policy = load_mandate(written(folder, SERIES, "ratio.csv", text)).hedges[0].policy
    assert isinstance(policy, SeriesPolicy)
    return policy


def test_a_series_is_read(tmp_path: Path) -> None:
    """Times with any offset, rising; empty lines and spaces do no harm."""
    text = "time, ratio\n2024-05-20T00:00:00Z,0.5\n\n2024-05-20 03:00:00+02:00 , 1\n"
    policy = series(tmp_path, text)
    first = 1_716_163_200 * 10**9
    assert policy.times_ns == (first, first + 3600 * 10**9)
    assert policy.ratios == (0.5, 1.0)
    assert policy.source == str(tmp_path / "ratio.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'line 1: must be the columns "time,ratio", not ""'),
        ("ratio,time\n", 'line 1: must be the columns "time,ratio", not "ratio,time"'),
        ("time,ratio\n", "holds no ratio; write one line or more below the columns"),
        ("time,ratio\n2024-05-20T00:00:00,0.5\n", f'line 2: "2024-05-20T00:00:00" {A_TIME}'),
        ("time,ratio\nsoon,0.5\n", f'line 2: "soon" {A_TIME}'),
        ("time,ratio\n2024-05-20T00:00:00Z,half\n", 'line 2: "half" must be a number, like 0.5'),
        ("time,ratio\n2024-05-20T00:00:00Z,nan\n", 'line 2: "nan" must be a number, like 0.5'),
        (
            "time,ratio\n2024-05-20T00:00:00Z,50\n",
            "line 2: ratio 50 must be between -3 and 3, where 1 hedges all; did you mean 0.5?",
        ),
        (
            "time,ratio\n2024-05-20T00:00:00Z\n",
            "line 2: must have 2 cells, a time and a ratio, not 1",
        ),
        (
            "time,ratio\n2024-05-20T00:00:00Z,1\n\n2024-05-20T00:00:00Z,1\n",
            "line 4: its time must be later than that of the line before",
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    """The line of the ratio file is in the message."""
    path = written(tmp_path, SERIES, "ratio.csv", text)
    with pytest.raises(MandateError) as caught:
        load_mandate(path)
    assert str(caught.value) == f'{path}: [[hedge]] 1 (BTC): file = "ratio.csv": {message}'


def test_a_series_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """A spreadsheet saved under the name of a CSV file is told apart."""
    path = written(tmp_path, SERIES, "ratio.csv", "")
    (tmp_path / "ratio.csv").write_bytes(b"PK\x03\x04\xff\xfe")
    with pytest.raises(MandateError, match="cannot be read as CSV"):
        load_mandate(path)


def test_a_file_name_that_no_system_takes_is_refused(tmp_path: Path) -> None:
    """A zero byte is no letter of a name."""
    path = written(tmp_path, SERIES.replace("ratio.csv", "a\\u0000b"), "ratio.csv", None)
    with pytest.raises(MandateError, match=r"holds a control character \(U\+0000\)"):
        load_mandate(path)


def test_a_series_beyond_the_limits_is_warned_of(tmp_path: Path) -> None:
    """Once for the whole file, with how many lines it concerns."""
    text = "time,ratio\n2024-05-20T00:00:00Z,1.5\n2024-05-21T00:00:00Z,-1\n"
    warnings = load_mandate(written(tmp_path, SERIES, "ratio.csv", text)).warnings
    assert warnings == (
        "[[hedge]] 1 (BTC): 2 of 2 ratios of its file are outside [0, 1] and will be held to it",
    )


def test_a_function_is_loaded(tmp_path: Path) -> None:
    """It is called with time, features, book and memory; its file may define classes."""
    path = written(tmp_path, CALLABLE + 'every = "1d"\n', "mine.py", GOOD)
    policy = load_mandate(path).hedges[0].policy
    assert isinstance(policy, CallablePolicy)
    ratio, memory = policy.function(0, None, None, None)
    assert (ratio, memory.calls) == (0.25, 1)
    assert policy.every_ns == 86_400 * 10**9
    assert policy.source == f"{tmp_path / 'mine.py'}:ratio"


def test_a_function_without_every_is_asked_each_step(tmp_path: Path) -> None:
    """No schedule of its own is none at all."""
    policy = load_mandate(written(tmp_path, CALLABLE, "mine.py", GOOD)).hedges[0].policy
    assert isinstance(policy, CallablePolicy)
    assert policy.every_ns is None


def test_one_function_serves_every_coin(tmp_path: Path) -> None:
    """A table on every coin loads its file once."""
    path = written(tmp_path, CALLABLE.replace('"BTC"', '"*"'), "mine.py", GOOD)
    btc, eth = (hedge.policy for hedge in load_mandate(path).hedges)
    assert btc is eth


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no file"),
        ("x = 1\n", r"has no function ratio; write def ratio\(time_ns, features, book, memory\)"),
        ("ratio = 0.5\n", "has no function ratio"),
        ("def ratio(time_ns):\n    return 1\n", "ratio must take four arguments"),
        ("def ratio(:\n", "fails when it is loaded: SyntaxError"),
        ("import nothing_of_this_name\n", "fails when it is loaded: ModuleNotFoundError"),
        ("raise SystemExit(3)\n", "fails when it is loaded: SystemExit: 3"),
        ("1 / 0\n", "fails when it is loaded: ZeroDivisionError: division by zero"),
    ],
)
def test_a_wrong_function_is_a_policy_error(tmp_path: Path, text: str | None, message: str) -> None:
    """What is wrong with the owner's file, after the place that names it."""
    path = written(tmp_path, CALLABLE, "mine.py", text)
    with pytest.raises(PolicyError, match=message) as caught:
        load_mandate(path)
    assert str(caught.value).startswith(f"{path}: [[hedge]] 1 (BTC): callable")


def test_a_built_in_that_hides_its_arguments_is_taken(tmp_path: Path) -> None:
    """Some functions written in C cannot be asked what they take."""
    path = written(tmp_path, CALLABLE, "mine.py", "ratio = min\n")
    assert isinstance(load_mandate(path).hedges[0].policy, CallablePolicy)


def vol_target(keys: str = "", limits: str = "") -> Mandate:
    """A mandate with a volatility target of 40 %."""
    head = '[[hedge]]\nunderlying = "BTC"\npolicy = "vol-target"\nvolatility = 0.4\n'
    return parse_mandate(BOOK + head + keys + limits)


@pytest.mark.parametrize("keys", ["", 'base = "wealth"\n', 'half_life = "30d"\n'])
def test_a_volatility_target_is_of_wealth(keys: str) -> None:
    """Its base is wealth, its half-life thirty days, said or not; others stay on equity."""
    hedge = vol_target(keys).hedges[0]
    assert (hedge.policy, hedge.base) == (VolTargetPolicy(0.4, 30 * 86_400 * 10**9), "wealth")
    plain = parse_mandate(f'{BOOK}[[hedge]]\nunderlying = "BTC"\nratio = 0.5\n').hedges[0]
    assert plain.base == "equity"


def test_hedges_have_their_own_volatility_targets() -> None:
    """Each coin its own figures, one of them through a proxy."""
    more = (
        '[[hedge]]\nunderlying = "ETH"\npolicy = "vol-target"\nvolatility = 0.2\n'
        'half_life = "10d"\nproxy = "BTC"\nbeta = 1.2\n'
    )
    made = vol_target(more)
    policies = [hedge.policy for hedge in made.hedges]
    days = 86_400 * 10**9
    assert policies == [VolTargetPolicy(0.4, 30 * days), VolTargetPolicy(0.2, 10 * days)]
    assert any("coins that move together add up to 60 % a year" in note for note in made.notes)
    assert not any("add up to" in note for note in vol_target().notes)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ("", "keeps 0 % to 100 % of your whole wealth exposed (max_ratio 1, min_ratio 0)"),
        ("", "a min_ratio below 0 would allow more than all"),
        ("[limits]\nmin_ratio = -0.5\nmax_ratio = 0.9\n", "keeps 10 % to 150 % of your whole"),
    ],
)
def test_what_a_volatility_target_may_do_is_said(limits: str, words: str) -> None:
    """The least and the most that stays exposed, and how to allow more than everything."""
    assert any(words in note for note in vol_target(limits=limits).notes)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            'policy = "regime"\naim_max_age = "1m"',
            'aim_max_age = "1m" is a minute; did you mean a m',
        ),
        (
            'policy = "trend"\nratio = 0.5\ntilt = 0.2\nhalf_life = "3m"',
            'half_life = "3m" is 3 minu',
        ),
        ('policy = "trend"\nratio = 0.5\ntilt = 0.2\nhalf_life = "12m"', 'months? write "365d"'),
    ],
)
def test_a_length_that_may_be_months_is_asked_about(keys: str, problem: str) -> None:
    """Minutes are no window and no age of a policy; how often it looks may be minutes."""
    with pytest.raises(MandateError) as told:
        parse_mandate(BOOK + HEDGE + keys)
    assert problem in str(told.value)
    looks = parse_mandate(f'{BOOK}{HEDGE}policy = "regime"\nevery = "15m"')
    policy = looks.hedges[0].policy
    assert isinstance(policy, RegimePolicy)
    assert policy.every_ns == 15 * MINUTE_NS
