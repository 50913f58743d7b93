"""WeChat Pay v3, and Douyin Pay which speaks it with other names.

Sources: the merchant documentation at pay.weixin.qq.com and the models of its official clients.
"""
