"""What a policy remembers at a moment that no run led up to, whatever hedge it stands in."""

import json

import pytest

from tests.hedge.a_market import a_history
from tests.hedge.test_policies import BOOK, NOW_NS, made
from volsculpt.hedge.aim import NO_OVERLAYS, policy_aim
from volsculpt.hedge.betas import remembered_betas
from volsculpt.hedge.following import followed_before
from volsculpt.hedge.memory import kept, remembered
from volsculpt.hedge.registry import policy_names
from volsculpt.hedge.schedule import changes_ns
from volsculpt.hedge.spec import BetaRule, Hedge, Proxy
from volsculpt.hedge.stored import features_of

PROXIED = {"proxies": (Proxy("ETH", 1.1),), "betas": BetaRule(is_given=True)}


@pytest.mark.parametrize("name", policy_names())
def test_a_hedge_with_estimated_betas_goes_on_with_what_its_policy_remembers(name: str) -> None:
    """The memory that is followed is one that the hedge can be asked with, and go on from."""
    alone, proxied = Hedge("BTC", made(name)), Hedge("BTC", made(name), **PROXIED)
    (known,) = features_of(a_history(), (proxied,), [NOW_NS]) or [None]
    found = followed_before(a_history(), (alone, proxied), [None, None], NOW_NS)
    answer = [
        policy_aim(hedge, NOW_NS, known, BOOK, memory)[0]
        for hedge, memory in zip((alone, proxied), found, strict=True)
    ]
    assert answer[0].ratio == answer[1].ratio
    assert remembered_betas(proxied, found[1]) is None
    _, after = policy_aim(proxied, NOW_NS, known, BOOK, found[1])
    stored = json.loads(json.dumps(kept((proxied,), (after,))))
    (again,) = remembered((proxied,), stored)
    assert again == after
    changes = changes_ns(proxied, again, NO_OVERLAYS, NOW_NS)
    assert changes is None or changes > NOW_NS
