"""What accounts hold at a paper venue: a flat state, changed by `exchange/` alone.

Every change leaves a row: a fill or a cash entry with the very figures that were booked, so
that an account is its first balances and its rows, folded.
"""

from collections.abc import Mapping

from volsculpt.book.fill import fill
from volsculpt.book.flatten import Flat
from volsculpt.book.group import group_gross, has_position
from volsculpt.book.posting import lose_bonus
from volsculpt.book.state import Quote, State, copy_state
from volsculpt.contracts.costs import fee
from volsculpt.contracts.payoff import average_entry, trade, value
from volsculpt.decide.margin_need import opening_short
from volsculpt.exchange.events import new_page
from volsculpt.exchange.liquidate import liquidate
from volsculpt.exchange.rows import Exchange, Terms, new_bar, new_pending
from volsculpt.exchange.step import ROUNDING, deliver, is_carried, pay_leg
from volsculpt.ledger.events import CashBooked, CashReason, Filled, FillReason
from volsculpt.trade.paper.records import ActivityLog


class Holdings:
    """The accounts of an owner, their rows, and the arithmetic of one step on them."""

    def __init__(self, flat: Flat, wrapped: Mapping[str, float], skew_ns: int = 0) -> None:
        self.flat, self.layout, self.state = flat, flat.layout, copy_state(flat.state)
        self._wrapped = dict(wrapped)
        self._wallet_rows = {
            (f"{one.account}|{one.posted_to}" if one.posted_to else one.account, one.asset): row
            for row, one in enumerate(flat.wallets)
            if not one.in_transit
        }
        self.rows = {label.account: ActivityLog() for label in flat.wallets}
        self.elsewhere: dict[tuple[str, str], float] = {}
        self._skew_ns, self._count = skew_ns, 0
        legs, groups = len(flat.legs), len(flat.groups)
        self._pending, self._bar = new_pending(flat.layout), new_bar(flat.layout)
        self._page = new_page(legs, len(flat.wallets), groups, 0, 0)
        self._there = Quote([0.0] * len(flat.currencies), [0.0] * legs)
        self._terms = _terms(flat)

    def fill(
        self,
        leg: int,
        contracts: float,
        price: float,
        rate: float,
        time_ns: int,
        client_id: str | None,
        reason: FillReason = "trade",
    ) -> None:
        """Book a fill and its row.

        Args: leg: its row; contracts: + buys; price: in quote; rate: fee, a fraction of |value|;
        time_ns: ns UTC; client_id: of the order, None without one; reason: of the fill.
        """
        contract = self.flat.legs[leg][1]
        traded = value(self.layout.legs.payoff[leg], contracts, contract.multiplier, price)
        fill(self.layout, self.state, leg, contracts, price, rate)
        self._note_fill(leg, contracts, price, fee(traded, rate), time_ns, client_id, reason)

    def fund(self, funding: list[float], opened: Quote, time_ns: int) -> None:
        """Funding of a stamp on what is held."""
        for leg, rate in enumerate(funding):
            if rate == 0.0 or self.state.contracts[leg] == 0.0:
                continue
            wallet = self.layout.legs.cash_wallet[leg]
            coins = pay_leg(self.layout, self.state, leg, rate, opened.mark[leg])
            key = self.flat.legs[leg][1].key
            self._note_cash(wallet, coins, "funding", time_ns, key)

    def deliver(self, leg: int, price: float, opened: Quote, time_ns: int) -> None:
        """Settle a dated leg.

        Args: leg: its row; price: settlement, in quote; opened: prices then; time_ns: ns UTC.
        """
        held = self.state.contracts[leg]
        if held == 0.0:
            return
        self._bar.delivery[leg], self._page.used[0] = price, 0
        deliver(self._at(), self._bar, opened)
        self._bar.delivery[leg] = 0.0
        charge = self._page.event_charge[self._page.used[0] - 1]
        self._note_fill(leg, -held, price, charge, time_ns, None, "delivery")

    def survive(self, opened: Quote, reach: list[tuple[float, float]], time_ns: int) -> list[int]:
        """Test every group over the reach of its marks; the groups that were liquidated."""
        lost = []
        for leg, (high, low) in enumerate(reach):
            self._bar.high_mark[leg], self._bar.low_mark[leg] = high, low
        for group in range(self.layout.groups):
            if has_position(self.layout, self.state, group) == 1:
                if self._falls(group, opened, time_ns):
                    lost.append(group)
        return lost

    def _falls(self, group: int, opened: Quote, time_ns: int) -> bool:
        """Whether a group is liquidated; its rows are what it lost."""
        legs, before = self.layout.legs, copy_state(self.state)
        self._page.used[0] = 0
        liquidate(self._at(), self._bar, opened, self._there, group)
        if has_position(self.layout, self.state, group) == 1:
            return False
        left = {row: before.wallet[row] for row in self._wallets(group)}
        for leg in range(legs.rows):
            held = before.contracts[leg]
            if legs.group[leg] == group and held != 0.0:
                price = self._there.mark[leg]
                _, _, booked = trade(
                    legs.payoff[leg], legs.multiplier[leg], held, before.cost[leg], -held, price
                )
                posted = legs.posted_wallet[leg]
                left[posted if posted >= 0 else legs.cash_wallet[leg]] += booked
                self._note_fill(leg, -held, price, 0.0, time_ns, None, "liquidation")
        for row, coins in left.items():
            if coins != 0.0:
                self._note_cash(row, -coins, "insurance", time_ns)
        return True

    def _at(self) -> Exchange:
        """The accounts as the exchange's functions take them."""
        return Exchange(self.layout, self.state, self._pending, self._terms, self._page)

    def _wallets(self, group: int) -> list[int]:
        """The wallets of a margin group."""
        return [row for row in range(self.layout.wallets) if self.layout.wallet_group[row] == group]

    def move(self, account: str, asset: str, coins: float) -> None:
        """Put coins into a wallet, or take them (-), without a row: a transfer or a flow."""
        row = self.wallet(account, asset)
        if row >= 0:
            self.state.wallet[row] += coins * self.rate(row)
            group = self.layout.wallet_group[row]
            if coins < 0.0 and group >= 0:
                lose_bonus(self.layout, self.state, group)
        else:
            place = (account, asset)
            self.elsewhere[place] = self.elsewhere.get(place, 0.0) + coins

    def free(self, account: str, asset: str) -> float:
        """Coins in a wallet, before margin is thought of."""
        row = self.wallet(account, asset)
        if row < 0:
            return self.elsewhere.get((account, asset), 0.0)
        return self.state.wallet[row] / self.rate(row)

    def wallet(self, account: str, asset: str) -> int:
        """The row of coins, -1 if none; "account|symbol" is what an isolated position posts."""
        return self._wallet_rows.get((account, asset), -1)

    def rate(self, row: int) -> float:
        """Coins of the underlying that one coin of a wallet counts for."""
        return self._wrapped.get(self.flat.wallets[row].asset, 1.0)

    def balances(self, account: str) -> dict[str, float]:
        """All coins of an account by asset, without unrealised PnL; posted margin is in them."""
        found: dict[str, float] = {}
        for row, label in enumerate(self.flat.wallets):
            if label.account == account and not label.in_transit:
                coins = self.state.wallet[row] / self.rate(row)
                found[label.asset] = found.get(label.asset, 0.0) + coins
        for (name, asset), coins in self.elsewhere.items():
            if name == account:
                found[asset] = found.get(asset, 0.0) + coins
        return found

    def positions(self, account: str) -> dict[str, tuple[float, float]]:
        """contract -> (contracts, average entry) of what an account holds."""
        legs = self.layout.legs
        found = {}
        for leg in self.legs_of(account):
            held = self.state.contracts[leg]
            if held != 0.0:
                cost = self.state.cost[leg]
                entry = average_entry(legs.payoff[leg], held, legs.multiplier[leg], cost)
                found[self.flat.legs[leg][1].key] = (held, entry)
        return found

    def margins(self, account: str) -> dict[str, float]:
        """contract -> coins posted to an isolated position."""
        posted = self.layout.legs.posted_wallet
        return {
            self.flat.legs[leg][1].key: self.state.wallet[posted[leg]]
            for leg in self.legs_of(account)
            if posted[leg] >= 0 and self.state.contracts[leg] != 0.0
        }

    def legs_of(self, account: str) -> list[int]:
        """The legs of an account."""
        return [row for row, (name, _) in enumerate(self.flat.legs) if name == account]

    def affords(self, leg: int, contracts: float, price: float, rate: float, quote: Quote) -> bool:
        """Whether its margin opens an order, as in a backtest: see `exchange.step.is_carried`.

        Args: leg: its row; contracts: + buys; price: in quote; rate: fee, a fraction of |value|.
        """
        return is_carried(self.layout, self.state, quote, leg, contracts, price, rate) == 1

    def is_safe(self, state: State, group: int, quote: Quote) -> bool:
        """Whether a group has its maintenance and initial margin."""
        slack = ROUNDING * group_gross(self.layout, state, quote, group)
        return opening_short(self.layout, state, quote, group) <= slack

    def may_leave(self, account: str, asset: str, coins: float, quote: Quote) -> bool:
        """Whether coins can leave a wallet without taking a position's initial margin.

        Args: account, asset: of the wallet; coins: of the asset.
        """
        row = self.wallet(account, asset)
        if row < 0 or self.layout.wallet_group[row] < 0:
            return True
        after, group = copy_state(self.state), self.layout.wallet_group[row]
        after.wallet[row] -= coins * self.rate(row)
        lose_bonus(self.layout, after, group)
        if has_position(self.layout, after, group) == 0:
            return True
        return self.is_safe(after, group, quote)

    def _note_fill(
        self,
        leg: int,
        contracts: float,
        price: float,
        charge: float,
        time_ns: int,
        client_id: str | None,
        reason: FillReason,
    ) -> None:
        """Write the row of a fill."""
        self._count += 1
        ids, where = (f"lot{self._count}", client_id), self.flat.legs[leg]
        row = Filled.of(where, contracts, price, charge, time_ns + self._skew_ns, ids, reason)
        self.rows[row.account].add(time_ns, row)

    def _note_cash(
        self, row: int, coins: float, reason: CashReason, time_ns: int, contract: str | None = None
    ) -> None:
        """Write the row of coins booked to a wallet."""
        label = self.flat.wallets[row]
        self._count += 1
        cash = CashBooked(
            f"cash{self._count}",
            label.account,
            label.asset,
            coins / self.rate(row),
            reason,
            time_ns + self._skew_ns,
            contract,
        )
        self.rows[label.account].add(time_ns, cash)


def _terms(flat: Flat) -> Terms:
    """What delivery reads of the costs of a step; fills are priced by the matching."""
    legs, groups = len(flat.legs), len(flat.groups)
    none = [0.0] * legs
    return Terms(
        taker=list(flat.layout.legs.taker),
        half_spread=none,
        slippage=none,
        delivery_fee=[contract.fees.delivery or 0.0 for _, contract in flat.legs],
        order_delay=0,
        transfer_delay=[0] * groups,
        transfer_cost=[0.0] * groups,
        transit_wallet=[0] * groups,
        move_currency=[0] * groups,
    )
