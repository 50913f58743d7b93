"""Notices of WeChat Pay: signed, fresh, sealed to us, about our merchant; or Forged.

They come again and again for a day, in any order; what they say is weighed in portal/refunds.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.providers.calling import Reply
from portal.providers.conversions import fields_of, text_of
from portal.providers.signing import open_sealed
from portal.providers.values import Answer, Forged, Notice, Outcome
from portal.providers.wechat.answers import refund_of, transfer_of
from portal.providers.wechat.channel import Channel

ALGORITHM = "AEAD_AES_256_GCM"
_MERCHANTS = ("mchid", "sp_mchid", "mch_id")


def read_notice(
    channel: Channel, headers: Mapping[str, str], content: bytes, now: datetime
) -> Notice:
    """Raises Forged. A notice about something else than refunds and transfers has no number."""
    if not channel.vouched(headers, content, now):
        raise Forged("the signature does not hold, or is older than five minutes")
    notice = fields_of(content)
    kind, about = text_of(notice, "event_type"), open_resource(notice, channel.account.apiv3_key)
    if channel.account.mchid not in {about.get(name) for name in _MERCHANTS}:
        raise Forged("about another merchant")
    return Notice(text_of(notice, "id"), _answer(kind, about, content))


def open_resource(notice: Mapping[str, Any], apiv3_key: bytes) -> dict[str, Any]:
    """What is sealed in a notice. Raises Forged."""
    sealed = notice.get("resource")
    if not isinstance(sealed, dict) or sealed.get("algorithm") != ALGORITHM:
        raise Forged("nothing is sealed in it")
    ciphertext = sealed.get("ciphertext")
    plain = open_sealed(
        apiv3_key,
        text_of(sealed, "nonce"),
        text_of(sealed, "associated_data"),
        ciphertext if isinstance(ciphertext, str) else "",
    )
    return fields_of(plain)


def _answer(kind: str, about: Mapping[str, Any], content: bytes) -> Answer:
    reply = Reply(200, {}, content)
    if kind.startswith("REFUND."):
        state = "refund_status" if "refund_status" in about else "status"
        return refund_of(about, reply, state)
    if "out_bill_no" in about:  # MCHTRANSFER.BILL.FINISHED, and Douyin's TRANSFER.SUCCESS
        return transfer_of(about, reply)
    return Answer(Outcome.UNKNOWN, "", content, 200, verified=True, code=kind[:64])
