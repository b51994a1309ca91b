"""Argument values and initial states for an environment, invented or taken from what is there."""
