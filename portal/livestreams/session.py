"""livestream/1 as the platform sends it: the session, what was explained and promised when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from portal.orders.snapshot import Count, Fen, Id, Part, Platform, Sha256, Text, Time, wrong

PromiseKind = Literal[
    "MATERIAL",
    "FUNCTION",
    "SPEC",
    "SIZE",
    "COLOUR",
    "QUANTITY",
    "ORIGIN",
    "AUTHENTICITY",
    "EFFICACY",
    "PRICE",
    "GIFT",
    "DELIVERY",
    "WARRANTY",
    "RETURN",
    "COMPENSATION",
    "ENDORSEMENT",
]
PromiseSource = Literal[
    "ORAL", "SCREEN", "DEMO", "CHAT_HOST", "DETAIL_PAGE", "ANNOUNCEMENT", "CS", "CONTRACT"
]
Verification = Literal[
    "VERBATIM", "PARAPHRASED", "IMPLIED", "CORRECTED_ON_AIR", "NOT_MADE", "UNCLEAR"
]


class Room(Part):
    id: Id
    title: Text


class Host(Part):
    id: Id
    name: Text
    account: Text | None = None
    ai_generated: bool = False


class Company(Part):
    id: Id
    name: Text


class Merchant(Part):
    id: Id
    name: Text
    shop_id: Id
    shop: Text


class Replay(Part):
    file: Text
    sha256: Sha256
    bytes: Count
    duration_ms: Count
    hls: Text | None = None
    media_zero_at: Time


class Explain(Part):
    start_ms: Count
    stop_ms: Count
    start_at: Time
    stop_at: Time


class Product(Part):
    product_id: Id
    sku_id: Id
    link_no: Annotated[int, Field(ge=0)] | None = None
    title: Text
    list_price: Fen
    live_price: Fen
    explain: list[Explain]


class Compensation(Part):
    multiplier: Annotated[int, Field(ge=1, le=1000)] | None


class SpokenPromise(Part):
    id: Id
    product_id: Id | None
    kind: PromiseKind
    source: PromiseSource
    verification: Verification
    text: Text
    context: Annotated[str, Field(max_length=4000)] | None = None
    speaker: Text | None = None
    sentence: Count | None = None
    start_ms: Count
    end_ms: Count
    start_at: Time
    compensation: Compensation | None = None
    corrected_by: Id | None = None


class Correction(Part):
    id: Id
    corrects: Id
    product_id: Id | None = None
    text: Annotated[str, Field(min_length=1, max_length=4000)]
    new_text: Text | None = None
    note: Text | None = None
    start_ms: Count
    end_ms: Count
    start_at: Time


class Livestream(Part):
    """The whole livestream/1."""

    schema_: Annotated[Literal["livestream/1"], Field(alias="schema")]
    platform: Platform
    session_id: Id
    room: Room
    host: Host
    mcn: Company | None = None
    merchant: Merchant
    room_operator: Company | None = None
    started_at: Time
    ended_at: Time
    replay: Replay
    products: Annotated[list[Product], Field(max_length=2000)]
    promises: Annotated[list[SpokenPromise], Field(max_length=5000)]
    corrections: Annotated[list[Correction], Field(max_length=1000)] = []

    @model_validator(mode="after")
    def moments_lie_in_the_replay(self) -> Livestream:
        for number, promise in enumerate(self.promises):
            if not promise.start_ms <= promise.end_ms <= self.replay.duration_ms:
                raise wrong(f"promises.{number}.end_ms", "not inside the replay")
        _check_corrections(self)
        return self


def _check_corrections(stream: Livestream) -> None:
    promises = [promise.id for promise in stream.promises]
    if len(set(promises)) != len(promises):
        raise wrong("promises", "two promises have one id")
    for number, correction in enumerate(stream.corrections):
        if correction.corrects not in promises:
            raise wrong(f"corrections.{number}.corrects", "no such promise")


class Sentence(Part):
    idx: Count
    start_ms: Count
    end_ms: Count
    speaker: Text | None = None
    product_id: Id | None = None
    text: Annotated[str, Field(max_length=4000)]


class Transcript(Part):
    """transcript/1: who said what when, by whatever engine."""

    schema_: Annotated[Literal["transcript/1"], Field(alias="schema")]
    session_id: Id
    language: Text
    engine: Text
    time_base: Text
    sentences: Annotated[list[Sentence], Field(max_length=100_000)]
