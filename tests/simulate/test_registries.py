"""What the compiler loads, and what it is kept from."""

import subprocess
import sys

import pytest

from volsculpt.simulate.registries import held_back


def test_a_module_is_held_back_for_a_while() -> None:
    """It cannot be imported inside, and can be afterwards; what is loaded already stays."""
    sys.modules.pop("colorsys", None)
    with held_back("colorsys"), pytest.raises(ImportError):
        import colorsys
    import colorsys

    with held_back("colorsys"):
        assert sys.modules["colorsys"] is colorsys


def test_linear_algebra_is_there_for_others() -> None:
    """It is not loaded by loading ours, and nothing keeps a user's own code from it afterwards."""
    code = (
        "from volsculpt.simulate.registries import LINEAR_ALGEBRA, load_registries;"
        "load_registries(); import sys; print(LINEAR_ALGEBRA in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]
