"""What selling coins forward earns, as a result: rows, a page, the forward curve."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from volsculpt.hedge.carry.contract_carry import FundingSpan
from volsculpt.hedge.carry.survey import CarrySurvey
from volsculpt.report.document import Page
from volsculpt.report.pages.carry import carry_dict, carry_page
from volsculpt.report.result import ChartedResult, Table, kinds_of, rows_table

if TYPE_CHECKING:
    from volsculpt.report.charts.chart import Chart

CHART_AFTER = 1  # sections before the curve: the best
TEXTS = ("coin", "contract", "as_of")
LISTS = ("why", "notes", "unknown_to_catalog", "past_funding", "contracts")


@dataclass(frozen=True, slots=True)
class CarryReport(ChartedResult):
    """What selling each coin by each contract earns, the best first. root: folder of the store."""

    WHAT: ClassVar[str] = "carry"
    MAIN: ClassVar[str] = "contracts"

    surveys: tuple[CarrySurvey, ...]
    root: str

    def of_coin(self, coin: str) -> "CarryReport":
        """The same of one coin alone."""
        return CarryReport(tuple(one for one in self.surveys if one.coin == coin), self.root)

    def page(self) -> Page:
        """The best, the contracts, past funding; of several coins one after the other."""
        pages = [carry_page(one, self.root) for one in self.surveys]
        lead = "; ".join(one.lead for one in pages)
        return Page("Carry", lead, [section for one in pages for section in one.sections])

    def charts(self) -> "list[Chart]":
        """The forward curve of each coin that has dated contracts."""
        from volsculpt.report.charts.carry import curve_chart

        made = [curve_chart(one) for one in self.surveys]
        return [one for one in made if one is not None]

    def place_of(self, chart: "Chart", page: Page) -> int:
        """After the best of all."""
        return CHART_AFTER

    def tables(self) -> dict[str, Table]:
        """contracts (the default), a row for each of each coin; past_funding; coins."""
        coins = self.as_dict()["coins"]
        rows = [{"coin": one["coin"], **row} for one in coins for row in one["contracts"]]
        spans = [
            {"coin": row["coin"], "contract": row["contract"], **span}
            for row in rows
            for span in row["past_funding"]
        ]
        of = {"coin": str, "contract": str}
        return {
            "contracts": rows_table(_kinds(CONTRACT), rows),
            "past_funding": rows_table({**of, **kinds_of(FundingSpan)}, spans),
            "coins": rows_table(_kinds(COIN), coins),
        }

    def as_dict(self) -> dict[str, Any]:
        """The published object."""
        return {
            "schema": 1,
            "root": self.root,
            "coins": [carry_dict(one) for one in self.surveys],
        }


# Columns of the tables, as published.
COIN = (
    "coin as_of index_usd days size_coin half_spread slippage cash_rate unknown_to_catalog notes"
).split()
CONTRACT = (
    "coin contract price premium_ratio premium_annual premium_annual_continuous days_left "
    "funding_annual days_held is_delivered expected_ratio error_ratio enter_ratio leave_ratio "
    "margin_ratio net_ratio net_annual net_usd net_coin pay_days below_zero_ratio why"
).split()


def _kinds(names: list[str]) -> dict[str, type]:
    """What columns hold: figures, but for names, lists and what is true or false."""
    return {
        name: str
        if name in TEXTS
        else object
        if name in LISTS
        else bool
        if name.startswith("is_")
        else float
        for name in names
    }
