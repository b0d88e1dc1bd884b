"""The sandbox's requests for existing assistants, with anything that a client may send."""

import asyncio
import json
from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.contract import validation
from wizard.sandbox.app_form_examples import add_app_form_examples, app_form_examples
from wizard.sandbox.sandbox_app import build
from wizard.sandbox.sandbox_store import MemoryStore

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)
_ROHAN = app_form_examples()[1]
_CHANGED = st.dictionaries(st.sampled_from(sorted(_ROHAN)) | _TEXTS, _VALUES, max_size=4)
_BODIES = st.one_of(
    st.binary(max_size=200),
    _VALUES.map(lambda value: json.dumps(value).encode()),
    _CHANGED.map(lambda members: json.dumps(_ROHAN | members).encode()),
)
_IDS = st.sampled_from(["app2", "2", "", "app3", "a/b", "app2 "]) | _TEXTS
_NAMES = st.sampled_from(["id", "assistant_id", "ID", "envelope"])


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"]),
    path=st.sampled_from(["getAssistant", "updateAssistant"]),
    query=st.dictionaries(_NAMES, _IDS, max_size=3),
    body=_BODIES,
    has_key=st.booleans(),
)
def test_every_request_is_answered_and_only_an_update_changes_anything(
    method: str, path: str, query: dict[str, str], body: bytes, has_key: bool
) -> None:
    store = MemoryStore()
    add_app_form_examples(store)
    before = store.all()

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(build(validation.find_errors, store=store))
        headers = {"x-api-key": "any"} if has_key else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
            url = f"/api/v1/user/{path}"
            return await client.request(method, url, params=query, content=body, headers=headers)

    answer = asyncio.run(asked())
    assert answer.status_code in (200, 400, 401, 404, 405)
    if method != "HEAD":
        said: Any = answer.json()
        assert isinstance(said, dict)
        assert answer.status_code == 200 or said["error"] == answer.status_code
    is_update = (method, path, answer.status_code) == ("PUT", "updateAssistant", 200)
    if is_update:
        sent = json.loads(body)
        kept = store.find(query["id"])
        assert kept == sent | {"id": 2, "hash_id": "app2"}
    else:
        assert store.all() == before
