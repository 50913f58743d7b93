"""WeChat Pay v3, and Douyin Pay, which differs by paths, header names and the word before a
signature. Sources: pay.weixin.qq.com/doc/v3, github.com/wechatpay-apiv3/wechatpay-go,
and for Douyin github.com/go-pay/gopay (douyin/).
"""
