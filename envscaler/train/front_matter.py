"""The head of a dataset card, in the form that the Hugging Face Hub and `datasets` read.

`load_dataset(folder)` then finds the splits, and takes no other file of the folder for rows.
"""

from collections.abc import Mapping

import yaml

from envscaler.config import Settings
from envscaler.records import JsonObject, JsonValue
from envscaler.train.split import Split

_SIZES = (("n<1K", 1_000), ("1K<n<10K", 10_000), ("10K<n<100K", 100_000), ("100K<n<1M", 1_000_000))


def front_matter(
    name: str, rows: Mapping[Split, int], tables: Mapping[str, str], settings: Settings
) -> str:
    """Write the head, between its two lines of dashes.

    Args:
        name: Of the format.
        rows: How many each split has; one that has none has no file.
        tables: Further files of rows: name of the configuration → file.
        settings: Give license and language.
    """
    head: JsonObject = {
        "pretty_name": f"EnvScaler rows: {name}",
        "license": settings.train.license,
        "language": list(settings.train.languages),
        "task_categories": ["text-generation"],
        "tags": ["envscaler", "tool-use", "agent", "synthetic", name],
        "size_categories": [_size(sum(rows.values()))],
        "configs": [
            _config("default", {split: f"{split}.jsonl" for split in rows if rows[split]}),
            *(_config(table, {"train": file}) for table, file in tables.items()),
        ],
    }
    text = yaml.safe_dump(head, sort_keys=False)  # pyright: ignore[reportUnknownMemberType]  (its stubs)
    return f"---\n{text}---\n"


def _config(name: str, files: Mapping[str, str]) -> JsonObject:
    data_files: list[JsonValue] = [{"split": split, "path": file} for split, file in files.items()]
    return {"config_name": name, "data_files": data_files}


def _size(rows: int) -> str:
    return next((size for size, most in _SIZES if rows < most), "n>1M")
