"""How a query becomes SQL: a closed vocabulary, plans over it, and pure passes."""
