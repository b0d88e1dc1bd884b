"""Feeds a command one line over and over, `peak.py BYTES COMMAND...`; prints its peak, in MB."""

import resource
import subprocess
import sys


def main() -> None:
    """Read the line from standard input, run the command, feed it."""
    size, command = int(sys.argv[1]), sys.argv[2:]
    line = sys.stdin.buffer.read()
    chunk = line * max(1, min(100, size // len(line)))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as run:
        assert run.stdin
        for _ in range(max(1, size // len(chunk))):
            run.stdin.write(chunk)
        run.stdin.close()
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


if __name__ == "__main__":
    main()
