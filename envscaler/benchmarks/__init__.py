"""`envscaler eval`: other people's benchmarks, played with our loop, endpoints and records.

A benchmark is one module with an object that has a `Benchmark`'s functions: `load` its tasks,
`open` the world of one, give it a `user`, `score` what was played; and `solution`, for the
controls that need no model. Nothing of a benchmark is shipped: its code and data are read from
where the user installed them, and its classes run in the sandbox.
"""
