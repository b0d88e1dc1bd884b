"""The sandbox on a free port of 127.0.0.1, with as many voices as the first argument says."""

import sys
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wizard.contract import validation
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_voices import sandbox_voices


def many(count: int) -> list[dict[str, Any]]:
    """So many voices: those of the sandbox repeated, each with its own name."""
    known = sandbox_voices()
    return [
        {**known[number % len(known)], "voice_id": f"v{number}", "name": f"Voice {number}"}
        for number in range(count)
    ]


def main() -> None:
    """Print the address, and serve until it is ended."""
    app = sandbox_app.build(validation.find_errors)
    if count := int(sys.argv[1]):
        # Written once, because the wizard is measured and not the server.
        body = bytes(JSONResponse(many(count)).body)

        async def voices(_: Request) -> Response:
            return Response(body, media_type="application/json")

        app.router.routes.insert(0, Route(f"{sandbox_app.PREFIX}/getOwnVoices", voices))
    server, sock = sandbox_app.listen(app)
    with sock:
        print(f"http://127.0.0.1:{sock.getsockname()[1]}{sandbox_app.PREFIX}", flush=True)
        server.run(sockets=[sock])


if __name__ == "__main__":
    main()
