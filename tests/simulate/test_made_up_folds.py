"""A mandate that is walked through folds without data goes through one made-up market."""

import pytest

from tests.mandate.test_made_up import POSITION, TEXT
from tests.simulate.plain import plainly
from volsculpt.mandate.load import parse_mandate
from volsculpt.simulate import walk_forward
from volsculpt.simulate.run import Prepared, RunRequest, prepared
from volsculpt.simulate.walk_forward import walks_of
from volsculpt.units import DAY_NS


def test_folds_follow_each_other_in_one_market(monkeypatch: pytest.MonkeyPatch) -> None:
    """A position's entry is near the price once, at the first fold's beginning."""
    position = POSITION.format("BTC/USDT:USDT", 30_000)
    text = TEXT.format(
        held="BTC = 2", venue="okx", contract="BTC/USDT:USDT", coin="BTC", position=position
    )
    seen: list[Prepared] = []

    def kept(*asked: object) -> Prepared:
        """What is run, noted."""
        seen.append(prepared(*asked))  # type: ignore[arg-type]
        return seen[-1]

    monkeypatch.setattr(walk_forward, "prepared", kept)
    start = 1_614_556_800 * 10**9
    request = RunRequest((start, start + 6 * DAY_NS, DAY_NS))
    with plainly():
        walks_of([parse_mandate(text)], None, None, request, 2)
    one, two = (made.spec.aligned.index.value[:, 0] for made in seen)
    assert one[0] == pytest.approx(30_000.0, rel=1e-9)
    assert one[-1] == two[0]
