"""Ties, voices and rows: the counts that the rules can check."""

from hypothesis import given
from hypothesis import strategies as st

from chapters import entries as c
from chapters import participation as p
from civic.kernel import keys
from civic.kernel.record.entry import As, row_message, when
from deliberation import entries as d
from tests.acts import Game, begin, keyed, made, propose, public, seed_key, text, tie


def argued(game: Game) -> str:
    """A proposal with an argument; returns the argument's id."""
    propose(game)
    game.voice(d.Argued(made("a"), made("p"), "pro", 3), "p author", text("a"))
    return made("a")


def reactions(game: Game, *rows: tuple[str, int], **fields: object) -> d.ReactionsRecorded:
    return d.ReactionsRecorded(
        made("a"), when(game.tick), 0, tuple(sorted((made(row), value) for row, value in rows))
    )


class TestVoices:
    def test_no_more_than_members(self) -> None:
        game = begin()
        proposal = propose(game)
        for number in range(5):
            body = d.Argued(made(f"a{number}"), proposal, "pro", 3)
            game.voice(body, f"voice {number}", text(f"a{number}"))
        body = d.Argued(made("a"), proposal, "pro", 3)
        refused = game.refused(body, As.VOICE, made("voice 6"), [text("a")])
        assert refused == p.TOO_MANY_TIES
        game.voice(body, "voice 4", text("a"))

    def test_members_who_came_later_count_and_who_left_did(self) -> None:
        game = begin()
        proposal = propose(game)
        game.member(c.Left(), "fox")
        game.member(c.Joined(made("x"), text("x")), "x")
        for number in range(6):
            body = d.Argued(made(f"a{number}"), proposal, "pro", 3)
            game.voice(body, f"voice {number}", text(f"a{number}"))
        body = d.Argued(made("a"), proposal, "pro", 3)
        refused = game.refused(body, As.VOICE, made("voice 7"), [text("a")])
        assert refused == p.TOO_MANY_TIES

    def test_nobody_left_nobody_proposes(self) -> None:
        game = begin()
        for name in ("ann", "ben", "cem", "dia", "eva", "fox"):
            game.member(c.Left(), name)
        body = d.Proposed(made("p"), "en", 5, 5, 0, "pseudonymous")
        refused = game.refused(body, As.VOICE, made("v"), [text("1"), text("2")])
        assert refused == p.TOO_MANY_TIES


class TestTies:
    def test_of_this_tick_sorted_no_more_than_members(self) -> None:
        game = begin()
        proposal = propose(game)
        game.next_tick()
        hashes = tuple(sorted(text(str(n)) for n in range(7)))
        tick = when(game.tick)

        def refused(*args: object) -> str:
            return game.refused(c.TookPart(*args), As.NODE)  # type: ignore[arg-type]

        assert refused(made("x"), "row", tick, hashes[:1]) == p.MATTER_UNKNOWN
        assert refused(proposal, "row", when(game.tick + 10), hashes[:1]) == p.WRONG_TICK
        assert refused(proposal, "row", tick, (hashes[1], hashes[0])) == p.HASHES_UNSORTED
        assert refused(proposal, "row", tick, (hashes[1], hashes[1])) == p.HASHES_UNSORTED
        assert refused(proposal, "row", tick, hashes) == p.TOO_MANY_TIES
        game.node(c.TookPart(proposal, "row", tick, hashes[:6]))
        assert refused(proposal, "row", tick, hashes[6:]) == p.TOO_MANY_TIES
        game.node(c.TookPart(proposal, "voice", tick, hashes[:6]))

    def test_not_in_an_imported_matter(self) -> None:
        game = begin()
        conversation = d.ConversationImported(made("old"), "elsewhere", "en", 5, 5)
        game.node(conversation, text("1"), text("2"))
        game.next_tick()
        body = c.TookPart(made("old"), "row", when(game.tick), (text("x"),))
        assert game.refused(body, As.NODE) == p.MATTER_UNKNOWN


class TestRows:
    def test_no_more_than_ties(self) -> None:
        game = begin()
        argued(game)
        tie(game, made("p"), "row", 2)
        body = reactions(game, ("r1", 1), ("r2", -1), ("r3", 0))
        assert game.refused(body, As.NODE) == p.ROW_WITHOUT_TIE
        game.node(reactions(game, ("r1", 1), ("r2", -1)))
        game.next_tick()
        game.node(reactions(game, ("r1", 0), ("r2", -1)))
        assert game.refused(reactions(game, ("r3", 0)), As.NODE) == p.ROW_WITHOUT_TIE

    def test_of_this_tick_and_sorted(self) -> None:
        game = begin()
        argued(game)
        tie(game, made("p"), "row", 2)
        rows = tuple(sorted(((made("r1"), 1), (made("r2"), 1)), reverse=True))
        body = d.ReactionsRecorded(made("a"), when(game.tick), 0, rows)
        assert game.refused(body, As.NODE) == p.HASHES_UNSORTED
        body = d.ReactionsRecorded(made("a"), when(game.tick), 0, (rows[0], rows[0]))
        assert game.refused(body, As.NODE) == p.HASHES_UNSORTED
        body = d.ReactionsRecorded(made("a"), when(game.tick - 10), 0, rows)
        assert game.refused(body, As.NODE) == p.WRONG_TICK


class TestRowProofs:
    def rows(self) -> tuple[list[p.Row], list[p.RowProof]]:
        names = sorted(("x", "y", "z"), key=keyed)
        rows = [(keyed(name), 1) for name in names]
        proofs = []
        for position, name in enumerate(names):
            message = row_message("ab" * 32, made("a"), keyed(name), 7, 1)
            proofs.append((position, 7, public(name), keys.sign(seed_key(name), message).hex()))
        return rows, proofs

    def check(self, rows: list[p.Row], proofs: list[p.RowProof]) -> str | None:
        refusal = p.check_row_proofs("ab" * 32, made("a"), rows, proofs)
        return None if refusal is None else refusal.code

    def test_good(self) -> None:
        rows, proofs = self.rows()
        assert self.check(rows, proofs) is None
        assert self.check(rows, proofs[1:]) is None
        assert self.check(rows, []) is None

    def test_of_another_value_subject_or_key(self) -> None:
        rows, proofs = self.rows()
        other = [(row, 0) for row, _ in rows]
        assert self.check(other, proofs) == p.ROW_SIGNATURE
        assert p.check_row_proofs("ab" * 32, made("b"), rows, proofs) is not None
        assert p.check_row_proofs("cd" * 32, made("a"), rows, proofs) is not None
        position, count, key, signature = proofs[0]
        assert self.check(rows, [(position, count, public("other"), signature)]) == p.ROW_SIGNATURE
        assert self.check(rows, [(position, count + 1, key, signature)]) == p.ROW_SIGNATURE

    def test_positions_rise_and_exist(self) -> None:
        rows, proofs = self.rows()
        assert self.check(rows, [proofs[1], proofs[0]]) == p.HASHES_UNSORTED
        assert self.check(rows, [proofs[1], proofs[1]]) == p.HASHES_UNSORTED
        _, count, key, signature = proofs[2]
        assert self.check(rows, [(3, count, key, signature)]) == p.HASHES_UNSORTED


class TestCounts:
    """A row that signed goes on counting: an older value of its own never stands last again."""

    def game(self) -> Game:
        game = begin()
        argued(game)
        tie(game, made("p"), "row", 3)
        return game

    def box(self, game: Game, *rows: tuple[str, int, int]) -> d.ReactionsRecorded:
        """A box of (name, count, value); with a count of 0 the value is unsigned."""
        ordered = sorted((keyed(name), name, count, value) for name, count, value in rows)
        proofs = []
        for position, (own, name, count, value) in enumerate(ordered):
            message = row_message(game.log_id, made("a"), own, count, value)
            signature = keys.sign(seed_key(name), message).hex()
            if count:
                proofs.append((position, count, public(name), signature))
        pairs = tuple((own, value) for own, _, _, value in ordered)
        return d.ReactionsRecorded(made("a"), when(game.tick), 0, pairs, tuple(proofs))

    def refused(self, game: Game, *rows: tuple[str, int, int]) -> str:
        return game.refused(self.box(game, *rows), As.NODE)

    def counts(self, game: Game) -> dict[str, int]:
        return game.chapter.matters[made("p")].counts.get(made("a"), {})

    def test_they_rise_and_unsigned_values_leave_none(self) -> None:
        game = self.game()
        game.node(self.box(game, ("x", 2, 1), ("y", 0, 1)))
        assert self.counts(game) == {keyed("x"): 2}
        game.next_tick()
        for older in (1, 2):
            assert self.refused(game, ("x", older, -1)) == p.ROW_COUNT
            assert self.refused(game, ("x", older, -1), ("y", 1, 1)) == p.ROW_COUNT
        assert self.refused(game, ("x", 0, 1)) == p.ROW_UNSIGNED
        assert self.refused(game, ("x", 0, 1), ("y", 1, 1)) == p.ROW_UNSIGNED
        game.node(self.box(game, ("x", 7, -1), ("y", 1, 0), ("z", 0, 0)))
        assert self.counts(game) == {keyed("x"): 7, keyed("y"): 1}

    def test_they_begin_above_nothing_and_stand_with_a_row(self) -> None:
        game = self.game()
        box = self.box(game, ("x", 1, 1))
        _, _, key, signature = box.proofs[0]
        for proof, code in (
            ((0, 0, key, signature), p.ROW_COUNT),
            ((1, 1, key, signature), p.HASHES_UNSORTED),
        ):
            refusal = p.check_counts(game.state, made("p"), made("a"), box.rows, (proof,))
            assert refusal is not None
            assert refusal.code == code

    @given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 4)), max_size=12))
    def test_whatever_comes_the_counts_of_a_row_only_rise(
        self, tried: list[tuple[str, int]]
    ) -> None:
        game, last = self.game(), dict.fromkeys("xyz", 0)
        for name, count in tried:
            game.next_tick()
            box = self.box(game, (name, count, 1))
            if count > last[name] or last[name] == count == 0:
                game.node(box)
                last[name] = count
            else:
                assert game.refused(box, As.NODE) in (p.ROW_COUNT, p.ROW_UNSIGNED)
        assert self.counts(game) == {keyed(name): n for name, n in last.items() if n}

    def test_they_are_forgotten_when_values_have_no_effect_any_more(self) -> None:
        game = self.game()
        game.node(self.box(game, ("x", 3, 1)))
        game.voice(d.Withdrawn(made("p")), "p author")
        assert game.chapter.matters[made("p")].counts == {}
        game.next_tick()
        game.node(self.box(game, ("x", 3, 1)))
        assert game.chapter.matters[made("p")].counts == {}
