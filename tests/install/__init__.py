"""What is installed in an engine, called there by a stock client."""
