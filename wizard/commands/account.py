"""Reads the assistants of the account for commands."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from wizard.commands.options import CommonOptions
from wizard.commands.output import report
from wizard.errors import AssistantsUnavailable, StoreTrouble

if TYPE_CHECKING:
    from wizard.api.client import Client
    from wizard.api.records import Listing, Record
    from wizard.commands.debug_log import DebugLog
    from wizard.settings import Settings
    from wizard.storage.session import Session

T = TypeVar("T")

QCALL = "qcall:"
"""What the name of an assistant in the account begins with, where a file may be named too."""


@contextmanager
def account(
    settings: "Settings", *, needs_store: bool = False
) -> "Iterator[tuple[Session, Settings]]":
    """Open the store, and return it with the settings and the key of the keyring.

    The rescue of a damaged file is reported. Raises StoreTrouble if it `needs_store` and cannot
    open it.
    """
    from wizard.keyring_store import with_stored_key
    from wizard.storage.session import Session
    from wizard.storage.store import open_store

    opened = open_store(settings.home)
    session = Session(settings.home, opened)
    try:
        if needs_store and opened.trouble:
            raise StoreTrouble(opened.trouble)
        if opened.rescue:
            report(opened.rescue.sentence)
        settings, warning = with_stored_key(settings, session)
        if warning:
            report(warning)
        yield session, settings
        with suppress(StoreTrouble):  # everything works without a copy
            opened.store.database.refresh_copy()
    finally:
        session.close()


def client_of(log: "DebugLog | None", session: "Session", settings: "Settings") -> "Client":
    """Return a client for the target. Raises AssistantsUnavailable without a key."""
    from wizard.api.connection import connect
    from wizard.api.reasons import NotSentReason
    from wizard.sandbox.sandbox_store import SandboxStore

    if settings.key is None:
        raise AssistantsUnavailable(NotSentReason.NO_KEY.sentence)
    return connect(settings, log.exchange if log else None, SandboxStore(session))


def ask_account(options: CommonOptions, ask: "Callable[[Client], Awaitable[T]]") -> T:
    """Ask the account something. Raises AssistantsUnavailable."""
    with account(options.settings()) as (session, settings):
        return ask_once(client_of(options.log, session, settings), ask)


def ask_once(client: "Client", ask: "Callable[[Client], Awaitable[T]]") -> T:
    """Ask the account something, and close the client. Raises AssistantsUnavailable."""

    async def run() -> T:
        try:
            return await ask(client)
        finally:
            await client.aclose()

    return asyncio.run(run())


def read_records(options: CommonOptions, *, whole: bool = False) -> "Listing":
    """Return the assistants of the account, and report what could not be read.

    A list may have less of each; `whole` returns them as `read_record` does.
    """
    listing = ask_account(options, lambda each: each.whole_records() if whole else each.records())
    if listing.unread_words:
        report(listing.unread_words)
    for each in sorted(listing.repeated):
        report(f"More than one assistant has the id {each}: they can be shown but not updated.")
    return listing


def read_record(options: CommonOptions, assistant_id: str) -> "Record":
    """Return one assistant. Raises NoAssistant and AssistantsUnavailable."""
    return ask_account(options, lambda client: client.record(assistant_id))
