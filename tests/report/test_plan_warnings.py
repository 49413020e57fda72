"""What is said once, and what linear shorts leave."""

from dataclasses import fields, replace
from typing import Any

import pytest

from tests.factories import account, decided, fixed, inverse, linear, quanto, vault
from tests.report import plans
from volsculpt import verbs
from volsculpt.book.holdings import Book, Position, Transfer
from volsculpt.contracts.spec import Contract
from volsculpt.hedge.answer import Aim
from volsculpt.hedge.policies.callable import CallablePolicy
from volsculpt.hedge.spec import Hedge
from volsculpt.mandate.desk import GuardRules
from volsculpt.mandate.load import parse_mandate
from volsculpt.report.document import Line
from volsculpt.report.pages.plan import decision_lines, nothing, to_do
from volsculpt.report.rows.plan_book import decision_rows
from volsculpt.report.rows.plan_margin import margin_rows
from volsculpt.report.rows.plan_warnings import (
    book_warnings,
    depeg_note,
    lot_warnings,
    margin_warnings,
    once,
    overdue_warnings,
)
from volsculpt.trade.execute.guard import CHECKS, KEYS, REMEDIES
from volsculpt.watch.filled import filled
from volsculpt.watch.nextstep import NextStepRow


def test_a_peg_is_told_once_for_each_stablecoin() -> None:
    """The store and the plan say it in different words; the first stays."""
    stored = "assumed_peg: no price of USDT is stored of this time; it is taken at 1 US dollar"
    began = "assumed_peg: prices of USDC start at 2020; before, it is taken at 1 US dollar"
    asked = "assumed_peg: USDT is taken at 1 USD; give --price USDT=0.9995 to value it"
    other = "assumed_peg: USDC is taken at 1 USD; give --price USDC=0.9995 to value it"
    third = "assumed_peg: DAI is taken at 1 USD; give --price DAI=0.9995 to value it"
    assert once([stored, "a", began, asked, "a", other, third]) == [stored, "a", began, third]


IN_BITCOIN = linear("ETH", settle="BTC", quote="BTC", symbol="ETH/BTC:BTC")
IN_EUROS = linear("ETH", settle="EUR", symbol="ETH/EUR:EUR")


@pytest.mark.parametrize(
    ("contract", "hedged", "ends"),
    [
        (linear("ETH"), (), "long 30,000 USDT: if USDT loses its peg, so do you"),
        (IN_EUROS, (), "long 30,000 EUR"),
        (IN_BITCOIN, (), "long 0.5 BTC, which moves with its price"),
        (IN_BITCOIN, ("BTC",), "long 0.5 BTC, which the hedge of BTC counts"),
        (quanto(), (), None),
    ],
)
def test_a_peg_is_spoken_of_where_there_is_one(
    contract: Contract, hedged: tuple[str, ...], ends: str | None
) -> None:
    """10 ETH sold: a stablecoin may break, euros do not, a coin moves, a quanto leaves nothing."""
    own = account("own", {"USDT": 60_000.0, "BTC": 2.0, "EUR": 60_000.0})
    book = Book((vault(ETH=10.0), own))
    prices = {"BTC": 60_000.0, "ETH": 3_000.0, "USDT": 1.0, "EUR": 1.0}
    hedges = [fixed("ETH"), *(fixed(coin) for coin in hedged)]
    used = [[("own", contract, False)], *([] for _ in hedged)]
    notes = depeg_note(decided(book, hedges, used, prices))
    assert [note.endswith(ends or "") for note in notes] == ([True] if ends else [])


def test_a_hedge_without_a_target_is_told_first() -> None:
    """Not "where it should be": headline, warning and `is_decided` say that nothing was decided."""
    book = Book((vault(BTC=2.0), account("one", {"BTC": 0.5})))

    def unsure(*_: Any) -> tuple[Aim, None]:  # noqa: ANN401
        """A policy that knows nothing yet."""
        return Aim(None, reasons=("no figure",)), None

    silent = Hedge("BTC", CallablePolicy(unsure, 1, "unsure"))
    legs = ((("one", inverse(), False),),)
    for hedge, is_known in ((silent, False), (fixed("BTC", 0.0), True)):
        decision = decided(book, (hedge,), legs, {"BTC": 60_000.0})
        (row,) = decision_rows(decision)
        assert row.is_decided is is_known
        told = [one for one in book_warnings(decision, []) if one.startswith("undecided: BTC")]
        assert len(told) == (not is_known)
        assert all(one.endswith("no figure") for one in told)
        first = nothing(replace(plans.empty(), decision=[row]))
        assert first.startswith("Nothing to do" if is_known else "Not decided: how much of BTC to")
        assert ("no target, so it stays" in decision_lines(row)[0].text) is not is_known


def test_a_share_of_no_wealth_is_told() -> None:
    """2.5 BTC and 150,000 USD owed on them at 60,000: not decided, and the warning says why."""
    book = Book((vault(BTC=2.0, USD=-150_000.0), account("one", {"BTC": 0.5})))
    legs = ((("one", inverse(), False),),)
    decision = decided(book, (fixed("BTC", 0.5, base="wealth"),), legs, {"BTC": 60_000.0})
    (row,) = decision_rows(decision)
    assert row.is_decided is False
    assert "no wealth to hedge a share of -> no target, policy" in decision_lines(row)[0].text
    (told,) = book_warnings(decision, [])
    assert told.startswith("no_wealth: BTC: your wealth is 0 USD: no share of it can be hedged")


MAY_2024 = 1_714_521_600 * 10**9
GUARDED = """version = 1
[[account]]
name = "one"
kind = "margin"
venue = "bybit"
balances = {{ BTC = 2.0, ETH = 20.0 }}
[[account.position]]
contract = "BTC/USD:BTC"
contracts = {held}
entry = 60_000
[[hedge]]
underlying = "BTC"
ratio = 0.5
[[hedge]]
underlying = "ETH"
ratio = 0.5
[guard]
{rule}
"""


@pytest.mark.parametrize(
    ("rule", "refused"),
    [
        ("max_order_usd = 1_000", {"BTC": "40,000 USD is over max_order_usd 1,000", "ETH": "30,0"}),
        ("max_order_usd = 35_000", {"BTC": "40,000 USD is over max_order_usd 35,000"}),
        ("max_daily_usd = 60_000", {"ETH": "70,000 USD within 24 hours is over max_daily_usd 60,"}),
        ("max_orders_per_hour = 1", {"ETH": "1 orders within an hour: max_orders_per_hour is 1"}),
        ("max_leverage = 0.1", {"BTC": "stand 0.5x: max_leverage is 0.1x; add", "ETH": "0.5x"}),
        ("max_order_usd = 50_000", {}),
    ],
)
def test_an_order_that_the_guard_would_refuse_is_warned_of(
    rule: str, refused: dict[str, str]
) -> None:
    """Each of them in the words of the desk's guard, with its remedy; the plan is as it was."""
    mandate = parse_mandate(GUARDED.format(held=-20_000, rule=rule))
    made = verbs.plan(mandate, prices={"BTC": 60_000.0, "ETH": 3_000.0}, time_ns=MAY_2024)
    assert [order.side for order in made.orders] == ["sell", "sell"]
    told = [one for one in made.warnings if one.startswith("guard_refuses: ")]
    assert len(told) == len(refused)
    for line, (coin, why) in zip(told, refused.items(), strict=True):
        assert f" contracts of {coin}/USD:{coin} on one: " in line
        assert line.startswith("guard_refuses: the desk would not sell ")
        assert why in line
        assert "a desk's default" not in line
        assert line.endswith(tuple(REMEDIES.values()))


def test_a_reduction_toward_the_target_is_not_warned_of() -> None:
    """The guard lets it pass whatever its size, at the desk as in a plan."""
    mandate = parse_mandate(GUARDED.format(held=-100_000, rule="max_order_usd = 31_000"))
    made = verbs.plan(mandate, prices={"BTC": 60_000.0, "ETH": 3_000.0}, time_ns=MAY_2024)
    assert "buy" in [order.side for order in made.orders]
    assert [one for one in made.warnings if one.startswith("guard")] == []


WHALE = GUARDED.replace("BTC = 2.0, ETH = 20.0", "BTC = 200.0, ETH = 20.0").partition("[guard]")[0]
DEFAULT = (
    "is over max_order_usd 1,000,000, which is a desk's default; raise it in [guard], or set a"
)


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ("", None),
        ("[limits]\nmax_leverage = 5.0\n", None),
        ('[desk]\nevery = "1h"\n', DEFAULT),
        ('[send]\nway = "market"\n', DEFAULT),
        ("[guard]\n", DEFAULT),
        ("[guard]\nmax_leverage = 5.0\n", DEFAULT),
        ("[guard]\nmax_order_usd = 2_000_000\n", "is over max_order_usd 2,000,000; raise it"),
        ("[guard]\nmax_order_usd = 9_000_000\n", None),
    ],
)
def test_a_guard_is_the_desks_alone(tables: str, told: str | None) -> None:
    """Without a desk nothing is refused; a limit that nobody wrote is called a default."""
    mandate = parse_mandate(WHALE.format(held=-20_000) + tables)
    made = verbs.plan(mandate, prices={"BTC": 60_000.0, "ETH": 3_000.0}, time_ns=MAY_2024)
    warned = [one for one in made.warnings if one.startswith("guard_refuses: ")]
    assert len(warned) == (told is not None)
    assert told is None or told in warned[0]


def test_each_check_of_the_guard_names_its_key() -> None:
    """Latches are set by what happened, and have a key of another kind."""
    assert set(KEYS) == set(CHECKS) - {"latch"}
    assert set(KEYS.values()) <= {one.name for one in fields(GuardRules)}


@pytest.mark.parametrize(
    ("owned", "held", "stance"),
    [
        (0.1, -60_000.0, "net short"),  # 0.5 BTC are lost on the short, 0.3 more than are there
        (0.1, 0.0, "net short"),
        (0.4, 0.0, "market neutral"),
        (0.3999999, 0.0, "market neutral"),
        (1.0, 0.0, "net long"),
        (1.0, -60_000.0, "net long"),
    ],
)
def test_what_is_left_of_a_coin_that_is_not_owned_is_called_what_it_is(
    owned: float, held: float, stance: str
) -> None:
    """A debt of coins gains when they fall: net short, though a target of 0 leaves all open."""
    lines = (Position(inverse(), held, 40_000.0),) if held else ()
    own = account("one", {"BTC": 0.1 if held else -0.4}, lines)
    legs = ((("one", inverse(), False),),)
    decision = decided(Book((vault(BTC=owned), own)), (fixed("BTC", 0.0),), legs, {"BTC": 60_000.0})
    (row,) = decision_rows(decision)
    assert row.stance == stance
    assert f"({stance})" in decision_lines(row)[0].text


@pytest.mark.parametrize(
    ("contract", "held", "says"),
    [
        (
            inverse(),
            -0.33,
            "0.33 contracts of BTC/USD:BTC on one is no whole number of lots of 1; ",
        ),
        (inverse(), -0.33, "if you mean 0.33 BTC, write 19,800 contracts"),
        (inverse(multiplier=100.0), -0.33, "if you mean 0.33 BTC, write 198 contracts"),
        (linear(multiplier=1.0, lot=0.001), 0.3333, "of lots of 0.001; check it"),
    ],
)
def test_coins_written_as_contracts_are_told(contract: Contract, held: float, says: str) -> None:
    """Venues hold whole lots: what is none is told, with what it would be in coins."""
    book = Book(
        (account("one", {"BTC": 1.0, "USDT": 9_000.0}, (Position(contract, held, 60_000.0),)),)
    )
    decision = decided(book, (fixed(),), ((("one", contract, False),),), {"BTC": 60_000.0})
    (told,) = lot_warnings(decision)
    assert told.startswith("part_lots: ")
    assert says in told
    whole = Book((account("one", {"BTC": 1.0}, (Position(inverse(), -19_800.0, 60_000.0),)),))
    legs = ((("one", inverse(), False),),)
    assert lot_warnings(decided(whole, (fixed(),), legs, {"BTC": 60_000.0})) == []


def test_a_group_that_was_lost_long_ago_is_no_thin_one() -> None:
    """0.5 BTC behind 200,000 USD sold at 30,000 and bought back at 60,000: 2.83 BTC are owed."""
    held = Position(inverse(), -200_000.0, 30_000.0)
    book = Book((vault(BTC=2.0), account("one", {"BTC": 0.5}, (held,))))
    legs = ((("one", inverse(), False),),)
    decision = decided(book, (fixed(),), legs, {"BTC": 60_000.0})
    after = filled(decision)
    rows = [row for row in margin_rows(decision, after) if row.stage == "after"]
    (told,) = margin_warnings(decision, after, rows, ())
    assert told.startswith("margin_shortfall: 'one' (BTC) would have been liquidated before")
    assert "check its balances, its contracts and their entry" in told


def test_what_is_to_be_done_is_numbered_through() -> None:
    """Moves, orders and what follows them are one list from 1, in the order to be done."""
    step = NextStepRow("coinm", "BTC", 0.5, {"vault": 0.5}, "B", "v", "sell", 9, 3.0, None, None)
    planned = replace(step, group="BTC", planned=True)
    lacks = replace(step, account="usdm", currency="USDT", available={}, lacking=0.5)
    made = replace(plans.treasury(), next_steps=[planned, lacks])
    lines = [one for one in to_do(made).items if isinstance(one, Line) and one.kind == "action"]
    assert [one.text.partition(" ")[0] for one in lines] == ["1.", "2.", "3.", "4.", "5."]
    verbs_in_turn = [one.text.split()[1] for one in lines]
    assert verbs_in_turn == ["MOVE", "SELL", "SELL", "BRING", "SELL"]
    plain = [one for one in to_do(replace(made, next_steps=[])).items if isinstance(one, Line)]
    assert [one.text.split()[0] for one in plain if one.kind == "action"] == ["MOVE", "SELL"]


def test_coins_that_were_due_are_asked_for() -> None:
    """From the moment they were due on; of others nothing is known, or they are on time."""
    sent = [Transfer("BTC", 0.25, "coinm", "vault", at) for at in (None, 100, 101)]
    (line,) = overdue_warnings(Book((), transfers=tuple(sent)), 100)
    assert line.startswith("transfer_overdue: 0.25 BTC to 'coinm' were due at 1970-01-01 00:00 UTC")
