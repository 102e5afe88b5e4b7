"""What stands in for an engine in the tests: evaluators and grammars that run without a warehouse."""
