"""What several tests of verbs stand in."""

from pathlib import Path

import pytest

from tests.app.test_cli_desk import MANDATE


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a mandate, and in it."""
    (tmp_path / "m.toml").write_text(MANDATE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path
