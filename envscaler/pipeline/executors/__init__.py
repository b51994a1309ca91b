"""Rows made elsewhere: in other processes of this machine, or on the nodes of a Ray cluster.

The driver keeps files, ledger, lock, store, budget and signals, exactly as when it makes the rows
itself. A worker has a sandbox of its own and makes the rows that it is handed; when a step asks a
model, the worker asks the driver, so that requests in flight and money are counted in one place
and one process writes the store.
"""
