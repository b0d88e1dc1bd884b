"""Differences of payloads and of long texts, and the command `diff`."""

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import examples
from tests.commands.test_cli import run
from tests.examples import full, minimal, with_, without
from wizard.contract.masking import MASK
from wizard.draft.draft import Draft
from wizard.exchange.differences import Run, RunKind, differences, same, word_changes
from wizard.storage.store import Store, open_store, snapshot


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    return [difference.as_json() for difference in differences(before, after)]


# Payloads


def test_the_same_payload_differs_nowhere() -> None:
    assert changes(full(), full()) == []
    assert changes(minimal(), with_(minimal(), "voice_speed", 1.0)) == []
    assert changes(full(), dict(reversed(full().items()))) == []


def test_a_boolean_is_no_number() -> None:
    assert not same(True, 1)
    assert not same([0], [False])
    assert same({"a": [1, None]}, {"a": [1.0, None]})


def test_differences_are_listed_in_the_order_of_the_contract() -> None:
    after = with_(without(with_(full(), "voice_speed", 2), "zapier_hook"), "goal", "Another")
    after = with_(after, "unknown", 1)
    assert changes(full(), after) == [
        {
            "path": "goal",
            "kind": "changed",
            "before": "Appointments and reminders",
            "after": "Another",
        },
        {"path": "voice_speed", "kind": "changed", "before": 1.1, "after": 2},
        {"path": "zapier_hook", "kind": "removed", "before": "https://hooks.example/catch/1"},
        {"path": "unknown", "kind": "added", "after": 1},
    ]


def test_an_inserted_action_does_not_change_the_others() -> None:
    before = full()
    after = with_(before, "actions", [examples.meeting() | {"say": "New."}, *before["actions"]])
    assert [(one["path"], one["kind"]) for one in changes(before, after)] == [
        ("actions[0]", "added")
    ]
    assert [(one["path"], one["kind"]) for one in changes(after, before)] == [
        ("actions[0]", "removed")
    ]


def test_a_moved_and_changed_action_is_recognised() -> None:
    one, two = examples.meeting(), examples.sms()
    changed = with_(two, "sms.content", "Elsewhere.")
    found = changes({"actions": [one, two]}, {"actions": [changed, one]})
    assert [(one["path"], one["kind"]) for one in found] == [
        ("actions[0].sms.content", "changed"),
        ("actions[1]", "moved"),
    ]
    assert (found[1]["before"], found[1]["after"]) == (1, 2)


def test_an_action_of_another_type_is_another_action() -> None:
    kinds = [
        one["kind"]
        for one in changes({"actions": [examples.meeting()]}, {"actions": [examples.sms()]})
    ]
    assert kinds == ["removed", "added"]


def test_a_changed_hint_is_reported_at_its_path() -> None:
    path = "actions[2].zeplo.content.parameter_hints[1]"
    assert [one["path"] for one in changes(full(), with_(full(), path, "their name"))] == [path]


def test_many_items_are_compared_in_time_that_can_be_borne() -> None:
    before = [{"id": number, "text": "x"} for number in range(1000)]
    after = [item | {"text": "y"} for item in reversed(before)]
    start = time.process_time()
    assert differences({"extra": before}, {"extra": after})
    assert time.process_time() - start < 5


def test_the_widgets_key_is_never_shown() -> None:
    changed = with_(full(), "widget_config.api_key", "another-key")
    found = changes(full(), changed)
    assert found == [
        {"path": "widget_config.api_key", "kind": "changed", "before": MASK, "after": MASK}
    ]
    for after in (without(full(), "widget_config"), without(full(), "widget_config.api_key")):
        for pair in ((full(), after), (after, full())):
            assert "widget-key" not in json.dumps(changes(*pair))
            assert MASK in json.dumps(changes(*pair))


def test_a_masked_key_cannot_be_compared() -> None:
    assert changes(full(), with_(full(), "widget_config.api_key", MASK)) == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
)
_PAYLOADS = st.dictionaries(st.sampled_from(["actions", "fillers", "x", "name"]), _JSON)


@given(_PAYLOADS, _PAYLOADS)
def test_differences_exist_if_and_only_if_payloads_differ(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    found = differences(before, after)
    assert bool(found) == (not same(before, after))
    assert {d.kind for d in differences(after, before)} == {
        {"added": "removed", "removed": "added"}.get(d.kind, d.kind) for d in found
    }


# Texts


def sides(runs: list[Run]) -> tuple[str, str]:
    def text(left_out: RunKind) -> str:
        return "".join(run.text for run in runs if run.kind is not left_out)

    return text(RunKind.ADDED), text(RunKind.REMOVED)


def test_words_that_were_changed() -> None:
    assert word_changes("Be fast and kind.", "Be very fast and calm.") == [
        Run(RunKind.SAME, "Be "),
        Run(RunKind.ADDED, "very "),
        Run(RunKind.SAME, "fast and "),
        Run(RunKind.REMOVED, "kind."),
        Run(RunKind.ADDED, "calm."),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("", "a b"), ("a b", ""), (" \n", "a"), ("क्षमा कीजिए", "क्षमा करें")],
)
def test_small_and_empty_texts(before: str, after: str) -> None:
    assert sides(word_changes(before, after)) == (before, after)


_TEXTS = st.lists(st.sampled_from(["a", "b", "c", " ", "\n", "  ", "नमस्ते"])).map("".join)


@given(_TEXTS, _TEXTS)
@settings(max_examples=300)
def test_the_runs_make_up_both_texts(before: str, after: str) -> None:
    runs = word_changes(before, after)
    assert sides(runs) == (before, after)
    assert all(run.text for run in runs)
    if before == after:
        assert [run.kind for run in runs] in ([], [RunKind.SAME])


def test_100_kb_are_compared_at_once() -> None:
    dice = random.Random(1)
    before = [f"word{dice.randrange(5_000)}" for _ in range(15_000)]
    edited = [w if dice.random() > 0.02 else "edited" for w in before]
    shuffled = dice.sample(before, len(before))
    for after in (edited, shuffled):
        start = time.process_time()
        runs = word_changes(" ".join(before), " ".join(after))
        assert time.process_time() - start < 3
        assert sides(runs) == (" ".join(before), " ".join(after))
    changed = word_changes(" ".join(before), " ".join(edited))
    kept = sum(len(run.text) for run in changed if run.kind is RunKind.SAME)
    assert kept > 0.9 * len(" ".join(before))


# The command


def kept_draft(home: Path, payload: dict[str, Any]) -> str:
    """Keep a payload as a draft; its id."""
    store: Store = open_store(home).store
    draft = Draft.imported(payload)
    store.save(snapshot(draft, 0))
    store.close()
    return draft.id


def test_diff_of_two_files(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    before = with_(full(), "script", f"You are Asha. {'Ask kindly. ' * 9}Then say\ngoodbye.")
    after = with_(before, "script", f"You are Mia. {'Ask kindly. ' * 9}Then wish\na good day.")
    one.write_text(json.dumps(before))
    other.write_text(json.dumps(with_(after, "goal", "B")))
    ran = run("diff", str(one), str(other))
    assert ran.code == 0
    assert ran.lines == [
        'goal: changed from "Appointments and reminders" to "B"',
        "script: changed",
        "  You are [-Asha.-]{+Mia.+} Ask kindly. Ask kindly. Ask k…",
        "  … Ask kindly. Ask kindly. Then [-say\\ngoodbye.-]{+wish\\na good day.+}",
    ]
    assert ran.err == f"{one} and {other} differ in 2 places.\n"


def test_diff_as_json_and_of_the_same(tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    one.write_text(json.dumps(full()))
    other.write_text(json.dumps(with_(full(), "voice_speed", 2)))
    ran = run("diff", "--json", str(one), str(other))
    assert ran.objects == [{"path": "voice_speed", "kind": "changed", "before": 1.1, "after": 2}]
    assert run("diff", str(one), str(one)) == (0, "", f"{one} and {one} are the same.\n")


def test_diff_of_a_draft_and_of_a_template(tmp_path: Path) -> None:
    draft = kept_draft(tmp_path, full())
    file = tmp_path / "payload.json"
    composed = dict(Draft.imported(full()).compose())
    file.write_text(json.dumps(with_(composed, "name", "Mia")))
    ran = run("--home", str(tmp_path), "diff", draft[:5], str(file))
    assert ran.lines == ['name: changed from "Asha" to "Mia"']
    ran = run("--home", str(tmp_path), "diff", "lead-qualification", draft)
    assert ran.code == 0
    assert "widget-key" not in ran.out


def test_diff_of_a_missing_source(tmp_path: Path) -> None:
    file = tmp_path / "payload.json"
    file.write_text(json.dumps(full()))
    for missing in ("nothing.json", "abcdef01", "no-such-template"):
        ran = run("--home", str(tmp_path), "diff", str(file), missing)
        assert ran.code == 1
        assert len(ran.err_lines) == 1
        assert missing in ran.err
    assert run("diff", "-", "-").code == 1
    assert run("diff", str(file)).code == 2
