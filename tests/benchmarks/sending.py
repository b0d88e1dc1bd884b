"""How long it takes to send, beside the same request by bare httpx and by curl."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator

import httpx

from tests.benchmarks.measure import Row, Table
from tests.benchmarks.world import World, draft_with, script_of, serving
from wizard.api.connection import connect
from wizard.api.outcomes import Created
from wizard.api.submission import Submission
from wizard.draft.draft import Payload
from wizard.secret import SecretStr
from wizard.settings import Settings, Target
from wizard.storage.session import Session
from wizard.storage.store import open_store


def run(world: World) -> Iterator[Table]:
    """From the confirmation to the outcome, over loopback."""
    with serving() as address:
        yield asyncio.run(_compared(world, address))


async def _compared(world: World, address: str) -> Table:
    key = SecretStr("benchmark")
    settings = Settings(Target(address), key, world.folder)
    home = world.home()
    session = Session(home, open_store(home))
    client = connect(settings)
    await client.reach()
    submission = Submission(client, session.receipts, settings.target, home=home)
    bare: list[float] = []
    ours: list[float] = []
    curled: list[float] = []
    curl = shutil.which("curl")
    async with httpx.AsyncClient() as http:
        for number in range(world.times(60) + 1):
            payload = _payload(number)
            # As in the wizard: the list is asked for while the person reads the question.
            await submission.prepare(payload)
            start = time.perf_counter()
            outcome = await submission.submit(payload)
            ours.append((time.perf_counter() - start) * 1000)
            assert isinstance(outcome, Created), outcome
            bare.append(await _post(http, address, key, payload.body))
            if curl:
                curled.append(await asyncio.to_thread(_curl, curl, address, payload.body))
    await client.aclose()
    session.close()
    table = Table("From confirm to outcome, warm", "ms")
    base = table.add(Row("httpx, the same POST", bare[1:]))
    over = [mine - other for mine, other in zip(ours[1:], bare[1:], strict=True)]
    table.add(Row("wizard, with its receipt", ours[1:], base))
    table.add(Row("what the wizard adds", over, limit=10.0))
    if curl:
        table.add(Row("curl, whole process", curled[1:], base))
    return table


def _payload(number: int) -> Payload:
    return draft_with(script_of(2000), name=f"Assistant {number}").payload()


async def _post(http: httpx.AsyncClient, address: str, key: SecretStr, body: bytes) -> float:
    start = time.perf_counter()
    sent = {"content-type": "application/json", "x-api-key": key.get_secret_value()}
    answer = await http.post(f"{address}/user/createAssistant", content=body, headers=sent)
    assert answer.status_code == 200, answer.text
    return (time.perf_counter() - start) * 1000


def _curl(curl: str, address: str, body: bytes) -> float:
    command = [curl, "-s", "-o", "/dev/null", "-H", "content-type: application/json"]
    command += ["-H", "x-api-key: benchmark", "--data-binary", "@-"]
    start = time.perf_counter()
    subprocess.run([*command, f"{address}/user/createAssistant"], input=body, check=True)
    return (time.perf_counter() - start) * 1000
