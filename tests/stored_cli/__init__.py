"""Stored models on the command line and from Python."""
