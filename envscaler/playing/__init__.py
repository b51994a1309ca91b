"""Behind `Env`: what it is opened from, the loop it lives in, and its operations."""
