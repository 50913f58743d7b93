"""How a movement's row reads in a list."""

from __future__ import annotations

from flask_babel import gettext

from portal.events import ArrivalPromise
from portal.formats import yuan
from portal.refunds.tables import MovementRow
from portal.rulings.rail import TONES
from portal.rulings.railfacts import promised as days
from portal.words import FUNDING, ROUTES


def funded(row: MovementRow) -> str:
    """Whose money it is: accounts with their parts, or one account alone."""
    parts = [part.split(":") for part in row.funding.split(",") if part]
    if len(parts) == 1:
        return gettext(FUNDING.get(parts[0][0], parts[0][0]))
    return gettext("、").join(
        f"{gettext(FUNDING.get(account, account))} {yuan(int(fen))}" for account, fen in parts
    )


def promised(row: MovementRow) -> str:
    """The stored days of arrival; empty before the provider has paid."""
    if not row.latest:
        return ""
    return days(ArrivalPromise(row.earliest, row.latest, row.certain))


def road(row: MovementRow) -> str:
    """Which way it went; empty for what is no refund, and where the provider did not say."""
    return gettext(ROUTES[row.route]) if row.route in ROUTES else ""


def tone(row: MovementRow) -> str:
    return TONES.get(row.state, "info")
