"""The rules by which a score becomes a verdict, in queries and in stored models."""
