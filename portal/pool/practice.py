"""The five practice cases of the entry test: invented disputes with one explained outcome each.

Each teaches one thing that reviewers get wrong most: what counts as a promise, what a correction
is worth, whose evidence shows what, and that "not enough evidence" is an answer of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.errors import sentence as _


@dataclass(frozen=True)
class Exhibit:
    """A card of a practice case: a drawing (file of static/practice) or words alone."""

    number: str
    title: str
    text: str
    picture: str = ""


@dataclass(frozen=True)
class Moment:
    """What was said on air, at which second of the replay."""

    at: str
    text: str


@dataclass(frozen=True)
class PracticeCase:
    """`choice` is the outcome that `because` explains; `clauses` are numbers of the rules."""

    number: str
    title: str
    asked: str
    said: tuple[Moment, ...]
    buyer: str
    merchant: str
    exhibits: tuple[Exhibit, ...]
    choice: str
    because: str
    clauses: tuple[int, ...]


COAT = PracticeCase(
    number="1",
    title=_("羊毛大衣，吊牌写着混纺"),
    asked=_("退货退款 ¥459.00"),
    said=(Moment("00:42", _("这件是百分之百羊毛，放心拍。")),),
    buyer=_("主播说是纯羊毛，收到的吊牌上只有四成羊毛。"),
    merchant=_("详情页第三屏写了面料成分，买家下单前应当看。"),
    exhibits=(
        Exhibit(
            "B1", _("吊牌照片"), _("羊毛四成，聚酯纤维六成。照片里吊牌连着大衣的扣眼。"), "label"
        ),
        Exhibit("M1", _("详情页截图"), _("第三屏：羊毛混纺。与下单时封存的详情页一致。"), "page"),
    ),
    choice="SUPPORT_CLAIMANT",
    because=_(
        "口播就是承诺。口播与详情页不一致时以口播为准，除非直播里当场更正过。吊牌和实物连在一起，能证明收到的不是纯羊毛。"
    ),
    clauses=(1,),
)

BATTERY = PracticeCase(
    number="2",
    title=_("风扇续航，主播当场改过口"),
    asked=_("退货退款 ¥129.00"),
    said=(
        Moment("05:10", _("充满能吹十二个小时。")),
        Moment("07:02", _("刚才说错了，这款风扇是八个小时，以这个为准。")),
    ),
    buyer=_("主播说能用十二小时，我只用了八小时就没电。"),
    merchant=_("直播里已经更正，买家是在更正之后下的单。"),
    exhibits=(
        Exhibit("B1", _("使用计时照片"), _("开机 8 小时 10 分后没电。"), "clock"),
        Exhibit("P1", _("订单记录"), _("下单时刻相当于回放 12:30，在更正之后五分多钟。"), "order"),
    ),
    choice="SUPPORT_RESPONDENT",
    because=_(
        "更正说的是同一款商品、同一件事，而且在买家下单之前。买家下单时有效的承诺是八小时，商品做到了。先看说了什么，再看什么时候下的单。"
    ),
    clauses=(1, 2),
)

CUPS = PracticeCase(
    number="3",
    title=_("茶壶没问题，少了一只赠杯"),
    asked=_("全额退款 ¥260.00，不退货"),
    said=(Moment("18:33", _("今天拍茶壶，送同款杯子两只。")),),
    buyer=_("只收到一只杯子。承诺没兑现，应该全额退款。"),
    merchant=_("茶壶完好，漏装一只杯子，愿意按标价折价 ¥39.00。"),
    exhibits=(
        Exhibit("B1", _("开箱视频"), _("从封箱胶带完整拍到箱底：一把茶壶，一只杯子。"), "box"),
        Exhibit("M1", _("同款杯子售价"), _("同一店铺单卖 ¥39.00，已封存。"), "page"),
    ),
    choice="PARTIAL",
    because=_(
        "承诺成立，也确实少了一只，但茶壶和另一只杯子都按约定交付了。支持的范围应当和没兑现的部分相当，这里是一只杯子的价钱。退全款又不退货，超出了损失。"
    ),
    clauses=(1, 8),
)

VASE = PracticeCase(
    number="4",
    title=_("花瓶碎了，说不清碎在哪里"),
    asked=_("退款 ¥180.00"),
    said=(Moment("31:05", _("花瓶我们包三层，碎了算我们的。")),),
    buyer=_("打开就是碎的。盒子已经扔了，过了九天才想起来投诉。"),
    merchant=_("发货时是好的。可能是买家自己摔的。"),
    exhibits=(
        Exhibit("B1", _("碎片照片"), _("地板上的碎片，没有包装，没有面单。"), "vase"),
        Exhibit("M1", _("装箱视频"), _("花瓶放进盒子后画面就结束了，没有封箱和称重。"), "box"),
    ),
    choice="CANNOT_DETERMINE",
    because=_(
        "承诺是成立的，但碎在签收之前还是之后，双方的材料都看不出来。不要替任何一方猜。选“证据不足”，案件会交给专员决定是否鉴定或者补充材料。"
    ),
    clauses=(6,),
)

SKIRT = PracticeCase(
    number="5",
    title=_("裙子颜色和手机里看到的不同"),
    asked=_("退货退款 ¥168.00，由商家承担运费"),
    said=(Moment("09:48", _("这是偏黄的米色，灯光下会更黄一点，介意的别拍。")),),
    buyer=_("收到的裙子发黄，和我手机里看到的米白不一样。"),
    merchant=_("主播说了偏黄，还放了色卡对照。已过七天无理由期限。"),
    exhibits=(
        Exhibit("B1", _("实物照片"), _("室内暖光下拍摄，裙子呈浅黄色。"), "skirt"),
        Exhibit("P1", _("回放画面"), _("09:50 自然光下的裙子与色卡“米黄 3 号”并排。"), "chart"),
    ),
    choice="SUPPORT_RESPONDENT",
    because=_(
        "主播说的正是偏黄，还提示了灯光的影响，收到的和说的一致。“和我想的不一样”不等于“和说的不一样”。同情谁不是理由，要看说了什么、收到了什么。"
    ),
    clauses=(1,),
)

CASES: dict[str, PracticeCase] = {one.number: one for one in (COAT, BATTERY, CUPS, VASE, SKIRT)}
