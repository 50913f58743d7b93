"""The addresses of one dialect, behind one door."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response

from portal.simulator.bank import Terms
from portal.simulator.signing import seal
from portal.simulator.wechat.bills import Bills
from portal.simulator.wechat.door import Dialect, Door
from portal.simulator.wechat.refunds import Refunds
from portal.simulator.wechat.transfers import Transfers
from portal.simulator.wire import OTHER, Desk, Refusal, as_json

TERMS = Terms(spacing=timedelta(minutes=1), most=50, window=timedelta(days=365))


def wechat_blueprint(desk: Desk, dialect: Dialect) -> Blueprint:
    """Everything the merchant may ask; nothing is answered to anybody else."""
    door = Door(desk, dialect)
    blueprint = Blueprint(dialect.name, __name__)
    blueprint.before_request(door.check)
    blueprint.register_error_handler(Refusal, lambda refusal: door.seal(refusal.reply))
    Refunds(door, TERMS).add_to(blueprint)
    Transfers(door).add_to(blueprint)
    Bills(door).add_to(blueprint)
    blueprint.add_url_rule(f"{dialect.root[:3]}/certificates", "keys", lambda: _certificates(door))
    return blueprint


def _certificates(door: Door) -> Response:
    keys, name = door.desk.keys, door.dialect.name
    certificate = keys.certificate(f"{name}.platform")
    pem = keys.certificate_file(f"{name}.platform").read_bytes()
    sealed = seal(keys.secret(f"{name}.apiv3"), pem, "certificate")
    entry = {
        "serial_no": door.certificate_serial,
        "effective_time": certificate.not_valid_before_utc.isoformat(),
        "expire_time": certificate.not_valid_after_utc.isoformat(),
        "encrypt_certificate": sealed,
    }
    return door.serve(OTHER, "", lambda _connection, _fault: as_json(200, {"data": [entry]}))
