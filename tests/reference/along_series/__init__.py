"""What detectors along a series give, in plain Python: lists, loops and exact sums, one file a detector."""
