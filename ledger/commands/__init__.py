"""What `python -m ledger` does: one function for each command, over the same few doors.

    report.py      what is printed, for people or as JSON; errors with what to do
    desk.py        from the STORE argument to an opened log, with or without its private keys
    secret.py      where private keys and local indexes lie
    writing.py     init, append, publish, erase
    reading.py     show, prove, bundle, keys
    checking.py    verify, fsck, probe
    serving.py     serve, witness, mirror

A command takes the parsed options and a report, and answers whether all is well.
"""
