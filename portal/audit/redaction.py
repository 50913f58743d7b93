"""Finding what points to a person in free text, and covering it.

A field of the ledger is shown exactly as recorded or not at all: its digest covers every letter.
What must be covered is therefore withheld, and a covered rendering is shown beside it, which
proves nothing and says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

COVER = "▇▇▇"
SHORT = 8  # characters; shorter numbers stand in half of all words by chance

# Bounded by anything but letters and digits, so that no part of a fingerprint is taken for one.
_START, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_PLACE = r"(?:自治区|街道|社区|小区|大道|胡同|花园|公寓|大厦|广场|[省市区县镇乡村路街巷弄])"
_HOUSE = r"(?:号楼|号院|单元|[号弄栋幢座室楼层])"
_ACCOUNT = r"(?:微信|薇信|QQ|qq|vx|VX|wx|WX)(?:号码?)?[ :：]{0,2}[A-Za-z0-9_-]{5,20}"
# 浙江省杭州市文三路 123 号 4 栋 501, but not 评论区 2 号链接. Every repetition is bounded: the text
# is a stranger's, and a pattern that tries all ways to part it could be made to run for hours.
_ADDRESS = (
    rf"[一-鿿]{{0,16}}{_PLACE}[一-鿿]{{0,6}}(?: ?\d{{1,5}} ?{_HOUSE}){{1,4}}"
    r"(?!链接|商品|款|宝贝|主播)(?: ?\d{2,5})?"
)
PATTERNS: tuple[re.Pattern[str], ...] = (
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.ASCII),  # e-mail
    re.compile(_START + r"\d{17}[\dXx]" + _END, re.ASCII),  # identity card, GB 11643
    re.compile(_START + r"(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}" + _END, re.ASCII),  # mobile
    re.compile(_START + r"0\d{2,3}[- ]\d{7,8}" + _END, re.ASCII),  # landline
    re.compile(_START + r"[A-Z]{0,4}\d{10,}" + _END, re.ASCII),  # card, order, parcel number
    re.compile(_ACCOUNT, re.ASCII),
    re.compile(_ADDRESS),
)


def cover(text: str, secrets: Collection[str] = ()) -> str:
    """The text with everything that points to a person covered."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = _named(secret).sub(COVER, text)
    for pattern in PATTERNS:
        text = pattern.sub(COVER, text)
    return text


def cover_value(value: object, secrets: Collection[str] = ()) -> object:
    """A JSON value with each of its texts covered."""
    if isinstance(value, str):
        return cover(value, secrets)
    if isinstance(value, Mapping):
        return {key: cover_value(each, secrets) for key, each in value.items()}
    if isinstance(value, Sequence):
        return [cover_value(each, secrets) for each in value]
    return value


def names_any(value: object, secrets: Collection[str]) -> bool:
    """Whether a text in the value holds one of these."""
    named = [_named(secret) for secret in secrets if secret]
    return any(pattern.search(text) for text in texts_in(value) for pattern in named)


def _named(secret: str) -> re.Pattern[str]:
    """Finds it anywhere; a short one, such as a payment "p1", only where it stands by itself."""
    found = re.escape(secret)
    return re.compile(found if len(secret) >= SHORT else f"{_START}{found}{_END}", re.ASCII)


def texts_in(value: object) -> Iterator[str]:
    """Every text of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from texts_in(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from texts_in(each)
