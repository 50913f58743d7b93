"""The command line speaks Chinese or English, by the environment (LC_ALL, LC_MESSAGES, LANG)."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from pathlib import Path

from portal.errors import PortalError

CATALOGUES = Path(__file__).parent / "translations"


def chinese(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the person at the terminal reads Chinese."""
    named = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, named), "").lower().startswith("zh")


def words(in_chinese: str, in_english: str) -> str:
    """The one that the person reads."""
    return in_chinese if chinese() else in_english


def say(in_chinese: str, in_english: str) -> None:
    """Print one line, at once, so that it is seen while the next thing is still going on."""
    print(words(in_chinese, in_english), flush=True)


def in_words(message: str) -> str:
    """A message id of the catalogues, in the language of the terminal."""
    language = "zh_Hans_CN" if chinese() else "en"
    catalogue = gettext.translation("messages", CATALOGUES, [language], fallback=True)
    return catalogue.gettext(message)


def explained(error: PortalError) -> str:
    """The sentence of a refusal, in the language of the terminal."""
    sentence = in_words(error.message)
    field = getattr(error, "field", "")
    return (f"{field}: " if field else "") + (sentence % error.params if error.params else sentence)
