"""Serve a GGUF file with llama.cpp: `python -m tests.realmodel.serve FILE`; prints its address.

One thread: two spin against each other on shared cores.
"""

import signal
import sys
from importlib import import_module


def main(path: str) -> None:
    """Serve until a signal comes."""
    library = import_module("xllamacpp")
    wanted = library.CommonParams()
    wanted.model.path = path
    wanted.hostnames = ["127.0.0.1"]
    wanted.port = 0
    wanted.n_ctx = 4096
    wanted.n_parallel = 1
    wanted.use_jinja = True
    wanted.endpoint_metrics = True
    wanted.warmup = False
    for threads in (wanted.cpuparams, wanted.cpuparams_batch):
        threads.n_threads = 1
        threads.poll = 0
    server = library.Server(wanted)
    sys.stdout.write(f"address {server.listening_address}\n")
    sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
