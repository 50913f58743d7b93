"""Appending from asyncio: thousands of tasks share commits.

    log = AsyncLog(Log.open(store, signer))
    entry, = await log.append("case/1", EMPTY, [b"filed"], key="button 1")

The event loop leads like any other caller (sequencer.py), only that calls to the store are
made beside it. What is computed is computed in the loop: a second thread would wait for the
interpreter at every call to the system that it makes.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any

from ledger.entry import PLAIN, Entry, Head
from ledger.log import Log, request_for
from ledger.request import Request
from ledger.sequencer import Steps

_Future = asyncio.Future[tuple[Entry, ...]]


class AsyncLog:
    """A Log for the tasks of one event loop."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._sequencer = log.sequencer
        self._settled: deque[tuple[_Future, Request]] = deque()
        self._woken = False
        self._leader: asyncio.Task[None] | None = None

    async def append(
        self,
        stream: str,
        expected: Head,
        payloads: Sequence[bytes],
        *,
        key: str,
        kid: str = PLAIN,
    ) -> tuple[Entry, ...]:
        """As Log.append; a cancelled task leaves open whether its entries were recorded."""
        request = request_for(stream, expected, payloads, key, kid)
        loop = asyncio.get_running_loop()
        future: _Future = loop.create_future()
        request.done = partial(self._hear, loop, future)
        self._sequencer.enter(request)
        if self._leader is None or self._leader.done():
            self._leader = loop.create_task(self._lead(loop))
        return await future

    async def _lead(self, loop: asyncio.AbstractEventLoop) -> None:
        leading = self._sequencer.leading
        task = asyncio.current_task()
        # Once it is cancelled, because its loop ends, it only finishes what others wait for too.
        while not (self._sequencer.is_idle or (task and task.cancelling())):
            await _acquire(leading, loop)
            try:
                await _run(self._sequencer.lead(), loop)
            except Exception as error:  # noqa: BLE001 - its batch has heard of it; others wait
                told = {"message": "a commit failed", "exception": error}
                loop.call_exception_handler(told)
            finally:
                leading.release()

    def _hear(self, loop: asyncio.AbstractEventLoop, future: _Future, request: Request) -> None:
        """Called by whoever leads, from whatever thread."""
        self._settled.append((future, request))
        if not self._woken and not loop.is_closed():
            self._woken = True
            loop.call_soon_threadsafe(self._resolve, loop)

    def _resolve(self, loop: asyncio.AbstractEventLoop) -> None:
        self._woken = False  # before looking: what comes later wakes again
        while self._settled:
            future, request = self._settled.popleft()
            if future.done():
                continue  # its task was cancelled
            if request.error is not None:
                future.set_exception(request.error)
            elif request.written:
                future.set_result(request.placed())
            else:  # recorded before: its entries must be read from the store
                read = loop.run_in_executor(None, self._log.settled, request)
                read.add_done_callback(partial(_pass_on, future))


async def _acquire(lock: Lock, loop: asyncio.AbstractEventLoop) -> None:
    if not lock.acquire(blocking=False):
        await _perform(lock.acquire, loop)


async def _run(steps: Steps[None], loop: asyncio.AbstractEventLoop) -> None:
    """As `sequencer.run`, each step in a thread of its own."""
    try:
        step = next(steps)
        while True:
            try:
                result = await _perform(step, loop)
            except BaseException as error:  # noqa: BLE001 - it is for the steps to decide
                step = steps.throw(error)
            else:
                step = steps.send(result)
    except StopIteration:
        return
    finally:
        steps.close()


async def _perform(step: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> Any:
    performed = loop.run_in_executor(None, step)
    while not performed.done():
        # A thread cannot be stopped, and nobody may lead beside it.
        with suppress(asyncio.CancelledError):
            await asyncio.wait([performed])
    return performed.result()


def _pass_on(future: _Future, read: _Future) -> None:
    if future.done():
        return
    if (error := read.exception()) is not None:
        future.set_exception(error)
    else:
        future.set_result(read.result())
