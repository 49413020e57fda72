"""The verbs of the command line, found by their files: `verbs/NAME.py` is the verb NAME.

A file holds a function of the verb's name (with a low line behind it where Python has that name),
or, for a group of verbs, a `typer.Typer` called `app`. It says in GROUP where --help lists it, and
in EXAMPLE (EXAMPLES, one for each verb of a group) what its own help ends with. None is imported
before it is asked for.
"""

import ast
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

FOLDER = Path(__file__).with_name("verbs")
# In --help; the others follow by name.
FIRST = ("hedge", "plan", "backtest", "evaluate", "paper", "status", "why")
GROUPS = {
    "decide": "Decide how much to hedge",
    "prove": "Prove it on history",
    "keep": "Keep the hedge, on a desk",
    "data": "Data and contracts",
    "help": "Help",
}


def verb_names() -> list[str]:
    """Every verb, those that most people want first. Worked: ["hedge", …, "accept", …]."""
    found = {_verb_of(file) for file in FOLDER.glob("[a-z]*.py")}
    return [*(one for one in FIRST if one in found), *sorted(found - {*FIRST})]


def _verb_of(file: Path) -> str:
    """The verb of a file: `data_import.py` is `data-import`."""
    return file.stem.replace("_", "-")


def _stem_of(verb: str) -> str:
    """The file of a verb, and its function."""
    return verb.replace("-", "_")


def command(verb: str) -> Any:  # noqa: ANN401 - a command of the library, whose types are its own
    """A verb ready to run: its file is imported here, and no other."""
    stem = _stem_of(verb)
    module = import_module(f"volsculpt.app.cli.verbs.{stem}")
    made = typer.Typer(add_completion=False, rich_markup_mode=None)
    if hasattr(module, "app"):
        made.add_typer(module.app, name=verb)
        found = typer.main.get_group(made).commands[verb]
        return _with_examples(found, module.EXAMPLES)
    epilog = _example(module.EXAMPLE)
    reads = getattr(module, "CONTEXT", None)  # how its words are read, where not as usual
    made.command(verb, epilog=epilog, context_settings=reads)(
        getattr(module, stem, None) or getattr(module, f"{stem}_")
    )
    return typer.main.get_command(made)


def _with_examples(group: Any, examples: dict[str, str]) -> Any:  # noqa: ANN401
    """A group of verbs, whose help ends with the first example and that of each with its own."""
    group.epilog = _example(next(iter(examples.values())))
    for name, example in examples.items():
        group.commands[name].epilog = _example(example)
    return group


def _example(line: str) -> str:
    """What stands below the options, its lines kept as they are."""
    return f"\b\nExample:\n  {line}"


def in_groups() -> dict[str, list[str]]:
    """The title of each group of --help, and its verbs in order."""
    groups = {verb: constant(verb, "GROUP") for verb in verb_names()}
    return {
        title: [verb for verb, one in groups.items() if one == group]
        for group, title in GROUPS.items()
    }


def constant(verb: str, name: str) -> Any:  # noqa: ANN401 - whatever the file sets it to
    """What a verb's file sets a name to, read without importing it; None where it does not."""
    for node in _body(verb):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    return None


def summary(verb: str) -> str:
    """What a verb says of itself in --help, read off its file without importing it."""
    stem = _stem_of(verb)
    for node in _body(verb):
        if isinstance(node, ast.FunctionDef) and node.name in (stem, f"{stem}_"):
            return ast.get_docstring(node) or ""
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            helps = [one.value for one in node.value.keywords if one.arg == "help"]
            if ast.unparse(node.targets[0]) == "app" and helps:
                return str(ast.literal_eval(helps[0]))
    return ""


@cache
def _body(verb: str) -> list[ast.stmt]:
    """The statements of a verb's file."""
    return ast.parse((FOLDER / f"{_stem_of(verb)}.py").read_text(encoding="utf-8")).body
