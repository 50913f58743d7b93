"""All providers as one WSGI application, over a socket or within a process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Flask

from portal.simulator.admin import admin_blueprint
from portal.simulator.alipay.notices import alipay_manner
from portal.simulator.alipay.routes import alipay_blueprint
from portal.simulator.balance import balance_blueprint, balance_manner
from portal.simulator.keys import Keys
from portal.simulator.notices import Manner, Sender
from portal.simulator.page import page_blueprint, refuse_strangers
from portal.simulator.sending import begin_sending
from portal.simulator.settings import KEYS
from portal.simulator.store import Store
from portal.simulator.stripe.routes import stripe_blueprint, stripe_manner
from portal.simulator.wechat.door import DOUYIN, WECHAT, Door
from portal.simulator.wechat.notices import wechat_manner
from portal.simulator.wechat.routes import wechat_blueprint
from portal.simulator.wire import Desk

MOST_BYTES = 1 << 20
SENDING = "simulator sending"  # the extension with the event that ends it


def create_simulator(folder: Path, now: Callable[[], datetime], notify: bool = False) -> Flask:
    """The simulator that keeps its books in `folder`; `now` gives aware UTC times.

    Nothing is read or made before the first request. With `notify` a thread sends what is due;
    without it POST /simulator/push does. A fault that cuts the line raises a network error of
    httpx out of the application: within one process that is what a client would have seen.
    """
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["PROPAGATE_EXCEPTIONS"] = True
    desk = Desk(Store(folder), Keys(folder / KEYS), now)
    sender = Sender(desk, _manners(desk))
    for dialect in (WECHAT, DOUYIN):
        app.register_blueprint(wechat_blueprint(desk, dialect))
    for make in (alipay_blueprint, stripe_blueprint, balance_blueprint):
        app.register_blueprint(make(desk))
    app.register_blueprint(admin_blueprint(desk, sender))
    app.register_blueprint(page_blueprint(desk, sender))
    app.before_request(refuse_strangers)
    if notify:
        app.extensions[SENDING] = begin_sending(sender.push)
    return app


def _manners(desk: Desk) -> dict[str, Manner]:
    return {
        "wechat": wechat_manner(Door(desk, WECHAT)),
        "douyin": wechat_manner(Door(desk, DOUYIN)),
        "alipay": alipay_manner(desk),
        "stripe": stripe_manner(desk),
        "balance": balance_manner(desk),
    }
