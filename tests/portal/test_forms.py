"""What a form does with a wish that is refused: it comes back as it was, and says why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from apiflask import APIFlask
from werkzeug.exceptions import HTTPException
from wtforms import StringField

from portal.accounts.tables import RoleRow
from portal.database import db
from portal.errors import BadInput, PortalError, Refused, Unconfirmed
from portal.forms import WishForm, drawn, faults_in


class NoteForm(WishForm):
    note = StringField()


class OtherForm(WishForm):
    note = StringField()


@pytest.fixture
def form(app: APIFlask) -> Iterator[NoteForm]:
    sent = {"note": "裙子发黄", "command_id": "wish-1"}
    with app.test_request_context("/", method="POST", data=sent):
        yield NoteForm()


@pytest.mark.parametrize("fault", [BadInput("note", "太短"), Refused("已经结案"), Unconfirmed()])
def test_what_was_refused_comes_back_with_what_was_typed(
    form: NoteForm, fault: PortalError
) -> None:
    """The same command id too: pressing again counts once."""
    with (
        pytest.raises(HTTPException) as stopped,
        faults_in(form, lambda: f"{form.note.data} {form.command_id.data} {form.errors}"),
    ):
        raise fault
    answer = stopped.value.get_response()
    shown = answer.get_data(as_text=True)
    assert answer.status_code == fault.status
    assert "裙子发黄" in shown
    assert "wish-1" in shown
    assert fault.message in shown


def test_the_page_of_a_refusal_shows_nothing_half_done(form: NoteForm) -> None:
    def page() -> str:
        return str(db.session.query(RoleRow).filter_by(name="HALF").count())

    db.session.add(RoleRow(name="HALF"))
    db.session.flush()
    with pytest.raises(HTTPException) as stopped, faults_in(form, page):
        raise Refused("已经结案")
    assert stopped.value.get_response().get_data(as_text=True) == "0"


def test_another_form_of_the_page_is_empty_and_a_wish_of_its_own(form: NoteForm) -> None:
    assert drawn(NoteForm, form) is form
    other = drawn(OtherForm, form)
    assert not other.note.data
    assert other.command_id.data != "wish-1"
