"""Methods and functions of Python, by what a call of them does to values."""

CHANGING = {
    *("append", "appendleft", "extend", "extendleft", "insert", "add", "update", "clear"),
    *("remove", "discard", "sort", "reverse", "rotate", "move_to_end", "subtract"),
    *("difference_update", "intersection_update", "symmetric_difference_update"),
}
"""Methods that change their owner and give back nothing of it."""
TAKING = {"pop", "popitem", "popleft", "setdefault"}
"""Methods that change their owner and give back what was in it."""
VIEWING = {"copy", "keys", "values", "items"}
"""Methods that give back a new container of what their owner holds."""
BOXING = {
    *("list", "tuple", "set", "frozenset", "sorted", "dict", "reversed", "filter", "map"),
    *("enumerate", "zip", "iter", "deque", "chain", "islice", "copy"),
}
"""Functions that give back a new container of what is in their arguments."""
PICKING = {"next", "max", "min", "choice"}
"""Functions that give back one thing of those in their arguments."""
CHANGING_FIRST = {
    *("heappush", "heappop", "heapify", "heapreplace", "heappushpop", "shuffle"),
    *("insort", "insort_left", "insort_right"),
}
"""Functions that change their first argument."""
