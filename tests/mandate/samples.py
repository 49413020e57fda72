"""Mandates that many tests read."""

from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
SECTION9 = DATA / "section9.toml"
THREE_ACCOUNTS = DATA / "three_accounts.toml"

SHORTEST = """
version = 1

[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2 }

[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"

[[hedge]]
underlying = "BTC"
ratio = 0.5
"""

# A vault and a margin account: what most tests add a table to.
BOOK = """version = 1
[[account]]
name = "vault"
kind = "cold"
balances = { BTC = 2.5, ETH = 40 }
[[account]]
name = "coinm"
kind = "margin"
venue = "bybit"
balances = { BTC = 0.5 }
"""
