"""Sending once and knowing it, over real sockets, real files and real processes."""

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.examples import minimal
from wizard.api.client import Client
from wizard.api.http_client import Limits
from wizard.api.outcomes import (
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
)
from wizard.api.reasons import NotSentReason, UnknownReason
from wizard.api.receipt_store import Known, Receipt, Receipts
from wizard.api.reconciliation import find
from wizard.api.submission import Submission
from wizard.contract.validation import find_errors
from wizard.draft.draft import Payload
from wizard.errors import NoSuch
from wizard.formats.json_text import dump
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_app import Fault
from wizard.sandbox.sandbox_store import MemoryStore
from wizard.secret import SecretStr
from wizard.settings import Target
from wizard.storage.database import Database

ROOT = Path(__file__).parents[2]
KEY = "canary-key-5f1c7a90-wxyz"
WIDGET_KEY = "widget-canary-77aa"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def payload(**members: Any) -> Payload:
    data = minimal() | members
    return Payload(data, dump(data))


ASHA = payload()


# --- a scripted server


@dataclass
class Api:
    """The two requests of the API; `on_post` and `on_list` say how each is answered."""

    on_post: "Handler"
    on_list: "Handler"
    url: str = ""
    requests: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    assistants: list[dict[str, Any]] = field(default_factory=list)

    @property
    def posts(self) -> int:
        return self.requests.count("POST")

    @property
    def lists(self) -> int:
        return self.requests.count("GET")

    def create(self) -> dict[str, Any]:
        """Create the assistant that was posted last."""
        made: dict[str, Any] = json.loads(self.bodies[-1]) | {
            "hash_id": f"h{self.posts}",
            "id": self.posts,
        }
        self.assistants.insert(0, made)
        return made


# Returns the bytes that are written before the connection is closed.
Handler = Callable[[Api], Awaitable[bytes]]


def http(status: int, said: object, **headers: str) -> bytes:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    named = {"content-length": str(len(body)), "connection": "close"} | headers
    lines = [f"{name}: {value}" for name, value in named.items()]
    return "\r\n".join([f"HTTP/1.1 {status} Said", *lines, "", ""]).encode() + body


def answers(status: int, said: object, **headers: str) -> Handler:
    async def answer(_: Api) -> bytes:
        return http(status, said, **headers)

    return answer


async def creates(api: Api) -> bytes:
    return http(200, api.create())


async def creates_and_cuts(api: Api) -> bytes:
    api.create()
    return b""


async def cuts(_: Api) -> bytes:
    return b""


async def lists(api: Api) -> bytes:
    return http(200, api.assistants)


def lists_but_not_at_first() -> Handler:
    async def answer(api: Api) -> bytes:
        return http(404, {}) if api.lists == 1 else await lists(api)

    return answer


@dataclass
class Gate:
    """A handler that notes when a request comes, and waits until it is opened."""

    then: Handler = creates
    came: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, api: Api) -> bytes:
        answer = await self.then(api)
        self.came.set()
        await self.opened.wait()
        return answer


@asynccontextmanager
async def serving(on_post: Handler = creates, on_list: Handler = lists) -> AsyncIterator[Api]:
    api = Api(on_post, on_list)
    tasks: set[asyncio.Task[None]] = set()

    async def whole(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await _answer(api, reader, writer)
        finally:
            writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(whole(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1"
        yield api
        # Since Python 3.12 the server waits here until its connections are closed.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _answer(api: Api, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = [line[15:] for line in head.lower().splitlines() if line.startswith("content-length")]
    body = await reader.readexactly(int(length[0]) if length else 0)
    method = head.partition(" ")[0]
    api.requests.append(method)
    if method == "POST":
        api.bodies.append(body)
    writer.write(await (api.on_post if method == "POST" else api.on_list)(api))
    await writer.drain()


# --- the program


class Clock:
    """A clock that moves only on request."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **by: float) -> None:
        self.moment += timedelta(**by)


@dataclass
class Program:
    """One program at work: a submission with its receipts, as another one in the same folder."""

    submission: Submission
    receipts: Receipts
    database: Database
    client: Client
    clock: Clock

    async def submit(self, asked: Payload = ASHA, draft: str = "d1", **how: Any) -> Outcome:
        return await self.submission.submit(asked, draft, **how)

    def receipt(self) -> Receipt:
        """The one receipt there is."""
        (found,) = self.receipts.all()
        return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


StartProgram = Callable[..., Program]


@pytest.fixture
async def start_program(home: Path) -> AsyncIterator[StartProgram]:
    """Starts programs that are closed when the test ends."""
    opened: list[Program] = []

    def make(url: str, key: str = KEY, limits: Limits | None = None, **more: Any) -> Program:
        secret, clock, database = SecretStr(key), Clock(), Database.open(home)
        client = Client(url, secret, limits=limits or Limits(), sleep=no_pause)
        receipts = Receipts(database, clock)
        options: dict[str, Any] = {"key": secret, "home": home, "clock": clock} | more
        sends = Submission(client, receipts, Target(url), **options)
        opened.append(Program(sends, receipts, database, client, clock))
        return opened[-1]

    yield make
    for each in opened:
        await each.client.aclose()
        each.database.close()


async def no_pause(_: float) -> None:
    """Try a read again at once."""


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(autouse=True)
async def no_secret_is_on_the_disk(home: Path) -> AsyncIterator[None]:
    """Check after each test that neither key is in any file."""
    yield
    no_secret_in(home)


def no_secret_in(home: Path) -> None:
    for file in home.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert KEY.encode() not in content
        assert WIDGET_KEY.encode() not in content


# --- each outcome leaves a matching receipt


class Counted:
    """The sandbox, with its requests."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.requests: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.requests.append(scope["method"])
        await self._app(scope, receive, send)


@contextmanager
def sandbox_acting(fault: Fault | None) -> Iterator[tuple[str, Counted, MemoryStore]]:
    store = MemoryStore()
    counted = Counted(sandbox_app.build(find_errors, store=store, fault=fault, slow_seconds=3))
    server, sock = sandbox_app.listen(counted)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}/api/v1", counted, store
    finally:
        server.should_exit = True
        thread.join(20)
        sock.close()
        assert not thread.is_alive()


@pytest.mark.parametrize(
    ("fault", "expected", "created"),
    [
        (None, Created, 1),
        (Fault.NO_ID, Created, 1),
        (Fault.SLOW, Found, 1),
        (Fault.CUT, Found, 1),
        (Fault.NOT_JSON, Found, 1),
        (Fault.EMPTY, Found, 1),
        (Fault.HUGE, Found, 1),
        (Fault.WRONG_SHAPE, Found, 1),
        (Fault.SERVER_ERROR, NotListed, 0),
        (Fault.REFUSED_200, Refused, 0),
        (Fault.BAD_REQUEST, Refused, 0),
        (Fault.UNAUTHORIZED, KeyRefused, 0),
        (Fault.RATE_LIMITED, RateLimited, 0),
        (Fault.RATE_LIMITED_DATE, RateLimited, 0),
        (Fault.REDIRECT, Redirected, 0),
    ],
)
async def test_each_outcome_leaves_a_matching_receipt(
    start_program: StartProgram, fault: Fault | None, expected: type[Outcome], created: int
) -> None:
    with sandbox_acting(fault) as (url, server, store):
        at = start_program(url, limits=Limits(read=0.5 if fault is Fault.SLOW else 30))
        outcome = await at.submit()
    receipt = at.receipt()
    assert isinstance(outcome, expected)
    assert server.requests.count("POST") == 1
    assert len(store.all()) == created
    assert (receipt.id, receipt.kind, receipt.status) == (
        outcome.receipt,
        outcome.kind,
        outcome.status,
    )
    assert receipt.message == outcome.message
    assert (receipt.kind == "created") == bool(created)
    if created:
        assert receipt.assistant_id == getattr(outcome, "assistant_id", "") == store.all()[0]["id"]
        assert store.bodies() == [ASHA.body]
    assert receipt.body == ASHA.text
    assert receipt.known == Known()
    assert receipt.key_end == at.receipts.hash_key(SecretStr(KEY)) != ""
    assert (receipt.draft, receipt.name, receipt.company) == ("d1", "Asha", "Acme Dental")
    assert receipt.seconds is not None
    assert 0 < receipt.seconds < 30
    assert outcome.note == ""


async def test_a_refused_connection_leaves_a_receipt_as_not_sent(
    start_program: StartProgram,
) -> None:
    async with serving() as api:
        pass
    at = start_program(api.url)
    outcome = await at.submit()
    assert outcome == NotSent(NotSentReason.CONNECTION_REFUSED)
    assert (at.receipt().kind, at.receipt().title) == ("not_sent", outcome.title)
    assert at.receipt().known is None


async def test_the_receipt_exists_before_the_request(
    home: Path, start_program: StartProgram
) -> None:
    seen: list[Receipt] = []

    async def looks(api: Api) -> bytes:
        other = Database.open(home)
        seen.extend(Receipts(other, Clock()).all())
        other.close()
        return await creates(api)

    async with serving(looks) as api:
        at = start_program(api.url)
        await at.submit()
    assert [receipt.kind for receipt in seen] == [None]
    assert seen[0].id == at.receipt().id
    assert (at.receipt().kind, at.receipt().assistant_id) == ("created", "h1")


async def test_a_server_that_repeats_secrets_does_not_bring_them_to_the_disk(
    home: Path, start_program: StartProgram
) -> None:
    said = {"message": f"widget_config: {WIDGET_KEY} is not {KEY}"}
    asked = payload(widget_config={"enabled": True, "mode": "floating", "api_key": WIDGET_KEY})
    async with serving(answers(400, said)) as api:
        at = start_program(api.url)
        outcome = await at.submit(asked)
        assert json.loads(api.bodies[0])["widget_config"]["api_key"] == WIDGET_KEY
    assert outcome.message == at.receipt().message == "widget_config: [api_key] is not [key]"
    assert WIDGET_KEY not in repr(outcome)
    assert at.receipt().key_end == at.receipts.hash_key(SecretStr(KEY)) != ""
    # The file is open, so that its log can be searched too.
    log = home / "wizard.sqlite3-wal"
    assert at.receipt().id.encode() in log.read_bytes()
    no_secret_in(home)


# --- unknown: the list is asked


def existing(**more: Any) -> dict[str, Any]:
    return minimal() | {"hash_id": "old"} | more


async def test_a_cut_after_creating_finds_the_id(start_program: StartProgram) -> None:
    async with serving(creates_and_cuts) as api:
        at = start_program(api.url)
        outcome = await at.submit()
    assert outcome == Found("h1")
    assert (at.receipt().kind, at.receipt().assistant_id) == ("created", "h1")
    assert at.receipt().title == outcome.title
    assert api.requests == ["GET", "POST", "GET"]


async def test_an_answer_without_an_id_is_looked_up_in_the_list(
    start_program: StartProgram,
) -> None:
    async def says_no_id(api: Api) -> bytes:
        api.create()
        return http(200, {"success": True, "message": "Assistant created"})

    async with serving(says_no_id) as api:
        api.assistants.append(existing())
        at = start_program(api.url)
        outcome = await at.submit()
        assert isinstance(outcome, Created)
        assert (outcome.assistant_id, outcome.title) == ("h1", "Created")
        assert (at.receipt().assistant_id, at.receipt().kind) == ("h1", "created")
        api.on_list = answers(404, {})
        outcome = await at.submit(again=True)
    assert isinstance(outcome, Created)
    assert outcome.assistant_id is None
    assert "look it up in your list" in outcome.sentence


async def test_an_answer_about_another_assistant_is_looked_up(start_program: StartProgram) -> None:
    async def says_another(api: Api) -> bytes:
        return http(200, api.create() | {"name": "Mia", "company_name": "Other"})

    async def says_an_old_one(api: Api) -> bytes:
        return http(200, existing(name="Mia"))

    async with serving(says_another) as api:
        at = start_program(api.url)
        assert await at.submit() == Found("h1", status=200)
        api.on_post = says_an_old_one
        outcome = await at.submit(payload(name="Ben"))
    assert outcome == NotListed(UnknownReason.ANOTHER, status=200)


async def test_an_older_assistant_of_the_same_name_is_not_taken(
    start_program: StartProgram,
) -> None:
    async with serving(cuts) as api:
        api.assistants.append(existing())
        at = start_program(api.url)
        outcome = await at.submit()
    assert outcome == NotListed(UnknownReason.CUT_AFTER)
    assert (at.receipt().kind, at.receipt().assistant_id) == ("unknown", None)
    assert at.receipt().known == Known(frozenset({"old"}))
    assert api.posts == 1


async def test_the_new_assistant_is_found_beside_an_older_one(
    start_program: StartProgram,
) -> None:
    async with serving(creates_and_cuts) as api:
        api.assistants.append(existing())
        outcome = await start_program(api.url).submit()
    assert outcome == Found("h1")


async def test_not_found_stays_unknown(start_program: StartProgram) -> None:
    async with serving(answers(500, {"message": "oops"})) as api:
        at = start_program(api.url)
        outcome = await at.submit()
    assert outcome == NotListed(UnknownReason.SERVER_ERROR, status=500, message="oops")
    assert (at.receipt().kind, at.receipt().status) == ("unknown", 500)
    assert "oops" in at.receipt().message


@pytest.mark.parametrize("status", [401, 404, 429, 500])
async def test_a_missing_list_leaves_it_undecided(start_program: StartProgram, status: int) -> None:
    async with serving(creates_and_cuts, answers(status, {})) as api:
        at = start_program(api.url)
        outcome = await at.submit()
    assert isinstance(outcome, Undecided)
    assert outcome.why.startswith("Your assistants could not be loaded")
    assert at.receipt().kind == "unknown"
    assert at.receipt().known is None
    assert api.posts == 1


async def test_a_list_that_hangs_is_given_up(start_program: StartProgram) -> None:
    async with serving(creates_and_cuts) as api:
        at = start_program(api.url, baseline_seconds=0.3, look_seconds=0.3)
        # The first request imports modules that the next ones need.
        await at.client.assistants()
        api.requests.clear()
        api.on_list = Gate(lists)
        async with asyncio.timeout(10):
            outcome = await at.submit()
    assert outcome == Undecided(
        UnknownReason.CUT_AFTER, "Your assistants could not be loaded in time."
    )
    assert api.requests == ["GET", "POST", "GET"]


async def test_without_an_earlier_list_a_match_is_undecided(
    start_program: StartProgram,
) -> None:
    async with serving(creates_and_cuts, lists_but_not_at_first()) as api:
        outcome = await start_program(api.url).submit()
    assert isinstance(outcome, Undecided)
    assert "may also have existed before" in outcome.why
    assert api.requests == ["GET", "POST", "GET"]


async def test_without_an_earlier_list_the_servers_times_decide(
    start_program: StartProgram,
) -> None:
    async with serving(cuts, lists_but_not_at_first()) as api:
        at = start_program(api.url)
        api.assistants.append(existing(createdAt=(at.clock() - timedelta(days=1)).isoformat()))
        assert isinstance(await at.submit(), NotListed)
        api.assistants.append(existing(hash_id="new", created_at=at.clock().timestamp()))
        outcome = await at.submit()
    assert outcome == FoundEarlier(at.clock(), "new")
    assert api.posts == 1


async def test_without_an_earlier_list_receipts_decide(
    start_program: StartProgram,
) -> None:
    async with serving() as api:
        at = start_program(api.url)
        await at.submit()
        api.on_post = cuts
        api.requests.clear()
        api.on_list = lists_but_not_at_first()
        outcome = await at.submit(payload(goal="Else"))
    assert isinstance(outcome, NotListed)


# --- the list from before


async def test_a_prepared_list_is_used(start_program: StartProgram) -> None:
    async with serving() as api:
        at = start_program(api.url)
        await at.submission.prepare(ASHA)
        at.clock.move(seconds=60)
        await at.submit()
        assert api.requests == ["GET", "POST"]
        assert at.receipt().known == Known()


async def test_an_old_or_foreign_prepared_list_is_read_again(
    start_program: StartProgram,
) -> None:
    async with serving() as api:
        at = start_program(api.url)
        await at.submission.prepare(ASHA)
        at.clock.move(seconds=61)
        await at.submit()
        assert api.requests == ["GET", "GET", "POST"]
        await at.submission.prepare(payload(name="Ben"))
        await at.submit(payload(name="Ben", goal="Else"))
    assert api.requests == ["GET", "GET", "POST", "GET", "GET", "POST"]


async def test_a_prepared_list_is_used_once(start_program: StartProgram) -> None:
    async with serving() as api:
        at = start_program(api.url)
        await at.submission.prepare(ASHA)
        await at.submit()
        await at.submit(again=True)
    assert api.requests == ["GET", "POST", "GET", "POST"]
    assert at.receipts.all()[0].known == Known(frozenset({"h1", "1"}))


async def test_a_failed_preparation_is_ignored(start_program: StartProgram) -> None:
    async with serving(on_list=answers(404, {})) as api:
        at = start_program(api.url)
        await at.submission.prepare(ASHA)
        assert isinstance(await at.submit(), Created)
    assert api.requests == ["GET", "GET", "POST"]


# --- twice


async def test_created_before_is_noticed_and_sent_again_on_purpose(
    start_program: StartProgram,
) -> None:
    async with serving() as api:
        at = start_program(api.url)
        await at.submit()
        first = at.receipt()
        at.clock.move(days=3)
        outcome = await at.submit(draft="another")
        assert outcome == CreatedBefore(first.sent, first.place, "h1")
        assert (outcome.receipt, api.posts) == (first.id, 1)
        assert at.receipt() == first
        assert isinstance(await at.submit(again=True), Created)
        assert isinstance(await at.submit(payload(goal="Else")), Created)
    assert api.posts == 3
    assert len(at.receipts.all()) == 3


async def test_created_on_another_target_is_no_reason_to_hold_back(
    start_program: StartProgram,
) -> None:
    async with serving() as one, serving() as other:
        await start_program(one.url).submit()
        assert isinstance(await start_program(other.url).submit(), Created)
    assert (one.posts, other.posts) == (1, 1)


async def test_a_refused_payload_can_be_sent_again(
    start_program: StartProgram,
) -> None:
    async with serving(answers(400, {"message": "no"})) as api:
        at = start_program(api.url)
        for _ in range(3):
            assert isinstance(await at.submit(), Refused)
    assert api.posts == 3


@pytest.mark.parametrize("with_files", [True, False])
@pytest.mark.parametrize("again", [True, False])
async def test_twenty_at_once_send_once(
    home: Path, start_program: StartProgram, with_files: bool, again: bool
) -> None:
    gate = Gate()
    async with serving(gate) as api:
        at, other = start_program(api.url), start_program(api.url)
        if not with_files:
            (home / "locks").write_text("a file where the folder would be")
        sending = [asyncio.create_task((at, other)[n % 2].submit(again=again)) for n in range(20)]
        await gate.came.wait()
        gate.opened.set()
        outcomes = await asyncio.gather(*sending)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        *["BeingSent"] * 19,
        "Created",
    ]
    assert (api.posts, len(at.receipts.all())) == (1, 1)
    assert (home / "locks").is_dir() is with_files


@pytest.mark.parametrize("again", [True, False])
async def test_five_at_once_send_once_if_no_lock_is_shared(
    home: Path, start_program: StartProgram, again: bool
) -> None:
    async with serving() as api:
        # The same receipts, and a folder that is not there for each one's lock.
        programs = [start_program(api.url, home=home / "none" / str(n)) for n in range(5)]
        outcomes = await asyncio.gather(*(at.submit(again=again) for at in programs))
    assert api.posts == 1
    assert [isinstance(outcome, Created) for outcome in outcomes].count(True) == 1


@pytest.mark.parametrize(
    ("draft", "asked"), [("d1", payload(goal="Else")), ("d2", ASHA), ("", ASHA)]
)
async def test_the_same_draft_or_the_same_body_waits(
    start_program: StartProgram, draft: str, asked: Payload
) -> None:
    gate = Gate()
    async with serving(gate) as api:
        at = start_program(api.url)
        first = asyncio.create_task(at.submit())
        await gate.came.wait()
        assert await at.submit(asked, draft, again=True) == BeingSent()
        gate.opened.set()
        assert isinstance(await first, Created)
    assert api.posts == 1


async def test_another_draft_of_the_same_name_does_not_wait(start_program: StartProgram) -> None:
    gate = Gate()
    async with serving(gate) as api:
        at = start_program(api.url)
        first = asyncio.create_task(at.submit())
        await gate.came.wait()
        api.on_post = creates
        assert isinstance(await at.submit(payload(goal="Else"), "d2"), Created)
        gate.opened.set()
        assert isinstance(await first, Created)
    assert api.posts == 2


# --- an earlier attempt without an answer


async def test_an_unknown_outcome_blocks_sending_until_it_is_listed(
    start_program: StartProgram,
) -> None:
    async with serving(cuts) as api:
        at = start_program(api.url)
        assert isinstance(await at.submit(), NotListed)
        first = at.receipt()
        at.clock.move(minutes=1)
        outcome = await at.submit()
        assert isinstance(outcome, Unresolved)
        assert (outcome.when, outcome.receipt) == (first.sent, first.id)
        assert "is not in the list" in outcome.why
        # The server was slow.
        api.create()
        outcome = await at.submit()
        assert outcome == FoundEarlier(first.sent, "h1", same=True)
        assert outcome.receipt == first.id
        assert (at.receipt().kind, at.receipt().assistant_id) == ("created", "h1")
        assert at.receipt().settled == at.clock()
        assert isinstance(await at.submit(), CreatedBefore)
    assert api.posts == 1


async def test_a_corrected_payload_is_sent_after_the_earlier_is_found(
    start_program: StartProgram,
) -> None:
    changed = payload(goal="Else")
    async with serving(cuts) as api:
        at = start_program(api.url)
        await at.submit()
        api.create()
        api.on_post = creates
        assert await at.submit(changed) == FoundEarlier(at.clock(), "h1", same=False)
        assert isinstance(await at.submit(changed), Created)
    assert api.posts == 2


async def test_a_missing_list_leaves_the_choice_to_the_person(start_program: StartProgram) -> None:
    async with serving(cuts, answers(404, {})) as api:
        at = start_program(api.url)
        await at.submit()
        outcome = await at.submit()
        assert isinstance(outcome, Unresolved)
        assert "could not be loaded" in outcome.why
        api.on_post = creates
        assert isinstance(await at.submit(again=True), Created)
    assert api.posts == 2


async def test_sending_again_after_the_list_was_asked(start_program: StartProgram) -> None:
    async with serving(cuts) as api:
        at = start_program(api.url)
        await at.submit()
        api.on_post = creates
        assert isinstance(await at.submit(again=True), Created)
        # The list that was read for the first attempt is the list from before.
        assert api.requests == ["GET", "POST", "GET", "GET", "POST"]
        first = at.receipts.all()[1]
        assert (first.kind, first.settled) == ("unknown", at.clock())
        assert isinstance(await at.submit(payload(goal="Else")), Created)


async def test_again_sends_nothing_if_the_list_has_it(
    start_program: StartProgram,
) -> None:
    async with serving(cuts) as api:
        at = start_program(api.url)
        await at.submit()
        api.create()
        assert isinstance(await at.submit(again=True), FoundEarlier)
        assert api.posts == 1
        api.on_post = creates
        assert isinstance(await at.submit(again=True), Created)
    assert api.posts == 2


async def test_sending_again_in_vain_settles_nothing(start_program: StartProgram) -> None:
    async with serving(cuts) as api:
        at = start_program(api.url)
        await at.submit()
        first = at.receipt()
        api.on_post = answers(400, {})
        await at.submit(again=True)
        assert at.receipts.get(first.id).settled is None
        assert isinstance(await at.submit(), Unresolved)
    assert api.posts == 2


async def test_the_second_of_two_unknown_attempts_is_found(start_program: StartProgram) -> None:
    async with serving(cuts) as api:
        at = start_program(api.url)
        await at.submit()
        at.clock.move(minutes=1)
        api.on_post = creates_and_cuts
        assert await at.submit(again=True) == Found("h2")
    assert api.posts == 2


async def test_two_different_attempts_of_one_name_are_undecided(
    start_program: StartProgram,
) -> None:
    async with serving(cuts) as api:
        at = start_program(api.url)
        await at.submit()
        at.clock.move(minutes=1)
        api.on_post = creates_and_cuts
        outcome = await at.submit(payload(goal="Else"), again=True)
    assert isinstance(outcome, Undecided)
    assert "another attempt" in outcome.why


async def test_an_attempt_with_another_key_is_not_looked_for_in_this_account(
    start_program: StartProgram,
) -> None:
    async with serving(cuts) as api:
        await start_program(api.url).submit()
        api.create()
        at = start_program(api.url, key="another-key-of-another")
        outcome = await at.submit()
        assert isinstance(outcome, Unresolved)
        assert "another key" in outcome.why
        lists_before = api.lists
        (waiting,) = at.receipts.all()
        assert isinstance(await at.submission.look_up(waiting), Undecided)
        assert api.lists == lists_before


async def test_a_receipt_has_the_time_after_the_list_was_read(start_program: StartProgram) -> None:
    async with serving() as api:
        at = start_program(api.url)

        async def slow(api: Api) -> bytes:
            at.clock.move(seconds=3)
            return await lists(api)

        api.on_list = slow
        await at.submit()
    assert at.receipt().sent == at.clock()


async def test_without_locks_an_attempt_may_run_for_two_minutes(
    home: Path, start_program: StartProgram
) -> None:
    async with serving() as api:
        at = start_program(api.url)
        (home / "locks").write_text("in the way of the folder")
        at.receipts.begin(Receipt.of(ASHA, "d1", api.url, at.clock()))
        at.clock.move(seconds=119)
        assert isinstance(await at.submit(), BeingSent)
        at.clock.move(seconds=2)
        assert isinstance(await at.submit(), Unresolved)
    assert api.posts == 0


async def test_an_attempt_with_an_unknown_key_is_looked_for(start_program: StartProgram) -> None:
    async with serving(cuts) as api:
        await start_program(api.url, key="short").submit()
        api.create()
        at = start_program(api.url)
        (waiting,) = at.receipts.all()
        assert await at.submission.look_up(waiting) == Found("h1")


# --- trouble with the file


def lock_writes(at: Program, on: bool = True) -> None:
    at.database.run(f"PRAGMA query_only = {'ON' if on else 'OFF'}")


async def test_without_a_receipt_nothing_is_sent_unasked(start_program: StartProgram) -> None:
    async with serving() as api:
        at = start_program(api.url)
        lock_writes(at)
        outcome = await at.submit()
        assert isinstance(outcome, NoReceipt)
        assert "read-only" in outcome.sentence
        assert api.posts == 0
        outcome = await at.submit(without_receipt=True)
        assert outcome == Created("h1", outcome.assistant, status=200)  # type: ignore[attr-defined]
        assert outcome.receipt == ""
        assert api.posts == 1
    assert at.receipts.all() == []


async def test_without_a_receipt_an_unknown_outcome_is_still_looked_up(
    start_program: StartProgram,
) -> None:
    async with serving(creates_and_cuts) as api:
        at = start_program(api.url)
        lock_writes(at)
        assert await at.submit(without_receipt=True) == Found("h1")
    assert api.posts == 1


async def test_a_match_blocks_sending_even_if_it_cannot_be_stored(
    start_program: StartProgram,
) -> None:
    async with serving(cuts) as api:
        at = start_program(api.url)
        await at.submit()
        api.create()
        lock_writes(at)
        outcome = await at.submit(without_receipt=True)
        assert isinstance(outcome, FoundEarlier)
    assert api.posts == 1


@pytest.mark.parametrize("on_post", [creates, creates_and_cuts])
async def test_a_receipt_that_cannot_be_completed_hides_no_outcome(
    start_program: StartProgram, on_post: Handler
) -> None:
    async def locks(api: Api) -> bytes:
        lock_writes(at)
        return await on_post(api)

    async with serving(locks) as api:
        at = start_program(api.url)
        outcome = await at.submit()
        assert isinstance(outcome, Created)
        assert outcome.assistant_id == "h1"
        assert "Its receipt could not be completed." in outcome.note
        lock_writes(at, False)
        (waiting,) = await at.submission.unanswered()
        assert await at.submission.look_up(waiting) == Found("h1")
    assert (api.posts, at.receipt().kind) == (1, "created")


async def test_a_database_closed_after_sending_leaves_it_undecided(
    start_program: StartProgram,
) -> None:
    async def breaks(api: Api) -> bytes:
        at.database.close()
        return await creates_and_cuts(api)

    async with serving(breaks) as api:
        at = start_program(api.url)
        outcome = await at.submit()
    assert isinstance(outcome, Undecided)
    assert "Its receipt could not be completed." in outcome.note


# --- stopped on the way


async def stop(task: "asyncio.Task[Outcome]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_stopped_while_waiting_for_the_answer(start_program: StartProgram) -> None:
    gate = Gate()
    async with serving(gate) as api:
        at = start_program(api.url)
        sending = asyncio.create_task(at.submit())
        await gate.came.wait()
        await stop(sending)
        assert at.receipt().kind == "unknown"
        assert at.receipt().title == Unknown(UnknownReason.INTERRUPTED).title
        assert await at.submission.unanswered() == []
        assert isinstance(await at.submit(), FoundEarlier)
    assert api.posts == 1


async def test_stopped_before_the_request_is_out(home: Path) -> None:
    came = asyncio.Event()

    class Hanging(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "GET":
                return httpx.Response(404)
            came.set()
            await asyncio.Event().wait()
            raise AssertionError

    database = Database.open(home)
    receipts = Receipts(database, Clock())
    client = Client("https://a.example", SecretStr(KEY), transport=Hanging())
    sends = Submission(client, receipts, Target("https://a.example"), home=home)
    sending = asyncio.create_task(sends.submit(ASHA))
    await came.wait()
    await stop(sending)
    assert [(r.kind, r.title) for r in receipts.all()] == [
        ("not_sent", NotSent(NotSentReason.CANCELLED).title)
    ]
    await client.aclose()
    database.close()


async def test_stopped_while_the_receipt_is_being_written(
    start_program: StartProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    came, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    async with serving() as api:
        at = start_program(api.url)
        begin = at.receipts.begin

        def slow(*arguments: Any) -> Receipt | None:
            loop.call_soon_threadsafe(came.set)
            go_on.wait(20)
            return begin(*arguments)

        monkeypatch.setattr(at.receipts, "begin", slow)
        sending = asyncio.create_task(at.submit())
        await came.wait()
        sending.cancel()
        go_on.set()
        await stop(sending)
    assert (api.posts, at.receipt().kind) == (0, "not_sent")


async def test_stopped_while_the_receipt_is_being_completed(
    start_program: StartProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    came, go_on = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    async with serving() as api:
        at = start_program(api.url)
        complete = at.receipts.complete

        def slow(*arguments: Any) -> None:
            loop.call_soon_threadsafe(came.set)
            go_on.wait(20)
            complete(*arguments)

        monkeypatch.setattr(at.receipts, "complete", slow)
        sending = asyncio.create_task(at.submit())
        await came.wait()
        sending.cancel()
        await asyncio.sleep(0)
        assert await at.submit() == BeingSent()
        go_on.set()
        await stop(sending)
    assert (at.receipt().kind, at.receipt().assistant_id) == ("created", "h1")


# --- two programs, and one that dies

PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from wizard.secret import SecretStr
from tests.examples import minimal
from wizard.api.client import Client
from wizard.storage.database import Database
from wizard.draft.draft import Payload
from wizard.formats.json_text import dump
from wizard.api.receipt_store import Receipts
from wizard.settings import Target
from wizard.api.submission import Submission
from wizard.storage.store import now

url, home, draft, goal, key = sys.argv[1:]

async def main():
    data = minimal() | ({"goal": goal} if goal else {})
    database = Database.open(Path(home))
    client = Client(url, SecretStr(key))
    submission = Submission(
        client, Receipts(database, now), Target(url), key=SecretStr(key),
        home=Path(home),
    )
    print("ready", flush=True)
    sys.stdin.readline()
    outcome = await submission.submit(Payload(data, dump(data)), draft)
    print(type(outcome).__name__, flush=True)
    await client.aclose()
    database.close()

asyncio.run(main())
"""


@asynccontextmanager
async def program(
    api: Api, home: Path, draft: str = "d1", goal: str = ""
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program that is about to send; ended with the test."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, api.url, str(home), draft, goal, KEY),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert started.stdout
        assert await started.stdout.readline() == b"ready\n"
        yield started
    finally:
        with suppress(ProcessLookupError):
            started.kill()
        await started.communicate()


async def result(started: asyncio.subprocess.Process) -> str:
    assert started.stdout
    return (await started.stdout.readline()).decode().strip()


def resume(started: asyncio.subprocess.Process) -> None:
    assert started.stdin
    started.stdin.write(b"\n")


@pytest.mark.parametrize(
    ("draft", "goal"), [("d1", ""), ("d1", "Else"), ("d2", "")], ids=["both", "draft", "body"]
)
async def test_two_programs_at_once_send_once(home: Path, draft: str, goal: str) -> None:
    gate = Gate()
    async with (
        serving(gate) as api,
        program(api, home) as one,
        program(api, home, draft, goal) as other,
    ):
        resume(one)
        resume(other)
        tasks = [asyncio.create_task(result(one)), asyncio.create_task(result(other))]
        # Who sends waits for its answer until the other one has ended.
        done, _ = await asyncio.wait(tasks, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        assert len(done) == 1
        gate.opened.set()
        assert sorted(await asyncio.gather(*tasks)) == ["BeingSent", "Created"]
        assert api.posts == 1
        async with program(api, home, draft) as late:
            resume(late)
            assert await result(late) == "CreatedBefore" or goal


async def test_a_killed_program_leaves_an_attempt_that_is_looked_up(
    home: Path, start_program: StartProgram
) -> None:
    gate = Gate()
    async with serving(gate) as api:
        async with program(api, home) as killed:
            resume(killed)
            await gate.came.wait()
            at = start_program(api.url)
            under_way = at.receipt()
            assert await at.submission.unanswered() == []
            assert await at.submission.look_up(under_way) == BeingSent()
            assert await at.submit() == BeingSent()
            killed.kill()
            await killed.wait()
        assert await at.submission.unanswered() == [under_way]
        assert under_way.kind is None
        assert await at.submission.look_up(under_way) == Found("h1")
        assert (at.receipt().kind, at.receipt().assistant_id) == ("created", "h1")
        assert await at.submission.unanswered() == []
        assert await at.submission.look_up(under_way) is None
        assert isinstance(await at.submit(), CreatedBefore)
    assert api.posts == 1


async def test_a_killed_program_whose_assistant_was_not_created(
    home: Path, start_program: StartProgram
) -> None:
    gate = Gate(cuts)
    async with serving(gate) as api:
        async with program(api, home) as killed:
            resume(killed)
            await gate.came.wait()
            killed.kill()
            await killed.wait()
        at = start_program(api.url)
        api.on_list = answers(503, {})
        assert isinstance(await at.submission.look_up(at.receipt()), Undecided)
        # It is asked after at the next start again.
        assert await at.submission.unanswered() == [at.receipt()]
        api.on_list = lists
        assert await at.submission.look_up(at.receipt()) == NotListed(UnknownReason.EARLIER)
        assert at.receipt().kind == "unknown"
        assert await at.submission.unanswered() == []
        assert isinstance(await at.submit(), Unresolved)
        api.create()
        assert await at.submission.look_up(at.receipt()) == Found("h1")
        assert (at.receipt().kind, at.receipt().assistant_id) == ("created", "h1")
    assert api.posts == 1


async def test_an_attempt_of_a_killed_program_is_looked_up_first(
    home: Path, start_program: StartProgram
) -> None:
    gate = Gate()
    async with serving(gate) as api:
        async with program(api, home) as killed:
            resume(killed)
            await gate.came.wait()
            killed.kill()
            await killed.wait()
        api.on_post = creates
        at = start_program(api.url)
        assert isinstance(await at.submit(), FoundEarlier)
        assert isinstance(await at.submit(payload(goal="Else")), Created)
    assert api.posts == 2


async def test_an_attempt_on_another_target_is_not_looked_for_here(
    start_program: StartProgram,
) -> None:
    async with serving(cuts) as there, serving() as here:
        await start_program(there.url).submit()
        at = start_program(here.url)
        outcome = await at.submission.look_up(at.receipt())
        assert isinstance(outcome, Undecided)
        assert there.url.split("/")[2] in outcome.why
        assert here.requests == []
        with pytest.raises(NoSuch):
            await at.submission.look_up(Receipt.of(ASHA, "", here.url, NOON))


# --- which assistant of a list was created


def attempt(known: Known | None = None, **more: Any) -> Receipt:
    return replace(Receipt.of(payload(**more), "", "https://a.example", NOON), known=known)


def found(
    listed: list[dict[str, Any]],
    known: Known | None,
    *rivals: Receipt,
    taken: frozenset[str] = frozenset(),
) -> str | None:
    """What `find` returns: `not found`, `cannot tell`, or the id it found."""
    outcome = find(listed, attempt(known), rivals, taken, NOON + timedelta(minutes=1))
    if isinstance(outcome, Found):
        return outcome.assistant_id
    return "not found" if isinstance(outcome, NotListed) else "cannot tell"


def item(id_: object = None, **more: Any) -> dict[str, Any]:
    return {"name": "Asha", "company_name": "Acme Dental"} | ({"id": id_} if id_ else {}) | more


NOTHING = Known()


@pytest.mark.parametrize(
    ("listed", "known", "expected"),
    [
        ([], NOTHING, "not found"),
        ([item("a")], NOTHING, "a"),
        ([item(7, hash_id="h")], NOTHING, "h"),
        ([item(7, hash_id="h")], Known(frozenset({"7"})), "not found"),
        ([item("a"), item("b")], Known(frozenset({"a"})), "b"),
        ([item("a"), item("b")], NOTHING, "cannot tell"),
        ([item("a", name="Ben")], NOTHING, "not found"),
        ([item("a", name=None)], NOTHING, "not found"),
        ([item("a", company_name="Else")], NOTHING, "not found"),
        ([item("a", name=" Asha ", company_name="Acme  Dental")], NOTHING, "a"),
        # A list without the company.
        ([item("a", company_name=None)], NOTHING, "cannot tell"),
        ([item("a", company_name=" ")], NOTHING, "cannot tell"),
        ([item("a", company_name="")], Known(frozenset({"a"})), "not found"),
        ([item("a"), item("b", company_name=None)], NOTHING, "a"),
        # Ones without an id are counted.
        ([item()], NOTHING, None),
        ([item()], Known(without=1), "not found"),
        ([item(), item()], Known(without=1), None),
        ([item(), item(), item()], Known(without=1), "cannot tell"),
        ([item(), item("a")], Known(without=1), "a"),
        ([item(), item()], Known(without=3), "not found"),
        # One that came to light although it is old.
        # It was not in the list before: a clock may be wrong.
        ([item("a", createdAt="2026-02-28T12:00:00Z")], NOTHING, "cannot tell"),
        ([item("a", createdAt="2026-03-01T11:57:00Z")], NOTHING, "a"),
        # Without a list from before.
        ([item("a")], None, "cannot tell"),
        ([item()], None, "cannot tell"),
        ([item("a", createdAt="2026-03-01T11:54:59Z")], None, "not found"),
        ([item("a", createdAt="2026-03-01T11:59:59Z")], None, "cannot tell"),
        ([item("a", createdAt="2026-03-01T12:00:00Z")], None, "a"),
        ([item("a", created_at="2026-03-01T17:30:30+05:30")], None, "a"),
        ([item("a", createdAt="2026-03-01T17:30:30Z")], None, "cannot tell"),
        ([item("a", createdAt="2026-03-01 17:30:30")], None, "cannot tell"),
        ([item("a", createdAt="2026-03-01 12:00:30")], None, "cannot tell"),
        ([item("a", createdAt="2026-02-28 22:00:00")], None, "cannot tell"),
        ([item("a", createdAt="2026-02-28 20:00:00")], None, "not found"),
        ([item("a", createdAt=NOON.timestamp() + 3)], None, "a"),
        ([item("a", createdAt=int(NOON.timestamp() + 3) * 1000)], None, "a"),
        ([item("a", createdAt=NOON.timestamp() - 9_999)], None, "not found"),
        ([item("a", createdAt="yesterday")], None, "cannot tell"),
        ([item("a", createdAt=True)], None, "cannot tell"),
        ([item("a", createdAt=1e300)], None, "cannot tell"),
        ([item("a", createdAt={"$date": 1})], None, "cannot tell"),
        ([item("a", createdAt="2026-03-01T12:00:09Z"), item("b")], None, "a"),
    ],
)
def test_the_list_decides_which_assistant_was_created(
    listed: list[dict[str, Any]], known: Known | None, expected: str | None
) -> None:
    assert found(listed, known) == expected


def test_the_id_of_another_attempt_is_excluded() -> None:
    assert found([item("a")], NOTHING, taken=frozenset({"a"})) == "not found"
    assert found([item("a"), item("b")], NOTHING, taken=frozenset({"a"})) == "b"


def test_a_match_of_another_attempt_is_undecided() -> None:
    assert found([item("a")], NOTHING, attempt(NOTHING)) == "cannot tell"
    assert found([item("a")], NOTHING, attempt(None)) == "cannot tell"
    assert found([item("a")], NOTHING, attempt(Known(frozenset({"a"})))) == "a"
    assert found([item("a")], NOTHING, attempt(NOTHING, name="Ben")) == "a"
