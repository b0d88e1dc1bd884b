"""A call as a live screen uses it: pieces while they arrive, cancel, change of the caller."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from tests.rehearsal.scripted_model import TURNS, scripted_model
from tests.rehearsal.test_rehearse import PAYLOAD
from wizard.rehearsal.call import Call, review
from wizard.rehearsal.events import Ended, Event, Failed, Piece, Speaker, Utterance
from wizard.rehearsal.model_client import ModelClient
from wizard.rehearsal.plan import CallPlan
from wizard.rehearsal.prompt import callers, find_caller
from wizard.rehearsal.tools import OPT_OUT
from wizard.settings import ModelServer


@asynccontextmanager
async def calling(turns: Any = TURNS, **changed: Any) -> AsyncIterator[Call]:
    with scripted_model(turns) as served:
        client = ModelClient(ModelServer(served.url))
        try:
            yield Call(CallPlan(PAYLOAD | changed), client)
        finally:
            await client.aclose()


async def all_of(events: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in events]


async def test_pieces_come_before_the_whole() -> None:
    async with calling() as call:
        (opening,) = await all_of(call.start())
        events = await all_of(call.hear("Who is this?"))

    assert isinstance(opening, Utterance)
    assert opening.turn == 0
    caller, *pieces, said = events
    assert isinstance(caller, Utterance)
    assert caller.speaker is Speaker.CALLER
    assert len(pieces) > 5
    text = "".join(piece.text for piece in pieces if isinstance(piece, Piece))
    assert isinstance(said, Utterance)
    assert (said.text, said.at) == (text, opening.seconds + caller.seconds)
    assert call.clock == pytest.approx(said.at + said.seconds)


async def test_a_stopped_answer_is_kept_and_the_call_continues() -> None:
    async with calling() as call:
        await all_of(call.start())
        said: list[Event] = []
        async for event in call.hear("Speak slowly."):
            said.append(event)
            if isinstance(event, Piece):
                call.cancel()
        assert not call.is_busy
        last = said[-1]
        assert isinstance(last, Utterance)
        assert last.cut
        assert last.text.startswith("one")
        assert "ten" not in last.text
        assert call.transcript[-1] is last
        again = await all_of(call.hear("Who is this?"))

    assert isinstance(again[-1], Utterance)
    assert not again[-1].cut


async def test_leaving_in_the_middle_of_an_answer_stops_it() -> None:
    async with calling() as call:
        async with aclosing(call.hear("Speak slowly.")) as events:
            async for event in events:
                if isinstance(event, Piece):
                    break
        assert not call.is_busy
        assert call.transcript[-1].cut
        assert call.transcript[-1].text == "one"


async def test_a_call_does_one_thing_at_a_time() -> None:
    async with calling() as call, aclosing(call.hear("Speak slowly.")) as events:
        await anext(events)
        assert call.is_busy
        with pytest.raises(RuntimeError, match="busy"):
            await all_of(call.hear("Hello?"))


async def test_the_caller_can_be_changed_and_a_person_can_take_over() -> None:
    async with calling() as call:
        await all_of(call.start())
        call.caller = find_caller("friendly")
        await all_of(call.caller_speaks())
        call.caller = find_caller("A person who asks not to be called again")
        await all_of(call.caller_speaks())
        said = [each.text for each in call.transcript if each.speaker is Speaker.CALLER]
        assert said == ["Tell me more about it, please.", "Don't call me again."]
        assert any(did.action.name == OPT_OUT for did in call.actions)
        assert call.ended
        assert await all_of(call.hear("Hello?")) == []


async def test_both_sides_continue_until_the_end() -> None:
    async with calling() as call:
        call.caller = find_caller("A person who asks not to be called again")
        await all_of(call.start())
        events = await all_of(call.go_on())

    assert isinstance(events[-1], Ended)
    assert [type(event) for event in events].count(Ended) == 1


async def test_after_a_failure_the_answer_can_be_asked_for_again() -> None:
    async with calling([{"says": "I am", "fault": "cut"}]) as call:
        events = await all_of(call.hear("Hello?"))
        assert isinstance(events[-1], Failed)
        again = await all_of(call.answer())

    assert isinstance(again[-1], Failed)
    assert call.turns == 1


async def test_both_stop_when_the_model_fails() -> None:
    turns = [{"system": "You play", "says": "Go on."}, {"says": "I am", "fault": "cut"}]
    async with calling(turns) as call:
        call.caller = find_caller("friendly")
        events = await all_of(call.go_on())

    assert isinstance(events[-1], Failed)
    assert call.turns == 1


async def test_a_model_that_only_calls_tools_is_stopped() -> None:
    async with calling([{"tools": [{"name": "send_sms"}]}]) as call:
        await all_of(call.hear("Hello?"))

    assert 1 < len(call.actions) < 10


async def test_the_review_uses_the_prompts_of_the_draft() -> None:
    async with calling(call_outcome_prompt="Name the outcome.") as call:
        await all_of(call.hear("Who is this?"))
        made = await review(call, call.client)

    assert (made.notes, made.outcome, made.mood) == (
        *("Priya called.", "Nothing was agreed.", "neutral"),
    )


async def test_a_stream_is_passed_on_immediately() -> None:
    async with calling() as call:
        loop = asyncio.get_running_loop()
        times = [
            loop.time() async for event in call.hear("Speak slowly.") if isinstance(event, Piece)
        ]

    assert len(times) == 10
    assert times[-1] - times[0] > 1


def test_there_are_the_callers_of_the_list() -> None:
    names = [caller.name for caller in callers()]
    assert len(set(names)) == len(names) >= 9
    assert {"hurry", "confused", "hard-of-hearing", "angry", "wants-a-person"} < set(names)
    assert {"no-more-calls", "off-topic", "wrong-data", "other-language"} < set(names)
