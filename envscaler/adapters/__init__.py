"""One module for each trainer or evaluator; each needs the extra of its name, and no other."""
