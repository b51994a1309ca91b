"""Scenarios made from a solution: a call sequence, then checks and task."""
