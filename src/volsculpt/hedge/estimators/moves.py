"""Prices as what an estimator is given: returns of the coin, moves and payments of a contract."""

from typing import NamedTuple

import numpy as np

from volsculpt.contracts.spec import Payoff
from volsculpt.market.gate import Floats


class Moves(NamedTuple):
    """A row a period. held: returns of the coin; moved: of the contract; paid: what it pays.

    Both in US dollars per US dollar of the coin held at the start, for one coin of delta at the
    mark (of a contract on another coin: per US dollar of face). premium: mean of mark over spot.
    """

    held: Floats
    moved: Floats
    paid: Floats
    premium: float


def own_moves(spot: Floats, mark: Floats, payoff: Payoff) -> Moves:
    """Of a contract on the coin that is held.

        held S1/S0 - 1, moved (F1 - F0)/S0, paid: linear as moved; inverse S1/S0·(1 - F0/F1)

    spot, mark: (n + 1,) US dollars, the same moments. Worked: S 100 to 110, F 101 to 111: moved
    0.1, paid by an inverse contract 1.1·10/111 = 0.0991.
    """
    before, after = spot[:-1], spot[1:]
    moved = np.diff(mark) / before
    paid = after / before * (1.0 - mark[:-1] / mark[1:]) if payoff == "inverse" else moved
    return Moves(after / before - 1.0, moved, paid, float(np.mean(mark[:-1] / before)))


def proxy_moves(spot: Floats, mark: Floats, own_spot: Floats, payoff: Payoff) -> Moves:
    """Of a contract on another coin: per US dollar of face.

        moved F1/F0 - 1, paid: linear as moved; inverse K1·(1/F0 - 1/F1), K the coin it pays in

    Worked: F 100 to 110, K at 110: moved 0.1, paid 110·(0.01 - 0.00909) = 0.1.

    Args: spot: of the coin held, mark: of the contract, own_spot: of the contract's coin, all (n +
    1,) US dollars at the same moments; payoff: of the contract.
    """
    moved = mark[1:] / mark[:-1] - 1.0
    paid = moved * own_spot[1:] / mark[1:] if payoff == "inverse" else moved
    return Moves(spot[1:] / spot[:-1] - 1.0, moved, paid, float(np.mean(mark / own_spot)))
