"""`python -m tests.benchmarks [NAME...]`: measures, and prints ratios."""

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.screen import ROOT
from tests.benchmarks.world import World, peers_environment

# In the order in which they run: what is short first.
ALL = {
    "starting": "command start against `python -c pass`",
    "painting": "first paint and quitting against Textual, questionary and posting",
    "keys": "key to screen in a field and in scripts, against the bare widgets",
    "navigating": "steps, 10,000 voices, 1,000 actions",
    "calling": "a call: the first word of an answer, and keys while one streams",
    "validating": "payloads a second and memory, against JSON Schema validators",
    "sending": "from confirm to outcome, against httpx and curl",
    "saving": "a save against writing the same bytes to a plain file",
    "memory": "memory, processor time and writes while idle and after an hour",
    "loop": "what holds the event loop, and for how long",
}


def main(given: list[str] | None = None) -> int:
    """Run the benchmarks that are named, or all."""
    listed = "\n".join(f"  {name:<10} {about}" for name, about in ALL.items())
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=f"Measures the wizard beside others, in one run.\n\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; without one, all")
    parser.add_argument("--json", action="store_true", help="print JSON Lines, one object a row")
    parser.add_argument("--small", action="store_true", help="show only that it works")
    parser.add_argument(
        "--peers",
        type=Path,
        default=ROOT / ".peers",
        metavar="DIR",
        help="an environment with the peers, created if missing; '' leaves them out",
    )
    options = parser.parse_args(given)
    if unknown := [name for name in options.names if name not in ALL]:
        parser.error(f"there is no benchmark {unknown[0]}; there are {', '.join(ALL)}")
    without = options.small or not options.peers.name
    peers = None if without else peers_environment(options.peers)
    with tempfile.TemporaryDirectory(prefix="wizard-benchmark-") as folder:
        world = World(Path(folder), peers, options.small)
        for name in options.names or ALL:
            for table in importlib.import_module(f"tests.benchmarks.{name}").run(world):
                print(table.json_lines() if options.json else table.text() + "\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
