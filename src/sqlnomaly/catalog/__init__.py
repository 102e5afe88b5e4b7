"""Models that live in the engine: versions that never change, and a pointer to the one in force."""
