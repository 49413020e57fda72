"""`volsculpt compile`: what set-up compiles, found again, told and refused."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.app.running import printed, run
from volsculpt.app.cli.published import published
from volsculpt.simulate import warm
from volsculpt.simulate.compiled import cache_folder


class Pool:
    """Stands for the processes: everything in this one."""

    def __init__(self, workers: int, context: object) -> None:
        self.workers = workers

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *error: object) -> None:
        return

    def map(self, work: Callable[[int], float], steps: Iterable[int]) -> Iterator[float]:
        """What each step gives."""
        return map(work, steps)


def put(step: int) -> float:
    """Lay down what compiling a size leaves behind."""
    place = cache_folder() / f"shape-of-{step}"
    place.mkdir(parents=True)
    (place / "kernel.nbc").touch()
    warm.note_of(cache_folder(), step).write_text(place.name, encoding="utf-8")
    return 12.0 + step


@pytest.fixture(autouse=True)
def cold(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty cache, and compiling that takes no time."""
    monkeypatch.setenv("VOLSCULPT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(warm, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(warm, "compile_one", put)


def test_both_ordinary_sizes_are_compiled_once(tmp_path: Path) -> None:
    """The first call compiles and says so; the second finds everything there."""
    result = run("compile")
    assert result.exit_code == 0, result.output
    small, large, kept = result.stdout.splitlines()
    words = "compiling for 2 sizes of book, a minute or two"
    assert result.stderr.splitlines() == [words, f"1 of 2: {small}", f"2 of 2: {large}"]
    assert small == "books to 8 contracts and 8 currencies: compiled in 12 s"
    assert large == "books to 32 contracts and 32 currencies: compiled in 13 s"
    assert kept == f"kept in {cache_folder()}"
    assert cache_folder().is_relative_to(tmp_path / "cache")
    again = run("compile")
    assert again.stderr == ""
    assert again.stdout.count("was there") == 2


def test_what_was_deleted_is_compiled_again() -> None:
    """A note without the code it names is not believed."""
    run("compile", "--sizes", "1")
    (cache_folder() / "shape-of-0" / "kernel.nbc").unlink()
    assert warm.lacking(2) == [0, 1]


def test_json_is_as_published() -> None:
    """`--json` prints one object of the published form, null where nothing was to be done."""
    run("compile", "--sizes", "1")
    found = printed("compile")
    Draft202012Validator(published("compile")).validate(found)
    assert [size["seconds"] for size in found["sizes"]] == [None, 13.0]


def test_a_folder_that_cannot_be_written_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message names the folder and the variable that names another."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("VOLSCULPT_CACHE", str(tmp_path / "file"))
    result = run("compile")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "cannot be written; name another folder in VOLSCULPT_CACHE" in result.stderr


@pytest.mark.parametrize("sizes", ["0", "5", "many"])
def test_sizes_are_one_to_four(sizes: str) -> None:
    """Other numbers are a usage error."""
    assert run("compile", "--sizes", sizes).exit_code == 2
