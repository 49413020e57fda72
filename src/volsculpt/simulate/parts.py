"""How the parts of the kernel are compiled: lowered each, optimised once, in the whole.

The compiler makes machine code of every function it meets, together with all that this one calls:
what lies ten calls deep is optimised and translated ten times. Nobody calls a part of the kernel
from outside, so here a part is left as lowered, and whoever is compiled to be called takes in all
parts below it. That takes less than half the time, and the kernel becomes no slower.

An index below 0 counts from the end, which is asked at each use of one. No part of the kernel has
such an index (`tests/simulate/test_counted_from_zero.py`), so in parts it is not asked.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering
from numba.np import arrayobj


def record_mark(record: Any) -> tuple[str, tuple[int]]:  # noqa: ANN401
    """What stands for a record in the names of functions: a number of its layout.

    The compiler's own is a count of the types a process has met. So functions for books of two
    sizes, compiled in a process each, had the same names, and a third that loaded both from the
    cache ran the code of one on the records of the other.
    """
    return type(record).__name__, (int(hashlib.sha256(record.name.encode()).hexdigest()[:12], 16),)


types.Record.mangling_args = property(record_mark)  # type: ignore[assignment]


@contextmanager
def counted_from_zero() -> Iterator[None]:
    """Inside it an index is taken as it is.

    The compiler lowers one function at a time, under a lock of its own, so that code of others is
    lowered as ever.
    """
    fixed = arrayobj.fix_integer_index

    def as_it_is(*given: Any) -> Any:  # noqa: ANN401
        context, builder, kind, index, _ = given
        return context.cast(builder, index, kind, types.intp)

    arrayobj.fix_integer_index = as_it_is
    try:
        yield
    finally:
        arrayobj.fix_integer_index = fixed


class PartLibrary(JITCodeLibrary):
    """The code of one function as lowered, for those that are optimised to link in."""

    def finalize(self) -> None:
        """Nothing is optimised and nothing translated here."""
        self._finalized = True

    def _get_module_for_linking(self) -> Any:  # noqa: ANN401
        """The code with that of every function it needs, each once."""
        whole = super()._get_module_for_linking().clone()
        visited, waiting = {self}, list(self._linking_libraries)
        while waiting:
            library = waiting.pop()
            if library in visited:
                continue
            visited.add(library)
            if isinstance(library, PartLibrary):
                waiting += library._linking_libraries
                whole.link_in(super(PartLibrary, library)._get_module_for_linking(), preserve=True)
            else:
                whole.link_in(library._get_module_for_linking(), preserve=True)
        return whole


@register_pass(mutates_CFG=True, analysis_only=False)
class PartLowering(NativeLowering):
    """Lowering without an executable at its end."""

    _name = "part_lowering"

    def run_pass(self, state: Any) -> bool:  # noqa: ANN401
        """Lower a function, and let those that call it find its code."""
        state.library = PartLibrary(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        state.flags.no_compile = True
        with counted_from_zero():
            super().run_pass(state)
        key: list[None] = []  # callers look a function up by its entry, a builtin of its own
        state.cr = state.cr._replace(cfunc=key.append)
        state.targetctx.insert_user_function(state.cr.cfunc, state.cr.fndesc, [state.library])
        return True


class Part(CompilerBase):
    """The compiler's ordinary passes, with another at the place of lowering."""

    def define_pipelines(self) -> list[Any]:
        """One pipeline."""
        made = DefaultPassBuilder.define_nopython_pipeline(self.state)
        made.passes = [
            (PartLowering if one is NativeLowering else one, why) for one, why in made.passes
        ]
        made.finalize()
        return [made]


WHOLE: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
PART: dict[str, Any] = {
    **WHOLE,
    "pipeline_class": Part,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
