"""Test environments by calling them, without a model."""
