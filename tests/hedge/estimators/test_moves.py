"""Moves and payments are those of the contracts themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volsculpt.contracts.payoff import INVERSE, LINEAR, unrealised_pnl, value
from volsculpt.contracts.spec import Payoff
from volsculpt.hedge.estimators.inverse import inverse_moves
from volsculpt.hedge.estimators.moves import own_moves, proxy_moves

PRICES = st.floats(10.0, 1e5)
KINDS: dict[Payoff, int] = {"inverse": INVERSE, "linear": LINEAR}


def profit_usd(payoff: Payoff, face: tuple[float, float, float], coin: float) -> float:
    """Of a long by the package's own formulas. face: contracts, mark before and after."""
    contracts, before, after = face
    kind = KINDS[payoff]
    cost = value(kind, contracts, 1.0, before)
    made = unrealised_pnl(kind, cost, value(kind, contracts, 1.0, after))
    return made * coin if payoff == "inverse" else made


@pytest.mark.parametrize("payoff", ["inverse", "linear"])
@given(PRICES, PRICES, PRICES, PRICES)
def test_what_is_paid_is_what_the_contract_pays(
    payoff: Payoff, spot: float, then: float, mark: float, after: float
) -> None:
    """One coin of delta, in US dollars per US dollar of the coin."""
    found = own_moves(np.array([spot, then]), np.array([mark, after]), payoff)
    contracts = mark if payoff == "inverse" else 1.0
    made = profit_usd(payoff, (contracts, mark, after), then)
    assert found.paid[0] == pytest.approx(made / spot, rel=1e-9, abs=1e-9)
    assert found.held[0] == pytest.approx(then / spot - 1.0)


@pytest.mark.parametrize("payoff", ["inverse", "linear"])
@given(PRICES, PRICES, PRICES, PRICES)
def test_a_proxy_is_paid_by_its_face(
    payoff: Payoff, own: float, coin: float, mark: float, after: float
) -> None:
    """A US dollar of face on another coin, whatever is held."""
    found = proxy_moves(
        np.array([1.0, 2.0]), np.array([mark, after]), np.array([own, coin]), payoff
    )
    contracts = 1.0 if payoff == "inverse" else 1.0 / mark
    made = profit_usd(payoff, (contracts, mark, after), coin)
    assert found.paid[0] == pytest.approx(made, rel=1e-9, abs=1e-9)


@given(PRICES, PRICES, PRICES, PRICES)
def test_the_inverse_form_knows_the_payment(
    spot: float, then: float, mark: float, after: float
) -> None:
    """From moves, returns and the premium alone: the same as from prices."""
    found = own_moves(np.array([spot, then]), np.array([mark, after]), "inverse")
    paid = inverse_moves(found.moved[:, None], found.held, found.premium)[:, 0]
    assert paid == pytest.approx(found.paid, rel=1e-6, abs=1e-9)
