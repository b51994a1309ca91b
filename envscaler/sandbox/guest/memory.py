"""Lay out the memory of a process that will be forked, so that its children touch few pages of it.

Every page that a child writes to is copied first, and for a worker that lives for one episode that
is most of what it costs. Python writes wherever it finds a free slot, and after many imports there
are free slots all over the place. Once they are taken, what children need lies close together.
"""

import ctypes
import gc

_POOL = 1 << 14
"""Bytes in which Python keeps small objects of one size."""
_SIZES = range(16, 513, 16)
_HEADER = b"".__sizeof__()
_FORKED_SIZES = range(16, 129, 16)
_FORKED = 8
"""Objects of each of these sizes that come and go with a fork."""
_MOST = 1 << 16
"""Objects of one size that are made at most."""
_CHUNKS = (65536, 32768, 16384, 8192, 4096, 3072, 2048, 1536, 1024, 768, 512)
_MOST_CHUNKS = 4096

_kept: list[object] = []


def fill_gaps() -> None:
    """Take what is free among the objects that are there; it is never given back."""
    gc.collect()
    for size in _SIZES:
        _fill_pools(size)
    _fill_heap()


def settle() -> None:
    """Take what the last fork left free, in an order that depends on how many there were before.

    So the objects of every newborn worker lie at the same addresses.
    """
    for size in _FORKED_SIZES:
        _kept.extend([_make(size, number) for number in range(_FORKED)])


def _make(size: int, number: int) -> object:
    """Make an object that takes so many bytes."""
    if size < _HEADER:
        return object() if size == _SIZES[0] else complex(number, 1)
    return bytes(size - _HEADER)


def _fill_pools(size: int) -> None:
    """Make objects of one size until they begin to lie side by side, in a new pool."""
    needed = min(_POOL // size - 2, 200)
    before, together = 0, 0
    for number in range(_MOST):
        made = _make(size, number)
        _kept.append(made)
        together = together + 1 if id(made) == before + size else 0
        before = id(made)
        if together >= needed:
            return


def _fill_heap() -> None:
    """Take the free parts of the heap, down to the smallest that Python asks for."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.sbrk.restype = ctypes.c_void_p
    for size in _CHUNKS:
        last = 0
        for _ in range(_MOST_CHUNKS):
            at = libc.malloc(ctypes.c_size_t(size)) or 0
            # Side by side and upwards: it is cut from the end of the heap.
            if 0 < at - last <= size + 16:
                break
            last = at
