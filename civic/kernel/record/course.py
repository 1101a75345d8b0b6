"""Which version of the rules is in force along a record: the one mechanism by which it changes.

A version is chosen when an act or something due begins, and everything that unfolds from it goes
under this one. Where `record.rules_adopted` was among it, the version named there takes over behind
its last entry, by way of all versions between (docs/protocol/record.md, section 5).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import msgspec

from civic.kernel.record.adoption import RulesAdopted
from civic.kernel.record.entry import Act, Entry
from civic.kernel.record.rules import Procedure, State
from civic.kernel.refusal import Refusal, code

RULES_UNKNOWN: Final = code(
    "request.rules_unknown",
    "The chapter goes on under a version of the rules that this program does not have.",
)


class RulesUnknown(Exception):
    """A record goes on under a version of the rules that this program does not have."""

    def __init__(self, version: int, index: int | None = None) -> None:
        where = "" if index is None else f" from entry {index} on"
        super().__init__(f"version {version} of the rules is in force{where}")
        self.version = version
        self.index = index

    @property
    def refusal(self) -> Refusal:
        """What whoever acts in the chapter is told."""
        return Refusal(RULES_UNKNOWN, {"version": self.version})


def succession(versions: Mapping[int, Procedure], before: int, version: int) -> Sequence[Procedure]:
    """Return the versions that take over one after the other; RulesUnknown if the last is not here.

    Each knows how to take over from the one before it only.
    """
    if version not in versions or version < before:
        raise RulesUnknown(version)
    return [versions[one] for one in sorted(versions) if before < one <= version]


@dataclass
class Course:
    """A record under way: its state, and the version of the rules in force at the next entry."""

    versions: Mapping[int, Procedure]
    procedure: Procedure
    state: State

    @classmethod
    def begin(cls, versions: Mapping[int, Procedure], version: int, log_id: str) -> Self:
        """Return a record without entries, to be founded under a version."""
        return cls(versions, versions[version], versions[version].initial(log_id))

    @property
    def missing(self) -> int | None:
        """The version that is in force and that this program does not have, or None.

        To be asked between whole acts only.
        """
        rules = self.state.record.rules
        return None if rules == self.procedure.version else rules

    def settle(self) -> None:
        """Let a version that was adopted take over, now that its act is whole.

        One that is not here leaves everything as it is: it is `missing`.
        """
        version = self.state.record.rules
        if version == self.procedure.version:
            return
        try:
            successors = succession(self.versions, self.procedure.version, version)
        except RulesUnknown:
            return
        for procedure in successors:
            self.state = procedure.take_over(self.state)
            self.procedure = procedure

    def due(self, now: int) -> Iterator[list[Entry[Any]]]:
        """Do what `Procedure.due` does, each group under the version in force at its beginning."""
        while self.state.first_due <= now and self.missing is None:
            group = next(self.procedure.due(self.state, now), None)
            if group is None:
                return
            self.settle()
            yield group

    def act(self, act: Act[Any], now: int) -> list[Entry[Any]] | Refusal:
        """Do what `Procedure.act` does, under the version in force."""
        if self.missing is not None:
            return RulesUnknown(self.missing).refusal
        result = self.procedure.act(self.state, act, now)
        if not isinstance(result, Refusal):
            self.settle()
        return result

    def fold(self, raw: bytes) -> Entry[Any]:
        """Fold the next recorded entry in, from canonical bytes.

        Behind the last one call `settle`. RulesUnknown where this program cannot go on, besides
        what `Codec.decode` raises.
        """
        if self.state.record.rules != self.procedure.version and _part(raw) == 0:
            self.settle()
            if self.missing is not None:
                raise RulesUnknown(self.missing, self.state.record.size)
        entry = self.procedure.codec.decode(raw)
        self.procedure.apply(self.state, entry)
        return entry


class Decoder:
    """Decodes the entries of one record in order, each by the version it stands under."""

    def __init__(self, versions: Mapping[int, Procedure], version: int) -> None:
        if version not in versions:
            raise RulesUnknown(version, 0)
        self._versions = versions
        self._codec = versions[version].codec
        self._version = self._adopted = version
        self._index = 0

    def decode(self, raw: bytes) -> Entry[Any]:
        """Return the next entry. RulesUnknown from where this program cannot read on."""
        self._turn(raw)
        entry = self._codec.decode(raw)
        self._note(raw)
        return entry

    def skip(self, raw: bytes) -> None:
        """Pass over the next entry."""
        self._turn(raw)
        self._note(raw)

    def _turn(self, raw: bytes) -> None:
        if self._adopted == self._version or _part(raw) != 0:
            return
        if self._adopted not in self._versions:
            raise RulesUnknown(self._adopted, self._index)
        self._version = self._adopted
        self._codec = self._versions[self._version].codec

    def _note(self, raw: bytes) -> None:
        self._index += 1
        # Canonical entries begin with their kind.
        if raw.startswith(_ADOPTED):
            self._adopted = msgspec.json.decode(raw, type=_Adopted).body.to


_ADOPTED: Final = b'{"kind":"%b"' % RulesAdopted.kind.encode()


class _Adopted(msgspec.Struct):
    body: RulesAdopted


class _Part(msgspec.Struct):
    part: int


def _part(raw: bytes) -> int:
    return msgspec.json.decode(raw, type=_Part).part
