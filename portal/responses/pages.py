"""The page of a case as its shop sees it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, url_for

from portal.cases.gallery import tiles
from portal.cases.queries import SeenCase
from portal.cases.shown import all_tiles, first_moment_ms, marks
from portal.cases.state import Case
from portal.claims.pricing import refundable_fen
from portal.evidence.tables import Upload
from portal.house import house
from portal.responses.desk import SIDE, kept_files
from portal.responses.forms import AnswerForm, ConfirmForm
from portal.rulebook import VERSIONS
from portal.rulings.outcome import title_of


@dataclass(frozen=True)
class KeptFile:
    """A file that waits to be sent with the answer, as components/fields.html shows it."""

    id: str
    name: str
    sha256: str
    picture_url: str
    remove_url: str


def case_page(case: Case, form: AnswerForm) -> str:
    """Claim, exhibits and replay beside what the shop can do now."""
    seen = SeenCase(case, SIDE)
    answering = case.state == "AWAITING_RESPONDENT"
    return render_template(
        "responses/case.html",
        case=case,
        form=form if answering or form.form_errors else None,
        answering=answering,
        confirm=ConfirmForm(formdata=None),
        now=house().clock.now(),
        files=tuple(_kept(case, upload) for upload in kept_files(house(), case)),
        buyer_tiles=tiles(seen, "BUYER"),
        shop_tiles=tiles(seen, SIDE),
        platform_tiles=tiles(seen, "PLATFORM"),
        all_tiles=all_tiles(seen),
        marks=marks(case),
        start_ms=first_moment_ms(case),
        refundable_fen=refundable_fen(case.claim),
        rules=VERSIONS[case.claim.rules_version],
        ruling=title_of(case.ruling) if case.ruling else "",
    )


def _kept(case: Case, upload: Upload) -> KeptFile:
    place = {"case_no": case.claim.case_no, "upload_id": upload.id}
    return KeptFile(
        id=upload.id,
        name=upload.name,
        sha256=upload.sha256,
        picture_url=url_for("responses.file_picture", **place),
        remove_url=url_for("responses.remove_file", **place),
    )
