"""Templates of one language: texts that never differ are translated when a template is compiled.

A page has hundreds of `_("...")` in it, in loops too, and each of them costs a look-up and a
formatting when the page is filled. Here those with a text as their argument become that text in the
language, and those with values besides become a formatting alone. What a template says is the same.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from jinja2 import Environment, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from civic.kernel.web.filling import Filling, FillingCode, filled, pieces
from civic.kernel.web.language import Reader, gettext, pgettext, reading_as

_FILLED: Final = "_filled"
_FORMATTED: Final = "_formatted"
_KNOWN: Final[Mapping[str, tuple[int, Callable[..., str]]]] = {
    "_": (1, gettext),
    "gettext": (1, gettext),
    "pgettext": (2, pgettext),
}
"""Functions of templates by name: how many texts they take, and what they do."""


class SpokenEnvironment(Environment):
    """A template environment whose templates are in one language, named by its tag.

    Make it like any other, then call `speak`. The functions of `_KNOWN` must be there as well: for
    texts that only the page knows.
    """

    code_generator_class = FillingCode
    context_class = Filling

    def speak(self, tag: str) -> None:
        """Settle the language, before the first template is loaded."""
        self._tag = tag
        self.globals[_FILLED] = filled
        self.globals[_FORMATTED] = _formatted

    def compile(self, source: Any, *names: Any, **more: Any) -> Any:
        """Compile a template as Jinja does, after translating it."""
        if isinstance(source, str):
            source = self.parse(source, *names[:2])
        with reading_as(Reader(self._tag)):
            return super().compile(_Translating().visit(source), *names, **more)


def _formatted(text: Markup, **values: object) -> Markup:
    return text % values


class _Translating(NodeTransformer):
    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  (its visitor's name)
        self.generic_visit(node)
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        if name not in _KNOWN or node.dyn_args or node.dyn_kwargs:
            return node
        count, translate = _KNOWN[name]
        texts = [one.value for one in node.args if isinstance(one, nodes.Const)]
        if len(node.args) != count or len(texts) != count:
            return node
        # As Jinja's own: a translation is no text of people's, and is not escaped.
        said = Markup(translate(*texts))  # noqa: S704
        if not node.kwargs:
            return nodes.MarkSafe(nodes.Const(str(said % {})), lineno=node.lineno)
        whole: nodes.Expr = nodes.MarkSafe(nodes.Const(str(said)), lineno=node.lineno)
        name_of = nodes.Name(_FORMATTED, "load")
        if (parts := pieces(said)) is not None:
            whole, name_of = nodes.Const(parts), nodes.Name(_FILLED, "load")
        return nodes.Call(name_of, [whole], node.kwargs, None, None, lineno=node.lineno)
