"""Rollout: let a model act in scenarios, and keep what it did and how well it ended."""
