"""A payment provider to practise on: WeChat Pay v3 (and Douyin Pay), Alipay, Stripe, a platform.

    app.py        everything as one WSGI application      server.py   the same over a socket
    wire.py       one request: fault, rules, log, answer  faults.py   what goes wrong on demand
    bank.py       the rules that all share                store.py    its own SQLite file
    notices.py    what it sends by itself                 bills.py    the day's bill
    wechat/ alipay/ stripe/ balance.py                    one way of speaking each

It is a second, independent reading of the providers' documents: it shares no code with
portal/providers, so that a mistake in one is found by the other. No money moves; everything else
is as a provider would do it, with signatures, limits and bad days.
"""
