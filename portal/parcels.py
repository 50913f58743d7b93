"""What has to be known of a parcel, whoever sends it."""

from __future__ import annotations

import re

from portal.errors import BadInput
from portal.errors import sentence as _

MOST = 40  # characters of a carrier's name, and of a waybill
# Letters, digits and hyphens, a digit among them: clocks run from this number, and no carrier can
# follow "不知道". How long each carrier's numbers are is not for us to know.
_WAYBILL = re.compile(r"(?=[^0-9]*[0-9])[0-9A-Za-z][0-9A-Za-z -]*", re.ASCII)


def check_parcel(carrier: str, waybill: str) -> None:
    """Raises BadInput for a carrier or a number under which nobody would find the parcel."""
    if not carrier.strip():
        raise BadInput("carrier", _("请选快递公司"))
    if not waybill.strip():
        raise BadInput("waybill", _("请填快递单号"))
    for field, text in (("carrier", carrier), ("waybill", waybill)):
        if len(text.strip()) > MOST:
            raise BadInput(field, _("最多 %(most)s 个字"), most=MOST)
    if not _WAYBILL.fullmatch(waybill.strip()):
        raise BadInput("waybill", _("快递单号只有字母和数字，请照面单再填一次"))
