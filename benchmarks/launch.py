"""A small process that runs a command and prints its seconds, peak memory and exit code.

A child's peak counts what its parent held when it was made, so the parent has to be small: this
file imports little and is run with `python -I -S`.
"""

import json
import os
import subprocess
import sys
import time

KIB = 1024 if sys.platform == "linux" else 1  # what ru_maxrss counts in, in bytes


def main(command: list[str]) -> None:
    """Run it, its output thrown away."""
    start = time.perf_counter()
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=silent, stdout=silent, stderr=silent)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    print(json.dumps([seconds, used.ru_maxrss * KIB, process.returncode]))


if __name__ == "__main__":
    main(sys.argv[1:])
