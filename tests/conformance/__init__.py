"""The conformance matrix: every detector on every engine over every data set, compared with the reference."""
