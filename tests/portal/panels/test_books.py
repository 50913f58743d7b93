"""Who decides looks at the case and not at its money, whatever else they are."""

from __future__ import annotations

from apiflask import APIFlask
from sqlalchemy import select

from portal.access import Role
from portal.accounts.provision import create_account
from portal.accounts.tables import Account
from portal.database import db
from tests.portal.rooms import a_token, seat_a_panel, sign_in_seat
from tests.values import CASE_NO


def test_a_reviewer_who_also_buys_does_not_read_the_accounts_of_the_case(app: APIFlask) -> None:
    seat = seat_a_panel(app)[0]
    with app.app_context():
        found = select(Account).where(Account.reviewer_id == seat.reviewer_id)
        account, roles = db.session.scalars(found).one(), [Role.BUYER]
        buyer = create_account(
            db.session, email="b@example.com", password=None, name="b", roles=roles
        )
        account.roles.extend(buyer.roles)
        db.session.commit()
        email = account.email
    answer = app.test_client().get(f"/api/v1/cases/{CASE_NO}/accounts", headers=a_token(app, email))
    assert answer.status_code == 404
    assert sign_in_seat(app, seat).get(f"/cases/{CASE_NO}/accounts").status_code == 404
