"""What the pages say is so: verbs and options exist, commands run, links lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.structure.files_of_project import markdown_files
from tests.structure.glossary_page import page as glossary_page
from tests.structure.json_page import page as json_page
from tests.structure.made_up_page import page as made_up_page
from tests.structure.pages import (
    Block,
    all_verbs,
    blocks_of,
    links_of,
    misunderstood,
    programs,
    shell_blocks,
)
from tests.structure.policy_page import page as policy_page
from tests.structure.sessions import differs, lay_out, printed_by
from tests.structure.source_tree import PACKAGE, ROOT, shown

TO_RUN = [block for block in shell_blocks() if block.run == "run"]


def commands_named(program: str) -> list[tuple[Block, list[str]]]:
    """Every use of a program in the pages, with the block it stands in."""
    return [
        (block, words)
        for block in shell_blocks()
        for command, _ in block.sessions()
        for words in programs(command)
        if words[0] == program
    ]


def test_volsculpt_commands_are_understood() -> None:
    """A reader who types what a page shows is not told that it does not exist."""
    wrong = [
        (b.where, unknown)
        for b, words in commands_named("volsculpt")
        if (unknown := misunderstood(words))
    ]
    assert wrong == []


def test_make_commands_exist() -> None:
    """Each `make` target that a page names is in the Makefile."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert [
        (block.where, word)
        for block, words in commands_named("make")
        for word in words[1:]
        if "=" not in word and not word.startswith("-") and word not in targets
    ] == []


def test_every_verb_is_told() -> None:
    """Each verb of the command line stands in the README or in docs."""
    pages = [p for p in markdown_files() if p.parent == ROOT or ROOT / "docs" in p.parents]
    told = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert [v for v in all_verbs() if not re.search(rf"volsculpt {' '.join(v)}\b", told)] == []


def test_the_readme_shows_a_run() -> None:
    """The README has a session that this suite runs."""
    assert [block.where for block in TO_RUN if block.path == ROOT / "README.md"] != []


def test_every_session_is_run_or_says_why_not() -> None:
    """No console block goes unmarked: it is run, or the page's source says why not."""
    unmarked = [b.where for b in shell_blocks() if b.language == "console" and not b.run]
    assert unmarked == []


@pytest.mark.parametrize("block", TO_RUN, ids=lambda block: block.where)
def test_shown_commands_run(block: Block, tmp_path: Path) -> None:
    """A session marked `run` succeeds beside the examples and prints what is shown, figures too."""
    lay_out(tmp_path, block)
    for command, shown_below in block.sessions():
        printed = printed_by(command, tmp_path)
        assert not differs(block, shown_below, printed), (
            f"{block.where}: {command}\n{printed}\nTo write what is printed: scripts/docs"
        )


def test_what_differs_is_seen(tmp_path: Path) -> None:
    """Another figure differs; after a cut, under a mask, or with nothing shown, it does not."""
    block = Block(tmp_path, 1, "console", (), "run", (r"\d+ s",))
    assert differs(block, "sold 3", "sold 4\n")
    assert differs(block, "sold 3\n...", "sold 4\nfee 1\n")
    assert differs(block, "sold 3", "sold 3\nfee 1\n")
    assert not differs(block, "sold 3\n...", "sold 3\nfee 1\n")
    assert not differs(block, "took 3 s", "took 12 s\n")
    assert not differs(block, "", "sold 4\n")


def test_a_file_that_a_page_tells_is_there_below_it(tmp_path: Path) -> None:
    """Commands find it as it was told last above them; those above it do not."""
    page = tmp_path / "page.md"
    run = "<!-- run -->\n```console\n$ cat a.toml\n```\n"
    told = "<!-- file a.toml -->\n```toml\nx = {}\n```\n"
    page.write_text(run + told.format(1) + run + told.format(2) + run)
    found = []
    for number, block in enumerate(one for one in blocks_of(page) if one.run == "run"):
        place = tmp_path / str(number)
        place.mkdir()
        lay_out(place, block)
        found.append((place / "a.toml").read_text() if (place / "a.toml").exists() else None)
    assert found == [None, "x = 1\n", "x = 2\n"]


def test_relative_links_lead_somewhere() -> None:
    """A link inside the project leads to a file or folder that is there."""
    assert [
        f"{shown(page)} -> {link}"
        for page in markdown_files()
        for link in links_of(page)
        if not (page.parent / link).exists()
    ] == []


def test_every_folder_explains_itself() -> None:
    """Each folder of the package has a page: what it is for, what it may import, where to start."""
    folders = {path.relative_to(PACKAGE).parts[0] for path in PACKAGE.glob("*/*")} - {"__pycache__"}
    assert [name for name in sorted(folders) if not (PACKAGE / name / "README.md").is_file()] == []


def test_a_page_is_read_as_a_reader_reads_it(tmp_path: Path) -> None:
    """Commands, what they print, and the mark before a block, on a small page."""
    page = tmp_path / "page.md"
    page.write_text(
        '<!-- run mask="[0-9] s" -->\n'
        "```console\n$ X=1 .venv/bin/volsculpt plan \\\n>   a.toml | head\n"
        "sold\n```\n\n```bash\n# a remark\nmake test\n```\n[here](a.md#b) `[no](c.md)`\n"
    )
    console, bash = blocks_of(page)
    assert (console.run, console.masks, bash.run) == ("run", ("[0-9] s",), "")
    assert console.sessions() == [("X=1 .venv/bin/volsculpt plan a.toml | head", "sold")]
    words = [["volsculpt", "plan", "a.toml"], ["head"]]
    assert list(programs(console.sessions()[0][0])) == words
    assert bash.sessions() == [("make test", "")]
    assert links_of(page) == ["a.md"]


def test_the_page_of_json_names_every_key() -> None:
    """It is what `scripts/docs` writes from the schemas, key by key with type and meaning."""
    text = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    assert text == json_page(), "run scripts/docs docs/json.md"
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.*) \|$", text, re.MULTILINE)
    assert [path for path, _, meaning in rows if not meaning.strip()] == []
    assert {"dangers[].coins", "next_steps[].planned", "transfers[].from"} <= {
        one[0] for one in rows
    }


def test_the_page_of_policies_is_what_they_say() -> None:
    """It is what `scripts/docs` writes from the policies, key by key with bounds and unit."""
    text = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    assert text == policy_page(), "run scripts/docs docs/policies.md"


def test_the_page_of_the_made_up_market_is_what_it_is_made_of() -> None:
    """It is what `scripts/docs` writes from its paths and its table of coins."""
    text = (ROOT / "docs" / "made-up-market.md").read_text(encoding="utf-8")
    assert text == made_up_page(), "run scripts/docs docs/made-up-market.md"


def test_the_page_of_words_is_what_explain_says() -> None:
    """It is what `scripts/docs` writes from the glossary, word by word."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert text == glossary_page(), "run scripts/docs docs/glossary.md"
