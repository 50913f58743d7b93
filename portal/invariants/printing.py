"""The findings for a terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from portal.invariants.finding import Finding
from portal.speech import in_words, words


def report(findings: Sequence[Finding]) -> str:
    """A line each, with examples under those that are broken."""
    return "\n".join(line for finding in findings for line in _lines(finding))


def _lines(finding: Finding) -> Iterator[str]:
    mark = words("成立", "holds") if finding.ok else words("被打破", "BROKEN")
    if finding.ok and finding.known:
        mark = words("已知", "known")
    yield f"{finding.name:>4}  {mark}  {finding.looked_at:>8,}  {in_words(finding.sentence)}"
    yield from (f"      {example}" for example in finding.examples)
    for each in finding.known:
        mark = words("已了结", "closed")
        yield f"      {each.what}  {mark} #{each.entry}: {each.reason} ({each.evidence})"
    for day, count in finding.lost:
        what = words("没有原始应答", "no answer kept")
        yield f"      {day}  {count:>6,}  {what}"


def as_document(findings: Sequence[Finding]) -> dict[str, Any]:
    """The same for programs; `sentence` is the Chinese message id."""
    return {
        "ok": all(finding.ok for finding in findings),
        "findings": [
            {
                "name": finding.name,
                "ok": finding.ok,
                "sentence": finding.sentence,
                "looked_at": finding.looked_at,
                "broken": finding.broken,
                "examples": list(finding.examples),
                "lost": dict(finding.lost),
                "known": [asdict(each) for each in finding.known],
            }
            for finding in findings
        ],
    }
