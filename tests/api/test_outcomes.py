"""Sorting answers by the contract's table, and the words each outcome has."""

import json
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wizard.api.outcomes import (
    MESSAGE_LENGTH,
    BeingSent,
    Created,
    CreatedBefore,
    Found,
    FoundEarlier,
    KeyRefused,
    NoReceipt,
    NotListed,
    NotSent,
    Outcome,
    RateLimited,
    Redirected,
    Refused,
    Undecided,
    Unknown,
    Unresolved,
    Withheld,
    local_time,
    plain,
)
from wizard.api.reasons import NotSentReason, UnknownReason
from wizard.api.responses import Answer, id_of, ids_of, named_field, outcome_of, seconds_to_wait

SENT = json.dumps({"name": "Asha", "company_name": "Acme"}).encode()
FIELDS = ("name", "company_name", "voice_id", "voice_name", "actions", "language", "goal")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sort(status: int, said: object, **more: object) -> Outcome:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    answer = Answer(status, body, **more)  # type: ignore[arg-type]
    return outcome_of(answer, SENT, fields=FIELDS, now=NOON)


@pytest.mark.parametrize(
    ("said", "expected_id"),
    [
        ({"hash_id": "h1", "id": 7, "name": "Asha"}, "h1"),
        ({"id": 7, "name": "Asha"}, "7"),
        ({"_id": "m1"}, "m1"),
        ({"name": "Asha"}, None),
        ({"name": "Asha", "id": "", "hash_id": None}, None),
        ({"name": "Asha", "id": True}, None),
        ({"name": "Asha", "error": None}, None),
        ({"id": "\x1b[31m7\x07"}, "7"),
    ],
)
@pytest.mark.parametrize("status", [200, 201])
def test_an_assistant_object_is_created(
    status: int, said: dict[str, object], expected_id: str | None
) -> None:
    assert sort(status, said) == Created(expected_id, said, status=status)


@pytest.mark.parametrize(
    ("data", "expected_id"),
    [({"hash_id": "h1", "id": 7}, "h1"), ({"id": 7}, "7"), ({}, None), (None, None), (["?"], None)],
)
def test_an_envelope_of_success_is_created(data: object, expected_id: str | None) -> None:
    outcome = sort(200, {"success": True, "data": data, "message": "done"})
    assistant = data if isinstance(data, dict) else {}
    assert outcome == Created(expected_id, assistant, status=200, message="done")


def test_an_envelope_without_data_is_created_without_an_id() -> None:
    assert sort(200, {"success": True}) == Created(None, {}, status=200)


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (None, Refused("goal", status=200, message="goal is blank")),
        (400, Refused("goal", status=200, message="goal is blank")),
        (422, Refused("goal", status=200, message="goal is blank")),
        (True, Refused("goal", status=200, message="goal is blank")),
        ("401", Refused("goal", status=200, message="goal is blank")),
        (401, KeyRefused(status=200, message="goal is blank")),
        (403, KeyRefused(status=200, message="goal is blank")),
        (429, RateLimited(None, status=200, message="goal is blank")),
        (500, Unknown(UnknownReason.SERVER_ERROR, status=200, message="goal is blank")),
    ],
)
def test_success_false_is_sorted_by_the_status_inside(inner: object, expected: Outcome) -> None:
    assert sort(200, {"success": False, "message": "goal is blank", "status": inner}) == expected


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (400, {"error": 400, "message": "no"}, Refused(None, status=400, message="no")),
        (400, b"", Refused(None, status=400)),
        (400, b"<html>Bad Request</html>", Refused(None, status=400)),
        (422, {"success": False, "message": "no"}, Refused(None, status=422, message="no")),
        (401, {"message": "bad key"}, KeyRefused(status=401, message="bad key")),
        (403, b"Forbidden", KeyRefused(status=403, message="Forbidden")),
        (401, b'"Unauthorized"', KeyRefused(status=401, message="Unauthorized")),
        (429, {}, RateLimited(None, status=429)),
        (301, b"", Redirected(status=301)),
        (307, {"success": True, "data": {"id": 1}}, Redirected(status=307)),
    ],
)
def test_refusals(status: int, said: object, expected: Outcome) -> None:
    assert sort(status, said) == expected


@pytest.mark.parametrize(
    ("status", "said", "reason"),
    [
        (200, b"", UnknownReason.EMPTY),
        (200, b" \r\n", UnknownReason.EMPTY),
        (200, b"<html>", UnknownReason.NOT_JSON),
        (200, b"\xff\xfe\xff", UnknownReason.NOT_JSON),
        (200, b'{"id": NaN}', UnknownReason.NOT_JSON),
        (200, b"[" * 100_000, UnknownReason.NOT_JSON),
        (200, b"1" * 5_000, UnknownReason.NOT_JSON),
        (200, [], UnknownReason.WRONG_SHAPE),
        (200, "created", UnknownReason.WRONG_SHAPE),
        (200, None, UnknownReason.WRONG_SHAPE),
        (200, {}, UnknownReason.WRONG_SHAPE),
        (200, {"success": "true"}, UnknownReason.WRONG_SHAPE),
        (200, {"success": 1, "data": {"id": 1}}, UnknownReason.WRONG_SHAPE),
        (200, {"success": None, "id": 1}, UnknownReason.WRONG_SHAPE),
        (200, {"name": "ValidationError"}, UnknownReason.WRONG_SHAPE),
        (200, {"name": "Asha", "error": "goal"}, UnknownReason.WRONG_SHAPE),
        (200, {"error": 400, "message": "no"}, UnknownReason.WRONG_SHAPE),
        (202, {"id": 1}, UnknownReason.OTHER_STATUS),
        (204, b"", UnknownReason.OTHER_STATUS),
        (404, {"error": 404, "message": "no such path"}, UnknownReason.OTHER_STATUS),
        (409, b"", UnknownReason.OTHER_STATUS),
        (500, {"success": False, "message": "oops"}, UnknownReason.SERVER_ERROR),
        (502, b"<html>Bad Gateway</html>", UnknownReason.SERVER_ERROR),
        (599, b"", UnknownReason.SERVER_ERROR),
    ],
)
def test_anything_else_is_unknown(status: int, said: object, reason: UnknownReason) -> None:
    outcome = sort(status, said)
    assert isinstance(outcome, Unknown)
    assert (outcome.status, outcome.reason) == (status, reason)


@pytest.mark.parametrize(
    "said",
    [
        b'{"success": true, "success": false}',
        b'{"success": false, "success": true, "data": {"id": 1}}',
        b'{"id": 1, "id": 2, "name": "Asha"}',
    ],
)
def test_an_answer_that_names_a_member_twice_is_unknown(said: bytes) -> None:
    assert sort(200, said) == Unknown(UnknownReason.WRONG_SHAPE, status=200)


@pytest.mark.parametrize(
    "members", [{"success": False, "message": "no", "status": 400}, {"error": 400}, {"success": 0}]
)
def test_an_answer_that_repeats_the_request_is_no_refusal(members: dict[str, object]) -> None:
    sent = json.loads(SENT) | members
    said = sent | {"id": 7}
    answer = Answer(200, json.dumps(said).encode())
    assert outcome_of(answer, json.dumps(sent).encode()) == Created("7", said, status=200)


@pytest.mark.parametrize("members", [{"success": False}, {"error": 400}])
def test_an_assistant_in_an_error_is_unknown(members: dict[str, object]) -> None:
    said = {"id": 7, "name": "Asha", "message": "no"} | members
    assert sort(200, said) == Unknown(UnknownReason.WRONG_SHAPE, status=200, message="no")


def test_a_repeated_id_counts_as_no_id() -> None:
    said = b'{"success": true, "data": {"id": 1, "id": 2}}'
    assert sort(200, said) == Created(None, {}, status=200)


@pytest.mark.parametrize("envelope", [True, False])
@pytest.mark.parametrize(
    ("members", "is_ours"),
    [
        ({"name": "Mia"}, False),
        ({"name": "Asha", "company_name": "Other"}, False),
        ({"name": "Mia", "company_name": "Other"}, False),
        ({"name": " Asha ", "company_name": "Acme"}, True),
        ({"name": None, "company_name": 5}, True),
        ({}, True),
    ],
)
def test_an_answer_about_another_assistant_is_unknown(
    members: dict[str, object], is_ours: bool, envelope: bool
) -> None:
    made = {"id": "h1"} | members
    outcome = sort(200, {"success": True, "data": made} if envelope else made)
    if is_ours:
        assert outcome == Created("h1", made, status=200)
    else:
        assert outcome == Unknown(UnknownReason.ANOTHER, status=200)


@pytest.mark.parametrize("flaw", list(UnknownReason))
def test_an_answer_that_was_not_read_whole_creates_nothing_for_sure(flaw: UnknownReason) -> None:
    said = {"success": True, "data": {"id": 1}}
    assert sort(200, said, flaw=flaw) == Unknown(flaw, status=200)
    assert sort(200, {"success": False}, flaw=flaw) == Unknown(flaw, status=200)
    assert sort(401, said, flaw=flaw) == KeyRefused(status=401)
    assert sort(400, said, flaw=flaw) == Refused(status=400)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"message": "a"}, "a"),
        ({"message": ["a", "b", 3]}, "a; b"),
        ({"error": "a"}, "a"),
        ({"message": "", "error": "a"}, "a"),
        ({"message": {"deep": "a"}}, ""),
        ({"message": 3}, ""),
        (b"upstream gone", "upstream gone"),
        (b"  <!doctype html>", ""),
        (b'{"message": "cut', ""),
        (b"\xff", ""),
    ],
)
def test_the_servers_own_words(said: object, message: str) -> None:
    assert sort(500, said).message == message


def test_the_servers_words_are_plain_and_short() -> None:
    said = "\x1b[2J\x1b]0;t\x07[b]red[/b]\r\nnext\tcell\u202e\ud800\x00" + "x" * 5_000
    message = Refused(message=said).message
    assert message.startswith("]0;t[b]red[/b]\nnext\tcellxxx")
    assert len(message) == MESSAGE_LENGTH


def test_joiners_and_scripts_stay_in_the_servers_words() -> None:
    said = "क्‍ष خطأ 👨‍👩‍👧"
    assert plain(said) == said


@given(st.text())
def test_plain_text_has_no_control_characters(text: str) -> None:
    shown = plain(text)
    assert all(c in "\n\t" or c.isprintable() or ord(c) > 0x9F for c in shown)
    assert plain(shown) == shown
    shown.encode()


@given(
    st.integers(200, 599),
    st.one_of(
        st.binary(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(["success", "data", "status", "id", "name"]), inner
                )
                | st.dictionaries(st.sampled_from(["message", "error", "hash_id"]), inner)
            ),
        ),
    ),
    st.text(),
)
def test_no_answer_is_a_crash(status: int, said: object, retry_after: str) -> None:
    outcome = sort(status, said, retry_after=retry_after)
    assert outcome.status == status
    assert outcome.kind in {"created", "refused", "unknown", "not_sent"}
    assert outcome.sentence
    outcome.message.encode()


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("voice_id is required", "voice_id"),
        ("Name: must not be blank", "name"),
        ("company_name: must not be blank", "company_name"),
        ("name and company_name are needed", "company_name"),
        ("actions[0].zeplo.content.language: must be text", "actions"),
        ("my_name is odd", None),
        ("names are odd", None),
        ("", None),
    ],
)
def test_the_field_a_refusal_names(message: str, field: str | None) -> None:
    assert named_field(message, FIELDS) == field


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
        ("Sun, 01 Mar 2026 12:01:30 -0000", 90.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("1.5", None),
        ("9" * 400, 31_536_000.0),
        ("٣", None),
        ("Sun, 99 Mar 2026 12:01:30 GMT", None),
    ],
)
def test_retry_after_in_both_forms(header: str, seconds: float | None) -> None:
    assert seconds_to_wait(header, NOON) == seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "a while"),
        (0.0, "1 second,"),
        (30.0, "30 seconds"),
        (150.0, "2 minutes"),
        (9_000, "2 hours"),
    ],
)
def test_a_rate_limit_has_the_time_to_wait(seconds: float | None, words: str) -> None:
    assert f"Wait {words}" in RateLimited(seconds).sentence


OUTCOMES: list[tuple[Outcome, str, int]] = [
    (Created("h1"), "created", 0),
    (Created(), "created", 0),
    (Refused(), "refused", 3),
    (Refused("goal"), "refused", 3),
    (Redirected(), "refused", 3),
    (KeyRefused(), "refused", 3),
    (RateLimited(), "not_sent", 5),
    *((NotSent(reason), "not_sent", 5) for reason in NotSentReason),
    *((Unknown(reason), "unknown", 4) for reason in UnknownReason),
    (Found("h1"), "created", 0),
    (Found(), "created", 0),
    (CreatedBefore(NOON, "at api.qcall.ai", "h1"), "not_sent", 5),
    (CreatedBefore(NOON, "at api.qcall.ai"), "not_sent", 5),
    (FoundEarlier(NOON, "h1"), "not_sent", 5),
    (FoundEarlier(NOON, "h1", same=False), "not_sent", 5),
    (FoundEarlier(NOON), "not_sent", 5),
    (BeingSent(), "not_sent", 5),
    (NoReceipt("The disk is full."), "not_sent", 5),
    (NotListed(UnknownReason.CUT_AFTER), "unknown", 4),
    (Undecided(UnknownReason.CUT_AFTER, "The list is gone."), "unknown", 4),
    (Unresolved(UnknownReason.EARLIER, NOON, "The list is gone."), "unknown", 4),
]


@pytest.mark.parametrize(("outcome", "kind", "exit_code"), OUTCOMES)
def test_kinds_and_exit_codes(outcome: Outcome, kind: str, exit_code: int) -> None:
    assert (outcome.kind, outcome.exit_code) == (kind, exit_code)


def test_each_outcome_has_its_own_sentence() -> None:
    sentences = [outcome.sentence for outcome, _, _ in OUTCOMES]
    assert len(set(sentences)) == len(OUTCOMES)
    assert all("created" in s or "nothing was sent" in s.lower() for s in sentences)
    withheld = [outcome for outcome, _, _ in OUTCOMES if isinstance(outcome, Withheld | Unresolved)]
    assert len(withheld) == 8
    assert all("nothing was sent" in outcome.sentence.lower() for outcome in withheld)
    assert all(s.endswith(".") for s in sentences)


def test_titles_are_a_few_words() -> None:
    titles = [outcome.title for outcome, _, _ in OUTCOMES]
    assert titles[:3] == ["Created", "Created", "Refused"]
    assert "Not sent: connection refused" in titles
    assert "Unknown: connection lost before the answer" in titles
    assert all(len(title) < 50 for title in titles)


def test_every_reason_is_a_member_of_its_own() -> None:
    assert len(NotSentReason) == len(NotSentReason.__members__) == 13
    assert len(UnknownReason) == len(UnknownReason.__members__) == 13


def test_a_withheld_submission_names_the_earlier_one() -> None:
    when = local_time(NOON)
    assert when == f"{NOON.astimezone():%Y-%m-%d %H:%M}"
    assert "h1" in CreatedBefore(NOON, "at api.qcall.ai", "h1").sentence
    for outcome in (CreatedBefore(NOON, "at api.qcall.ai", "h1"), FoundEarlier(NOON, "h1")):
        assert when in outcome.sentence
        assert "h1" in outcome.sentence
        assert "Send it again to create another." in outcome.sentence
        assert outcome.again
    assert "api.qcall.ai" in CreatedBefore(NOON, "at api.qcall.ai").sentence
    assert "Submit again to create another." in FoundEarlier(NOON, "h1", same=False).sentence
    assert "The disk is full." in NoReceipt("The disk is full.").sentence


def test_an_unknown_outcome_warns_of_a_second_assistant() -> None:
    reason = UnknownReason.CUT_AFTER
    outcomes = [NotListed(reason), Undecided(reason, "Gone."), Unresolved(reason, NOON, "Gone.")]
    assert all("again may create a second one" in outcome.sentence for outcome in outcomes)
    assert all(outcome.again for outcome in outcomes)
    assert all("Gone." in outcome.sentence for outcome in outcomes[1:])


def test_outcomes_are_equal_with_different_receipts() -> None:
    assert Created("h1", receipt="r1") == Created("h1")
    assert Created("h1", note="The receipt is not complete.") != Created("h1")


@pytest.mark.parametrize(
    ("assistant", "ids"),
    [
        ({"_id": "m", "id": 7, "hash_id": "h"}, ["h", "7", "m"]),
        ({"id": True, "hash_id": " ", "_id": None}, []),
        ({}, []),
    ],
)
def test_all_ids_of_an_assistant(assistant: dict[str, object], ids: list[str]) -> None:
    assert ids_of(assistant) == ids
    assert id_of(assistant) == (ids[0] if ids else None)


def test_outcomes_are_frozen_and_keep_the_assistant_out_of_their_repr() -> None:
    outcome = Created("h1", {"widget_config": {"api_key": "hush"}})
    assert "hush" not in repr(outcome)
    with pytest.raises(FrozenInstanceError):
        outcome.status = 200  # type: ignore[misc]


def test_secrets_are_removed_before_the_message_is_cut() -> None:
    said = {"message": "x" * (MESSAGE_LENGTH - 3) + "canary"}
    outcome = outcome_of(
        Answer(401, json.dumps(said).encode()), SENT, redact=lambda t: t.replace("canary", "[key]")
    )
    assert outcome.message == "x" * (MESSAGE_LENGTH - 3) + "[ke"
