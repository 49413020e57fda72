"""Mandates of every kind: all policies, margin modes, legs that roll, and what goes wrong."""

import tomllib

from volsculpt.mandate.load import read_content
from volsculpt.mandate.objects import Mandate

VAULT = """
version = 1
name = "kept"
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 8, ETH = 300, stBTC = 2 }
[assets.stBTC]
underlying = "BTC"
rate = 1.02
"""
CROSS = """
[[account]]
name = "futures"
kind = "margin"
venue = "bybit"
balances = { BTC = 2.5, ETH = 60 }
fee_discount = { share = 0.2, until = 2020-01-20T00:00:00Z }
"""
UNIFIED = """
[[account]]
name = "futures"
kind = "margin"
venue = "bybit"
margin_mode = "unified"
balances = { BTC = 2, stBTC = 1, USDT = 9_000 }
collateral_weights = { BTC = 0.95, stBTC = 0.8, ETH = 0.9, USDT = 1, USDC = 1, USD = 1 }
"""
ISOLATED = """
[[account]]
name = "futures"
kind = "margin"
venue = "bybit"
margin_mode = "isolated"
leverage = 4
balances = { BTC = 1.2, ETH = 40 }
"""
BTC = """
[[hedge]]
underlying = "BTC"
policy = "{}"
band = {{ trigger = 0.04, settle = 0.01 }}
use = [{{ account = "futures", contract = "{}" }}]
"""
ETH = BTC.replace('"BTC"', '"ETH"')
SENT = """
[[collateral]]
source = ["vault"]
leverage_band = [1.0, 1.5, 1.5, 2.5]
transfer_hours = 2
cost = 0.0002
"""
FLOWS = """
[[flow]]
account = "vault"
currency = "BTC"
amount = -0.1
every = "1w"
from = 2020-01-06T00:00:00Z
[[flow]]
account = "futures"
currency = "BTC"
amount = 0.05
at = 2020-01-16T05:30:00Z
"""
PERP, NEAR = "BTC/USD:BTC", "BTC/USD:BTC@quarter"
FIXED = BTC.format("fixed", PERP) + "ratio = 0.6\n"
BANK = '[[account]]\nname = "bank"\nkind = "spot"\n'
MANDATES = {
    "two coins": VAULT
    + CROSS
    + FIXED
    + ETH.format("fixed", "ETH/USD:ETH")
    + "ratio = 0.4\n"
    + SENT,
    "flows": VAULT + CROSS + FIXED + SENT + FLOWS + "[limits]\nmax_leverage = 2\n",
    "rolls": VAULT + CROSS + BTC.format("fixed", NEAR) + "ratio = 0.5\n" + SENT,
    "unified": VAULT + UNIFIED + FIXED + ETH.format("fixed", "ETH/USD:ETH") + "ratio = 0.3\n",
    "isolated": VAULT + ISOLATED + FIXED + SENT + "[limits]\nmin_liquidation_distance = 0.2\n",
    "slices": VAULT + CROSS + FIXED + "[limits]\nmax_order_usd = 9_000\nmax_ratio = 0.5\n",
    "trend": VAULT
    + CROSS
    + BTC.format("trend", PERP)
    + 'ratio = 0.5\ntilt = 0.3\nhalf_life = "5d"\n',
    "vol-target": VAULT
    + CROSS
    + BTC.format("vol-target", PERP)
    + 'volatility = 0.3\nhalf_life = "5d"\n',
    "at the end": VAULT
    + CROSS
    + FIXED
    + '[[flow]]\naccount = "vault"\ncurrency = "BTC"\namount = 1\nat = 2020-04-09T23:30:00Z\n',
    "swept": VAULT + CROSS + BANK + FIXED + '[[sweep]]\nto = "bank"\ninto = "USD"\ncost = 0.01\n',
    "overlays": VAULT
    + CROSS
    + FIXED
    + '[[overlay]]\nkind = "event"\nmode = "at_least"\nfrom = 2020-01-10T00:00:00Z\n'
    + 'to = 2020-01-14T00:00:00Z\nratio = 0.9\nnote = "vote"\n'
    + '[[override]]\nratio = 0.2\nuntil = 2020-01-05T00:00:00Z\nnote = "before it"\n',
    "no margin": VAULT + CROSS.replace("BTC = 2.5", "BTC = 0.000001") + FIXED,
    "proxied": VAULT
    + CROSS
    + FIXED
    + '[[hedge]]\nunderlying = "ETH"\npolicy = "fixed"\nratio = 0.5\nproxy = "BTC"\nbeta = 1.2\n',
    "of wealth": VAULT
    + CROSS
    + FIXED.replace("ratio = 0.6", 'ratio = 0.6\nbase = "wealth"')
    + ETH.format("fixed", "ETH/USD:ETH")
    + 'ratio = 1.0\nbase = "coins"\ncoins = 200\n',
    "lost": CROSS.replace("\n[[account]]", "\nversion = 1\n[[account]]", 1)
    + '[[account.position]]\ncontract = "BTC/USD:BTC"\ncontracts = 150_000\nentry = 7_200\n'
    + ETH.format("fixed", "ETH/USD:ETH")
    + "ratio = 0.5\n",
}


def mandate_of(name: str) -> Mandate:
    """One of them, read."""
    return read_content(tomllib.loads(MANDATES[name]))
