"""Durable background work: DBOS behind one module, on the same database as the rows.

A duty is enqueued inside the projecting transaction (`Outbox.put`), so it exists exactly when the
entry that asked for it has been projected. Duties are named by a fixed id: the same duty enqueued
twice runs once. What a duty does is idempotent by its command ids, so a duty that ran half and
runs again does nothing twice.

Rules learnt from the engine: application_version is pinned, or a changed line of code would strand
everything enqueued before; the serializer is JSON, not pickle; on SQLite one process executes; a
duty that is enqueued again has its row locked, and workers that look for work pass it over.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy.engine import Engine as Database
from sqlalchemy.orm import Session

NAME = "mingan"
VERSION = "mingan-1"
QUEUE = "duties"
DELIVERIES = "deliveries"  # apart: money never waits for somebody else's slow server
DUTY = "perform_duty"

AT_ONCE = 16  # duties under way in one process: most of their time is somebody else's answer
LOOK_SECONDS = 0.15  # between two looks into the queue, each for as many as there is room for
CONNECTIONS = 8  # the engine's own; each thread needs one for a moment at the end of its duty
PAUSES = (0.5, 1.0, 2.0)  # seconds, between the attempts at a duty
TOLD_ALREADY = "Exception encountered in background workflow"

Perform = Callable[[str, str, str], None]
logger = logging.getLogger(__name__)


def migrate(database_url: str) -> None:
    """Create or update the engine's own tables; safe to repeat."""
    DBOS.migrate(database_url)


@dataclass(frozen=True)
class Duty:
    """Something the system owes a case: `kind` says what, `subject` which one of its kind."""

    kind: str
    case_no: str
    subject: str = ""
    again: str = ""  # sets a later attempt at the same duty apart from an earlier, failed one

    @property
    def id(self) -> str:
        return ":".join(
            part for part in (self.kind, self.case_no, self.subject, self.again) if part
        )


@dataclass(frozen=True)
class Failure:
    """A duty that failed each time it was tried. `error` names the kind of failure only: its text
    may hold values of the case."""

    kind: str
    case_no: str
    error: str
    at: datetime


class GaveUp(Exception):
    """The last attempt at a duty failed; the text is the name of the error, and nothing else."""


def _failure(status: Any) -> Failure:
    kind, case_no, *_rest = f"{status.workflow_id}:".split(":")
    name = getattr(status.error, "name", None) or type(status.error).__name__
    error = str(status.error) if name == GaveUp.__name__ else name
    at = datetime.fromtimestamp((status.updated_at or status.created_at) / 1000, UTC)
    return Failure(kind, case_no, str(error), at)


class Outbox:
    """Enqueues duties; used by every process, also one that executes nothing."""

    def __init__(self, database: Database) -> None:
        self._client = DBOSClient(
            system_database_engine=database,
            application_name=NAME,
            serializer=DBOSPortableJSONSerializer(),
            lazy=True,
            retry_connection_errors=False,
        )

    def put(self, session: Session, duty: Duty) -> None:
        """Enqueue in the caller's transaction; a duty known by its id is left alone."""
        options: Any = {
            "workflow_name": DUTY,
            "queue_name": DELIVERIES if duty.kind == "DELIVER" else QUEUE,
            "workflow_id": duty.id,
            "app_version": VERSION,
        }
        self._client.enqueue_in_transaction(session, options, duty.kind, duty.case_no, duty.subject)

    def unknown(self, duties: Iterable[Duty]) -> list[Duty]:
        """Those that were never enqueued."""
        wanted = {duty.id: duty for duty in duties}
        for known in self._listed(workflow_ids=list(wanted)) if wanted else ():
            del wanted[known.workflow_id]
        return list(wanted.values())

    def is_busy(self, few: int) -> bool:
        """Whether more than a few duties wait for a worker."""
        return len(self._listed(queue_name=QUEUE, status="ENQUEUED", limit=few + 1)) > few

    def failures(self, most: int) -> tuple[Failure, ...]:
        """The newest duties that were given up; the sweep asks for them again by another id."""
        found = self._client.list_workflows(
            status="ERROR", name=DUTY, limit=most, sort_desc=True, load_input=False
        )
        return tuple(_failure(each) for each in found)

    def _listed(self, **which: Any) -> list[Any]:
        return self._client.list_workflows(**which, load_input=False, load_output=False)


@DBOS.workflow(name=DUTY)
def _duty(kind: str, case_no: str, subject: str) -> None:
    """Without a step of the engine: it would keep, with three more writes, that a duty was done
    which may be done again at any time."""
    for pause in (*PAUSES, None):
        try:
            _performer[0](kind, case_no, subject)
        except Exception as error:  # noqa: BLE001 - kept by its name, for the operator's page
            # A database's further lines repeat what was to be written.
            why = str(error).partition("\n")[0]
            logger.warning("%s %s: %s: %s", kind, case_no, type(error).__name__, why)
            if pause is None:
                raise GaveUp(type(error).__name__) from None
            time.sleep(pause)
        else:
            return


# DBOS finds workflows by name in the module, so the performer is set when the executor starts.
_performer: list[Perform] = []


def start(database_url: str, executor_id: str, perform: Perform) -> None:
    """Begin to execute duties in this process."""
    _performer[:] = [perform]
    config = DBOSConfig(
        name=NAME,
        system_database_url=database_url,
        application_version=VERSION,
        executor_id=executor_id,
        serializer=DBOSPortableJSONSerializer(),
        console_log_level="ERROR",
        sys_db_pool_size=CONNECTIONS,
        notification_listener_polling_interval_sec=0.2,
    )
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=LOOK_SECONDS)
    DBOS.register_queue(DELIVERIES, worker_concurrency=2, polling_interval_sec=1.0)
    engine_logger = logging.getLogger("dbos")
    engine_logger.setLevel(logging.ERROR)
    engine_logger.addFilter(lambda record: not record.getMessage().startswith(TOLD_ALREADY))


def stop() -> None:
    DBOS.destroy()
