"""Every blueprint of the portal, in one list."""

from __future__ import annotations

from apiflask import APIFlask

from portal.audit.api import bp as audit_api
from portal.audit.views import bp as audit_pages
from portal.cases.api import bp as cases_api
from portal.cases.views import bp as cases_pages
from portal.claims.api import bp as claims_api
from portal.claims.views import bp as claims_pages
from portal.config import Config
from portal.evidence.api import bp as evidence_api
from portal.evidence.views import bp as evidence_pages
from portal.livestreams.api import bp as livestreams_api
from portal.livestreams.views import bp as livestreams_pages
from portal.messages.views import bp as messages_pages
from portal.operations.api import bp as operations_api
from portal.operations.views import bp as operations_pages
from portal.orders.api import bp as orders_api
from portal.pages.views import bp as pages
from portal.panels.api import bp as panels_api
from portal.panels.views import bp as panels_pages
from portal.rehearsal.api import bp as rehearsal_api
from portal.responses.api import bp as responses_api
from portal.responses.views import bp as responses_pages
from portal.rulings.views import bp as rulings_pages


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
    app.register_blueprint(rulings_pages)
    app.register_blueprint(audit_api)
    app.register_blueprint(audit_pages)
    app.register_blueprint(operations_api)
    app.register_blueprint(operations_pages)
    app.register_blueprint(claims_pages)
    app.register_blueprint(cases_pages)
    app.register_blueprint(evidence_pages)
    app.register_blueprint(livestreams_pages)
    app.register_blueprint(messages_pages)
    app.register_blueprint(pages)
    if config.rehearsal:
        app.register_blueprint(rehearsal_api)
