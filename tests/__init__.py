"""The suite: shared pieces are imported as ``tests.name``."""
