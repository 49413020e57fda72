"""Where several accounts can hold the contract of a hedge, the one named can carry it."""

import pytest

from tests.mandate.test_hedges import LINEAR, NOV_2024, account, hedge, picks
from volsculpt.errors import MandateError
from volsculpt.mandate.load import parse_mandate

LOAN = account("uni", "bybit", "{ BTC = 2, USDT = -30000 }") + (
    'margin_mode = "unified"\ncollateral_weights = { BTC = 0.95, USDT = 1 }\n'
)
UNWEIGHTED = account("bare", "bybit") + 'margin_mode = "unified"\n'
COLD = '[[account]]\nname = "vault"\nkind = "cold"\nbalances = { BTC = 1 }\n'
LOCKED = (
    '[[account]]\nname = "staked"\nkind = "earn"\nbalances = { BTC = 1 }\n'
    "locked_until = 2030-01-01T00:00:00Z\n"
)
SHORT = '[[account.position]]\ncontract = "BTC/USD:BTC"\ncontracts = -100\nentry = 50000\n'
COMING = '[[transfer]]\ncurrency = "BTC"\namount = 1\nto = "b"\n'
SWEPT = '[[sweep]]\naccount = "a"\nto = "uni"\ninto = "USDT"\n'
EMPTY_A, EMPTY_B = account("a", "bybit"), account("b", "okx")
A_DOLLARS, A_DUST = account("a", "bybit", "{ USDT = 500 }"), account("a", "bybit", "{ BTC = 1e-4 }")


@pytest.mark.parametrize(
    ("book", "use", "named"),
    [
        pytest.param(EMPTY_A + LOAN, "", "uni", id="the coins of a loan stay behind it"),
        pytest.param(EMPTY_A + LOAN + SWEPT, "", "uni", id="and with funding swept there"),
        pytest.param(A_DUST + LOAN, "", "uni", id="dust is not the account to name"),
        pytest.param(A_DOLLARS + LOAN, "", "uni", id="dollars back no coin-margined short"),
        pytest.param(LOAN + A_DOLLARS, LINEAR, "a", id="and a linear one has them"),
        pytest.param(EMPTY_A + EMPTY_B + COLD, "", "a", id="free coins can be moved to either"),
        pytest.param(EMPTY_A + EMPTY_B + COMING, "", "b", id="coins on their way are margin soon"),
        pytest.param(
            UNWEIGHTED + EMPTY_B + COLD, "", "b", id="coins without a weight back nothing"
        ),
        pytest.param(LOAN + EMPTY_A + SHORT, "", "a", id="the contract is there already"),
        pytest.param(
            EMPTY_A + account("b", "okx") + "bonus = { BTC = 1 }\n", "", "b", id="a bonus is margin"
        ),
    ],
)
def test_the_account_named_is_one_that_can_carry_the_hedge(book: str, use: str, named: str) -> None:
    """It has the contract, margin for it, or coins that are free to move; written so, it reads."""
    with pytest.raises(MandateError, match="can each hold") as caught:
        parse_mandate("version = 1\n" + book + hedge("BTC", use))
    hint = str(caught.value).partition("name one, for example ")[2].partition("\n")[0]
    mandate = parse_mandate("version = 1\n" + book + hedge("BTC", hint + "\n"))
    (used,) = picks(mandate)["BTC"]
    assert used.account == named
    (wanted,) = [one for one in mandate.legs(mandate.hedges[0], NOV_2024) if one[0] == named]
    assert (wanted[1].settle == "USDT") == (use == LINEAR)


@pytest.mark.parametrize(
    ("book", "use", "said"),
    [
        (EMPTY_A + EMPTY_B, "", "none has margin for it, and no account has BTC that could be"),
        (EMPTY_A + EMPTY_B + LOCKED, "", "no account has BTC that could be moved there"),
        (EMPTY_A + EMPTY_B + COLD, LINEAR, "no account has USDT that could be moved there"),
        (
            UNWEIGHTED + UNWEIGHTED.replace("bare", "second"),
            "",
            "none counts BTC as margin: state its collateral_weights in 'bare' or 'second'",
        ),
    ],
)
def test_no_account_is_named_as_if_it_could_carry_the_hedge(book: str, use: str, said: str) -> None:
    """Where nothing can be moved to any of them, it is said what to put where."""
    with pytest.raises(MandateError, match="can each hold") as caught:
        parse_mandate("version = 1\n" + book + hedge("BTC", use))
    assert said in str(caught.value)
    assert "name one, for example" not in str(caught.value)
