"""Fitted models: their functions on every engine, their file, and how they are installed."""
