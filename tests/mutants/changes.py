"""The small changes that can be made to a source, one at a time: each a fault that a test must see.

A change replaces one node of the syntax tree in the text, so all else keeps its form. Left alone,
because nothing computed hangs on them: docstrings, annotations, decorators, messages, tolerances.
"""

import ast
from collections.abc import Collection, Iterator
from typing import NamedTuple

COMPARED = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
TURNED = {  # the edge moved, or the other way round
    "<": ("<=", ">"),
    "<=": ("<", ">="),
    ">": (">=", "<"),
    ">=": (">", "<="),
    "==": ("!=",),
    "!=": ("==",),
    "is": ("is not",),
    "is not": ("is",),
    "in": ("not in",),
    "not in": ("in",),
}
RECKONED: dict[type[ast.operator], ast.operator] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.Div(),
    ast.Div: ast.Mult(),
    ast.FloorDiv: ast.Mult(),
    ast.Mod: ast.FloorDiv(),
    ast.Pow: ast.Mult(),
}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any", "ceil": "floor", "floor": "ceil"}
LEAST = 1e-5  # smaller numbers are tolerances
PASSED_BY = ("strict", "frozen", "slots", "kw_only", "encoding", "stacklevel")


class Change(NamedTuple):
    """`old` of the text, from byte `start` to `end`, becomes `new`; on line `line`."""

    line: int
    start: int
    end: int
    old: str
    new: str

    def applied(self, source: bytes) -> bytes:
        """The source with the change made."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def has_tolerance(node: ast.AST) -> bool:
    """Whether a number that only stands for noise is in it: 1e-9 of something."""
    numbers = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return any(isinstance(one, float) and 0.0 < abs(one) < LEAST for one in numbers)


def is_one(node: ast.expr) -> bool:
    """Whether it is 1 but for noise: 1.0 - 1e-9."""
    return isinstance(node, ast.BinOp) and ast.unparse(node.left) == "1.0" and has_tolerance(node)


def compared(node: ast.Compare) -> Iterator[str]:
    """Each comparison, its edge moved or turned round; an edge in noise is not moved."""
    turned = (
        {sign: others[-1:] for sign, others in TURNED.items()} if has_tolerance(node) else TURNED
    )
    parts = [ast.unparse(node.left)]
    for sign, right in zip(node.ops, node.comparators, strict=True):
        parts += [COMPARED[type(sign)], ast.unparse(right)]
    for place in range(1, len(parts), 2):
        for other in turned[parts[place]]:
            yield " ".join([*parts[:place], other, *parts[place + 1 :]])


def number(value: object) -> Iterator[str]:
    """Another number, another truth."""
    if isinstance(value, bool):
        yield str(not value)
    elif isinstance(value, int):
        yield str(1 - value if value in (0, 1) else value + 1)  # flags are 0 and 1
    elif isinstance(value, float) and (value == 0.0 or abs(value) >= LEAST):
        yield "1.0" if value == 0.0 else repr(2.0 * value)


def called(node: ast.Call) -> Iterator[str]:
    """The other end: min for max, all for any; a loop that ends one row early."""
    if not isinstance(node.func, ast.Name | ast.Attribute):
        return
    inside = ", ".join(map(ast.unparse, [*node.args, *node.keywords]))
    last = ast.unparse(node.func).rpartition(".")
    if last[2] in CALLED:
        yield f"{last[0]}{last[1]}{CALLED[last[2]]}({inside})"
    if last[2] == "range" and not node.keywords and len(node.args) < 3:
        yield f"range({inside} - 1)"


def counts(node: ast.expr) -> bool:
    """Whether an index is surely a whole number: one written out, or of a name that counts rows."""
    if isinstance(node, ast.Constant):
        return type(node.value) is int
    return isinstance(node, ast.BinOp)


def expressed(node: ast.expr) -> Iterator[str]:
    """What an expression may become."""
    match node:
        case ast.Compare():
            yield from compared(node)
        case ast.BinOp(op=ast.Mult(), right=ast.Name(id="side" | "sign")):
            return  # 1 or -1: a product is a quotient
        case ast.BinOp(right=right) if is_one(node) or is_one(right):
            return
        case ast.BinOp(op=sign) if type(sign) in RECKONED:
            yield ast.unparse(ast.BinOp(node.left, RECKONED[type(sign)], node.right))
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield f"({ast.unparse(ast.BoolOp(other, node.values))})"
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield f"({ast.unparse(node.operand)})"
        case ast.IfExp():
            yield ast.unparse(ast.IfExp(node.test, node.orelse, node.body))
        case ast.Constant():
            yield from number(node.value)
        case ast.Call():
            yield from called(node)
        case ast.Subscript(slice=inner) if counts(inner):
            yield f"{ast.unparse(node.value)}[{ast.unparse(inner)} + 1]"


def is_flag(node: ast.AST, result: str) -> bool:
    """Whether a statement returns 1 for yes or 0 for no, as compiled functions do."""
    match node:
        case ast.Return(value=ast.Constant(value=0 | 1)):
            return result == "int"
    return False


def returned(node: ast.Return, result: str) -> Iterator[str]:
    """Another value to return, of the same kind."""
    if node.value is None:
        return
    said = ast.unparse(node.value)
    if is_flag(node, result):
        yield f"return {1 - int(said)}"
    elif result in ("float", "int"):
        yield f"return ({said}) + 1"
        if said not in ("0", "0.0"):
            yield f"return -({said})"
    elif result == "bool":
        yield f"return not ({said})"
    elif "None" in result and said != "None":
        yield "return None"


def stated(node: ast.stmt, result: str) -> Iterator[str]:
    """What a statement may become: nothing, the other branch, the other sign."""
    match node:
        case ast.Raise(exc=ast.Call(func=ast.Name(id="AssertionError"))):
            return  # what cannot be is said, as by assert
        case ast.Expr(value=ast.Call()) | ast.Continue() | ast.Break() | ast.Raise():
            yield "pass"
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield "pass"
        case ast.AugAssign():
            yield "pass"
            if type(node.op) in RECKONED:
                yield ast.unparse(ast.AugAssign(node.target, RECKONED[type(node.op)], node.value))
        case ast.Return():
            yield from returned(node, result)


class Finder(ast.NodeVisitor):
    """Finds the changes of a source."""

    def __init__(self, source: bytes, filled: Collection[str]) -> None:
        """filled: functions whose numbers are left alone."""
        self.source, self.found, self.filled = source, list[Change](), filled
        self.results, self.within = [""], [""]
        lengths = [len(line) for line in source.splitlines(keepends=True)]
        self.starts = [sum(lengths[:row]) for row in range(len(lengths))]

    def note(self, node: ast.expr | ast.stmt, new: str) -> None:
        """Keep a change of a node."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[node.end_lineno - 1] + node.end_col_offset
        old = self.source[start:end].decode()
        if "".join(old.split()) != "".join(new.split()):
            self.found.append(Change(node.lineno, start, end, old, new))

    def visit(self, node: ast.AST) -> None:
        """Look at a node, then at what is inside it."""
        if isinstance(node, ast.Constant) and self.within[-1] in self.filled:
            return
        if isinstance(node, ast.expr):
            for new in expressed(node):
                self.note(node, new)
        elif isinstance(node, ast.stmt):
            for new in stated(node, self.results[-1]):
                self.note(node, new)
        if not is_flag(node, self.results[-1]):
            super().visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Defaults and body, not annotations and decorators."""
        self.results.append(ast.unparse(node.returns) if node.returns else "")
        self.within.append(node.name)
        for one in (*node.args.defaults, *node.args.kw_defaults, *node.body):
            if one is not None:
                self.visit(one)
        self.results.pop()
        self.within.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """The body alone."""
        for one in node.body:
            self.visit(one)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """The value, not its annotation."""
        if node.value is not None:
            self.visit(node.value)

    def visit_Raise(self, node: ast.Raise) -> None:
        """What an error says is words."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Words."""

    def visit_Assert(self, node: ast.Assert) -> None:
        """What cannot be is said to the reader and the type checker."""

    def visit_keyword(self, node: ast.keyword) -> None:
        """Arguments by name, but those that only guard."""
        if node.arg not in PASSED_BY:
            self.visit(node.value)


def changes(source: bytes, filled: Collection[str] = ()) -> list[Change]:
    """All changes of a source, in the order of its text; not the numbers in functions `filled`."""
    finder = Finder(source, filled)
    finder.visit(ast.parse(source))
    return sorted(set(finder.found))
