"""When the money cannot go its way: another card after ABNORMAL, and the advance taken back."""

from __future__ import annotations

from portal.providers.calling import NoReply
from portal.providers.conversions import compact, fields_of, text_of, universal, whole_fen
from portal.providers.reading import differing, plain, silence, unclear
from portal.providers.signing import prepare, seal_field
from portal.providers.values import (
    Answer,
    BankCard,
    NotAvailable,
    Outcome,
    Prepared,
    Transfer,
)
from portal.providers.wechat.answers import read_error, read_refund
from portal.providers.wechat.channel import Channel

_RESULTS = {
    "SUCCESS": Outcome.SUCCESS,
    "PROCESSING": Outcome.PROCESSING,
    "FAILED": Outcome.CLOSED,
}


def send_elsewhere(
    channel: Channel, transfer: Transfer, refund_id: str, card: BankCard | None
) -> Answer:
    """apply-abnormal-refund: USER_BANK_CARD with a card, MERCHANT_BANK_CARD without."""
    fields: dict[str, str] = {"out_refund_no": transfer.number}
    root = channel.dialect.refunds
    if channel.account.ecommerce:
        root, fields["sub_mchid"] = channel.dialect.ecommerce, transfer.sub_merchant
    fields["type"] = "USER_BANK_CARD" if card else "MERCHANT_BANK_CARD"
    if card:
        # The key whose serial the channel sends along, so that WeChat knows how to open them.
        key = next(iter(channel.account.platform_keys.values()))
        fields["bank_type"] = card.bank_type
        fields["bank_account"] = seal_field(key, card.number)
        fields["real_name"] = seal_field(key, card.holder)
    path = f"{root}/{plain(refund_id, 'the refund')}/apply-abnormal-refund"
    try:
        reply, verified = channel.ask("POST", path, compact(fields))
    except NoReply as why:
        return silence(transfer, why)
    return read_refund(reply, verified, transfer)


def prepare_return(channel: Channel, transfer: Transfer, refund_id: str) -> Prepared:
    """The request. WeChat takes no number of ours for it: the refund's own number is the key, and
    it always gives back the whole of what was advanced.

    Source: pay.weixin.qq.com/wiki/doc/apiv3_partner/apis/chapter7_6_4.shtml
    """
    content = compact({"sub_mchid": plain(transfer.sub_merchant, "the shop")})
    return prepare("POST", _advance_path(channel, refund_id), content)


def return_advance(channel: Channel, transfer: Transfer, refund_id: str) -> Answer:
    """Ask that an advanced refund be taken back from the shop."""
    prepared = prepare_return(channel, transfer, refund_id)
    return _returned(channel, transfer, "POST", prepared.path, prepared.content)


def returned_advance(channel: Channel, transfer: Transfer, refund_id: str) -> Answer:
    """What became of it; NOT_FOUND when it was never asked for."""
    shop = plain(transfer.sub_merchant, "the shop")
    path = f"{_advance_path(channel, refund_id)}?sub_mchid={shop}"
    return _returned(channel, transfer, "GET", path, b"")


def _returned(
    channel: Channel, transfer: Transfer, method: str, path: str, content: bytes
) -> Answer:
    try:
        reply, verified = channel.ask(method, path, content)
    except NoReply as why:
        return silence(transfer, why)
    if not 200 <= reply.status < 300:
        return read_error(reply, verified, transfer, query=method == "GET")
    fields = fields_of(reply.content)
    try:
        amount = whole_fen(fields.get("return_amount"))
    except ValueError:
        return unclear(transfer, reply, "GARBAGE", verified)
    if not verified:
        return unclear(transfer, reply, "SIGNATURE")
    reference = text_of(fields, "advance_return_id")
    if amount > transfer.whole_fen:
        return differing(transfer, reply, amount, reference)
    return Answer(
        _RESULTS.get(text_of(fields, "result"), Outcome.UNKNOWN),
        transfer.number,
        reply.content,
        reply.status,
        verified=True,
        provider_ref=reference,
        provider_at=universal(fields.get("success_time")),
        amount_fen=amount,
        cash_fen=amount,
    )


def _advance_path(channel: Channel, refund_id: str) -> str:
    if not channel.account.ecommerce:
        raise NotAvailable("only the platform of a 平台收付通 contract can advance a refund")
    return f"{channel.dialect.ecommerce}/{plain(refund_id, 'the refund')}/return-advance"
