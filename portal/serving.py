"""Processes: web and worker in one (`serve`), or apart (`web`, `worker`)."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from gunicorn.app.base import BaseApplication

from portal import create_app
from portal.association import demo_witness
from portal.config import Config
from portal.house import House
from portal.providers.settings import read_payments
from portal.simulator.company import demo_simulator
from portal.speech import say
from portal.trustees.company import demo_trustees
from portal.upkeep import Upkeep, sole_executor

THREADS = 16
GRACE_SECONDS = 10


class AddressTaken(Exception):
    """Another program listens there."""


class Server(BaseApplication):
    """gunicorn with one worker of many threads; `embedded` lets that worker execute duties too."""

    def __init__(self, config: Config, *, embedded: bool) -> None:
        self.config = config
        self.embedded = embedded
        self.upkeep: Upkeep | None = None
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings().items():
            self.cfg.set(name, value)

    def load(self) -> APIFlask:
        return create_app(self.config)

    def _settings(self) -> dict[str, Any]:
        return {
            "bind": [f"{self.config.host}:{self.config.port}"],
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "timeout": 120,  # an upload of half a gigabyte over a phone's line keeps one thread
            "graceful_timeout": GRACE_SECONDS,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": self._announce,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }

    def _announce(self, _arbiter: object) -> None:
        announce(self.config)

    def _begin(self, worker: Any) -> None:
        # Started here, after the fork: threads and connections do not survive one.
        if self.embedded:
            self.upkeep = Upkeep(worker.wsgi.extensions["mingan"])
            self.upkeep.start()

    def _end(self, _arbiter: object, worker: Any) -> None:
        if self.upkeep is not None:
            self.upkeep.stop()
        app = getattr(worker, "wsgi", None)  # None when it ended before it was loaded
        if app is not None:
            app.extensions["mingan"].log.close()


def serve(config: Config) -> None:
    """Web and worker in one; returns never. Raises AlreadyRunning, AddressTaken."""
    _refuse_taken(config)
    with ExitStack() as stack:
        stack.enter_context(sole_executor(config))
        asking = stack.enter_context(demo_witness(config))
        sealing = stack.enter_context(demo_trustees(asking))
        simulator = stack.enter_context(demo_simulator(sealing))
        Server(_paying(sealing, simulator), embedded=True).run()


def _paying(config: Config, simulator: Path | None) -> Config:
    """The settings of a portal that pays through the demo's simulator, where there is one."""
    return replace(config, payments=read_payments(simulator)) if simulator else config


def web(config: Config) -> None:
    """Requests only; `worker` processes execute what they lead to. Raises AddressTaken."""
    _refuse_taken(config)
    Server(config, embedded=False).run()


def work(config: Config) -> None:
    """Duties only, until SIGTERM or SIGINT. Raises AlreadyRunning."""
    with sole_executor(config):
        house: House = create_app(config).extensions["mingan"]
        upkeep = Upkeep(house)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: upkeep.interrupt())
        upkeep.start()
        say(f"正在执行后台工作，进程 {os.getpid()}", f"Working, process {os.getpid()}")
        upkeep.wait()
        upkeep.stop()
        house.log.close()


def _refuse_taken(config: Config) -> None:
    """Say it at once; gunicorn would try for five seconds and then say it in its own words."""
    kind = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    with socket.socket(kind, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            address = f"{config.host}:{config.port}"
            raise AddressTaken(f"{address}: {error.strerror}") from error


def announce(config: Config) -> None:
    """Where it is, and where the logins are."""
    say(f"明案已启动：{config.public_url}", f"Ming'an is ready: {config.public_url}")
    if config.rehearsal:
        say(
            "演练环境：时钟可以拨动，不会真的动钱", "Rehearsal: the clock can be moved, no money is"
        )
    for name, chinese, english in (
        ("logins.txt", "登录信息", "Logins"),
        ("operator.token", "管理员令牌", "Operator's token"),
    ):
        path = config.folder / name
        if path.exists():
            say(f"{chinese}：{path}", f"{english}: {path}")
    say("按 Ctrl+C 停止", "Ctrl+C stops it")
