"""Rules read from English sentences, without a model."""
