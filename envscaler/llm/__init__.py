"""Talk to OpenAI-compatible endpoints: every reply is asked for, and paid for, once."""
