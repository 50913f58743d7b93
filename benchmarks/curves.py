"""Curves on a logarithmic scale as SVG: no library, the same bytes on every machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 460, 330
LEFT, TOP = 74, 54
LOWEST = 1e-6
LEGEND_ROW = 20
# Ours in the house's azure, peers in umber; within each a step darker for every larger panel.
OURS = ("#9CC3CE", "#5E9AAB", "#1E5566", "#0B2A34")
PEERS = ("#E0B98F", "#C98F52", "#A3662A", "#7A4A1C", "#4A2C10")


@dataclass(frozen=True)
class Curve:
    """Points (share, chance), both between 0 and 1."""

    name: str
    points: tuple[tuple[float, float], ...]
    ours: bool


def draw_curves(plots: Sequence[tuple[str, Sequence[Curve]]], across: str) -> str:
    """The plots side by side, with one legend below."""
    wide = len(plots) * (LEFT + WIDTH) + 30
    curves = plots[0][1]
    below = TOP + HEIGHT + 62
    high = below + LEGEND_ROW * ((len(curves) + 2) // 3) + 14
    body = [line for n, plot in enumerate(plots) for line in _plot(n, *plot, across)]
    body += _legend(curves, below)
    return "\n".join((_head(wide, high, plots), *body, "</svg>", ""))


def _head(wide: int, high: int, plots: Sequence[tuple[str, Sequence[Curve]]]) -> str:
    title = escape("; ".join(name for name, _ in plots))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="#1C2321">\n'
        f"<title>Chance that colluders decide a case. {title}</title>\n"
        f'<rect width="{wide}" height="{high}" fill="#FFFFFF"/>'
    )


def _plot(place: int, name: str, curves: Sequence[Curve], across: str) -> Iterator[str]:
    left = LEFT + place * (LEFT + WIDTH)
    yield f'<text x="{left}" y="{TOP - 22}" font-weight="600">{escape(name)}</text>'
    for power in range(int(log10(LOWEST)), 1):
        y = _y(10.0**power)
        yield f'<path d="M{left} {y}h{WIDTH}" stroke="#DCD8CC"/>'
        yield f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{_percent(power)}</text>'
    for tenth in range(6):
        x = left + tenth * WIDTH / 5
        yield f'<path d="M{x} {TOP}v{HEIGHT}" stroke="#DCD8CC"/>'
        yield f'<text x="{x}" y="{TOP + HEIGHT + 18}" text-anchor="middle">{tenth * 10} %</text>'
    middle = left + WIDTH / 2
    yield f'<text x="{middle}" y="{TOP + HEIGHT + 38}" text-anchor="middle">{escape(across)}</text>'
    for curve, colour in _coloured(curves):
        pen = f'fill="none" stroke="{colour}" stroke-width="2"{_dashes(curve)}'
        yield f'<path d="{_line(curve, left)}" {pen}/>'


def _line(curve: Curve, left: int) -> str:
    """Chances below the scale are left out: there is nothing to see of them."""
    seen = [(share, chance) for share, chance in curve.points if chance >= LOWEST]
    return "".join(
        f"{'L' if n else 'M'}{left + share * 2 * WIDTH:.1f} {_y(chance)}"
        for n, (share, chance) in enumerate(seen)
    )


def _legend(curves: Sequence[Curve], below: int) -> Iterator[str]:
    for n, (curve, colour) in enumerate(_coloured(curves)):
        x, y = LEFT + (n % 3) * 330, below + LEGEND_ROW * (n // 3)
        yield f'<path d="M{x} {y - 4}h28" stroke="{colour}" stroke-width="3"{_dashes(curve)}/>'
        yield f'<text x="{x + 36}" y="{y}">{escape(curve.name)}</text>'


def _coloured(curves: Sequence[Curve]) -> Iterator[tuple[Curve, str]]:
    ours, peers = iter(OURS), iter(PEERS)
    return ((curve, next(ours if curve.ours else peers)) for curve in curves)


def _dashes(curve: Curve) -> str:
    return "" if curve.ours else ' stroke-dasharray="5 4"'


def _y(chance: float) -> float:
    return round(TOP + HEIGHT * log10(min(1.0, chance)) / log10(LOWEST), 1)


def _percent(power: int) -> str:
    return f"{10.0 ** (power + 2):g} %"
