"""A desk that hangs: who asks it is told that it waits, and what to do at the end."""

import socket
from pathlib import Path

import pytest

from tests.app.running import run


@pytest.mark.parametrize("verb", ["pause", "resume"])
def test_a_desk_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """No silence while it waits; then the file that stops its orders without it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("volsculpt.trade.control.control_socket.SLOW_S", 0.05)
    monkeypatch.setattr("volsculpt.trade.control.control_socket.PATIENCE_S", 0.2)
    (tmp_path / "m.ledger").touch()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as hung:
        hung.bind(str((tmp_path / "m.ledger.sock").absolute()))
        hung.listen()
        done = run(verb, "m.ledger")
    assert done.exit_code == 10
    assert "it is in a long step, or hangs; waiting" in done.stderr
    assert "touch m.ledger.kill" in done.stderr
