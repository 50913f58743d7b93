"""What must be fast, measured beside what one would use instead, in one run, as ratios.

    python -m benchmarks ledger|filing|pages|panels [--json]
    python -m benchmarks ledger-large [--json]          ten million entries: minutes
    python -m benchmarks.collusion                      exact chances, and their plot for docs/

A figure here is never a test: machines differ, disks differ more. The ratio of two figures taken
in turns on one machine says something; the figure alone does not.
"""
