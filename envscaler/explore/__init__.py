"""Find out what an environment does by calling it: argument values, walks, named findings."""
