"""Tool calls as models write them in text."""
