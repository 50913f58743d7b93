"""How often would colluders decide a case? Exact, by size and balance of the panel and by appeal.

    python -m benchmarks.collusion          prints two tables, writes docs/pictures/collusion.svg

A share f of a pool of 10,000 votes as one, every other seat votes against them, except that it errs
in their favour with probability `error`. All seats vote. Seats of one stratum are drawn without
replacement (hypergeometric); the strata of our panels are 40 % buyers' side, 40 % merchants' side,
20 % experts. Peers draw all seats from one pool: Kleros by stake and with replacement (binomial),
so that f is a share of the stake; the juries of Taobao and Xianyu are treated alike.

The last panel has the last word: if whoever loses always appeals, only the appeal's size counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path

from benchmarks.curves import Curve, draw_curves

POOL = {"BUYER_SIDE": 4000, "MERCHANT_SIDE": 4000, "EXPERT": 2000}
SHARES = tuple(n / 100 for n in range(1, 51))
TABLE = (0.05, 0.1, 0.2, 0.3, 0.4)
ERROR = 0.2
LEAST = 0.0001  # per cent; below it a figure says nothing
PICTURE = Path(__file__).parent.parent / "docs" / "pictures" / "collusion.svg"


@dataclass(frozen=True)
class Design:
    """A panel: seats by stratum, or all from one pool when there is only one number."""

    name: str
    seats: tuple[int, ...]

    @property
    def size(self) -> int:
        return sum(self.seats)

    @property
    def is_balanced(self) -> bool:
        return len(self.seats) > 1


OURS = (
    Design("Ming'an 3 (1+1+1)", (1, 1, 1)),
    Design("Ming'an 7 (3+3+1)", (3, 3, 1)),
    Design("Ming'an 13 (5+5+3)", (5, 5, 3)),
    Design("Ming'an appeal 15 (6+6+3)", (6, 6, 3)),
)
PEERS = (
    Design("Kleros 3", (3,)),
    Design("Kleros 7 (first appeal)", (7,)),
    Design("Kleros 15 (second appeal)", (15,)),
    Design("Xianyu 17, 9 decide", (17,)),
    Design("Taobao 31, 16 decide", (31,)),
)


def spread(design: Design, share: float, error: float = 0.0) -> float:
    """Chance that colluders decide when they are the same share of every stratum."""
    if not design.is_balanced:
        return majority(with_errors(binomial(design.size, share), error))
    parts = [
        hypergeometric(size, round(share * size), seats)
        for size, seats in zip(POOL.values(), design.seats, strict=True)
    ]
    return majority(with_errors(convolve(parts), error))


def one_sided(design: Design, share: float, error: float = 0.0) -> float:
    """Chance that they decide when all of them stand on the buyers' side, as many as fit."""
    if not design.is_balanced:
        return spread(design, share, error)
    size = POOL["BUYER_SIDE"]
    friends = min(size, round(share * sum(POOL.values())))
    theirs = hypergeometric(size, friends, design.seats[0])
    nobody = [[1.0] + [0.0] * seats for seats in design.seats[1:]]
    return majority(with_errors(convolve([theirs, *nobody]), error))


def hypergeometric(size: int, marked: int, drawn: int) -> list[float]:
    """Chance of 0, 1, ... `drawn` marked ones in a draw without replacement."""
    whole = comb(size, drawn)
    return [comb(marked, k) * comb(size - marked, drawn - k) / whole for k in range(drawn + 1)]


def binomial(drawn: int, share: float) -> list[float]:
    """The same with replacement."""
    return [comb(drawn, k) * share**k * (1 - share) ** (drawn - k) for k in range(drawn + 1)]


def convolve(parts: Sequence[Sequence[float]]) -> list[float]:
    """The distribution of a sum of independent numbers."""
    whole = [1.0]
    for part in parts:
        added = [0.0] * (len(whole) + len(part) - 1)
        for i, left in enumerate(whole):
            for j, right in enumerate(part):
                added[i + j] += left * right
        whole = added
    return whole


def with_errors(colluders: Sequence[float], error: float) -> list[float]:
    """Votes for the colluders' side: theirs, and those of honest seats that err."""
    size = len(colluders) - 1
    votes = [0.0] * (size + 1)
    for k, chance in enumerate(colluders):
        for wrong, odds in enumerate(binomial(size - k, error)):
            votes[k + wrong] += chance * odds
    return votes


def majority(votes: Sequence[float]) -> float:
    """The chance of more than half; sizes are odd."""
    return sum(votes[len(votes) // 2 :])


def curves() -> tuple[tuple[str, tuple[Curve, ...]], ...]:
    """The two plots: colluders everywhere, and all on one side while others err."""
    designs = (*OURS, *PEERS)
    return (
        (
            "Colluders spread over the whole pool, nobody else errs",
            tuple(_curve(one, [spread(one, f) for f in SHARES]) for one in designs),
        ),
        (
            f"All colluders on one side, others err in {ERROR:.0%} of cases",
            tuple(_curve(one, [one_sided(one, f, ERROR) for f in SHARES]) for one in designs),
        ),
    )


def _curve(design: Design, chances: Sequence[float]) -> Curve:
    points = tuple(zip(SHARES, chances, strict=True))
    return Curve(design.name, points, ours=design.is_balanced)


def tables() -> str:
    """The two situations as Markdown: chances in per cent, a row per design."""
    designs = (*OURS, *PEERS)
    return "\n\n".join(
        (
            _table("spread over the pool", [[spread(d, f) for f in TABLE] for d in designs]),
            _table(
                f"all on one side, others err in {ERROR:.0%}",
                [[one_sided(d, f, ERROR) for f in TABLE] for d in designs],
            ),
        )
    )


def _table(title: str, chances: Sequence[Sequence[float]]) -> str:
    heads = " | ".join(f"f = {share:.0%}" for share in TABLE)
    lines = [f"| {title} | {heads} |", "|---|" + "--:|" * len(TABLE)]
    for design, row in zip((*OURS, *PEERS), chances, strict=True):
        lines.append(f"| {design.name} | " + " | ".join(map(_percent, row)) + " |")
    return "\n".join(lines)


def _percent(chance: float) -> str:
    percent = 100 * chance
    return (
        f"{percent:.0f}" if percent >= 10 else f"{percent:.2g}" if percent >= 1e-4 else "< 0.0001"
    )


def main() -> None:
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(draw_curves(curves(), "share of the pool that colludes"), "utf-8")
    print(tables())


if __name__ == "__main__":
    main()
