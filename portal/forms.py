"""What every form that leads to a record shares: a name for the wish, and faults in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, TypeVar

from flask import abort, flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.fields.choices import SelectChoice

from portal.access import Actor
from portal.database import db
from portal.errors import BadInput, PortalError, Refused, Unconfirmed
from portal.formats import spoken
from portal.idempotency import command_id, new_command_id

AnyForm = TypeVar("AnyForm", bound=FlaskForm)
NO_NAMES: Mapping[str, str] = MappingProxyType({})


def options(labels: Mapping[str, str], blank: str | None = None) -> list[SelectChoice]:
    """Codes with their labels, translated when they are shown; `blank` is the label of none."""
    first = [] if blank is None else [SelectChoice("", lazy_gettext(blank))]
    return [*first, *(SelectChoice(code, lazy_gettext(text)) for code, text in labels.items())]


class WishForm(FlaskForm):
    """Carries the id of its command, made when the form was drawn: sent twice it counts once."""

    command_id = HiddenField(default=new_command_id)

    def key_of(self, actor: Actor) -> str:
        """The ledger's key of what this form wishes, bound to the account."""
        return command_id(actor, self.command_id.data)


def drawn(kind: type[AnyForm], sent: FlaskForm | None) -> AnyForm:
    """The form that was sent and not taken; any other kind is empty, whatever was sent."""
    return sent if isinstance(sent, kind) else kind(formdata=None)


@contextmanager
def faults_in(
    form: FlaskForm, page: Callable[[], str], names: Mapping[str, str] = NO_NAMES
) -> Iterator[None]:
    """Do what the form wishes; if it is refused, the answer is `page` with what was typed and why.

    Nothing half done is kept in the session that draws the page.
    """
    try:
        yield
    except (BadInput, Refused, Unconfirmed) as fault:
        db.session.rollback()
        show_fault(form, fault, names)
        abort(make_response(page(), fault.status))


def done(said: str, endpoint: str, **values: Any) -> ResponseReturnValue:
    """On to the page that shows what was done, with a sentence that says so."""
    flash(said, "success")
    return redirect(url_for(endpoint, **values), 303)


def show_fault(form: FlaskForm, error: PortalError, names: Mapping[str, str] = NO_NAMES) -> None:
    """Put a refusal onto the field it names, else above the whole form; nothing typed is lost.

    `names`: fields that the form calls otherwise than the rules do.
    """
    message = spoken(error.message, error.params)
    named = error.field if isinstance(error, BadInput) else ""
    field = form._fields.get(names.get(named, named))
    if isinstance(field, Field) and field.type != "FieldList":
        field.errors = [*field.errors, message]
    else:
        form.form_errors.append(message)
