"""Which problems a call can be answered with: read from the code that the call reaches.

Lists kept by hand would be wrong the day after. Refusal codes are constants, exceptions are
classes, and the kinds of entries name their rules, so what a handler reaches can be followed from
function to function. What is followed that never happens makes a list longer, never wrong; what a
test is answered with and is not in the list fails it.
"""

import functools
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from litestar.exceptions import HTTPException

from civic.deeds import person
from civic.deeds.person import Desk
from civic.kernel.record.course import RulesUnknown
from civic.kernel.record.entry import As
from civic.kernel.record.rules import Kind
from civic.kernel.web.problem import known_codes
from civic.procedure import VERSIONS
from civic.shell import Chapters
from identity import step_up

_OURS: Final = frozenset({"civic", "identity", "chapters", "deliberation", "voting"})
_KINDS: Final = {kind.body: kind for one in VERSIONS.values() for kind in one.kinds.values()}
_EVERY_ACT: Final = frozenset(
    {
        "papers.tied_twice",
        "record.bad_signature",
        "record.malformed",
        "record.off_tick",
        "record.only_follows",
        "record.time_back",
        "record.wrong_id_key",
        "record.wrong_role",
        "request.key_reused",
        "request.read_only",
        "request.words_invisible",
    }
)
"""What the book itself refuses of any act, whatever its kind."""


class Reached(set[str]):
    """Refusal codes that a function reaches, and the exceptions (`raises`)."""

    def __init__(self) -> None:
        super().__init__()
        self.raises: set[type[Exception]] = set()


def reached(function: Callable[..., Any]) -> Reached:
    """Return the refusal codes and exceptions that a function reaches."""
    walk = _Walk()
    walk.follow(inspect.unwrap(function))
    if walk.hands_in:
        walk.found |= _EVERY_ACT
        walk.found.raises.add(RulesUnknown)
        for version in VERSIONS.values():
            walk.follow(version.gate)
    if person.proved in walk.seen:
        walk.follow(step_up.must_have_stepped_up)
    return walk.found


def every_act() -> Reached:
    """Return what an act of any kind can be refused with."""
    walk = _Walk()
    for body, kind in _KINDS.items():
        if kind.by and not kind.early:
            walk.follow(body)
    walk.found.add("request.words_differ")
    return walk.found


class _Walk:
    def __init__(self, kinds: Mapping[Any, Kind[Any]] = _KINDS) -> None:
        self.found = Reached()
        self.seen: set[Any] = set()
        self.hands_in = False
        self._kinds = kinds
        self._codes = frozenset(known_codes())

    def follow(self, thing: Any, owner: type | None = None) -> None:
        """Follow a constant, class or function; `owner` is the class that a method stands in."""
        if isinstance(thing, str):
            if thing in self._codes:
                self.found.add(thing)
            return
        if isinstance(thing, staticmethod | classmethod):
            thing = thing.__func__
        if isinstance(thing, functools.partial):
            thing = thing.func
        if not callable(thing) or not _ours(thing):
            if inspect.isclass(thing) and issubclass(thing, HTTPException):
                self.found.raises.add(thing)
            return
        thing = inspect.unwrap(thing)
        if thing in self.seen:
            return
        self.seen.add(thing)
        if inspect.isclass(thing):
            self._follow_class(thing)
        elif isinstance(thing, types.FunctionType):
            self._follow_function(thing, owner)

    def _follow_class(self, thing: type) -> None:
        if issubclass(thing, Exception):
            self.found.raises.add(thing)
            if "__init__" in vars(thing):
                self.follow(vars(thing)["__init__"], thing)
        kind = self._kinds.get(thing)
        if kind is not None:
            self.hands_in = self.hands_in or kind.decide is not None
            for function in (kind.decide, kind.prepare):
                if function is not None:
                    self.follow(function)
            if As.VOICE in kind.by:
                self._guarded(Chapters.guard)

    def _guarded(self, *guards: Callable[..., Any]) -> None:
        # A guard names kinds to tell them apart, not to make them.
        walk = _Walk(kinds={})
        for guard in guards:
            walk.follow(guard, Chapters)
        self.found |= walk.found

    def _follow_function(self, function: types.FunctionType, owner: type | None) -> None:
        names, constants = _mentioned(function.__code__)
        for constant in constants & self._codes:
            self.found.add(constant)
        if "BoxRow" in names:
            self._guarded(Chapters.guard_row, Chapters.box_refusal)
            # The book itself refuses a tie that comes with a row.
            self.found.add("papers.tied_twice")
        for thing, of in _resolved(function, names, owner):
            # Bound for later: it happens where a desk asks for proof, which is looked at by itself.
            if not (thing is step_up.must_have_stepped_up and "partial" in names):
                self.follow(thing, of)
        for cell in function.__closure__ or ():
            self.follow(cell.cell_contents)


def _resolved(
    function: types.FunctionType, names: set[str], owner: type | None
) -> Iterator[tuple[Any, type | None]]:
    """Yield what the names in a function stand for, methods with their class."""
    known = function.__globals__
    for name in names:
        if name not in known:
            if owner is not None and hasattr(owner, name):
                yield inspect.getattr_static(owner, name), owner
            # A call, a visit or a desk at hand is of one class wherever it is used.
            elif name in vars(Desk):
                yield vars(Desk)[name], Desk
            continue
        found = known[name]
        if not inspect.ismodule(found):
            yield found, None
        elif found.__name__.partition(".")[0] in _OURS:
            for attribute in names & vars(found).keys():
                yield vars(found)[attribute], None


def _mentioned(code: types.CodeType) -> tuple[set[str], set[str]]:
    names, constants = set(code.co_names), set()
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            more_names, more_constants = _mentioned(constant)
            names |= more_names
            constants |= more_constants
        elif isinstance(constant, str):
            constants.add(constant)
    return names, constants


def _ours(thing: Any) -> bool:
    module: str = getattr(thing, "__module__", None) or ""
    return module.partition(".")[0] in _OURS
