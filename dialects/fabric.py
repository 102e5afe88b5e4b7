"""Microsoft Fabric warehouse: T-SQL as Synapse has it, printed by sqlglot's own dialect.

Text is UTF-8 there: no N'..', no NVARCHAR.
"""

from dataclasses import replace
from types import MappingProxyType

from sqlnomaly.dialects.synapse import SYNAPSE

_TEXT = {"number_text": "CAST(FORMAT(:a, 'G17', 'en-US') AS VARCHAR(MAX))"}

FABRIC = replace(
    SYNAPSE,
    name="fabric",
    sqlglot="fabric",
    templates=MappingProxyType(
        {**{name: text for name, text in SYNAPSE.templates.items() if name != "national"}, **_TEXT}
    ),
)
