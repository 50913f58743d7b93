"""Ming'an: the portal, by feature. This module is the one place that wires everything together.

A claim's way: claims/views.py (form) -> claims/commands.py (wish) -> claims/rules.py (decision)
-> recorder.py (the one door) -> ledger/ (durable) -> projection.py (rows) -> receipt.
"""

from __future__ import annotations

from pathlib import Path

from apiflask import APIFlask
from flask import has_app_context
from flask_migrate import Migrate
from sqlalchemy import create_engine, event
from sqlalchemy.orm import sessionmaker

from ledger import open_store
from portal.access import PUBLIC, declare
from portal.accounts.signin import install_accounts
from portal.arrivals.asking import open_question
from portal.books.projector import project_deposit
from portal.clock import Clock
from portal.config import Config
from portal.controls.projector import project_control
from portal.database import db, open_database, set_pragmas
from portal.description import describe_api
from portal.duties import Duties, enqueue_reaction
from portal.engine import AT_ONCE, Outbox
from portal.events import (
    ControlSet,
    DepositSet,
    DifferenceClosed,
    IntegrityAnswered,
    IntegrityDecided,
    IntegrityReported,
    ItemEscalated,
    ItemResolved,
    LivestreamRecorded,
    OrderRecorded,
    PracticeJudged,
    Reconciled,
    ReviewerChanged,
    ReviewerEnrolled,
    ReviewersImported,
    ReviewerStateSet,
)
from portal.evidence.hashing import EvidenceRequest
from portal.files import Files
from portal.handlers import HANDLERS
from portal.house import House
from portal.integrity.projector import project_answer, project_decision, project_report
from portal.keyfile import read_or_make_key
from portal.keyring import Keyring
from portal.livestreams.projector import project_livestream
from portal.logbook import open_log
from portal.messages.notices import post_notices
from portal.monitors.projector import project_escalated, project_resolved
from portal.orders.projector import project_order
from portal.panels.beacon import Beacon
from portal.panels.projector import (
    project_changed,
    project_enrolled,
    project_imported,
    project_practice,
    project_state,
)
from portal.projection import Projection
from portal.providers.opening import open_providers
from portal.reconciling.projector import project_closed, project_day
from portal.recorder import Recorder
from portal.refunds.execution import Execution
from portal.rehearsal.moving import offset_of
from portal.routes import add_routes
from portal.trustees.opening import Opening
from portal.web import dress
from portal.webhooks.delivering import Courier
from portal.webhooks.enqueuing import enqueue_deliveries
from portal.webhooks.sending import Post
from portal.webhooks.signing import Signer

ROOT = Path(__file__).resolve().parent.parent

PROJECTORS = {
    OrderRecorded: project_order,
    DepositSet: project_deposit,
    ControlSet: project_control,
    LivestreamRecorded: project_livestream,
    ReviewerEnrolled: project_enrolled,
    ReviewersImported: project_imported,
    ReviewerChanged: project_changed,
    ReviewerStateSet: project_state,
    PracticeJudged: project_practice,
    IntegrityReported: project_report,
    IntegrityAnswered: project_answer,
    IntegrityDecided: project_decision,
    Reconciled: project_day,
    DifferenceClosed: project_closed,
    ItemEscalated: project_escalated,
    ItemResolved: project_resolved,
}


def create_app(config: Config) -> APIFlask:
    """The application, ready to serve; opens the store and the log, and catches up."""
    app = APIFlask(
        __name__,
        title="Ming'an",
        version="1",
        spec_path="/api/v1/openapi.json",
        docs_path=None,  # its pages load scripts from elsewhere, which our own policy forbids
        static_folder=None,  # assets.py serves what is there, named by content
        template_folder=str(ROOT / "templates"),
    )
    declare(app.view_functions["openapi.spec"], PUBLIC)
    app.request_class = EvidenceRequest
    app.config["MAX_CONTENT_LENGTH"] = config.limits.max_request_bytes
    open_database(app, config)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    install_accounts(app, config)
    dress(app, config)
    app.extensions["mingan"] = build_house(config)
    add_routes(app, config)
    describe_api(app)
    return app


def build_house(config: Config) -> House:
    """Every working part, each handed what it needs."""
    database = create_engine(config.database_url, **_engine_options(config.database_url))
    event.listen(database, "connect", set_pragmas)
    sessions = sessionmaker(database, expire_on_commit=False)
    store = open_store(config.store_url)
    master = bytes.fromhex(read_or_make_key(config.keys_folder / "master.key"))
    log = open_log(config, store)
    clock = Clock(offset_of(sessions)) if config.rehearsal else Clock()
    keyring = Keyring(store, master)
    files = Files(store, keyring, config.folder / "scratch")
    outbox = Outbox(database)
    projection = Projection(
        log=log,
        keyring=keyring,
        files=files,
        sessions=sessions,
        projectors=PROJECTORS,
        effects=(enqueue_reaction(outbox), post_notices, enqueue_deliveries, open_question),
    )
    recorder = Recorder(log, keyring, projection, clock, HANDLERS, release=end_reading)
    providers = open_providers(config, clock)
    execution = Execution(recorder, providers, sessions, clock)
    opening = Opening(recorder, log, files, keyring, config.trustees)
    beacon = Beacon(config.beacon) if config.beacon else None
    courier = Courier(sessions, clock, Signer.under(master), Post(config.rehearsal), wall=Clock())
    duties = Duties(
        recorder, log, files, keyring, clock, sessions, execution, opening, courier, beacon
    )
    return House(
        config=config,
        clock=clock,
        store=store,
        log=log,
        keyring=keyring,
        files=files,
        sessions=sessions,
        projection=projection,
        recorder=recorder,
        outbox=outbox,
        duties=duties,
        providers=providers,
    )


def _engine_options(url: str) -> dict[str, object]:
    # An error goes into logs, and what was to be written does not.
    options: dict[str, object] = {"hide_parameters": True, "pool_size": AT_ONCE + 4}
    return options if url.startswith("sqlite:") else options | {"pool_pre_ping": True}


def end_reading() -> None:
    """Ends the request's own transaction, so that none is open across an append."""
    if has_app_context():
        db.session.rollback()
