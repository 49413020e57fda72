"""What policies remember between two decisions, kept by name: hedged coin, policy, digest.

A mandate whose hedges are in another order finds each memory again; a policy with other figures,
or another policy, begins anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from volsculpt.hedge.policy import Policy, plain_policy
from volsculpt.hedge.spec import Hedge

Kept = dict[str, dict[str, Any]]  # coin -> policy, digest, memory


def digest_of(policy: Policy) -> str:
    """16 letters that name a policy with its version and figures."""
    from volsculpt.sources import digest

    return digest(plain_policy(policy))


def hedge_digest(hedge: Hedge) -> str:
    """That of its policy; where betas are estimated, of how they are as well."""
    from volsculpt.sources import digest

    if hedge.betas is None:
        return digest_of(hedge.policy)
    proxies = [list(one) for one in hedge.carriers]
    fields = {"betas": asdict(hedge.betas), "proxies": proxies}
    return digest(plain_policy(hedge.policy) | fields)


def kept(hedges: Sequence[Hedge], memories: Sequence[Any]) -> Kept:
    """Memories by name; a policy that remembers nothing has none."""
    return {
        hedge.underlying: {
            "policy": hedge.policy.NAME,
            "digest": hedge_digest(hedge),
            "memory": memory,
        }
        for hedge, memory in zip(hedges, memories, strict=True)
        if memory is not None
    }


def remembered(hedges: Sequence[Hedge], stored: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """The memory of each hedge, None where there is none of the same policy.

    One that was kept without a digest is taken as it is: whose it was is not known.
    """
    return [_own(hedge, stored.get(hedge.underlying)) for hedge in hedges]


def _own(hedge: Hedge, held: Mapping[str, Any] | None) -> Any:  # noqa: ANN401
    """A hedge's own memory."""
    if held is None or (held["digest"] is not None and held["digest"] != hedge_digest(hedge)):
        return None
    return held["memory"]
