"""The command `sandbox`: serves the API's contract on this machine."""

from wizard import judge, sandbox
from wizard.sandbox import Fault


def run(port: int, fault: str | None, envelope: bool) -> int:
    """Serve until Ctrl+C; PortTaken where the port cannot be had."""
    acted = Fault(fault) if fault else None
    sandbox.serve(sandbox.build(judge.find_errors, fault=acted, envelope=envelope), port)
    return 0
