"""The three pages of a claim: forms filled from the draft, and read back into it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for
from flask_babel import gettext
from msgspec import convert
from werkzeug.datastructures import FileStorage

from portal.access import Actor
from portal.amounts import plain_yuan
from portal.claims import desk, sending
from portal.claims.desk import Changes, Problem
from portal.claims.forms import ProblemForm, StoryForm
from portal.claims.queries import (
    Broadcast,
    Order,
    Promise,
    broadcast_of,
    cited_promises,
    own_order,
    promises_for,
)
from portal.claims.tables import ClaimDraft
from portal.errors import BadInput, PortalError
from portal.events import OrderLine, Remedy
from portal.evidence.intake import uploads_of
from portal.evidence.tables import Upload
from portal.forms import show_fault
from portal.house import House
from portal.times import moment

# Which field of a page a rule's complaint belongs to.
FIELDS = {
    "text": "text",
    "remedies": "refund",
    "amount_fen": "refund_yuan",
    "promises": "promises",
    "exhibits": "files",
}


@dataclass(frozen=True)
class DraftFile:
    """A file of the draft, see components/fields.html, `file_row`."""

    name: str
    sha256: str
    picture_url: str
    remove_url: str


@dataclass(frozen=True)
class Draft:
    """A draft with what its pages show."""

    id: str
    order: Order
    lines: tuple[OrderLine, ...]
    reason_code: str
    secondary_codes: tuple[str, ...]
    received_goods: bool
    text: str
    remedies: tuple[Remedy, ...]
    cited: tuple[Promise, ...]
    offered: tuple[Promise, ...]
    broadcast: Broadcast | None
    files: tuple[DraftFile, ...]
    refundable_fen: int
    case_no: str | None
    is_sent: bool

    @property
    def penalty(self) -> Promise | None:
        """The promise with the highest multiplier that was not corrected."""
        multiplied = [p for p in self.offered if p.multiplier and not p.correction]
        return max(multiplied, key=lambda p: p.multiplier or 0, default=None)

    @property
    def penalty_fen(self) -> int:
        times = self.penalty.multiplier if self.penalty else None
        return (times or 0) * sum(line.paid_fen for line in self.lines)


def open_draft(house: House, actor: Actor, draft_id: str) -> Draft:
    """Raises NotFound."""
    row = desk.find_draft(house, actor, draft_id)
    with house.sessions() as session:
        order = own_order(session, actor, row.platform, row.order_id)
        return Draft(
            id=row.id,
            order=order,
            lines=order.chosen(row.line_ids),
            reason_code=row.reason_code,
            secondary_codes=tuple(row.secondary_codes),
            received_goods=row.received_goods,
            text=row.text,
            remedies=tuple(convert(remedy, Remedy) for remedy in row.remedies),
            cited=cited_promises(session, order, row.promise_ids),
            offered=promises_for(session, order, row.line_ids),
            broadcast=broadcast_of(session, order),
            files=draft_files(row, uploads_of(session, desk.receiver(row).owner)),
            refundable_fen=order.refundable_fen(row.line_ids),
            case_no=row.case_no,
            is_sent=row.sent_at is not None,
        )


def draft_files(draft: ClaimDraft, uploads: Iterable[Upload]) -> tuple[DraftFile, ...]:
    return tuple(
        DraftFile(
            name=upload.name,
            sha256=upload.sha256,
            picture_url=_file_href("claims.file_picture", draft.id, upload.id),
            remove_url=_file_href("claims.remove_file", draft.id, upload.id),
        )
        for upload in uploads
    )


def _file_href(endpoint: str, draft_id: str, upload_id: str) -> str:
    return url_for(endpoint, draft_id=draft_id, upload_id=upload_id)


def before() -> datetime | None:
    """Where the asked page of a list begins; a text that is no time means the first page."""
    try:
        return moment(request.args["before"])
    except (KeyError, ValueError):
        return None


# Step 1 ------------------------------------------------------------------------------------------


def problem_form(order: Order, known: ClaimDraft | None) -> ProblemForm:
    """Filled from the order's unsent draft when it is opened again."""
    form = ProblemForm()
    form.lines.choices = {line.line_id: line.title for line in order.lines}
    if request.method == "GET":
        form.lines.data = known.line_ids if known else [order.lines[0].line_id]
        form.received.data = "yes" if known is None or known.received_goods else "no"
        form.reason.data = known.reason_code if known else None
        form.more.data = known.secondary_codes if known else []
    return form


def problem_of(form: ProblemForm) -> Problem:
    main = form.reason.data or ""
    return Problem(
        line_ids=tuple(form.lines.data or ()),
        reason_code=main,
        secondary_codes=tuple(code for code in form.more.data or () if code != main),
        received_goods=form.received.data == "yes",
    )


# Step 2 ------------------------------------------------------------------------------------------


def story_form(draft: Draft) -> StoryForm:
    """What the draft holds; before anything was chosen, what most people want."""
    form = StoryForm()
    promises = {p.promise_id: p for p in (*draft.offered, *draft.cited)}
    form.promises.choices = {p.promise_id: p.text for p in promises.values()}
    if request.method == "GET":
        form.text.data = draft.text
        form.promises.data = [promise.promise_id for promise in draft.cited]
        form.fill_remedies(draft.remedies)
        _suggest(form, draft)
    return form


def _suggest(form: StoryForm, draft: Draft) -> None:
    if not draft.remedies:
        form.refund.data = "REFUND_RETURN" if draft.received_goods else "REFUND_ONLY"
    if not form.refund_yuan.data:
        form.refund_yuan.data = plain_yuan(draft.refundable_fen)
    penalty = form.amount_of("CONTRACT_PENALTY")
    if not penalty.data and draft.penalty_fen:
        penalty.data = plain_yuan(draft.penalty_fen)


def keep_story(house: House, actor: Actor, draft_id: str, form: StoryForm) -> None:
    """Save each part by itself: one that is wrong does not cost the others."""
    form.validate()
    parts = (
        Changes(text=form.text.data or ""),
        Changes(promise_ids=tuple(form.promises.data or ())),
        Changes(remedies=form.wanted()),
    )
    for part in parts:
        try:
            desk.save(house, actor, draft_id, part)
        except BadInput as error:
            blame(form, error)


def keep_files(
    house: House, actor: Actor, draft_id: str, form: StoryForm, files: Iterable[FileStorage]
) -> None:
    """Files that came with the form, where no script sent them before."""
    for file in files:
        try:
            desk.attach(house, actor, draft_id, file)
        except PortalError as error:
            message = gettext(error.message, **error.params)
            form.files.errors = [*form.files.errors, message]


def check_story(house: House, actor: Actor, draft_id: str, form: StoryForm) -> None:
    """The rules' own complaint, put onto the field that it is about."""
    try:
        sending.check(house, actor, draft_id)
    except BadInput as error:
        blame(form, error)


def blame(form: StoryForm, error: BadInput) -> None:
    """One complaint a field: the form may have said the same already."""
    field = FIELDS.get(error.field)
    if field is None or not form[field].errors:
        show_fault(form, error, FIELDS)
