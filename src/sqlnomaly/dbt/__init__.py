"""The dbt package in ``sql/dbt``: its macros of detectors are written here, from what the compiler makes of a call.

``folding`` turns statements over three features into loops, ``bodies`` says which statements a detector's macro holds,
``options`` which numbers in them are a user's, ``jinja`` writes them as Jinja, ``package`` is the files.
"""
