"""The figures for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portal.speech import words


def report(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """One block a quarter, the newest first; a measure without enough data says so."""
    return "\n\n".join("\n".join(_lines(name, figures[name])) for name in sorted(figures)[::-1])


def _lines(name: str, figures: Mapping[str, Any]) -> Iterator[str]:
    counted = figures["counted"]
    yield name
    yield "  " + "  ".join(f"{what} {count}" for what, count in counted.items())
    bias = figures["bias"]
    yield _line(
        words("支持买家，买家代表", "support, buyers' side"), bias and bias["buyer"]["share"]
    )
    yield _line(
        words("支持买家，商家代表", "support, merchants' side"), bias and bias["merchant"]["share"]
    )
    yield _line(words("两者之差", "difference"), bias and bias["difference"])
    yield _line("Krippendorff's alpha", figures["alpha"])
    hasty = figures["hasty"]
    yield _line(words("没看完就投", "cast before it could be read"), hasty and hasty["share"])
    spread = figures["reliability"]
    told = " ".join(map(str, spread["tenths"])) if spread else _too_few()
    yield f"  {words('可靠程度，每十分之一的人数', 'reliability, reviewers by tenth')}: {told}"


def _line(label: str, found: Mapping[str, float] | None) -> str:
    if not found:
        return f"  {label}: {_too_few()}"
    return f"  {label}: {found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def _too_few() -> str:
    return words("数据太少", "too few data")
