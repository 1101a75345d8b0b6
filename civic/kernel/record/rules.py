"""The machinery of the rules: state, kinds of entries, deadlines, and how one act unfolds.

A version of the rules is a `Procedure` put together from the parts of all domains. Node, peer and
auditor run the same one: `begin` and `unfold` are the only ways an entry comes to be.
"""

import heapq
from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar, cast

import msgspec

from civic.kernel.keys import verify
from civic.kernel.record.entry import (
    Act,
    As,
    B,
    Body,
    By,
    Codec,
    Entry,
    Malformed,
    act_message,
    due_key,
    key_id,
    made_id,
    minute,
    node_id,
    when,
)
from civic.kernel.record.lean import Reader
from civic.kernel.refusal import Refusal, code

P = TypeVar("P", bound=msgspec.Struct)

TIME_BACK: Final = code("record.time_back", "The entry is dated before the one it follows.")
OFF_TICK: Final = code("record.off_tick", "The time is not the start of a tick of the chapter.")
NOT_EARLY: Final = code(
    "record.not_early", "An early act of the node came after another act of the same tick."
)
MALFORMED: Final = code("record.malformed", "The act does not have the form of an entry.")
WRONG_ROLE: Final = code("record.wrong_role", "This kind of act is not made in this role.")
ONLY_FOLLOWS: Final = code(
    "record.only_follows", "Entries of this kind follow from others; nobody may make one."
)
BAD_SIGNATURE: Final = code("record.bad_signature", "A signature does not verify.")
WRONG_ID_KEY: Final = code(
    "record.wrong_id_key", "The id a voice or row acts under is not that of the key that signed."
)


_NODE: Final = As.NODE
_NEVER: Final = 2**53

FIRST_TICK: Final = 10
"""Length in minutes of the ticks before a chapter's own hold."""


class Deadline(msgspec.Struct, frozen=True):
    """A transition that is to come: when (minutes), what, and whether people act until then.

    `extended` tells that an outage put it off already.
    """

    minute: int
    what: str
    people: bool
    extended: bool = False


class RecordState(msgspec.Struct):
    """What the rules know of the record itself.

    `rules` is the version in force behind the last whole act or thing due. `at` is the time of the
    last entry, `plain_at` of the last one that was not an early act of the node (minutes). `ticks`
    are (from when, length), oldest first: what is due late is reckoned with the ticks of its own
    time. `outages` are spans of minutes in which the node was down, in order. `texts` are the
    hashes of all content that entries ever named, `former` the ids of what is over and forgotten.
    """

    log_id: str
    node: str
    rules: int
    size: int = 0
    at: int = 0
    plain_at: int = -1
    ticks: list[tuple[int, int]] = msgspec.field(default_factory=lambda: [(0, FIRST_TICK)])
    grace: int = 24 * 60
    outages: list[tuple[int, int]] = []
    deadlines: dict[str, Deadline] = {}
    texts: set[str] = set()
    former: set[str] = set()


class State:
    """All that the rules know after some entries of a record: one struct a domain."""

    __slots__ = ("_heap", "_ids", "first_due", "parts", "record")

    def __init__(
        self,
        record: RecordState,
        parts: dict[str, Any],
        ids: Sequence["Ids"] = (),
    ) -> None:
        self.record = record
        self.parts = parts
        # The maps themselves, which the rules change in place: an id is looked up, nothing called.
        self._ids = (*(known for of_part in ids for known in of_part(self)), record.former)
        self._heap = [(d.minute, what) for what, d in record.deadlines.items()]
        heapq.heapify(self._heap)
        self.first_due = self._heap[0][0] if self._heap else _NEVER
        """Before this minute nothing is due: a bound that costs nothing to ask."""

    def knows(self, an_id: str) -> bool:
        """Tell whether an id stands for something in the record: no other thing may take it.

        Deadlines and the keys of what is due are made of ids alone, so one id is one thing.
        """
        if an_id == self.record.node:
            return True
        # A loop, not `any`: this is asked for every new id, and a generator costs twice as much.
        for known in self._ids:  # noqa: SIM110
            if an_id in known:
                return True
        return False

    def retire(self, an_id: str) -> None:
        """Note that what an id stood for is over and its part forgets it: the id stays taken."""
        self.record.former.add(an_id)

    def new_id(self, key: str, part: int) -> str:
        """Return the id of what part `part` of an act makes.

        Whoever foresees the key could have taken the id; then it is that of the next part on.
        """
        while self.knows(made := made_id(key, part)):
            part += 1
        return made

    def set_deadline(
        self,
        what_id: str,
        minute: int,
        what: str,
        *,
        people: bool = False,
        extended: bool = False,
    ) -> None:
        """Let `what` happen to `what_id` at a minute, rounded up to a tick; replaces an earlier."""
        deadline = Deadline(round_up(self.record, minute), what, people, extended)
        self.record.deadlines[what_id] = deadline
        heapq.heappush(self._heap, (deadline.minute, what_id))
        self.first_due = self._heap[0][0]

    def drop_deadline(self, what_id: str) -> None:
        """Let nothing happen to `what_id` any more."""
        self.record.deadlines.pop(what_id, None)

    def next_deadline(self, now: int) -> tuple[str, Deadline] | None:
        """Return the earliest transition whose time has come, by (minute, id), or None."""
        heap, deadlines = self._heap, self.record.deadlines
        while heap and heap[0][0] <= now:
            minute, what_id = heap[0]
            deadline = deadlines.get(what_id)
            if deadline is not None and deadline.minute == minute:
                return what_id, deadline
            heapq.heappop(heap)
            self.first_due = heap[0][0] if heap else _NEVER
        return None


def tick_size(record: RecordState, minute: int) -> int:
    """Return the length in minutes of the tick that a minute lies in."""
    for start, size in reversed(record.ticks):
        if minute >= start:
            return size
    return FIRST_TICK


def set_tick(record: RecordState, moment: int, size: int) -> None:
    """Let ticks have a length from the next full hour on: only there do ticks of all lengths start.

    `moment` is when that was decided, in minutes, even if it is recorded later.
    """
    start = moment - moment % 60 + 60
    while record.ticks[-1][0] >= start:
        record.ticks.pop()
    if record.ticks[-1][1] != size:
        record.ticks.append((start, size))


def tick_of(record: RecordState, minute: int) -> int:
    """Return the minute at which the tick that `minute` lies in starts."""
    return minute - minute % tick_size(record, minute)


def round_up(record: RecordState, minute: int) -> int:
    """Return the first start of a tick at or after a minute."""
    down = tick_of(record, minute)
    return down if down == minute else tick_of(record, down + tick_size(record, minute))


def time_refusal(record: RecordState, now: int) -> Refusal | None:
    """Say why no entry may stand at a minute: before the last one, or not at the start of a tick.

    The minute of the last entry is good even where ticks became longer behind it.
    """
    if now == record.at:
        return None
    if now < record.at:
        return Refusal(TIME_BACK)
    return None if now == tick_of(record, now) else Refusal(OFF_TICK)


class Draft(msgspec.Struct, frozen=True):
    """An entry that follows from another; the machinery adds who, when and under which key."""

    body: Body
    content: tuple[str, ...] = ()


Decision = tuple[Draft, ...] | Refusal
Decide = Callable[[State, Act[Any], int], Decision]
Apply = Callable[[State, Entry[Any]], None]
Prepare = Callable[[str, Act[Any]], Refusal | None]
Follow = Callable[[State, Entry[Any]], Sequence[Draft]]
Due = Callable[[State, str, int], Sequence[Draft]]
Gate = Callable[[State, "Kind[Any]", Act[Any], int], Refusal | None]
PutOff = Callable[[State, str, Deadline], Draft | None]
Ids = Callable[[State], Sequence[Container[str]]]
Adopt = Callable[[State], State]


@dataclass(frozen=True)
class Kind(Generic[B]):
    """One kind of entry: its body, who may make it, and its two functions.

    `decide` is None for kinds that only follow from others. `early` acts are the node's, decided
    before anything due. `world` says that outsiders may read the entry of a chapter that is not
    public. `texts` says that its entries bring content. `dated` says that `decide` itself checks
    which of a member's keys signed, since it is not the present one that counts. `prepare` checks
    what is costly and independent of state.
    """

    body: type[B]
    apply: Callable[[State, Entry[B]], None]
    decide: Callable[[State, Act[B], int], Decision] | None = None
    by: frozenset[As] = frozenset()
    early: bool = False
    world: bool = False
    texts: bool = False
    dated: bool = False
    prepare: Callable[[str, Act[B]], Refusal | None] | None = None
    name: str = field(init=False)
    """The kind as it stands in entries, `domain.past_tense`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.body.kind)


@dataclass(frozen=True)
class Part(Generic[P]):
    """What one domain adds to the rules: its state, its kinds, its transitions and followers.

    `ids` gives what holds the ids that stand for something of this domain: maps or sets in its
    part of the state, which its rules change in place and never replace.
    """

    name: str
    state: type[P]
    kinds: Sequence[Kind[Any]]
    ids: Ids
    due: Mapping[str, Due] = field(default_factory=dict)
    follow: Sequence[tuple[str, Follow]] = ()


class Procedure:
    """One version of the rules, put together from the parts of all domains, lowest first.

    `adopt` names how it takes over the state of the version before it: pure and total. Without it
    the parts go on as they are.
    """

    def __init__(
        self,
        version: int,
        own: Sequence[Kind[Any]],
        parts: Sequence[Part[Any]],
        gate: Gate,
        put_off: PutOff,
        adopt: Adopt | None = None,
    ) -> None:
        self.version = version
        self.parts = parts
        self.gate = gate
        self.adopt = adopt
        self._put_off = put_off
        self.kinds: dict[str, Kind[Any]] = {}
        self._due: dict[str, Due] = {}
        self._follow: dict[str, list[Follow]] = {}
        for kinds in (own, *(part.kinds for part in parts)):
            for kind in kinds:
                if kind.name in self.kinds:
                    raise ValueError(f"kind {kind.name} is defined twice")
                self.kinds[kind.name] = kind
        for part in parts:
            self._due.update(part.due)
            for name, follower in part.follow:
                self._follow.setdefault(name, []).append(follower)
        self.transitions = frozenset(self._due)
        """What deadlines may lead to."""
        self.followed = frozenset(self._follow)
        """The kinds that something may follow from."""
        self._ids = tuple(part.ids for part in parts)
        self.codec = Codec(kind.body for kind in self.kinds.values())
        self.reader = Reader(self.codec)

    def initial(self, log_id: str) -> State:
        """Return the state before entry 0 of a log."""
        record = RecordState(log_id, node_id(log_id), self.version)
        return State(record, {part.name: part.state() for part in self.parts}, self._ids)

    def take_over(self, state: State) -> State:
        """Return the state with which this version goes on where the one before it ended.

        Parts that are new begin empty. The state given must not be used any more.
        """
        before = state if self.adopt is None else self.adopt(state)
        parts = {
            part.name: before.parts[part.name] if part.name in before.parts else part.state()
            for part in self.parts
        }
        return State(before.record, parts, self._ids)

    def prepare(self, log_id: str, act: Act[Any]) -> Refusal | None:
        """Check what is costly and independent of state, before any lock: form and signatures."""
        return self.form(act) or self.signatures(log_id, act)

    def form(self, act: Act[Any]) -> Refusal | None:
        """Check that an act has the form that entries have."""
        try:
            self.codec.check(act)
        except Malformed as malformed:
            return Refusal(MALFORMED, {"why": str(malformed)})
        return None

    def signatures(self, log_id: str, act: Act[Any]) -> Refusal | None:
        """Verify the signatures on and in an act."""
        if act.proof is not None:
            public = bytes.fromhex(act.proof.public_key)
            if act.by.as_ in (As.VOICE, As.ROW) and key_id(public) != act.by.id:
                return Refusal(WRONG_ID_KEY)
            message = act_message(log_id, act.kind, act.by, act.key, act.body, act.content)
            if not verify(public, message, bytes.fromhex(act.proof.signature)):
                return Refusal(BAD_SIGNATURE)
        kind = self.kinds[act.kind]
        return None if kind.prepare is None else kind.prepare(log_id, act)

    def due(self, state: State, now: int) -> Iterator[list[Entry[Any]]]:
        """Apply each transition whose time has come, yielding its entries one group at a time."""
        while (item := state.next_deadline(now)) is not None:
            what_id, deadline = item
            record = state.record
            put_off = self._put_off(state, what_id, deadline) if deadline.people else None
            if put_off is None:
                drafts = self._due[deadline.what](state, what_id, deadline.minute)
            else:
                drafts = (put_off,)
            key = due_key(record.log_id, deadline.minute, what_id)
            yield self.unfold(state, None, drafts, key, now)

    def act(self, state: State, act: Act[Any], now: int) -> list[Entry[Any]] | Refusal:
        """Decide one act and apply what comes of it; state is untouched by a refused act.

        What is due must have been applied before, unless the act is an early one.
        """
        decision = self.judge(state, act, now)
        if isinstance(decision, Refusal):
            return decision
        return self.accept(state, act, now, decision)

    def judge(self, state: State, entry: Act[Any] | Entry[Any], now: int) -> Decision:
        """Decide one act, or the act that an entry opened, without applying anything."""
        # An entry has all fields of an act, and no rule looks for others.
        act: Any = entry
        return self.decide(self.kinds[act.kind], state, act, now)

    def decide(self, kind: Kind[Any], state: State, act: Act[Any], now: int) -> Decision:
        """Do what `judge` does, the act's kind being known."""
        record = state.record
        if kind.decide is None:
            return Refusal(ONLY_FOLLOWS)
        role = act.by.as_
        if role not in kind.by or (role is _NODE and act.by.id != record.node):
            return Refusal(WRONG_ROLE, {"kind": act.kind, "role": role.value})
        if now != record.at:
            refused = time_refusal(record, now)
            if refused is not None:
                return refused
        if kind.early and record.plain_at == now:
            return Refusal(NOT_EARLY)
        refused = self.gate(state, kind, act, now)
        if refused is not None:
            return refused
        return kind.decide(state, act, now)

    def accept(
        self, state: State, act: Act[Any], now: int, drafts: Sequence[Draft] = ()
    ) -> list[Entry[Any]]:
        """Apply an act and its consequences without asking whether it may be."""
        first: Entry[Any] = Entry(
            act.kind, when(now), act.by, act.key, 0, act.body, act.content, act.proof
        )
        return self.unfold(state, first, drafts, act.key, now)

    def apply(self, state: State, entry: Entry[Any]) -> None:
        """Fold one entry into the state; total and deterministic, never refuses."""
        self.fold(self.kinds[entry.kind], state, entry, minute(entry.at))

    def fold(self, kind: Kind[Any], state: State, entry: Entry[Any], now: int) -> None:
        """Do what `apply` does, the entry's kind and minute being known."""
        record = state.record
        # Most entries of a tick change neither, and asking costs less than writing.
        if record.at != now:
            record.at = now
        if record.plain_at != now and not kind.early:
            record.plain_at = now
        if entry.content:
            record.texts.update(entry.content)
        kind.apply(state, entry)
        record.size += 1

    def unfold(
        self,
        state: State,
        first: Entry[Any] | None,
        drafts: Sequence[Draft],
        key: str,
        now: int,
    ) -> list[Entry[Any]]:
        """Apply an accepted act's first entry (None where time acts) and all that follows."""
        if first is not None and not drafts and first.kind not in self.followed:
            self.apply(state, first)
            return [first]
        entries: list[Entry[Any]] = []
        queue = deque(drafts)
        if first is not None:
            self.apply(state, first)
            entries.append(first)
            for follower in self._follow.get(first.kind, ()):
                queue.extend(follower(state, first))
        if not queue:
            return entries
        at, by = when(now), By(As.NODE, state.record.node)
        while queue:
            draft = queue.popleft()
            entry: Entry[Any] = Entry(
                draft.body.kind, at, by, key, len(entries), draft.body, draft.content
            )
            self.apply(state, entry)
            entries.append(entry)
            for follower in self._follow.get(entry.kind, ()):
                queue.extend(follower(state, entry))
        return entries

    def dump(self, state: State) -> bytes:
        """Return a state as bytes, the same for equal states (sorted MessagePack)."""
        whole = {"record": state.record, **state.parts}
        return msgspec.msgpack.encode(whole, order="sorted")

    def load(self, raw: bytes) -> State:
        """Return the state that `dump` gave as bytes."""
        fields = msgspec.msgpack.decode(raw, type=dict[str, msgspec.Raw])
        record = msgspec.msgpack.decode(fields["record"], type=RecordState)
        parts = {
            part.name: cast(
                "msgspec.Struct", msgspec.msgpack.decode(fields[part.name], type=part.state)
            )
            for part in self.parts
        }
        return State(record, parts, self._ids)
