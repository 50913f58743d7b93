"""Every blueprint of the portal, in one list."""

from __future__ import annotations

from apiflask import APIFlask

from portal.appeals.api import bp as appeals_api
from portal.appeals.views import bp as appeals_pages
from portal.arrivals.views import bp as arrivals_pages
from portal.audit.api import bp as audit_api
from portal.audit.views import bp as audit_pages
from portal.books.api import bp as books_api
from portal.books.views import bp as books_pages
from portal.cases.api import bp as cases_api
from portal.cases.views import bp as cases_pages
from portal.claims.api import bp as claims_api
from portal.claims.views import bp as claims_pages
from portal.config import Config
from portal.controls.api import bp as controls_api
from portal.controls.views import bp as controls_pages
from portal.evidence.api import bp as evidence_api
from portal.evidence.views import bp as evidence_pages
from portal.integrity.views import bp as integrity_pages
from portal.livestreams.api import bp as livestreams_api
from portal.livestreams.views import bp as livestreams_pages
from portal.messages.views import bp as messages_pages
from portal.moneypages.api import bp as money_api
from portal.moneypages.views import bp as money_pages
from portal.monitors.api import bp as monitors_api
from portal.monitors.views import bp as monitors_pages
from portal.obligations.api import bp as obligations_api
from portal.obligations.views import bp as obligations_pages
from portal.officers.api import bp as officers_api
from portal.officers.views import bp as officers_pages
from portal.operations.api import bp as operations_api
from portal.operations.views import bp as operations_pages
from portal.orders.api import bp as orders_api
from portal.pages.views import bp as pages
from portal.panels.api import bp as panels_api
from portal.panels.ballotviews import bp as ballots_pages
from portal.panels.oversight import bp as oversight_pages
from portal.panels.public import bp as draws_pages
from portal.panels.seat_api import bp as seats_api
from portal.panels.seat_views import bp as seats_pages
from portal.panels.views import bp as panels_pages
from portal.pool.api import bp as pool_api
from portal.pool.member_views import bp as membership_pages
from portal.pool.views import bp as pool_pages
from portal.quality.views import bp as quality_pages
from portal.reconciling.api import bp as reconciling_api
from portal.reconciling.views import bp as reconciling_pages
from portal.refunds.views import bp as notices_pages
from portal.rehearsal.api import bp as rehearsal_api
from portal.responses.api import bp as responses_api
from portal.responses.views import bp as responses_pages
from portal.returns.api import bp as returns_api
from portal.returns.views import bp as returns_pages
from portal.rulings.public import bp as opening_pages
from portal.rulings.views import bp as rulings_pages
from portal.trustees.views import bp as trustees_pages
from portal.webhooks.api import bp as webhooks_api
from portal.webhooks.views import bp as webhooks_pages


def add_routes(app: APIFlask, config: Config) -> None:
    """Register the features; the rehearsal's doors exist only in a rehearsal."""
    app.register_blueprint(orders_api)
    app.register_blueprint(livestreams_api)
    app.register_blueprint(claims_api)
    app.register_blueprint(evidence_api)
    app.register_blueprint(cases_api)
    app.register_blueprint(responses_api)
    app.register_blueprint(panels_api)
    app.register_blueprint(responses_pages)
    app.register_blueprint(panels_pages)
    app.register_blueprint(ballots_pages)
    app.register_blueprint(draws_pages)
    app.register_blueprint(seats_api)
    app.register_blueprint(seats_pages)
    app.register_blueprint(oversight_pages)
    app.register_blueprint(rulings_pages)
    app.register_blueprint(opening_pages)
    app.register_blueprint(appeals_api)
    app.register_blueprint(appeals_pages)
    app.register_blueprint(returns_api)
    app.register_blueprint(returns_pages)
    app.register_blueprint(obligations_api)
    app.register_blueprint(obligations_pages)
    app.register_blueprint(officers_api)
    app.register_blueprint(officers_pages)
    app.register_blueprint(audit_api)
    app.register_blueprint(audit_pages)
    app.register_blueprint(operations_api)
    app.register_blueprint(operations_pages)
    app.register_blueprint(monitors_api)
    app.register_blueprint(monitors_pages)
    app.register_blueprint(reconciling_api)
    app.register_blueprint(reconciling_pages)
    app.register_blueprint(trustees_pages)
    app.register_blueprint(webhooks_api)
    app.register_blueprint(webhooks_pages)
    app.register_blueprint(pool_api)
    app.register_blueprint(pool_pages)
    app.register_blueprint(membership_pages)
    app.register_blueprint(integrity_pages)
    app.register_blueprint(quality_pages)
    app.register_blueprint(claims_pages)
    app.register_blueprint(cases_pages)
    app.register_blueprint(arrivals_pages)
    app.register_blueprint(books_api)
    app.register_blueprint(books_pages)
    app.register_blueprint(evidence_pages)
    app.register_blueprint(livestreams_pages)
    app.register_blueprint(messages_pages)
    app.register_blueprint(money_api)
    app.register_blueprint(money_pages)
    app.register_blueprint(controls_api)
    app.register_blueprint(controls_pages)
    app.register_blueprint(notices_pages)
    app.register_blueprint(pages)
    if config.rehearsal:
        app.register_blueprint(rehearsal_api)
