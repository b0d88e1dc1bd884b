"""The command `sandbox`: serves the API's contract on this machine."""

from wizard.contract import validation
from wizard.sandbox import sandbox_app
from wizard.sandbox.sandbox_app import Fault


def run(port: int, fault: str | None, envelope: bool) -> int:
    """Serve until Ctrl+C; PortTaken where the port cannot be had."""
    acted = Fault(fault) if fault else None
    sandbox_app.serve(
        sandbox_app.build(validation.find_errors, fault=acted, envelope=envelope), port
    )
    return 0
