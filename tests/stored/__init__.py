"""Models that the engine keeps: statements, scores, versions, crashes."""
