"""Read and write JSONL files so that a killed run loses nothing it has acknowledged.

Own rows go through pydantic in one pass, which keeps integers of any size exact, and back before
they are written: what could not be read again is never appended. Other people's
rows (tasks, imports, exports) are plain objects and go through orjson. `.gz` files are read as
they are. A row is appended with one `os.write`; the half-written last line that a crash may leave
is moved to `<file>.torn` before the next row is appended.
"""

from envscaler.jsonl.reading import count_rows, read_json, read_objects, read_rows
from envscaler.jsonl.writing import RowWriter, write_objects, write_rows

__all__ = [
    "RowWriter",
    "count_rows",
    "read_json",
    "read_objects",
    "read_rows",
    "write_objects",
    "write_rows",
]
