"""A process that has just begun, all its threads at work at once."""

from __future__ import annotations

import subprocess
import sys

# A program of its own: in this one everything was read before.
READ_BY_MANY = """
import sys, threading
from portal import events
from tests.values import a_claim

filed, together = a_claim(), threading.Barrier(8)
fields = events.fields_of(filed)

def read():
    together.wait()
    assert events.event_from("CASE_FILED", fields) == filed

sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_threads_that_read_their_first_event_at_once_do_not_bring_the_process_down() -> None:
    run = subprocess.run([sys.executable, "-c", READ_BY_MANY], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
