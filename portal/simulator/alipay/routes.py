"""The gateway with its methods, and the bill's address."""

from __future__ import annotations

from flask import Blueprint

from portal.simulator.alipay import bills, fund, trade
from portal.simulator.alipay.gateway import NAME, Gateway, Method
from portal.simulator.faults import QUERY, SUBMIT
from portal.simulator.wire import OTHER, Desk

METHODS = {
    "alipay.trade.refund": Method(SUBMIT, "out_request_no", trade.refund),
    "alipay.trade.fastpay.refund.query": Method(QUERY, "out_request_no", trade.query),
    "alipay.trade.query": Method(OTHER, "", trade.trade_query),
    "alipay.fund.trans.uni.transfer": Method(SUBMIT, "out_biz_no", fund.transfer, certified=True),
    "alipay.fund.trans.common.query": Method(QUERY, "out_biz_no", fund.query),
    "alipay.data.dataservice.bill.downloadurl.query": Method(OTHER, "", bills.locate),
}


def alipay_blueprint(desk: Desk) -> Blueprint:
    blueprint = Blueprint(NAME, __name__)
    Gateway(desk, METHODS).add_to(blueprint)
    bills.add_download(blueprint, desk)
    return blueprint
