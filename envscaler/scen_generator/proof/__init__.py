"""What speaks for a reward: an executed solution and its mutants."""
