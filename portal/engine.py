"""Durable background work: DBOS behind one module, on the same database as the rows.

A duty is enqueued inside the projecting transaction (`Outbox.put`), so it exists exactly when the
entry that asked for it has been projected. Duties are named by a fixed id: the same duty enqueued
twice runs once. What a duty does is idempotent by its command ids, so a duty that ran half and
runs again does nothing twice.

Rules learnt from the engine: application_version is pinned, or a changed line of code would strand
everything enqueued before; the serializer is JSON, not pickle; on SQLite one process executes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
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


def _failure(status: Any) -> Failure:
    kind, case_no, *_rest = f"{status.workflow_id}:".split(":")
    error = getattr(status.error, "name", None) or type(status.error).__name__
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

    def failures(self, most: int) -> tuple[Failure, ...]:
        """The newest duties that were given up; the sweep asks for them again by another id."""
        found = self._client.list_workflows(
            status="ERROR", name=DUTY, limit=most, sort_desc=True, load_input=False
        )
        return tuple(_failure(each) for each in found)


@DBOS.step(retries_allowed=True, max_attempts=4, interval_seconds=0.5, backoff_rate=2.0)
def _perform(kind: str, case_no: str, subject: str) -> None:
    try:
        _performer[0](kind, case_no, subject)
    except Exception as error:
        # The engine would only say that its retries are used up, not why. A database's further
        # lines repeat what was to be written.
        why = str(error).partition("\n")[0]
        logger.warning("%s %s: %s: %s", kind, case_no, type(error).__name__, why)
        raise


@DBOS.workflow(name=DUTY)
def _duty(kind: str, case_no: str, subject: str) -> None:
    _perform(kind, case_no, subject)


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
        notification_listener_polling_interval_sec=0.2,
    )
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=4, polling_interval_sec=0.2)
    DBOS.register_queue(DELIVERIES, worker_concurrency=2, polling_interval_sec=1.0)
    engine_logger = logging.getLogger("dbos")
    engine_logger.setLevel(logging.ERROR)
    engine_logger.addFilter(lambda record: not record.getMessage().startswith(TOLD_ALREADY))


def stop() -> None:
    DBOS.destroy()
