"""What must be fast, measured beside what one would use instead, in one run, as ratios.

    python -m benchmarks ledger|filing|pages [--json]
    python -m benchmarks ledger-large [--json]          ten million entries: minutes

A figure here is never a test: machines differ, disks differ more. The ratio of two figures taken
in turns on one machine says something; the figure alone does not.
"""
