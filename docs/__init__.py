"""The documentation and what keeps it true: ``python -m docs`` writes generated pages and shown output anew."""
