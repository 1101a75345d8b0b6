"""How templates are filled: what Jinja does by itself, with less of it for each value and macro.

A page writes hundreds of values and calls hundreds of macros. Jinja makes each of them a `Markup`,
which is then joined to one text anyway, and looks at each call for what a macro of ours never has.
What a page says is the same.
"""

import re
from functools import lru_cache
from types import FunctionType
from typing import Any, Final

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escaped  # type: ignore[attr-defined]

_FUNCTIONS: Final = frozenset({FunctionType, type(lru_cache(len))})
_PLACE: Final = re.compile(r"%\((\w+)\)s")


def shown(value: object) -> str:
    """Return a value as it stands in HTML: escaped, unless it is HTML already."""
    kind = type(value)
    if kind is str:
        return escaped(value)  # type: ignore[arg-type]
    if kind is Markup:
        return value  # type: ignore[return-value]
    return str(value) if kind is int else escape(value)


def safe(html: str) -> Markup:
    """Return text as the HTML that it is, without asking what else it might be."""
    return str.__new__(Markup, html)


class FillingCode(CodeGenerator):
    """Writes templates as Jinja does; they escape by `shown`."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """Write a template (the name is its visitor's)."""
        super().visit_Template(node, frame)
        self.writeline(f"from {__name__} import shown as escape")


class Filling(Context):
    """The names that a template is filled with; calls plain macros and functions at once."""

    def call(self, called: Any, /, *args: Any, **named: Any) -> Any:
        """Call something of a template."""
        kind = type(called)
        if kind is Macro:
            if self.eval_ctx.autoescape and _is_plain(called, len(args), named):
                if len(args) < called._argument_count:
                    rest = called.arguments[len(args) :]
                    args = (*args, *[named.get(name, missing) for name in rest])
                return safe(called._func(*args))
        elif kind in _FUNCTIONS and "jinja_pass_arg" not in called.__dict__:
            named.pop("_block_vars", None)
            named.pop("_loop_vars", None)
            return called(*args, **named)
        return super().call(called, *args, **named)


def _is_plain(macro: Macro, given: int, named: dict[str, Any]) -> bool:
    """Tell whether a call of a macro gives it what it names, and nothing else."""
    if macro.caller or macro.catch_kwargs or macro.catch_varargs or macro.explicit_caller:
        return False
    if given > macro._argument_count:
        return False
    named.pop("_block_vars", None)
    named.pop("_loop_vars", None)
    return not named or named.keys() <= set(macro.arguments[given:])


def pieces(text: str) -> tuple[str, ...] | None:
    """Return a text with places such as `%(name)s` as its pieces, every second one a name.

    None for a text with places of other sorts.
    """
    found = _PLACE.split(text)
    kept = [part.replace("%%", "") for part in found[::2]]
    if any("%" in part for part in kept):
        return None
    return tuple(one if n % 2 else one.replace("%%", "%") for n, one in enumerate(found))


def filled(text: tuple[str, ...], /, **values: object) -> Markup:
    """Return a translation as `pieces` gives it, with values in its places."""
    said = list(text)
    for place in range(1, len(said), 2):
        said[place] = shown(values[said[place]])
    return safe("".join(said))
