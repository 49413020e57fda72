"""The loans of a finished run: what interest took, and when their lenders' levels were passed."""

from collections.abc import Iterator

import numpy as np

from volsculpt.book.holdings import Account, Book, LoanTerms
from volsculpt.market.gate import Floats
from volsculpt.simulate.corners import write_corner_index
from volsculpt.simulate.ran import Ran
from volsculpt.text import percent, price
from volsculpt.units import iso
from volsculpt.watch.loans import loans_of


def interest_usd(ran: Ran) -> Floats:
    """Interest of loans up to each stamp, US dollars, - is paid."""
    currency, each = ran.lanes.flat.layout.wallet_currency, np.zeros(len(ran.stamp_ns))
    for wallet in np.flatnonzero(ran.interest.any(axis=0)).tolist() if len(ran.interest) else []:
        each += ran.interest[:, wallet] * _booked_at(ran, currency[wallet])
    booked = np.concatenate([[0.0], each[:-1]])  # what a step books is seen at the stamp after it
    booked[-1] += each[-1]
    return np.cumsum(booked)


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
        where = "in the bar to" if first else "at"
        when = f"{where} {iso(int(ran.stamp_ns[first]))}{_price_words(ran, account.name, first)}"
        worst = f"at worst {percent(float(np.max(ltv)))}"
        yield f"{code}: {stood} {when}, past the {percent(level)} at which {what}; {worst}"
        return


def _price_words(ran: Ran, account: str, stamp: int) -> str:
    """The price of the first coin of a loan that moves. Worked: " (BTC 45,000)"."""
    flat = ran.lanes.flat
    for row in _rows(ran, account):
        currency = flat.layout.wallet_currency[row]
        if flat.layout.moves[currency] == 1:
            is_owed = bool(ran.held.wallet[stamp, row] < 0.0)
            at = round(float(_worst(ran, row, is_owed)[stamp]), 2)
            return f" ({flat.currencies[currency]} {price(at)})"
    return ""


def ltv_path(ran: Ran, account: str) -> Floats:
    """Worst loan-to-value in the bar that ends at each stamp; 0 where nothing is owed.

    Inf where nothing is pledged. Inside a bar each coin is put at its high where it is owed and at
    its low where it is pledged, as margin groups are tried.
    """
    owed, pledged = np.zeros(len(ran.stamp_ns)), np.zeros(len(ran.stamp_ns))
    for row in _rows(ran, account):
        coins = ran.held.wallet[:, row]
        owed -= np.minimum(coins, 0.0) * _worst(ran, row, is_owed=True)
        pledged += np.maximum(coins, 0.0) * _worst(ran, row, is_owed=False)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(owed > 0.0, owed / pledged, 0.0)


def _rows(ran: Ran, account: str) -> list[int]:
    """Rows of the coins in an account."""
    labels = enumerate(ran.lanes.flat.wallets)
    return [row for row, one in labels if one.account == account and not one.in_transit]


def _worst(ran: Ran, row: int, is_owed: bool) -> Floats:
    """US dollars of a coin at the end of the bar before each stamp, or inside it where worse."""
    layout, market = ran.lanes.flat.layout, ran.market
    currency, marks = layout.wallet_currency[row], market.high_mark if is_owed else market.low_mark
    first, close = market.open_index[currency, 0, :1], market.close_index[currency, 0]
    inside = np.empty(len(close))
    write_corner_index(layout, market, marks, currency, inside, 0, slice(0, len(close)))
    worse = np.maximum(close, inside) if is_owed else np.minimum(close, inside)
    return np.concatenate([first, worse])


def _booked_at(ran: Ran, currency: int) -> Floats:
    """US dollars of a currency at which flows of each stamp are booked: the open, or the end."""
    market = ran.market
    return np.concatenate([market.open_index[currency, 0], market.close_index[currency, 0, -1:]])
