"""Replay: a record run again, entry by entry, through the procedure that made it, strictly (pure).

At each position, with now = the entry's own time: what is due must stand there; otherwise the entry
opens an act, which is judged like a new one; and all that follows must stand behind it byte for
byte. An early act of the node opens an act although something is due. Behind an act by which newer
rules were adopted the record goes on under these (civic/kernel/record/course.py).
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, Final

import msgspec

from civic.kernel.record.adoption import RulesAdopted
from civic.kernel.record.course import Course
from civic.kernel.record.entry import (
    MAX_ACT,
    Act,
    As,
    Entry,
    Hash,
    Malformed,
    UnknownKind,
    encode,
    minute,
    when,
)
from civic.kernel.record.findings import AuditCode, Finding, found
from civic.kernel.record.rules import Kind, Procedure, State, time_refusal
from civic.kernel.refusal import Refusal

Before = Callable[[State, Entry[Any], int, int], None]
"""Sees each act that is about to be judged: the state before it, its entry, index and time."""
Signed = Callable[[int, bytes], None]
"""Takes the index and bytes of each act in which `Procedure.signatures` has something to check."""
Watch = Callable[[Entry[Any], int], None]
"""Sees an entry that stands rightly, and its index."""
Turn = Callable[[int], None]
"""Told under which version of the rules the next acts stand."""


class _FirstBody(msgspec.Struct):
    rules: int
    log_key: Hash


class _First(msgspec.Struct):
    body: _FirstBody


class Named(msgspec.Struct, frozen=True):
    """What entry 0 names: the version of the rules and the key of the log."""

    rules: int
    log_key: bytes


def named_by(raw: bytes) -> Named | None:
    """Return what the bytes of entry 0 name, or None if they name nothing."""
    try:
        body = msgspec.json.decode(raw, type=_First).body
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Named(body.rules, bytes.fromhex(body.log_key))


class Counts(msgspec.Struct):
    """What stood in the record as far as it was checked.

    `acts` were made by somebody, `due` are groups of entries that time brought, `follows` entries
    that came after the first of their group. Of the acts `signed` carry a proof, `node` are the
    node's own, `vouched` are others' for which the node alone vouches.
    """

    acts: int = 0
    due: int = 0
    follows: int = 0
    signed: int = 0
    vouched: int = 0
    node: int = 0
    kinds: dict[str, int] = {}


class _Way:
    """What the replay does with entries of one kind: looked up once for each entry."""

    __slots__ = ("apply", "by", "count", "decide", "early", "followed", "kind", "prepared", "watch")

    def __init__(self, kind: Kind[Any], followed: bool, watch: Watch | None) -> None:
        self.kind, self.followed, self.watch = kind, followed, watch
        self.early, self.prepared = kind.early, kind.prepare is not None
        self.apply = kind.apply
        # Acts that need more than their role looked at before the gate go the long way.
        self.decide: Any = kind.decide
        plain = kind.decide is not None and not kind.early
        self.by = kind.by - {As.NODE} if plain else frozenset()
        self.count = 0


_NOTHING: Final[Mapping[str, Watch]] = {}


class Replay:
    """A record in the course of being replayed. It stops at the first entry that is wrong.

    `finding` is that entry; what comes after it is not checked, because no state follows from a
    wrong entry. `state` is the state after the entries checked so far. `adopted` are the entries
    by which newer rules were adopted, as (index, version).
    """

    def __init__(
        self,
        versions: Mapping[int, Procedure],
        version: int,
        log_id: str,
        signed: Signed | None = None,
        watch: Mapping[str, Watch] = _NOTHING,
        before: Before | None = None,
        turn: Turn | None = None,
    ) -> None:
        self.counts = Counts()
        self.index = 0
        self.finding: Finding | None = None
        self.adopted: list[tuple[int, int]] = []
        self._course = Course.begin(versions, version, log_id)
        self._signed = signed
        self._watch = watch
        self._before = before
        self._turn = turn
        self._ways = self._ways_of(self._course.procedure)
        self._kinds: dict[str, int] = {}
        self._keys: set[str] = set()
        self._expected: deque[Entry[Any]] = deque()

    @property
    def state(self) -> State:
        """The state after the entries checked so far."""
        return self._course.state

    def _ways_of(self, procedure: Procedure) -> dict[str, _Way]:
        return {
            kind.name: _Way(kind, kind.name in procedure.followed, self._watch.get(kind.name))
            for kind in procedure.kinds.values()
        }

    def feed(self, raws: Iterable[bytes]) -> None:
        """Take the next entries of the record, best a bundle of them at a time."""
        rest: Sequence[bytes] = list(raws)
        while rest and self.finding is None:
            rest = rest[self._feed(rest) :]

    def _feed(self, raws: Sequence[bytes]) -> int:
        """Take entries up to where newer rules take over; return how many."""
        # One long loop with local names: it runs once for every entry of every record.
        procedure, state, counts = self._course.procedure, self.state, self.counts
        record, version, first = state.record, procedure.version, self.index
        texts = record.texts
        judge, unfold, fold = procedure.decide, procedure.unfold, procedure.fold
        gate = procedure.gate
        ways, expected, keys = self._ways, self._expected, self._keys
        signed, before = self._signed, self._before
        next_deadline = state.next_deadline
        node = As.NODE
        at, now = "", 0
        acts = signed_acts = vouched = own = 0
        index = self.index - 1
        # Where reading in bulk fails, each entry is decoded when its turn comes: what stands before
        # a malformed one is judged first.
        long = max(map(len, raws), default=0) > MAX_ACT
        read: Iterable[Entry[Any] | None] = procedure.reader.read(raws) or repeat(None)
        entry: Entry[Any]
        try:
            for raw, known in zip(raws, read, strict=False):
                index += 1
                if expected:
                    entry = expected.popleft()
                    if encode(entry) != raw:
                        self._stop(self._differs(entry, raw, index))
                        break
                    counts.follows += 1
                else:
                    entry = procedure.codec.decode(raw) if known is None else known
                    if entry.at != at:
                        at = entry.at
                        now = minute(at)
                    way = ways[entry.kind]
                    kind = way.kind
                    if state.first_due <= now and not way.early and next_deadline(now) is not None:
                        finding = self._due(entry, raw, index, now)
                        if finding is not None:
                            self._stop(finding)
                            break
                    else:
                        key = entry.key
                        if entry.part:
                            self._stop(found(AuditCode.NOT_WHAT_FOLLOWS, index, kind=entry.kind))
                            break
                        known_keys = len(keys)
                        keys.add(key)
                        if len(keys) == known_keys:
                            self._stop(found(AuditCode.KEY_TWICE, index, kind=entry.kind))
                            break
                        if long and len(raw) > MAX_ACT:
                            finding = self._long(entry, index)
                            if finding is not None:
                                self._stop(finding)
                                break
                        if entry.proof is not None:
                            signed_acts += 1
                            if signed is not None:
                                signed(index, raw)
                        else:
                            if entry.by.as_ is node:
                                own += 1
                            else:
                                vouched += 1
                            if way.prepared and signed is not None:
                                signed(index, raw)
                        if before is not None:
                            before(state, entry, index, now)
                        # An entry has all fields of an act, and no rule looks for others.
                        act: Any = entry
                        # What `Procedure.decide` and `fold` come to for most acts, without calls.
                        usual = record.at == now
                        if usual and act.by.as_ in way.by:
                            decision = gate(state, kind, act, now) or way.decide(state, act, now)
                        else:
                            decision = judge(kind, state, act, now)
                        if not decision and not way.followed:
                            if usual and record.plain_at == now:
                                if entry.content:
                                    texts.update(entry.content)
                                way.apply(state, entry)
                                record.size += 1
                            else:
                                fold(kind, state, entry, now)
                        elif isinstance(decision, Refusal):
                            self._stop(
                                Finding(decision.code, index, entry.kind, params=decision.params)
                            )
                            break
                        else:
                            expected.extend(unfold(state, entry, decision, key, now)[1:])
                        acts += 1
                        way.count += 1
                        if way.watch is not None:
                            way.watch(entry, index)
                        continue
                way = ways[entry.kind]
                way.count += 1
                if way.watch is not None:
                    way.watch(entry, index)
                # Adopted by what this entry belongs to, which the state is through already.
                if record.rules != version:
                    if entry.kind == RulesAdopted.kind:
                        self.adopted.append((index, entry.body.to))
                    if not expected:
                        index += 1
                        break
            else:
                index += 1
        except UnknownKind as unknown:
            self._stop(found(AuditCode.UNKNOWN_KIND, index, kind=str(unknown)))
        except Malformed as malformed:
            self._stop(found(AuditCode.NOT_CANONICAL, index, why=str(malformed)))
        except Exception as error:
            # Rules are total on what they accepted; if they are not, the report says where.
            self._stop(found(AuditCode.RULES_FAILED, index, why=f"{type(error).__name__}: {error}"))
        self.index = index
        counts.acts += acts
        counts.signed += signed_acts
        counts.vouched += vouched
        counts.node += own
        counts.kinds = dict(self._kinds)
        for way in ways.values():
            if way.count:
                counts.kinds[way.kind.name] = counts.kinds.get(way.kind.name, 0) + way.count
        if record.rules != version and not expected and self.finding is None:
            self._take_over()
        return index - first

    def _take_over(self) -> None:
        """Go on under the rules that were adopted, or say that they are not known here."""
        course = self._course
        course.settle()
        if course.missing is not None:
            at, version = self.adopted[-1]
            self._stop(found(AuditCode.UNKNOWN_RULES, at, version=version))
            return
        self._kinds = self.counts.kinds
        self._ways = self._ways_of(course.procedure)
        if self._turn is not None:
            self._turn(course.procedure.version)

    def finish(self) -> None:
        """Say that no entry comes any more."""
        if self._expected and self.finding is None:
            missing = self._expected[0]
            self._stop(found(AuditCode.CUT_OFF, self.index, missing=missing.kind))

    def _long(self, entry: Entry[Any], index: int) -> Finding | None:
        """Hold a long entry against the length of acts, a little less than that of entries."""
        refused = self._course.procedure.form(
            Act(entry.kind, entry.by, entry.key, entry.body, entry.content, entry.proof)
        )
        if refused is None:
            return None
        return Finding(refused.code, index, entry.kind, params=refused.params)

    def _stop(self, finding: Finding) -> None:
        self.finding = finding

    def _due(self, entry: Entry[Any], raw: bytes, index: int, now: int) -> Finding | None:
        """Hold an entry against the group that is due; note what must follow."""
        state = self.state
        refused = time_refusal(state.record, now)
        if refused is not None:
            return Finding(refused.code, index, entry.kind)
        item = state.next_deadline(now)
        assert item is not None
        what_id, deadline = item
        group = next(self._course.procedure.due(state, now))
        key = group[0].key
        if key in self._keys:
            return found(AuditCode.KEY_TWICE, index, kind=group[0].kind)
        self._keys.add(key)
        if encode(group[0]) != raw:
            if entry.key == group[0].key and entry.part == 0:
                return found(AuditCode.NOT_WHAT_FOLLOWS, index, kind=entry.kind)
            return found(
                AuditCode.DUE_MISSING,
                index,
                kind=entry.kind,
                missing=group[0].kind,
                id=what_id,
                what=deadline.what,
                deadline=when(deadline.minute),
            )
        self.counts.due += 1
        self._expected.extend(group[1:])
        return None

    def _differs(self, expected: Entry[Any], raw: bytes, index: int) -> Finding:
        entry = self._course.procedure.codec.decode(raw)
        if entry.key == expected.key and entry.part > 0:
            return found(AuditCode.NOT_WHAT_FOLLOWS, index, kind=entry.kind, expected=expected.kind)
        return found(AuditCode.FOLLOW_MISSING, index, kind=entry.kind, missing=expected.kind)
