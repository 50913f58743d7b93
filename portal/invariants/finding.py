"""What a check found, and how one is written: by what it looked at and what it found broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from portal.errors import sentence as _

EXAMPLES = 10

# What holds, as people read it.
SENTENCES = {
    "I1": _("每笔付款：预留和已退的合计不超过实付"),
    "I2": _("每笔款项同一时间只有一个未结束的付款编号"),
    "I3": _("一份处理结论对每条路径最多下达一次付款"),
    "I4": _("同一付款编号的金额、机构和请求内容从不改变"),
    "I5": _("每笔分录借贷相等，分录只增不改"),
    "I6": _("支付机构的合计等于账簿的清算合计"),
    "I7": _("没有一笔款项停在半路而无人负责"),
    "I8": _("已了结的款项不再占用预留"),
    "I9": _("支付机构收到的请求都先有记录，每次请求都有结果或查询"),
    "I10": _("记录的哈希链完整，页面数据与记录相同"),
    "I11": _("没有核验过的通知不改变任何款项"),
    "I12": _("款项状态从不倒退，只有列明的例外"),
    "I13": _("同一付款的退款次数、间隔和期限都在支付机构的规则内"),
    "I14": _("保证金不为负，未收回的垫付与账簿相等"),
    "I15": _("付给买家的现金正好是应退金额，加上退回的券等于向支付机构申请的金额"),
    "I16": _("支付机构的每笔动账都有对应的处理结论"),
    "I17": _("赔付不超过处理结论所定金额"),
    "I18": _("页面上的到账日期就是记录里的日期"),
}


@dataclass(frozen=True)
class Known:
    """Something that contradicts an invariant and that people have closed on record. `entry`: the
    number of that entry in the ledger."""

    what: str
    reason: str
    evidence: str
    entry: int


@dataclass(frozen=True)
class Finding:
    """One invariant: `broken` of `looked_at` things contradict it. `examples` are numbers of
    movements, cases or accounts with a word of what is wrong; never a person or a secret. `lost`:
    of I11, by Beijing day, steps whose answer this database does not have. `known`: of I6, I9 and
    I16, what people have closed; each is told, and does not count as broken."""

    name: str
    looked_at: int
    broken: int = 0
    examples: tuple[str, ...] = ()
    lost: tuple[tuple[str, int], ...] = ()
    known: tuple[Known, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.broken

    @property
    def sentence(self) -> str:
        """The message id; a page or terminal translates it."""
        return SENTENCES[self.name]


@dataclass
class Count:
    """Adds up one invariant over many things without keeping them."""

    name: str
    looked_at: int = 0
    broken: int = 0
    examples: list[str] = field(default_factory=list)

    def look(self, problems: Iterable[str], things: int = 1) -> None:
        self.looked_at += things
        for problem in problems:
            self.broken += 1
            if len(self.examples) < EXAMPLES:
                self.examples.append(problem)

    def finding(self) -> Finding:
        return Finding(self.name, self.looked_at, self.broken, tuple(self.examples))


def found(name: str, problems: Iterable[str | Known], looked_at: int) -> Finding:
    """A finding of problems that one query named; those that are known are told apart."""
    count, told = Count(name), list(problems)
    count.look((each for each in told if isinstance(each, str)), looked_at)
    known = tuple(each for each in told if isinstance(each, Known))
    return replace(count.finding(), known=known)


def merged(one: Finding, other: Finding) -> Finding:
    """Two looks at the same invariant; what both know is told once."""
    return Finding(
        one.name,
        one.looked_at + other.looked_at,
        one.broken + other.broken,
        (*one.examples, *other.examples)[:EXAMPLES],
        (*one.lost, *other.lost),
        tuple(dict.fromkeys((*one.known, *other.known))),
    )
