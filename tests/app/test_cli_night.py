"""What an operator meets at night: a port that is taken, a folder that is closed, nobody to ask."""

import json
import os
import socket
from pathlib import Path

import pytest

from tests.app.running import run


def test_a_port_that_is_taken_starts_nothing(folder: Path) -> None:
    """The port, why, and what to do; no ledger is begun."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = run("paper", "m.toml", "--metrics", port, "--steps", "1")
    said = " ".join(refused.output.replace("│", " ").split())
    assert refused.exit_code == 2
    assert f"127.0.0.1:{port} cannot be listened on: Address already in use" in said
    assert "name another port" in said
    assert not (folder / "m.ledger").exists()
    assert run("paper", "m.toml", "--metrics", port, "--steps", "1").exit_code == 0
    assert run("paper", "m.toml", "--metrics", "65536").exit_code == 2


@pytest.mark.parametrize("form", ["csv", "parquet", "beancount"])
def test_an_export_into_a_closed_folder_is_one_sentence(
    folder: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file system that is read-only, where nothing can be made, moved or taken away."""
    assert run("paper", "m.toml", "--steps", "2").exit_code == 0

    def closed(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "unlink", closed)
    monkeypatch.setattr(os, "replace", closed)
    place = folder / "x"
    refused = run("ledger", "export", "m.ledger", "--out", place, "--format", form)
    assert refused.exit_code == 10
    assert "cannot be written" in refused.output
    assert "name another file" in " ".join(refused.output.split())


@pytest.mark.parametrize("verb", ["accept", "adopt", "flatten"])
@pytest.mark.parametrize("form", [["--json"], []])
def test_where_nobody_can_be_asked_the_option_is_named(
    folder: Path, verb: str, form: list[str]
) -> None:
    """Exit code of bad input, and nothing but JSON on standard output."""
    assert run("paper", "m.toml", "--steps", "2").exit_code == 0
    before = (folder / "m.ledger").read_bytes()
    refused = run(verb, "m.ledger", *form)
    assert refused.exit_code == 2
    assert "--yes" in refused.output
    if form:
        assert json.loads(refused.stdout)["exit_code"] == 2
    assert (folder / "m.ledger").read_bytes() == before
