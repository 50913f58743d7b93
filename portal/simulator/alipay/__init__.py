"""Alipay's first gateway (gateway.do) with RSA2, as opendocs.alipay.com describes it."""
