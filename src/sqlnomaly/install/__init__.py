"""Functions, macros and procedures that a stock client of an engine can call once they are installed."""
