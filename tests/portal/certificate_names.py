"""How Alipay's certificates are named, as a client of others reckons it."""

from __future__ import annotations

import warnings

from alipay import DCAliPay


def certificate_names(ours: str, roots: str) -> dict[str, str]:
    """What certificate mode adds to a request; of two files in PEM."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it reads them in an old way
        return {
            "app_cert_sn": DCAliPay.get_cert_sn(ours),
            "alipay_root_cert_sn": DCAliPay.get_root_cert_sn(roots),
        }
