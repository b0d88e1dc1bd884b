"""Undo and redo across a draft's whole life."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.draft.action_list import add_action, rearrange
from wizard.draft.draft import Draft
from wizard.draft.history import Change, shared_end, shared_start
from wizard.formats.paths import MISSING, Path

TEXTS = st.text(alphabet="abहि\n", max_size=6)
PATHS: tuple[Path, ...] = (
    ("name",),
    ("sentiment", "general_prompt"),
    ("actions", 0, "say"),
    ("actions", 0, "zeplo", "content", "template_text"),
    ("extra",),
)
ANSWERS = st.tuples(
    st.sampled_from(PATHS),
    st.one_of(
        TEXTS, st.sampled_from([5, True, None, ["q"], {"z": "y"}, MISSING, "Hi {{1}} {{2}}"])
    ),
    st.sampled_from([0.1, 5.0]),
)


def everything(draft: Draft) -> tuple[Any, ...]:
    return copy.deepcopy(draft.answers), dict(draft.sources)


@given(st.lists(ANSWERS, max_size=25))
def test_undo_and_redo_walk_through_every_state(
    answers: list[tuple[Path, Any, float]],
) -> None:
    draft, now = Draft({"actions": [{"type": "sendMessage"}]}), [0.0]
    draft.history.clock = lambda: now[0]
    states = [everything(draft)]
    for path, value, pause in answers:
        now[0] += pause
        known = len(draft.history.edits)
        draft.answer(path, value)
        if len(draft.history.edits) > known:
            states.append(everything(draft))
        else:
            states[-1] = everything(draft)  # a run of typing is one edit
    for state in reversed(states[:-1]):
        assert draft.undo() is not None
        assert everything(draft) == state
    assert draft.undo() is None
    for state in states[1:]:
        assert draft.redo() is not None
        assert draft.answers == state[0]
    assert draft.redo() is None


@given(st.lists(ANSWERS, max_size=10))
def test_an_edit_survives_the_disk(answers: list[tuple[Path, Any, float]]) -> None:
    draft = Draft({"actions": [{"type": "sendMessage"}]})
    for path, value, _ in answers:
        draft.answer(path, value)
    for edit in draft.history.edits:
        for made in edit.changes:
            assert Change.from_json(made.as_json()) == made


def test_typing_is_one_edit_until_a_pause() -> None:
    draft, now = Draft(), [0.0]
    draft.history.clock = lambda: now[0]
    for length in range(1, 5):
        draft.answer(("name",), "Asha"[:length])
        now[0] += 0.2
    now[0] += 5
    draft.answer(("name",), "Asha B")
    assert draft.undo() == ("name",)
    assert draft.answers == {"name": "Asha"}
    assert draft.undo() == ("name",)
    assert draft.answers == {}


@pytest.mark.parametrize(
    ("typed", "undone"),
    [
        (["Asha", "Ash", "As"], ["Asha"]),
        (["Ash", "As", "Asx"], ["Ash"]),
        (["Ash", "Ashx", "Asx"], ["Ashx", "Ash"]),
    ],
    ids=["deleted", "typed over", "typed and deleted before it"],
)
def test_a_run_is_undone_to_the_text_before_it(typed: list[str], undone: list[str]) -> None:
    draft, now = Draft(), [0.0]
    draft.history.clock = lambda: now[0]
    for text in typed:
        draft.answer(("name",), text)
        now[0] += 5 if text == typed[0] else 0.2
    for text in undone:
        draft.undo()
        assert draft.answers == {"name": text}


def test_a_key_in_a_long_script_keeps_one_character() -> None:
    draft = Draft({"script": "word " * 200_000})
    text = draft.answers["script"]
    draft.answer(("script",), text[:500_000] + "x" + text[500_000:])
    (made,) = draft.history.edits[0].changes
    assert (made.at, made.before, made.after) == (500_000, "", "x")


@given(
    st.lists(st.sampled_from(["a", "b", "x" * 63, "x" * 64, "x" * 4096, "हि"]), max_size=6),
    st.integers(0, 9_000),
    st.integers(0, 70),
    st.sampled_from(["", "a", "bb", "x", "x" * 64]),
)
def test_the_shared_start_and_end_of_two_texts_are_exact(
    parts: list[str], at: int, out: int, into: str
) -> None:
    one = "".join(parts)
    other = one[:at] + into + one[at + out :]
    most = min(len(one), len(other))
    start = next((i for i in range(most) if one[i] != other[i]), most)
    end = next((i for i in range(most - start) if one[-1 - i] != other[-1 - i]), most - start)
    assert shared_start(one, other) == start
    assert shared_end(one, other, most - start) == end


def test_a_new_answer_clears_redo() -> None:
    draft = Draft()
    draft.answer(("name",), 1)
    draft.answer(("name",), 2)
    draft.undo()
    draft.answer(("goal",), 3)
    assert draft.redo() is None
    assert draft.answers == {"name": 1, "goal": 3}


def test_undo_restores_a_removed_action_at_its_place() -> None:
    draft = Draft({"actions": [{"type": "sendMessage", "n": n} for n in range(3)]})
    before = copy.deepcopy(draft.answers)
    draft.answer(("actions", 1), MISSING)
    assert [action["n"] for action in draft.answers["actions"]] == [0, 2]
    draft.undo()
    assert draft.answers == before


def typed_actions(count: int) -> Draft:
    draft = Draft()
    for number in range(count):
        add_action(draft, "scheduleMeeting")
        draft.answer(("actions", number, "say"), f"Moment {number}.")
    return draft


def test_a_move_among_many_actions_stores_the_two_that_change_places() -> None:
    draft = typed_actions(40)
    before = everything(draft)
    rearrange(draft, "down", 7)
    after = everything(draft)
    assert {made.path[:2] for made in draft.history.edits[-1].changes} == {
        ("actions", 7),
        ("actions", 8),
    }
    assert [action["say"] for action in draft.answers["actions"]][7:9] == ["Moment 8.", "Moment 7."]
    draft.undo()
    assert everything(draft) == before
    draft.redo()
    assert everything(draft) == after


@given(
    st.lists(
        st.tuples(st.sampled_from(["up", "down", "copy", "remove"]), st.integers(0, 9)), max_size=8
    )
)
def test_rearranged_actions_are_stored_once_and_undone(operations: list[tuple[str, int]]) -> None:
    draft = typed_actions(4)
    states = [everything(draft)]
    for operation, at in operations:
        count = len(draft.answers["actions"])
        known = len(draft.history.edits)
        if count:
            rearrange(draft, operation, at % count)
        for edit in draft.history.edits[known:]:
            states.append(everything(draft))
            for made in edit.changes:
                kept = [*made.before, *made.after] if made.path == ("actions",) else ()
                assert len(kept) <= 1
    for state in reversed(states[:-1]):
        draft.undo()
        assert everything(draft) == state
    for state in states[1:]:
        draft.redo()
        assert everything(draft) == state


def test_a_changed_item_of_a_list_is_stored_as_it_was() -> None:
    draft = Draft({"odd": [1, 2, 3]})
    draft.answer(("odd",), [1, True, 3])
    (made,) = draft.history.edits[0].changes
    assert (made.at, made.before, made.after) == (1, [2], [True])
    draft.answer(("odd",), [True, True, 3])
    draft.undo()
    assert repr(draft.answers["odd"]) == "[1, True, 3]"
