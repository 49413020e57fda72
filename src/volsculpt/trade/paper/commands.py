"""What the owner may ask of a paper world; a journal makes it last longer than the process.

A world is its stage, its terms and the requests it got, each with its time. So the journal
holds the requests alone, each written before it takes effect: after a kill, running them
again gives the same world, with every order that had reached it and none that had not.
"""

import json
import os
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

from volsculpt.errors import VenueError
from volsculpt.ledger.events import FillReason, FlowBooked
from volsculpt.parsing import json_of
from volsculpt.trade.paper.matching import malformed
from volsculpt.trade.paper.records import PaperOrder, PaperTransfer
from volsculpt.trade.paper.takeover import (
    TAKES,
    TRANSFER_TERMS,
    merged,
    newest_head,
    not_taken_over,
)
from volsculpt.trade.paper.terms import TransferRoute
from volsculpt.trade.paper.world import PaperExchange
from volsculpt.trade.venue import NotDone, OrderRequest


class Commands:
    """Requests to a world. journal: where they are kept; None: for as long as the process."""

    def __init__(self, world: PaperExchange, journal: Path | None = None) -> None:
        self.world, self._starts = world, 1
        self._file: int | None = None
        self._flows: set[str] = set()
        flat = world.holdings.flat
        self._legs = {
            (account, contract.key): row for row, (account, contract) in enumerate(flat.legs)
        }
        if journal is not None:
            try:
                self._file = self._resume(journal)
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise VenueError(f"{journal}: no journal of a paper venue: {error}") from error

    @property
    def run(self) -> str:
        """Which start of this world it is, for ids; "" of the first. Worked: "r2"."""
        return f"r{self._starts}" if self._starts > 1 else ""

    def send(self, request: OrderRequest, now_ns: int) -> PaperOrder:
        """Take an order in; the same twice is one. NotDone: refused, or another has its id."""
        existing = self.world.orders.get(request.client_id)
        if existing is not None:
            if existing.request != request:
                raise NotDone(f"another order has the id {request.client_id}")
            return existing
        leg = self._legs.get((request.account, request.contract), -1)
        if leg < 0:
            raise NotDone(f"'{request.account}' cannot trade {request.contract} here")
        why = malformed(self.world.holdings.flat.legs[leg][1], request, now_ns)
        if why is not None:
            raise NotDone(why)
        self._write("send", now_ns, request)
        return self.world.place(request, leg, now_ns)

    def cancel(self, account: str, client_id: str, now_ns: int) -> PaperOrder:
        """Cancel an order. NotDone: it is not there."""
        order = self.find(account, client_id)
        if order is None:
            raise NotDone(f"'{account}' has no order {client_id}")
        self._write("cancel", now_ns, {"account": account, "client_id": client_id})
        self.world.withdraw(order, now_ns)
        return order

    def find(self, account: str, client_id: str) -> PaperOrder | None:
        """An order of an account by its id."""
        order = self.world.orders.get(client_id)
        return order if order is not None and order.request.account == account else None

    def transfer(
        self,
        transfer_id: str,
        source: str,
        target: str,
        currency: str,
        coins: float,
        now_ns: int,
    ) -> PaperTransfer:
        """Move coins; the same twice is one transfer. NotDone: refused, or another has its id.

        Args: transfer_id: the sender's; source, target: accounts, "account|symbol" is the margin of
        an isolated position; currency: its name; coins: > 0; now_ns: ns UTC.
        """
        existing = self.world.transfers.by_id.get(transfer_id)
        transfer = PaperTransfer(transfer_id, source, target, currency, coins)
        if existing is not None:
            if existing.request != transfer.request:
                raise NotDone(f"another transfer has the id {transfer_id}")
            return existing
        arguments = {
            "transfer_id": transfer_id,
            "source": source,
            "target": target,
            "currency": currency,
            "coins": coins,
        }
        self._write("transfer", now_ns, arguments)
        return self.world.transfer(transfer, now_ns)

    def let(self, event: FlowBooked, now_ns: int, is_done: bool) -> None:
        """Let coins come from outside or go there, once. NotDone: they cannot leave.

        Args: event: which coins; now_ns: ns UTC; is_done: False only asks whether they can.
        """
        self.world.pass_time(now_ns)
        if event.flow_id in self._flows:
            return
        self.flow(event.flow_id, event.account, event.currency, event.coins, now_ns, is_done)

    def flow(
        self,
        flow_id: str,
        account: str,
        currency: str,
        coins: float,
        now_ns: int,
        is_done: bool = True,
    ) -> None:
        """Put coins into an account, or take them out (-). NotDone: they are not there, or margin.

        Args: flow_id: the owner's; account: its name; currency: its name; coins: + received;
        now_ns: ns UTC; is_done: False only asks.
        """
        if account not in self.world.holdings.rows:
            raise NotDone(f"no account '{account}' here")
        if coins < 0.0:
            self.world.check_leaving(account, currency, -coins, now_ns)
        if is_done:
            arguments = {"flow_id": flow_id, "account": account, "currency": currency}
            self._write("flow", now_ns, {**arguments, "coins": coins})
            self._flows.add(flow_id)
            self.world.flow(account, currency, coins, now_ns)

    def upset(
        self, account: str, contract: str, share: float, reason: FillReason, now_ns: int
    ) -> bool:
        """Close a share of a position without the desk; whether there was one.

        Args: account, contract: names; share: of the position, 0.0 to 1.0; reason: of the fills;
        now_ns: ns UTC.
        """
        leg = self._legs.get((account, contract), -1)
        if leg < 0 or self.world.holdings.state.contracts[leg] == 0.0:
            return False
        arguments = {"account": account, "contract": contract, "share": share, "reason": reason}
        self._write("upset", now_ns, arguments)
        return self.world.close(leg, share, reason, now_ns)

    def shut(self) -> None:
        """Let go of the journal."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, what: str, now_ns: int, arguments: OrderRequest | dict[str, Any]) -> None:
        """One request, handed to the system before it takes effect."""
        if self._file is not None:
            plain = asdict(arguments) if isinstance(arguments, OrderRequest) else arguments
            line = json.dumps({"do": what, "now_ns": now_ns, "given": plain})
            try:
                os.write(self._file, line.encode() + b"\n")
            except OSError as error:
                raise NotDone(f"the paper venue's journal cannot be written: {error}") from error

    def _resume(self, journal: Path) -> int:
        """Run again what a journal holds; the file, open for more. A torn last line is cut off."""
        written = journal.read_bytes() if journal.exists() else b""
        whole = written[: written.rfind(b"\n") + 1]
        lines = [json_of(line) for line in whole.splitlines()]
        head = self._head()
        if lines:
            # those written before it was told name no market
            begun = {"made_up": head["made_up"], **newest_head(lines)}
            if wrong := not_taken_over(begun, head):
                raise VenueError(
                    f"{journal}: belongs to a paper venue with other accounts, terms or market: "
                    f"{'; '.join(wrong)}; or move it and its ledger away to begin anew"
                )
            head = merged(begun, head)
            self._begin(head, lines[0]["terms"])
        for line in lines[1:]:
            self._again(line["do"], line["now_ns"], line["given"])
        file = os.open(journal, os.O_RDWR | os.O_CREAT, 0o644)
        os.truncate(file, len(whole))
        os.lseek(file, 0, os.SEEK_END)
        self._starts += sum(line["do"] == "start" for line in lines[1:])
        self._starts += bool(lines)
        start = {"do": "start", "now_ns": self.world.time_ns, "given": {}}
        os.write(file, json.dumps(start if lines else head).encode() + b"\n")
        if lines and begun != head:
            self._take(head)
            takes = {**start, "do": TAKES, "given": head}
            os.write(file, json.dumps(takes).encode() + b"\n")
        return file

    def _begin(self, head: dict[str, Any], terms: dict[str, Any]) -> None:
        """Set what the world holds before its first request, and the terms of that time."""
        state = self.world.holdings.state
        state.wallet[:] = head["wallets"]
        for leg, (contracts, cost) in enumerate(head["held"]):
            state.contracts[leg], state.cost[leg] = contracts, cost
        self._take({"terms": terms})

    def _take(self, head: dict[str, Any]) -> None:
        """From now on transfers take the time and the cost that a head says.

        One that was written before there were routes has none.
        """
        stated = {name: head["terms"][name] for name in TRANSFER_TERMS if name in head["terms"]}
        routes = tuple(TransferRoute(**one) for one in stated.pop("routes", ()))
        self.world.transfers.take(**stated, routes=routes)

    def _head(self) -> dict[str, Any]:
        """What must be the same when a journal is run again."""
        feed, flat = self.world.feed, self.world.holdings.flat
        begins = [feed.marks(step, 0.0) for step in range(2)]
        return {
            "made_up": begins if feed.is_synthetic else None,
            "paper": 1,
            "from_ns": feed.stamps[0],
            "legs": [[account, contract.key] for account, contract in flat.legs],
            "wallets": list(flat.state.wallet),
            "places": [list(astuple(one)) for one in flat.wallets],
            "held": [list(one) for one in zip(flat.state.contracts, flat.state.cost, strict=True)],
            "terms": json.loads(json.dumps(asdict(self.world.terms))),
        }

    def _again(self, what: str, now_ns: int, arguments: dict[str, Any]) -> None:
        """One request of before; what was refused then is refused now."""
        self.world.pass_time(now_ns)
        try:
            if what == "send":
                self.send(OrderRequest(**arguments), now_ns)
            elif what == "cancel":
                self.cancel(**arguments, now_ns=now_ns)
            elif what == "transfer":
                self.transfer(**arguments, now_ns=now_ns)
            elif what == "flow":
                self.flow(**arguments, now_ns=now_ns)
            elif what == TAKES:
                self._take(arguments)
            elif what != "start":
                self.upset(**arguments, now_ns=now_ns)
        except NotDone:
            return
