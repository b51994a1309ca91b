"""Tasks that a person would set: intentions on a state, in words, in tiers of difficulty."""
