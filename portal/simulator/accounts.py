"""Who the simulator's one customer is, with each provider."""

from __future__ import annotations

MCHID = "1900009191"
APPID = "wxsimulated0000001"
ALIPAY_APP = "2021000100000001"
ALIPAY_ROOT = "alipay.root"  # who issues both sides' certificates
ALIPAY_SELLER = "2088000000000001"
# A public key's name in WeChat's manner; ours has no other.
PLATFORM_SERIALS = {
    "wechat": "PUB_KEY_ID_0119000091912026010100000000000001",
    "douyin": "PUB_KEY_ID_0119000091912026010100000000000002",
}
PROVIDERS = ("wechat", "douyin", "alipay", "stripe", "balance")
