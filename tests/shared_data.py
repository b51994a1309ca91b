"""Where third-party data lies that is not part of the project; it may be absent."""

from pathlib import Path

SHARED_DATA = Path(__file__).parents[1] / "../shared/data"
