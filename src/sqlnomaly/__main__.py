"""`python -m sqlnomaly` is the command line."""

from sqlnomaly.cli import app

app(prog_name="sqlnomaly")
