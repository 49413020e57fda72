"""Coins between two accounts: they leave at once, and arrive, or come back, later."""

from dataclasses import replace

import numpy as np

from volsculpt.book.state import Quote
from volsculpt.trade.paper.holdings import Holdings
from volsculpt.trade.paper.records import PaperTransfer
from volsculpt.trade.paper.terms import PaperTerms, TransferRoute
from volsculpt.trade.venue import NotDone

NEVER_NS = 1 << 62
AT_ONCE = "|"  # margin posted to an isolated position moves within its account


class Transfers:
    """All transfers of a world. next_ns: when the next one is due."""

    def __init__(self, holdings: Holdings, terms: PaperTerms) -> None:
        self._holdings, self._terms = holdings, terms
        self.by_id: dict[str, PaperTransfer] = {}
        self.next_ns = NEVER_NS
        self._dice = np.random.default_rng(terms.seed)

    def take(
        self,
        transfer_delay_ns: int,
        transfer_cost: float,
        routes: tuple[TransferRoute, ...] = (),
    ) -> None:
        """Let transfers that begin from now on take another time, and cost other coins.

        Args: as `PaperTerms` has them.
        """
        delay, cost = transfer_delay_ns, transfer_cost
        terms = replace(self._terms, transfer_delay_ns=delay, transfer_cost=cost)
        self._terms = replace(terms, routes=routes)

    def send(self, transfer: PaperTransfer, quote: Quote, now_ns: int) -> PaperTransfer:
        """Let coins leave; NotDone in words when they cannot."""
        coins, source = transfer.coins, transfer.source
        inside = AT_ONCE in transfer.source + transfer.target
        route = self._terms.route(source, transfer.target, transfer.currency)
        cost = 0.0 if inside else route.cost
        if not coins > cost:
            raise NotDone(f"a transfer of {coins:g} {transfer.currency} does not cover its cost")
        for account in (transfer.source, transfer.target):
            if account.partition(AT_ONCE)[0] not in self._holdings.rows:
                raise NotDone(f"no account '{account}' here")
        self.check_leaving(source, transfer.currency, coins, quote)
        self._holdings.move(source, transfer.currency, -coins)
        rate = self._terms.transfer_fail_rate
        transfer.fails = not inside and rate > 0.0 and float(self._dice.random()) < rate
        transfer.arriving = coins - cost
        transfer.due_ns = now_ns if inside else now_ns + route.delay_ns
        transfer.stamp_ns = now_ns
        self.by_id[transfer.transfer_id] = transfer
        if inside:
            self._end(transfer, now_ns)
        else:
            self.next_ns = min(self.next_ns, transfer.due_ns)
        return transfer

    def check_leaving(self, source: str, currency: str, coins: float, quote: Quote) -> None:
        """NotDone where coins are not there, or are margin of positions.

        Args: source, currency: account and coin; coins: > 0; quote: prices now.
        """
        free = self._holdings.free(source, currency)
        if free < coins * (1.0 - 1e-12):
            raise NotDone(f"'{source}' has {free:g} {currency}, not {coins:g}")
        checked = self._terms.checks_margin
        if checked and not self._holdings.may_leave(source, currency, coins, quote):
            raise NotDone(f"{coins:g} {currency} of '{source}' is margin of its positions")

    def arrive(self, now_ns: int) -> None:
        """Book all that is due."""
        if self.next_ns > now_ns:
            return
        waiting = [one for one in self.by_id.values() if one.state == "sent"]
        for one in sorted(waiting, key=lambda each: each.due_ns):
            if one.due_ns <= now_ns:
                self._end(one, now_ns)
        left = [one.due_ns for one in waiting if one.state == "sent"]
        self.next_ns = min(left, default=NEVER_NS)

    def forget(self, kept_from_ns: int) -> None:
        """Drop what ended before."""
        old = [one for one in self.by_id.values() if one.stamp_ns < kept_from_ns]
        for one in old:
            if one.state != "sent":
                del self.by_id[one.transfer_id]

    def _end(self, one: PaperTransfer, now_ns: int) -> None:
        """A transfer arrives; one that fails comes back whole."""
        one.stamp_ns = now_ns
        if one.fails:
            one.state = "failed"
            self._holdings.move(one.source, one.currency, one.coins)
        else:
            one.state = "arrived"
            self._holdings.move(one.target, one.currency, one.arriving)
