"""Terms of a paper venue on which it does what a backtest does."""

from volsculpt.trade.paper.terms import PaperTerms


def plain_terms(
    half_spread: float = 0.0001,
    slippage: float = 0.0,
    order_latency_ns: int = 0,
    transfer_delay_ns: int = 0,
    transfer_cost: float = 0.0,
) -> PaperTerms:
    """The terms of a backtest: what its margin opens fills in whole, at the next open.

    An order that reaches the venue at the time of an open fills at that open, worse by half
    the spread and the slippage, after the funding and delivery of that moment. Its latency
    is the backtest's order delay in steps of the market.
    """
    return PaperTerms(
        half_spread=half_spread,
        slippage=slippage,
        depth=(),
        order_latency_ns=order_latency_ns,
        transfer_delay_ns=transfer_delay_ns,
        transfer_cost=transfer_cost,
    )
