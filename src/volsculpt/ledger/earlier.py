"""Events of earlier versions, made the newest of their kind as they are read. Pure."""

from typing import Any

from volsculpt.ledger.events import Json


def named_decision(body: Json) -> Json:
    """Version 1 kept memories in the order of hedges, and volatilities by half-life alone.

    Whose memory it was stands beside no policy, so its digest is unknown: None.
    """
    inputs = body["aim_input"]
    coins = [one["underlying"] for one in inputs["summaries"]]
    now = {
        "memory": _named(coins, inputs["memory"]),
        "features": _features(inputs["features"]),
    }
    return {**body, "memory": _named(coins, body["memory"]), "aim_input": {**inputs, **now}}


def _named(coins: list[str], memories: list[Any]) -> Json:
    """Memories by hedged coin."""
    return {
        coin: {"policy": None, "digest": None, "memory": memory}
        for coin, memory in zip(coins, memories, strict=True)
        if memory is not None
    }


def _features(stored: Json | None) -> Json | None:
    """What was known of the market, each feature by name."""
    if stored is None:
        return None
    coins = {
        coin: {
            "index_usd": of_coin["index_usd"],
            "index_ns": of_coin["index_ns"],
            "features": [_volatility(*one) for one in of_coin["memories"]],
        }
        for coin, of_coin in stored["coins"].items()
    }
    return {"time_ns": stored["time_ns"], "coins": coins}


def _volatility(half_life_ns: int, memory: Json) -> Json:
    """The one feature there was."""
    parameters = {"half_life_ns": half_life_ns}
    return {"feature": "volatility", "version": 1, "parameters": parameters, "memory": memory}
