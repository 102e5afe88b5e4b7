"""The independent reference: each detector in plain Python, written from its paper, for tests only."""
