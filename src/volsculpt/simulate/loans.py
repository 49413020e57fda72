"""The loans of a finished run: what interest took, and when their lenders' levels were passed."""

from collections.abc import Iterator

import numpy as np

from volsculpt.book.holdings import Account, Book, LoanTerms
from volsculpt.market.gate import Floats
from volsculpt.simulate.ran import Ran
from volsculpt.text import percent, price
from volsculpt.units import iso
from volsculpt.watch.loans import loans_of


def interest_usd(ran: Ran) -> Floats:
    """Interest of loans up to each stamp, US dollars, - is paid."""
    prices = ran.market.open_index[:, 0, :]
    currency = ran.lanes.flat.layout.wallet_currency
    each = np.zeros(len(ran.stamp_ns))
    for step, wallet in zip(*np.nonzero(ran.interest), strict=True):
        each[step] += float(ran.interest[step, wallet]) * float(prices[currency[wallet], step])
    return np.cumsum(each)


def loan_warnings(ran: Ran, book: Book) -> list[str]:
    """The first time at which each loan of a run passed a level of its lender, and the worst."""
    return [text for account in loans_of(book) for text in _passed(ran, account)]


def _passed(ran: Ran, account: Account) -> Iterator[str]:
    """One loan. Past its last level the lender would have sold, and the run does not."""
    terms = account.loan or LoanTerms()
    ltv = ltv_path(ran, account.name)
    done = (
        ("loan_sold", terms.liquidation_ltv, "its lender sells what is pledged; the run keeps it"),
        ("loan_called", terms.call_ltv, "its lender asks for more coins; the run adds none"),
    )
    for code, level, what in done:
        if level is None or not (ltv >= level).any():
            continue
        first = int(np.flatnonzero(ltv >= level)[0])
        stood = f"'{account.name}' stood at {percent(float(ltv[first]))} loan-to-value"
        when = f"{iso(int(ran.stamp_ns[first]))}{_price_words(ran, account.name, first)}"
        worst = f"at worst {percent(float(np.max(ltv)))}"
        yield f"{code}: {stood} at {when}, past the {percent(level)} at which {what}; {worst}"
        return


def _price_words(ran: Ran, account: str, stamp: int) -> str:
    """The price of the first coin of a loan that moves. Worked: " (BTC 45,000)"."""
    flat = ran.lanes.flat
    for row, label in enumerate(flat.wallets):
        currency = flat.layout.wallet_currency[row]
        if label.account == account and flat.layout.moves[currency] == 1:
            at = round(float(_prices(ran, currency)[stamp]), 2)
            return f" ({flat.currencies[currency]} {price(at)})"
    return ""


def ltv_path(ran: Ran, account: str) -> Floats:
    """Loan-to-value at each stamp; 0 where nothing is owed, inf where nothing is pledged."""
    flat = ran.lanes.flat
    owed, pledged = np.zeros(len(ran.stamp_ns)), np.zeros(len(ran.stamp_ns))
    for row, label in enumerate(flat.wallets):
        if label.account == account and not label.in_transit:
            coins = ran.held.wallet[:, row]
            worth = coins * _prices(ran, flat.layout.wallet_currency[row])
            owed, pledged = owed - np.minimum(worth, 0.0), pledged + np.maximum(worth, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(owed > 0.0, owed / pledged, 0.0)


def _prices(ran: Ran, currency: int) -> Floats:
    """US dollars of a currency at each stamp."""
    market = ran.market
    return np.concatenate([market.open_index[currency, 0, :1], market.close_index[currency, 0]])
