"""The state of an environment as JSON: encoded, compared, looked through."""
