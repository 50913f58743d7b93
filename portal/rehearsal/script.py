"""What a case folder's documents say, read generously: whatever is missing has a plain default."""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator


class Loose(BaseModel):
    """Unknown keys are left aside, and null means the same as absent."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def without_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {key: value for key, value in given.items() if value is not None}


class Wish(Loose):
    """A remedy with its amount in fen."""

    code: str = Field(validation_alias=AliasChoices("code", "remedy"))
    amount_fen: int | None = None


class Claim(Loose):
    line_ids: tuple[str, ...] = ()
    received_goods: bool = True
    reason_code: str
    secondary_codes: tuple[str, ...] = ()
    text: str
    remedies: tuple[Wish, ...]
    cited_promises: tuple[str, ...] = ()


class Contested(Loose):
    exhibit: str = Field(default="", validation_alias=AliasChoices("exhibit", "number"))
    point: str = "RELEVANCE"
    text: str = ""


class Response(Loose):
    """`answer`: AGREE, OFFER, DENY or DENY_PARTLY; empty when the merchant stays silent."""

    answer: str = ""
    text: str = ""
    reason_code: str = "OTHER"
    offer: Wish | None = None
    contested: tuple[Contested, ...] = ()
    buyer_accepts: bool = False


class Decision(Loose):
    accept: bool = False


class Vote(Loose):
    """One ballot; without a choice its reviewer stays silent."""

    seat: int = 0
    stratum: str = ""
    choice: str = ""
    amount_fen: int = 0
    compensation_fen: int = 0
    remedy: str | None = None
    reasons: tuple[str, ...] = ()
    text: str = ""
    exhibits: tuple[str, ...] = Field(
        default=(), validation_alias=AliasChoices("exhibits", "citations")
    )


class PanelWanted(Loose):
    track: str = ""
    seats: int = 0


class Ballots(Loose):
    panel: PanelWanted = PanelWanted()
    ballots: tuple[Vote, ...] = ()


class Listed(Loose):
    """One line of exhibits.json."""

    id: str
    file: str
    kind: str = ""
    by: str = ""
    note: str = ""


class Exhibits(Loose):
    exhibits: tuple[Listed, ...] = ()


class Expected(Loose):
    """What a right system concludes; what is not named is not compared."""

    outcome: str | None = None
    refund_amount_fen: int | None = None
    refund_channel: str | None = None
    compensation_fen: int | None = None
    total_fen: int | None = None
    return_goods: bool | None = None
    remedies: tuple[str, ...] | None = None
    reason_code: str | None = None
    merchant_answered: bool | None = None
    tally: dict[str, int] | None = None


class Line(Loose):
    id: str
    paid: int


class Refunded(Loose):
    amount: int = 0


class Paid(Loose):
    paid: int
    payer_cash: int | None = None
    channel: str = ""
    already_refunded: tuple[Refunded, ...] = ()

    @property
    def left(self) -> int:
        """Fen of the buyer's own money that have not come back."""
        cash = self.paid if self.payer_cash is None else self.payer_cash
        return max(0, cash - sum(each.amount for each in self.already_refunded))


class OrderPart(Loose):
    id: str
    shop_id: str
    buyer_ref: str
    lines: tuple[Line, ...] = Field(min_length=1)


class LivePart(Loose):
    session_id: str
    merchant_id: str


class Order(Loose):
    """What a play needs to know of an order snapshot; the portal checks the rest."""

    platform: str
    order: OrderPart
    live: LivePart
    payments: tuple[Paid, ...] = ()

    @property
    def refunded_by(self) -> Paid | None:
        """The payment with most left, which is the one that the portal refunds."""
        return max(self.payments, key=lambda payment: payment.left, default=None)


class Compensation(Loose):
    multiplier: int = 0


class Spoken(Loose):
    id: str
    start_ms: int = 0
    compensation: Compensation = Compensation()


class ReplayPart(Loose):
    file: str = "replay.mp4"
    duration_ms: int = 0


class Session(Loose):
    """What a play needs to know of a livestream document."""

    session_id: str
    promises: tuple[Spoken, ...] = ()
    replay: ReplayPart = ReplayPart()
