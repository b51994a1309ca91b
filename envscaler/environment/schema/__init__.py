"""Tool schemas: written from signatures, read, and held against arguments."""
