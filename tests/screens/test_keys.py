"""The key: its source, its target, and a keyring that may fail or hang."""

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import KeyringLocked, PasswordSetError

from tests.keyrings import CANARY, Failing, MemoryKeyring, PlainFile, Several, Silent, use
from wizard import keyring_store, settings
from wizard.errors import BadTarget
from wizard.keyring_store import KeyTrouble, forget_key, store_key, stored_key, with_stored_key
from wizard.secret import SecretStr
from wizard.settings import API, SANDBOX, Settings, Target
from wizard.storage.session import Session

KEY = SecretStr(CANARY)
ELSEWHERE = "https://qcall.example/api/v1"


@pytest.fixture(autouse=True)
def keyring_in_use() -> Iterator[None]:
    """Keep the machine's own keyring out, and the keyrings of one test out of the next."""
    keyring.set_keyring(fail.Keyring())
    yield
    keyring.set_keyring(fail.Keyring())


CALLS: list[Callable[[], object]] = [
    lambda: stored_key(API),
    lambda: store_key(API, KEY),
    lambda: forget_key(API),
]


# The keyring


def test_a_key_is_stored_read_and_forgotten() -> None:
    kept = use(MemoryKeyring())
    assert stored_key(API) is None
    store_key(API, KEY)
    store_key(ELSEWHERE, SecretStr("another"))

    found = stored_key(API)
    assert isinstance(found, SecretStr)
    assert found.get_secret_value() == CANARY
    assert CANARY not in repr(found)
    forget_key(API)
    forget_key(API)
    assert stored_key(API) is None
    assert kept.kept == {("qcall-wizard", ELSEWHERE): "another"}


def test_blanks_are_no_key() -> None:
    use(MemoryKeyring()).kept["qcall-wizard", API] = " \n"

    assert stored_key(API) is None


@pytest.mark.parametrize("call", CALLS)
def test_a_missing_keyring_package_is_reported(
    call: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(KeyTrouble, match=r"pip install 'qcall-wizard\[keyring\]'"):
        call()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring])
def test_a_machine_without_a_keyring(
    call: Callable[[], object], backend: type[KeyringBackend]
) -> None:
    use(backend())

    with pytest.raises(KeyTrouble, match="has no usable keyring"):
        call()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyringLocked, "is locked: unlock it"),
        (PasswordSetError, r"cannot be used \(PasswordSetError\)"),
        (OSError, r"cannot be used \(OSError\)"),
    ],
)
def test_a_keyring_error_is_reported_without_its_details(
    call: Callable[[], object], error: type[Exception], words: str
) -> None:
    use(Failing(error))

    with pytest.raises(KeyTrouble, match=words) as failed:
        call()
    assert "QCALL_API_KEY" in str(failed.value)
    assert (failed.value.__cause__, failed.value.__context__) == (None, None)
    assert CANARY not in repr(failed.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: stored_key(API, seconds=0.01),
        lambda: store_key(API, KEY, seconds=0.01),
        lambda: forget_key(API, seconds=0.01),
    ],
)
def test_a_keyring_that_does_not_answer_is_given_up(call: Callable[[], object]) -> None:
    silent = use(Silent())
    with pytest.raises(KeyTrouble, match=r"did not answer in 0\.01 s"):
        call()

    [waiting] = [thread for thread in threading.enumerate() if thread.name == "keyring"]
    assert waiting.daemon
    silent.answered.set()
    waiting.join(30)


def test_a_key_is_not_stored_in_a_plain_file() -> None:
    plain, good = PlainFile(), MemoryKeyring()
    for unsafe in (plain, Several(plain)):
        use(unsafe)
        with pytest.raises(KeyTrouble, match="plain file"):
            store_key(API, KEY)
    use(Several(plain, good))
    store_key(API, KEY)

    assert (plain.kept, list(good.kept.values())) == ({}, [CANARY])


# Settings


def read(**variables: str) -> Settings:
    named = {f"QCALL_{name.upper()}": value for name, value in variables.items()}
    return settings.read(home="/nowhere", environment=named)


def test_a_key_leads_from_the_sandbox_to_the_api() -> None:
    found = read()
    assert (found.target.base_url, found.keyless_url) == (SANDBOX, API)
    keyed = found.with_key(KEY)

    assert (keyed.target, keyed.key, keyed.home) == (Target(API), KEY, found.home)
    assert keyed.keyless_url is None
    assert CANARY not in repr(keyed)


def test_a_key_stays_on_the_server_that_was_named() -> None:
    found = read(api_base_url=ELSEWHERE)
    assert (found.key, found.keyless_url) == (None, ELSEWHERE)

    assert found.with_key(KEY).target.base_url == ELSEWHERE
    assert found.with_key(None) == found


def test_no_key_leads_away_from_the_sandbox_that_was_named() -> None:
    for environment in ({}, {"QCALL_API_KEY": CANARY, "QCALL_API_BASE_URL": ELSEWHERE}):
        found = settings.read(sandbox=True, home="/nowhere", environment=environment)
        assert found.keyless_url is None
        assert found.with_key(KEY) == found
        assert found.target.is_sandbox
        assert CANARY not in f"{found!r}"
        assert found.key
        assert found.key.get_secret_value() == "sandbox"


def test_the_key_of_the_environment_is_a_secret() -> None:
    found = read(api_key=f" {CANARY}\n")

    assert found.key == KEY
    assert (found.target.base_url, found.keyless_url) == (API, None)
    assert CANARY not in f"{found} {found!r}"


def test_blanks_in_the_environment_are_no_key() -> None:
    assert read(api_key=" \t").target.is_sandbox


@pytest.mark.parametrize(
    "url",
    [
        "http://api.qcall.ai/api/v1",
        "http://10.0.0.1",
        "http://localhost.example",
        "http://localhost.",
        "http://127.0.0.1.example",
        "http://0.0.0.0",
        "http://[::ffff:10.0.0.1]",
        "http://[fe80::1]",
        "HTTP://api.qcall.ai",
    ],
)
def test_http_is_refused_except_for_loopback(url: str) -> None:
    with pytest.raises(BadTarget, match="unencrypted: use https://"):
        read(api_base_url=url, api_key=CANARY)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8700/api/v1", "http://localhost", "http://[::1]:1", "https://x.example"],
)
def test_allowed_addresses(url: str) -> None:
    assert read(api_base_url=url + "/").target.base_url == url


@pytest.mark.parametrize(
    "url",
    [
        f"https://me:{CANARY}@x.example",
        f"http://{CANARY}@x.example",
        f"{CANARY}@x.example",
        f"me:{CANARY}@x.example/a",
        f"https://x.example?key={CANARY}",
        f"https://x.example/#{CANARY}",
        f"http://x.example?{CANARY}",
        f"ftp://{CANARY}@x.example?{CANARY}#{CANARY}",
        f"https://[{CANARY}@x.example",
        f"https://x.example:{CANARY}@",
        "https://x.example?",
        "https://x.example/a b",
        "https://x.exa\nmple",
        "https://x.example:99999",
        "https://",
        "",
    ],
)
def test_a_refused_address_is_named_without_its_secrets(url: str) -> None:
    with pytest.raises(BadTarget) as failed:
        settings.checked_url(url)
    assert "CANARY" not in str(failed.value)


@pytest.mark.parametrize(("term", "dumb"), [("dumb", True), ("xterm", False), (None, False)])
def test_a_dumb_terminal(term: str | None, dumb: bool) -> None:
    assert settings.is_dumb_terminal({"TERM": term} if term else {}) is dumb


def test_homes() -> None:
    named = {"QCALL_WIZARD_HOME": "~/kept"}

    assert settings.find_home(None, named) == Path.home() / "kept"
    assert settings.find_home("/given", named) == Path("/given")
    assert settings.find_home("~nobody-of-this-name/x", {}) == Path("~nobody-of-this-name/x")
    assert settings.find_home(None, {}).name == "qcall-wizard"


# The wizard's start


@pytest.fixture
def session() -> Iterator[Session]:
    """A session that remembers that a key for the API is in the keyring."""
    made = Session.in_memory()
    made.store.remember(keyring_store.SETTING, API)
    yield made
    made.close()


def never(*_: Any, **__: Any) -> None:
    raise AssertionError("the keyring was asked")


def test_the_environment_wins_and_the_keyring_is_not_asked(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring_store, "stored_key", never)
    for found in (
        read(api_key=CANARY),
        settings.read(sandbox=True, home="/nowhere", environment={}),
        read(api_base_url=ELSEWHERE),
    ):
        assert with_stored_key(found, session) == (found, "")


def test_the_keyring_is_not_read_if_nothing_was_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keyring_store, "stored_key", never)
    found = read()

    assert with_stored_key(found, Session.in_memory()) == (found, "")


def test_the_keyrings_key_leads_to_the_api(session: Session) -> None:
    use(MemoryKeyring()).set_password("qcall-wizard", API, CANARY)
    found, _ = with_stored_key(read(), session)

    assert (found.target.base_url, found.key) == (API, KEY)


def test_with_a_locked_keyring_the_wizard_starts_on_the_target_of_the_key(session: Session) -> None:
    use(Failing(KeyringLocked))
    found, sentence = with_stored_key(read(), session)

    assert (found.target.base_url, found.key) == (API, None)
    assert sentence.startswith("The system's keyring is locked")


def test_a_key_removed_from_the_keyring_counts_as_none(session: Session) -> None:
    use(MemoryKeyring())
    found = read()

    assert with_stored_key(found, session) == (found, "")


def test_a_store_that_cannot_be_read_changes_nothing(session: Session) -> None:
    session.store.close()
    found = read()

    assert with_stored_key(found, session) == (found, "")
