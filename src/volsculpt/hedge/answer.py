"""What a policy answers for one coin: how much to hedge, why, and within which band."""

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any, cast

from volsculpt.errors import PolicyError
from volsculpt.hedge.words import ratio_problem
from volsculpt.text import percent

LARGEST = 1e19  # beyond any ratio, number of coins or stamp in nanoseconds


@dataclass(frozen=True, slots=True)
class Band:
    """No-trade band, absolute, in held ratio.

    Trade when held is more than under_trigger below (over_trigger above) target, back to
    within under_settle (over_settle). Worked: under (0.05, 0.02), target 1: 0.94 -> 0.98.
    """

    under_trigger: float = 0.02
    under_settle: float = 0.0
    over_trigger: float = 0.02
    over_settle: float = 0.0


DEFAULT_BAND = Band()


@dataclass(frozen=True, slots=True)
class Aim:
    """How much of one coin to hedge, and why.

    ratio: fraction of the base to hedge; None keeps what is held. target_delta_coin: the
    same said as coins left exposed (a policy may give either). valid_until_ns: when the
    answer is too old to act on; None = until the next. band, beta: in place of the hedge's
    own, of several proxies a beta each by name; cap: the highest ratio this policy allows, whatever
    overlays say. prefer: contracts of the hedge that are sold by before its others, by key.
    """

    ratio: float | None = None
    target_delta_coin: float | None = None
    valid_until_ns: int | None = None
    reasons: tuple[str, ...] = ()
    band: Band | None = None
    beta: float | Mapping[str, float] | None = None
    cap: float | None = None
    prefer: tuple[str, ...] = ()


def fallen_back(why: str, fallback_ratio: float | None) -> Aim:
    """What is told where nothing is known any more: the owner's ratio, or what is held.

    why: a sentence. Worked: None keeps what is held, and says so.
    """
    if fallback_ratio is None:
        return Aim(None, reasons=(why, "keeps what is held; no fallback_ratio is given"))
    last = f"your fallback_ratio is {percent(fallback_ratio)}"
    return Aim(fallback_ratio, reasons=(why, last))


def checked_answer(answer: object, where: str) -> Aim:
    """What a user's policy answered, as an Aim; PolicyError when it is neither Aim nor ratio."""
    if isinstance(answer, Aim):
        return _checked_aim(answer, where)
    ratio = _checked_number(answer, "ratio", where)
    return Aim(ratio=ratio, reasons=(f"your policy says {percent(ratio)}",))


def _checked_number(value: object, name: str, where: str) -> float:
    """A finite number of a sensible size, or a PolicyError that shows what came instead."""
    try:
        number = float(value) if not isinstance(value, bool | str) else math.nan  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise PolicyError(
            f"{where}: answered {name} = {value!r}; it must return (ratio or Aim, memory) with "
            f"finite numbers, for example return 0.5, memory"
        )
    problem = ratio_problem(number) if name == "ratio" else None
    if problem is not None:
        raise PolicyError(f"{where}: answered ratio = {number:g}; it {problem}")
    return number


def _checked_aim(answer: Aim, where: str) -> Aim:
    """An Aim whose every figure is a finite number, its reasons a tuple of sentences."""
    names = ("ratio", "target_delta_coin", "cap", "valid_until_ns")
    figures = {
        name: _checked_number(getattr(answer, name), name, where)
        for name in names
        if getattr(answer, name) is not None
    }
    if answer.band is not None and not isinstance(answer.band, Band):
        raise PolicyError(f"{where}: answered band = {answer.band!r}; it must be a Band")
    stated = cast(object, answer.reasons)  # a user may have given one sentence, or a list
    reasons = (stated,) if isinstance(stated, str) else tuple(answer.reasons)
    stamp = answer.valid_until_ns
    return Aim(
        ratio=figures.get("ratio"),
        target_delta_coin=figures.get("target_delta_coin"),
        valid_until_ns=int(stamp) if stamp is not None else None,
        reasons=tuple(str(line) for line in reasons),
        band=answer.band,
        beta=_checked_beta(answer.beta, where),
        cap=figures.get("cap"),
        prefer=tuple(str(key) for key in answer.prefer),
    )


def _checked_beta(value: object, where: str) -> float | dict[str, float] | None:
    """A beta, or one a proxy, every one a finite number."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {
            str(name): _checked_number(one, f"beta {name}", where) for name, one in value.items()
        }
    return _checked_number(value, "beta", where)


def plain(answer: Aim) -> dict[str, Any]:
    """An Aim as plain values."""
    return {
        "ratio": answer.ratio,
        "target_delta_coin": answer.target_delta_coin,
        "valid_until_ns": answer.valid_until_ns,
        "reasons": list(answer.reasons),
        "band": list(astuple(answer.band)) if answer.band is not None else None,
        "beta": dict(answer.beta) if isinstance(answer.beta, Mapping) else answer.beta,
        "cap": answer.cap,
        "prefer": list(answer.prefer),
    }


def aim_of(stored: dict[str, Any]) -> Aim:
    """An Aim again, out of its plain values."""
    band = Band(*stored["band"]) if stored["band"] is not None else None
    lists = {name: tuple(stored.get(name, ())) for name in ("reasons", "prefer")}
    return Aim(**(stored | {"band": band} | lists))
