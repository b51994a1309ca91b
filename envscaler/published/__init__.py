"""Import of the published EnvScaler data."""
