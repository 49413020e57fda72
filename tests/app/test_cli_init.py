"""`volsculpt init`: questions in a terminal, options without one, a file that can be planned."""

from itertools import product
from pathlib import Path

import pytest

from tests.app.running import MANDATE, mandate, run
from volsculpt import verbs
from volsculpt.app.cli.verbs import init
from volsculpt.contracts.catalog import BUILT_IN, load_catalog
from volsculpt.errors import MandateError
from volsculpt.mandate.answers import WORRIES
from volsculpt.mandate.init import answers_from, render_mandate
from volsculpt.mandate.load import parse_mandate
from volsculpt.mandate.offered import KINDS
from volsculpt.mandate.setup import check_decidable
from volsculpt.market.quotes import time_ns_of

NOW = time_ns_of("2026-11-30", "now")
HELD = ("2 BTC", "2 BTC, 40 ETH", "100 SOL, 1 BTC")
PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0}
ANSWERS = {"date": {"event": "2099-12-10/7d"}, "production": {"production": "0.1 BTC/30d"}}
OPTIONS = {"date": ("--event", "2099-12-10/7d"), "production": ("--production", "0.1 BTC/30d")}


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is there to be asked."""
    monkeypatch.setattr(init, "is_terminal", lambda: True)


# --- options --------------------------------------------------------------------------


def test_it_writes_what_options_say(tmp_path: Path) -> None:
    """Nothing is asked, the file is shown, and it can be planned."""
    path = tmp_path / "mine.toml"
    result = run("init", path, "--hold", "2.5 btc", "--venue", "bybit", "--ratio", "0.5")
    assert result.exit_code == 0, result.output
    assert f"next: volsculpt plan {path} --price BTC=60000" in result.stdout
    assert all(f"  {line}".rstrip() in result.stdout for line in path.read_text().splitlines())
    assert verbs.load(path).book.accounts[0].balances == {"BTC": 2.5}
    assert run("plan", path, "--price", "BTC=60000").exit_code == 0


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        (["--hold", "2 BTC, 3 ETH, 9 EURC, 5 USDT"], "BTC=60000 ETH=3000 EUR=PRICE"),
        (["--hold", "5 SOL", "--worry", "altcoins"], "SOL=PRICE BTC=60000"),
        (["--hold", "2 ETH", "--margin", "1 SOL", "--venue", "binance"], "ETH=3000 SOL=PRICE"),
    ],
)
def test_every_price_that_a_plan_needs_is_named(
    tmp_path: Path, options: list[str], flags: str
) -> None:
    """In the file, in what comes next, and by the plan that lacks them."""
    path, told = tmp_path / "mine.toml", "".join(f" --price {one}" for one in flags.split())
    result = run("init", path, "--yes", *options)
    assert result.exit_code == 0, result.output
    assert f"next: volsculpt plan {path}{told}\n" in result.stdout
    assert path.read_text().splitlines()[1] == f"# Next: volsculpt plan THIS_FILE{told}"
    lacking = " ".join(run("plan", path).stderr.split())
    for one in flags.split():
        assert f"--price {one.partition('=')[0]}=PRICE" in lacking
    priced = [word for one in flags.split() for word in ("--price", one.replace("PRICE", "1"))]
    assert run("plan", path, *priced).exit_code == 0


@pytest.mark.parametrize(("held", "each"), [("1 BTC", 0.4), ("1.3 ETH 0.2 BTC", 0.2)])
def test_coins_share_the_volatility_that_was_answered(
    tmp_path: Path, held: str, each: float
) -> None:
    """40 % is of wealth: two coins that fall together may move it by 20 % each."""
    path = tmp_path / "mine.toml"
    asked = ("--hold", held, "--worry", "risk", "--volatility", "40%", "--venue", "bybit")
    assert run("init", path, *asked, "--contracts", "inverse").exit_code == 0
    policies = [one.policy for one in verbs.load(path).hedges]
    assert [one.volatility_wanted() for one in policies] == [each] * len(policies)


def test_with_a_price_it_plans_at_once(tmp_path: Path) -> None:
    """The plan is the one that `plan` prints of the file."""
    path = tmp_path / "mine.toml"
    made = run("init", path, "--price", "BTC=60000", "--movable", "0.3 BTC").stdout
    assert "WHAT TO DO" in made
    assert "MOVE 0.16" in made
    assert "from reserve to futures" in made
    plan = verbs.load(path)
    assert {one.name: one.balances for one in plan.book.accounts} == {
        "vault": {"BTC": 0.7},
        "reserve": {"BTC": 0.3},
        "futures": {},
    }
    assert plan.collateral[0].source == ("reserve",)


def test_without_a_terminal_it_says_what_it_takes(tmp_path: Path) -> None:
    """Nothing is read of what is typed, and whose coins it writes is told."""
    made = run("init", tmp_path / "a.toml", typed="my coins\n3 BTC\n")
    assert made.exit_code == 0
    assert "nothing is asked: 1 BTC is taken; --hold says others" in made.stderr
    assert verbs.load(tmp_path / "a.toml").book.accounts[0].balances == {"BTC": 1.0}


@pytest.mark.usefixtures("terminal")
def test_a_wrong_option_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    """Questions come of what options say."""
    refused = run("init", tmp_path / "a.toml", "--worry", "rain")
    assert refused.exit_code == 2
    assert '"rain": choose fall, date' in refused.stderr
    assert "What do you hold" not in refused.stderr


def test_it_does_not_overwrite(tmp_path: Path) -> None:
    """A file that is there stays as it is, unless --force."""
    path = mandate(tmp_path)
    refused = run("init", path, "--yes")
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
    assert path.read_text(encoding="utf-8") == MANDATE
    assert run("init", path, "--yes", "--force").exit_code == 0
    assert path.read_text(encoding="utf-8") != MANDATE


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--ratio", "3"), "between 0 and 1"),
        (("--venue", "nowhere"), "choose one of"),
        (("--coin", "BTC"), "NAME=AMOUNT"),
        (("--coin", "BTC=much"), "write an amount"),
        (("--coin", "BTC=1", "--hold", "1 BTC"), "give one of them"),
        (("--hold", "7 BTCC"), "BTCC: no contract of the catalog is on it; did you mean BTC?"),
        (("--hold", "7 WBTC"), '[assets.WBTC] underlying = "BTC"'),
        (("--worry", "rain"), '"rain": choose fall, date, lock, income, risk, altcoins or prod'),
        (("--worry", "date"), "say from when to when, for example --event"),
        (("--worry", "date", "--event", "2020-01-01/7d"), "the event is over by 2020-01-08"),
        (("--worry", "date", "--event", "soon"), "write FROM/TO, for example 2026-12-10/7d"),
        (("--worry", "production"), 'say how much comes, for example --production "0.1 BTC/month"'),
        (("--worry", "lock", "--term", "perpetual"), "it locks no price; choose quarter"),
        (("--worry", "lock", "--contracts", "linear"), "leave it out"),
        (("--worry", "altcoins"), "no other coin is there; name one, or choose another worry"),
        (("--worry", "risk", "--volatility", "0"), "write a volatility a year above 0"),
        (
            ("--worry", "risk", "--term", "quarter"),
            "term: is of worry lock or income, and worry risk",
        ),
        (("--event", "2099-12-10/7d"), "makes nothing of it; leave it out, or take --worry date"),
        (("--movable", "2 BTC"), "1 of it is not there; name no more than you keep safe"),
        (
            ("--hold", "40 ETH", "--contracts", "linear"),
            "(bybit:ETH/USDT:USDT: the catalog does not know its maintenance margin); --contracts",
        ),
        (("--hold", "9 SOL"), "or hedge it with BTC or ETH: --worry altcoins"),
        (("--hold", "9 ETH", "--worry", "income"), "earn the funding of perpetuals: --term perp"),
    ],
)
def test_it_refuses_what_it_cannot_use(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    """A wrong option writes nothing, and the fix is named."""
    result = run("init", tmp_path / "mine.toml", *words, "--yes")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


def test_it_needs_a_folder(tmp_path: Path) -> None:
    """A path into nowhere is an error in words."""
    result = run("init", tmp_path / "no" / "mine.toml", "--yes")
    assert result.exit_code == 2
    assert "there is no folder" in result.stderr


# --- questions ------------------------------------------------------------------------


@pytest.mark.usefixtures("terminal")
def test_a_terminal_asks_what_no_option_says(tmp_path: Path) -> None:
    """Answers are typed; one that cannot be read is asked for again; the plan is made at once."""
    path = tmp_path / "mine.toml"
    typed = "3 BTCC\n3 btc\nbybitt\nbybit\n0.5 BTC\nfall\n40 %\nall\ny\n60000\n"
    result = run("init", path, "--name", "my coins", typed=typed)
    assert result.exit_code == 0, result.output
    assert "BTCC: no contract of the catalog is on it" in result.stderr
    assert '"bybitt": choose one of' in result.stderr
    for name, worry in WORRIES.items():
        assert f"  {name:<12}{worry.words}" in result.stderr
    loaded = verbs.load(path)
    assert loaded.name == "my coins"
    assert loaded.book.accounts[0].balances == {"BTC": 3.0}
    assert loaded.collateral[0].source == ("vault",)
    assert "WHAT TO DO" in result.stdout


@pytest.mark.usefixtures("terminal")
def test_what_a_venue_does_not_offer_is_asked_for_again(tmp_path: Path) -> None:
    """With the reason; what was answered well is kept."""
    path = tmp_path / "mine.toml"
    first, again = "100 SOL\nbybit\n\nfall\n\n\n", "100 SOL\nbybit\naltcoins\nBTC\n"
    result = run("init", path, typed=f"{first}{again}n\n")
    assert result.exit_code == 0, result.output
    assert "SOL: bybit lists no perpetual on it that a plan can size" in result.stderr
    assert verbs.load(path).hedges[0].proxies[0].coin == "BTC"


@pytest.mark.usefixtures("terminal")
def test_enter_at_every_question_is_a_mandate(tmp_path: Path) -> None:
    """The file is written, the coins that its futures account lacks are told; no price, no plan."""
    path = tmp_path / "mandate.toml"
    asked = run("init", path, typed="\n" * 6 + "y\n\n")
    assert asked.exit_code == 0, asked.output
    told = " ".join(asked.stdout.split())
    assert "MOVE about 0.167 BTC TO futures (vault has 1 BTC)" in told
    assert run("check", path).stdout.splitlines()[2] == "READ THIS FIRST"


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("nothing", ["", "0", "none", "No", "0 BTC", "0.0", "nothing"])
def test_an_empty_account_is_told_in_any_words(nothing: str, tmp_path: Path) -> None:
    """0, none or Enter: nothing is there."""
    path = tmp_path / "m.toml"
    result = run("init", path, typed=f"1 BTC\nbybit\n{nothing}\nfall\n0.5\nnone\nn\n")
    assert result.exit_code == 0, result.output
    assert "write an amount" not in result.stderr
    assert verbs.load(path).book.accounts[1].balances == {}


@pytest.mark.usefixtures("terminal")
def test_a_wrong_last_answer_is_asked_again_alone(tmp_path: Path) -> None:
    """More may move than is there: that question alone, and all else is kept."""
    path = tmp_path / "m.toml"
    result = run("init", path, typed="1 BTC\nokx\n\nfall\n0.4\n5 BTC\n0.5 BTC\nn\n")
    assert result.exit_code == 0, result.output
    assert "4 of it is not there" in result.stderr
    assert result.stderr.count("What do you hold?") == 1
    assert result.stderr.count("How much of it may move") == 2
    found = verbs.load(path)
    assert {one.name: one.balances for one in found.book.accounts} == {
        "vault": {"BTC": 0.5},
        "reserve": {"BTC": 0.5},
        "futures": {},
    }


@pytest.mark.usefixtures("terminal")
def test_an_event_that_is_over_is_asked_again_alone(tmp_path: Path) -> None:
    """Once the other answers are there."""
    path = tmp_path / "m.toml"
    typed = "1 BTC\nbybit\n\ndate\n2020-01-01/7d\n1\nnone\n2099-12-10/7d\nn\n"
    result = run("init", path, typed=typed)
    assert result.exit_code == 0, result.output
    assert "the event is over by 2020-01-08T00:00:00Z" in result.stderr
    assert result.stderr.count("From when to when?") == 2
    assert result.stderr.count("What worries you?") == 1


@pytest.mark.usefixtures("terminal")
def test_of_what_does_not_go_together_enter_keeps_what_was_answered(tmp_path: Path) -> None:
    """Another venue alone mends it; the answers to another worry are gone with it."""
    path = tmp_path / "m.toml"
    first = "1.3 ETH\nkraken\n\nproduction\n100 SOL/30d\n0.5\nnone\n"
    result = run("init", path, typed=f"{first}\n\nfall\nn\n")
    assert result.exit_code == 0, result.output
    assert "Enter keeps what you answered" in result.stderr
    text = path.read_text(encoding="utf-8")
    assert ("SOL" in text, "ETH = 1.3" in text, 'venue = "kraken"' in text) == (False, True, True)


@pytest.mark.usefixtures("terminal")
def test_a_term_that_the_venue_does_not_list_is_asked_again(tmp_path: Path) -> None:
    """It was an error that ended all."""
    path = tmp_path / "m.toml"
    typed = "1 BTC\nbybit\n\nincome\nmonth\n1\nnone\n\n\n\nquarter\nn\n"
    result = run("init", path, typed=typed)
    assert result.exit_code == 0, result.output
    assert "lists BTC/USD:BTC by quarter, not by month" in result.stderr


def test_every_coin_is_named_in_what_comes_next(tmp_path: Path) -> None:
    """In the file as on the terminal."""
    path = tmp_path / "m.toml"
    told = run("init", path, "--hold", "1.3 ETH, 0.2 BTC", "--yes")
    assert "next: volsculpt plan" in told.stdout
    assert told.stdout.count("--price ETH=3000 --price BTC=60000") == 2
    line = "# Next: volsculpt plan THIS_FILE --price ETH=3000 --price BTC=60000"
    assert line in path.read_text(encoding="utf-8")


def test_prices_that_were_given_come_next_again(tmp_path: Path) -> None:
    """The plan that is named is the one that was printed; what was not given is left to fill in."""
    path = tmp_path / "m.toml"
    options = ("--hold", "1.3 ETH, 0.2 BTC", "--price", "ETH=2500.5")
    told = run("init", path, *options, "--price", "BTC=51000", "--yes").stdout
    assert f"next: volsculpt plan {path} --price ETH=2500.5 --price BTC=51000\n" in told
    part = run("init", path, *options, "--yes", "--force").stdout
    assert f"next: volsculpt plan {path} --price ETH=2500.5 --price BTC=60000\n" in part


# --- every venue, worry and kind of contract ------------------------------------------


def answered(venue: str, worry: str, kind: str, held: str) -> str | None:
    """The mandate of some answers; None where they are refused, which has to name a way out."""
    texts = {"cold": held, "venue": venue, "worry": worry, "contracts": kind, "movable": "all"}
    try:
        return render_mandate(answers_from(texts | ANSWERS.get(worry, {}), NOW))
    except MandateError as error:
        said = str(error)
        assert any(
            word in said for word in ("--venue ", "--worry ", "leave it out", "another worry")
        )
        return None


@pytest.mark.parametrize("worry", WORRIES)
def test_every_venue_worry_and_contract_can_be_planned_or_is_refused(worry: str) -> None:
    """What is written passes `check`, and the plan has a target for each coin."""
    made = 0
    for venue, kind, held in product(BUILT_IN, KINDS, HELD):
        text = answered(venue, worry, kind, held)
        if text is None:
            continue
        found = parse_mandate(text)
        check_decidable(found, NOW)
        plan = verbs.plan(found, prices=PRICES, time_ns=NOW)
        assert len(plan.decision) == len(found.hedges)
        assert plan.dangers == []
        made += 1
    assert made >= len(BUILT_IN)


def kinds_at(venue: str) -> set[str]:
    """Which kinds of contract on BTC a venue has: perpetual, dated."""
    catalog = load_catalog()
    listed = [one for one in catalog.contracts(venue) if one.base == "BTC"]
    families = [one for one in catalog.families(venue) if one.symbol.startswith("BTC/")]
    dated = [*families, *(one for one in listed if one.expiry_ns is not None)]
    found = {"perpetual": any(one.expiry_ns is None for one in listed), "dated": bool(dated)}
    return {kind for kind, is_there in found.items() if is_there}


@pytest.mark.parametrize("venue", BUILT_IN)
def test_every_worry_is_offered_for_bitcoin_at_every_venue(venue: str) -> None:
    """Beside an altcoin where it is about those; refused where the venue has no such contract."""
    for worry in WORRIES:
        kind = "dated" if worry in ("lock", "income") else "perpetual"
        made = answered(venue, worry, "best", HELD[2] if worry == "altcoins" else HELD[0])
        assert (made is not None) is (kind in kinds_at(venue)), worry


def tried(folder: Path, venue: str, worry: str) -> dict[str, int]:
    """Exit codes of what `init` writes, checked, and run on the made-up market."""
    path, held = folder / "m.toml", "100 SOL, 1 BTC" if worry == "altcoins" else "2 BTC"
    more = ("--margin", "90000 USDT, 60000 USD", "--movable", "all", *OPTIONS.get(worry, ()))
    span, from_time = ("--to=2026-10-03", "--step=8h", "--draws=0"), "--from=2026-10-01"
    every = (
        ("init", path, "--hold", held, "--venue", venue, "--worry", worry, *more),
        ("check", path),
        ("backtest", path, "--market=calm", from_time, *span),
        ("paper", path, "--ledger", "memory:", "--market=calm", from_time, "--steps", "3"),
    )
    return {str(words[0]): run(*words).exit_code for words in every}


WELL = dict.fromkeys(("init", "check", "backtest", "paper"), 0)


@pytest.mark.parametrize(("venue", "worry"), [("bybit", "lock"), ("kraken", "production")])
def test_some_run_through_the_made_up_market(venue: str, worry: str, tmp_path: Path) -> None:
    """Backtest and paper."""
    assert tried(tmp_path, venue, worry) == WELL


@pytest.mark.slow
@pytest.mark.parametrize(("venue", "worry"), [*product(BUILT_IN, WORRIES)])
def test_all_run_through_the_made_up_market(venue: str, worry: str, tmp_path: Path) -> None:
    """Backtest and paper of every venue and worry."""
    assert tried(tmp_path, venue, worry) == WELL
