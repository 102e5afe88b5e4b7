"""How fast it is, against the floor: ``python -m benchmarks.speed``."""
