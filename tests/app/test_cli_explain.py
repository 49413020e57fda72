"""`volsculpt explain`: a word, the list, and what is said of one that is not there."""

from tests.app.running import printed, run
from volsculpt.report.rows.glossary import words


def test_a_word_is_explained_by_any_of_its_names() -> None:
    """The sentence first, then an example, its other names, and where to go on."""
    by_name = run("explain", "inverse").stdout
    assert by_name.startswith("inverse, contracts\n\nA contract counted in US dollars")
    assert "FOR EXAMPLE\nShort 60,000 contracts of 1 USD at 60,000 is short 1 BTC." in by_name
    assert "also called: coin-margined" in by_name
    assert "read on: docs/mandate.md#what-a-hedge-trades-use" in by_name
    for words_typed in (["coin-margined"], ["Coin", "Margined"], ["INVERSE"]):
        assert run("explain", *words_typed).stdout == by_name


def test_alone_it_lists_every_word() -> None:
    """By topic, whatever the width; every name can be asked for."""
    text = " ".join(run("explain").stdout.split())
    assert [one.name for one in words() if one.name not in text] == []


def test_an_unknown_word_names_the_nearest() -> None:
    """Exit code 2, and on --json an object."""
    result = run("explain", "backwordation", "--json")
    assert result.exit_code == 2
    assert "no word is called 'backwordation'; nearest: backwardation" in result.stdout
    assert "volsculpt explain lists all" in " ".join(result.stderr.split())


def test_json_holds_the_word_or_all_of_them() -> None:
    """The same keys for one as for all, and the page as a path of the project."""
    (one,) = printed("explain", "coin-margined")["words"]
    assert (one["name"], one["page"]) == ("inverse", "docs/mandate.md#what-a-hedge-trades-use")
    found = printed("explain")["words"]
    assert [row["name"] for row in found] == [row.name for row in words()]
    assert one in found
