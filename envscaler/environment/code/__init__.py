"""The code of an environment as text: read, assembled, checked, never run."""
