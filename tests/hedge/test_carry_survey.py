"""Which contracts a survey of carry is of, and whose prices of the coin it takes."""

from pathlib import Path

import numpy as np
import pytest

from volsculpt.contracts.catalog import load_catalog
from volsculpt.hedge.carry.survey import carry_survey
from volsculpt.hedge.carry.terms import CarryTerms
from volsculpt.market.series import Label, Prices
from volsculpt.market.store import save
from volsculpt.units import HOUR_NS, moment_ns

FIRST = moment_ns("2024-05-20")
FOREIGN = "elsewhere:BTC/USD:BTC"
VENUES = {"bitstamp": 60_000.0, "coinbase": 60_600.0}


def stored(root: Path) -> None:
    """A day of the coin at two venues, of a contract, and of one of a venue nobody knows."""
    day = FIRST + np.arange(25, dtype=np.int64) * HOUR_NS
    for venue, price in VENUES.items():
        label = Label(venue, "BTC", "index", "USD", "made")
        save(root, Prices(label, day, np.full(25, price)), 0)
    own = Label("bybit", "BTC/USD:BTC", "mark", "USD", "made")
    save(root, Prices(own, day, np.full(25, 60_000.0)), 0)
    inside = day[6:13]  # from six to noon
    foreign = Label("elsewhere", "BTC/USD:BTC", "mark", "USD", "made")
    save(root, Prices(foreign, inside, np.full(7, 60_000.0)), 0)


@pytest.mark.parametrize(
    ("hours", "there"), [(5.0, False), (6.0, True), (11.0, True), (13.0, False), (20.0, False)]
)
def test_a_foreign_contract_is_told_while_it_has_prices(
    tmp_path: Path, hours: float, there: bool
) -> None:
    """Not before the first of them, nor after the last: it may have been listed or be gone."""
    stored(tmp_path)
    time_ns = FIRST + round(hours * HOUR_NS)
    found = carry_survey(tmp_path, load_catalog(), "BTC", CarryTerms(), time_ns)
    assert found.foreign == ((FOREIGN,) if there else ())
    assert [one.contract.key for one in found.rows] == ["bybit:BTC/USD:BTC"]


@pytest.mark.parametrize("venue", VENUES)
def test_the_venue_of_the_index_is_that_which_is_asked_for(tmp_path: Path, venue: str) -> None:
    """Whichever the best of the store is: one of the two is not."""
    stored(tmp_path)
    time_ns = FIRST + 20 * HOUR_NS
    found = carry_survey(tmp_path, load_catalog(), "BTC", CarryTerms(), time_ns, venue)
    assert found.index_usd == VENUES[venue]
