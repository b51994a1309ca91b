"""What can be known about an environment without running it. Pure: no I/O and no model."""
