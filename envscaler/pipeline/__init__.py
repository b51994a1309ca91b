"""The stage loop, the run folder, and what both need."""
