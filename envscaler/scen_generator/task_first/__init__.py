"""Scenarios made from a task: state, task, checks, then a solution."""
