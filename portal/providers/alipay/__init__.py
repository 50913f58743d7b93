"""Alipay's open platform, version 1 of its gateway, signed with RSA2 (RSA-SHA256).

Sources: opendocs.alipay.com (alipay.trade.refund, alipay.trade.fastpay.refund.query,
alipay.fund.trans.uni.transfer, alipay.data.dataservice.bill.downloadurl.query), and the field names
of github.com/alipay/alipay-sdk-java-all.
"""
