"""What every form that leads to a record shares: a name for the wish, and faults in their place."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField
from wtforms.fields.choices import SelectChoice

from portal.errors import BadInput, PortalError
from portal.formats import spoken
from portal.idempotency import new_command_id


def options(labels: Mapping[str, str], blank: str | None = None) -> list[SelectChoice]:
    """Codes with their labels, translated when they are shown; `blank` is the label of none."""
    first = [] if blank is None else [SelectChoice("", lazy_gettext(blank))]
    return [*first, *(SelectChoice(code, lazy_gettext(text)) for code, text in labels.items())]


class WishForm(FlaskForm):
    """Carries the id of its command, made when the form was drawn: sent twice it counts once."""

    command_id = HiddenField(default=new_command_id)


def show_fault(
    form: FlaskForm, error: PortalError, names: Mapping[str, str] = MappingProxyType({})
) -> None:
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
