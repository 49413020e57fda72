"""Makes a change in a program that is loaded: functions keep their place and get the changed code.

What no function does when it is called (constants of a module, the body of a class) was done when
the module was loaded; a change of that needs a fresh process, as does one that cannot be made here.
"""

import ast
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import CodeType, FunctionType

from tests.mutants.changes import Change
from tests.mutants.probes import probe_lines

Named = tuple[str, int]  # a function as its module calls it, and which of this name
UNCLEAR = -1  # which of them, where two are alike


class NotSwapped(Exception):
    """A change that needs a fresh process."""


def codes(code: CodeType) -> Iterator[CodeType]:
    """A code and all inside it, in the order of the text."""
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from codes(one)


def by_name(source: bytes, path: str) -> dict[str, list[CodeType]]:
    """The codes of a source under their names."""
    found: dict[str, list[CodeType]] = {}
    for code in codes(compile(source, path, "exec", dont_inherit=True)):
        found.setdefault(code.co_qualname, []).append(code)
    return found


def defined(source: bytes) -> dict[Named, ast.FunctionDef]:
    """The functions of a source that are in no other."""
    found: dict[Named, ast.FunctionDef] = {}

    def look(nodes: Sequence[ast.stmt], before: str) -> None:
        for node in nodes:
            if isinstance(node, ast.FunctionDef):
                name = before + node.name
                found[name, sum(one == name for one, _ in found)] = node
            elif isinstance(node, ast.ClassDef):
                look(node.body, f"{before}{node.name}.")

    look(ast.parse(source).body, "")
    return found


def defaults(node: ast.FunctionDef) -> list[ast.expr | None]:
    """Defaults of arguments by place, then of those by name (None: it has none)."""
    return [*node.args.defaults, *node.args.kw_defaults]


class Loaded:
    """A file of the program as it is loaded, and what changes of it can be made."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path, self.source = path, source
        self.lines = probe_lines(ast.parse(source))
        self.codes = by_name(source, path)
        self.defined = defined(source)
        self.functions = dict[Named, list[FunctionType]]()

    def add(self, function: FunctionType) -> None:
        """A function that was made of it."""
        code = function.__code__
        alike = self.codes.get(code.co_qualname, [])
        places = [place for place, one in enumerate(alike) if one == code]
        place = places[0] if len(places) == 1 else UNCLEAR
        self.functions.setdefault((code.co_qualname, place), []).append(function)

    def swap(self, change: Change) -> None:
        """Make a change; NotSwapped where it cannot: then nothing is to be asked here any more."""
        if change.line not in self.lines:
            raise NotSwapped("it is in no function")
        changed = change.applied(self.source)
        count = swapped_codes(self.functions, self.codes, by_name(changed, self.path))
        count += swapped_defaults(self.functions, self.defined, defined(changed))
        if count == 0:
            raise NotSwapped("no function that is loaded has it")


def find_functions(files: Iterable[Loaded]) -> None:
    """Give files the functions that were made of them, closures too, wherever they are kept."""
    by_path = {one.path: one for one in files}
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename in by_path:
            by_path[one.__code__.co_filename].add(one)


def swapped_codes(
    functions: Mapping[Named, Sequence[FunctionType]],
    old: Mapping[str, Sequence[CodeType]],
    new: Mapping[str, Sequence[CodeType]],
) -> int:
    """Give functions their new code; how many got another than they had."""
    count = 0
    for (name, place), alike in functions.items():
        if new.get(name) == old.get(name):
            continue
        if place == UNCLEAR or len(new.get(name, ())) != len(old[name]):
            raise NotSwapped(f"it is not clear what becomes of {name}")
        code = new[name][place]
        for one in alike:
            if code.co_freevars != one.__code__.co_freevars:
                raise NotSwapped(f"{name} shares other variables")
            count += one.__code__ != code
            one.__code__ = code
    return count


def swapped_defaults(
    functions: Mapping[Named, Sequence[FunctionType]],
    old: Mapping[Named, ast.FunctionDef],
    new: Mapping[Named, ast.FunctionDef],
) -> int:
    """Give functions their new defaults, which are kept beside the code; how many got one."""
    count = 0
    for named, node in new.items():
        for place, (before, after) in enumerate(
            zip(defaults(old[named]), defaults(node), strict=True)
        ):
            if after is None or before is None or ast.dump(before) == ast.dump(after):
                continue
            for one in functions.get(named, ()):
                set_default(one, node, place, after)
                count += 1
    return count


def set_default(function: FunctionType, node: ast.FunctionDef, place: int, new: ast.expr) -> None:
    """Set a default, worked out with the names of the module; NotSwapped where it needs others."""
    try:
        code = compile(ast.Expression(new), function.__code__.co_filename, "eval")
        value = eval(code, function.__globals__)
    except NameError as error:
        raise NotSwapped(str(error)) from error
    if place < len(node.args.defaults):
        kept = list(function.__defaults__ or ())
        kept[place] = value
        function.__defaults__ = tuple(kept)
    else:
        name = node.args.kwonlyargs[place - len(node.args.defaults)].arg
        function.__kwdefaults__ = {**(function.__kwdefaults__ or {}), name: value}
