"""A report of gains as it is printed: sums without what rounding left of them."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from volsculpt.app.cli.published import published
from volsculpt.ledger.coin_lots import LotRules
from volsculpt.ledger.coin_prices import CoinPrices, RecordedPrices, WantedPrices
from volsculpt.ledger.events import CashBooked, Converted, Event, FlowBooked
from volsculpt.ledger.ledger import open_ledger
from volsculpt.ledger.tax_year import TaxYear, tax_year
from volsculpt.report.pages.tax_year import tax_dict, tax_page, write_csv
from volsculpt.report.render.terminal import rendered
from volsculpt.units import HOUR_NS

BEGIN_NS = 1_715_904_000_000_000_000
LONG = 11  # digits behind a point that are dust


class Fixed(CoinPrices):
    """A dollar is one, a bitcoin 66,000."""

    def __init__(self) -> None:
        super().__init__(RecordedPrices([]), None, "USD")

    def of(self, wanted: WantedPrices) -> dict[tuple[str, int], float]:
        """Whatever the time."""
        return {
            (coin, at): {"USD": 1.0, "BTC": 66_000.0}[coin]
            for coin, stamps in wanted.items()
            for at in stamps
        }

    def price_at(self, coin: str, _time_ns: int) -> float | None:
        """The same."""
        return {"USD": 1.0, "BTC": 66_000.0}[coin]


def traded(n: int, sold: tuple[str, float], bought: tuple[str, float]) -> Converted:
    """A trade of coins, hour after hour."""
    return Converted(f"t{n}", "spot", *sold, *bought, BEGIN_NS + n * HOUR_NS)


def bought_and_sold(rules: LotRules = LotRules()) -> TaxYear:  # noqa: B008
    """0.1 and 0.2 BTC for what 0.3 are sold at in the end: nothing was gained but by rounding."""
    events: list[Event] = [
        FlowBooked("f", "spot", "USD", 30_000.0, "deposit", BEGIN_NS),
        traded(1, ("USD", 6_600.1), ("BTC", 0.1)),
        CashBooked("c1", "spot", "USD", -1.1, "fee", BEGIN_NS + HOUR_NS),
        traded(2, ("USD", 13_400.2), ("BTC", 0.2)),
        CashBooked("c2", "spot", "USD", -1.3, "fee", BEGIN_NS + 2 * HOUR_NS),
        traded(3, ("BTC", 0.3), ("USD", 20_000.3)),
    ]
    with open_ledger("memory:") as ledger:
        ledger.append(events, BEGIN_NS + 9 * HOUR_NS)
        return tax_year(list(ledger.entries()), Fixed(), (None, None), rules)


def is_clean(text: str) -> bool:
    """No number has more digits behind its point than are meant, and none is -0."""
    numbers = [one.strip('",') for line in text.split("\n") for one in line.split(",")]
    parts = [word for one in numbers for word in one.replace(":", " ").split()]
    long = [one for one in parts if len(one.partition(".")[2].rstrip("Z")) >= LONG]
    return not long and not {"-0", "-0.0", "-0.00"} & {*parts}


def test_sums_have_no_dust_on_the_page_in_json_and_in_csv(tmp_path: Path) -> None:
    """What was gained by rounding is nothing; 0.3 - 0.1 is 0.2."""
    found = bought_and_sold()
    assert found.coin_gain != 0.0, "there is dust to leave out"
    for full in (True, False):
        printed = rendered(tax_page("a.ledger", found, full), 120, False)
        assert is_clean(printed), printed
    made = tax_dict("a.ledger", found)
    assert made["coin_gain"] == 0.0
    assert [one["coins"] for one in made["disposals"] if one["coin"] == "BTC"] == [0.1, 0.2]
    assert is_clean(json.dumps(made, indent=1))
    write_csv(found, tmp_path / "out.csv")
    assert is_clean((tmp_path / "out.csv").read_text(encoding="utf-8"))


def test_lots_by_account_are_told_with_their_account() -> None:
    """On the page and in JSON, as published."""
    found = bought_and_sold(LotRules(by_account=True))
    made = tax_dict("a.ledger", found)
    Draft202012Validator(published("ledger-report")).validate(made)
    assert (made["lots_by"], {one["account"] for one in made["lots_after"]}) == (
        "account",
        {"spot"},
    )
    assert "first in, first out, lots by account" in rendered(tax_page("a.ledger", found, False))
    pooled = tax_dict("a.ledger", bought_and_sold())
    assert (pooled["lots_by"], {one["account"] for one in pooled["lots_after"]}) == ("all", {None})
