"""The texts of BigQuery's functions and procedure, with holes: ``{{name}}``."""

from __future__ import annotations

FUNCTION = """\
CREATE OR REPLACE FUNCTION {{dataset}}.{{name}}({{parameters}})
RETURNS STRING
OPTIONS (description = '{{owned}}')
AS (
  {{body}}
)"""

PATH_PARAMETERS = "path STRING, name STRING"
PATH = r"""IF(
    REGEXP_CONTAINS(IFNULL(path, ''), r'^(?:[A-Za-z0-9.:-]+\.)?[A-Za-z0-9_]+\.[^`\\.[:cntrl:]]+$'),
    CONCAT(
      IFNULL(CONCAT('`', REGEXP_EXTRACT(path, r'^(.+)\.[^.]+\.[^.]+$'), '`.'), ''),
      '`', REGEXP_EXTRACT(path, r'([^.]+)\.[^.]+$'), '`.',
      IFNULL(name, CONCAT('`', REGEXP_EXTRACT(path, r'([^.]+)$'), '`'))
    ),
    ERROR(FORMAT('%T is no path of a table: give dataset.table or project.dataset.table', path))
  )"""
"""A path in backquotes, part by part; the project may have dots of its own. A name stands in the table's place."""

COLUMNS_PARAMETERS = "table_name STRING"
COLUMNS = r"""CONCAT(
    'SELECT ARRAY_AGG(STRUCT(column_name AS name, data_type AS kind) ORDER BY ordinal_position) FROM ',
    {{path}}(table_name, 'INFORMATION_SCHEMA.COLUMNS'),
    ' WHERE table_name = ', FORMAT('%T', REGEXP_EXTRACT(table_name, r'([^.]+)$'))
  )"""
"""The query for the columns of a table."""

SPELLED = "(SELECT ANY_VALUE(c.name) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word))"
"""The table's own spelling of a column."""
KIND = (
    "(SELECT ANY_VALUE(REGEXP_EXTRACT(c.kind, r'^[A-Z0-9]+')) FROM UNNEST(found) AS c "
    "WHERE LOWER(c.name) = LOWER(word))"
)
"""The type of a column, without its precision."""
UNKNOWN = (
    "(SELECT ARRAY_AGG(IFNULL(word, 'NULL') ORDER BY place LIMIT 1) FROM UNNEST({{words}}) AS word "
    "WITH OFFSET AS place WHERE {{spelled}} IS NULL)[SAFE_OFFSET(0)]"
)
"""The first of some words that is no column."""
ODD = (
    "(SELECT ARRAY_AGG(word ORDER BY place LIMIT 1) FROM UNNEST(features) AS word "
    "WITH OFFSET AS place WHERE {{kind}} NOT IN ({{known}}))[SAFE_OFFSET(0)]"
)
"""The first feature whose type is not one of a feature."""
TAKEN = "EXISTS (SELECT 1 FROM UNNEST(found) AS c WHERE LOWER(c.name) IN ({{taken}}))"
UNQUOTABLE = r"EXISTS (SELECT 1 FROM UNNEST(found) AS c WHERE REGEXP_CONTAINS(c.name, r'[`\\[:cntrl:]]'))"

ROWS_PARAMETERS = "table_name STRING, found {{columns_type}}, partition_by ARRAY<STRING>"
ROWS = r"""CASE
{{refusals}}
    ELSE CONCAT(
      'CREATE OR REPLACE TEMP TABLE {{rows}} AS SELECT GENERATE_UUID() AS {{row}}, CONCAT(',
      IFNULL(
        (
          SELECT STRING_AGG(
            CONCAT('REGEXP_REPLACE(FORMAT("%T", given.`', {{spelled}}, '`), "^-0[.]0$", "0.0")'),
            ', ",", ' ORDER BY place
          )
          FROM UNNEST(partition_by) AS word WITH OFFSET AS place
        ),
        '""'
      ),
      ') AS {{part}}, given.* FROM ', {{path}}(table_name, NULL), ' AS given'
    )
  END"""
"""The statement that numbers the rows. Keys are one partition if their texts are equal; both zeros are one key, and a
text is in quotes, so that '-0.0' stays what it is."""

JUDGED_PARAMETERS = (
    "found {{columns_type}}, features ARRAY<STRING>, detector STRING, threshold FLOAT64, contamination FLOAT64, "
    "result_table STRING"
)
JUDGED = r"""CASE
{{refusals}}
    ELSE CONCAT(
      IFNULL(CONCAT('CREATE TABLE ', IF(result_table IS NULL, NULL, {{path}}(result_table, NULL)), ' AS '), ''),
      'WITH {{cells}} AS (SELECT numbered.{{row}} AS {{cell_row}}, numbered.{{part}} AS {{cell_part}}, ',
      'cell.{{feature}} AS {{feature}}, cell.{{value}} AS {{value}} FROM {{rows}} AS numbered CROSS JOIN UNNEST([',
      (
        SELECT STRING_AGG(
          CONCAT(
            'STRUCT(', CAST(place + 1 AS STRING), ' AS {{feature}}, ',
            REPLACE(
              CASE {{kind}}
{{doubles}}
              END,
              '{{hole}}',
              CONCAT('numbered.`', {{spelled}}, '`')
            ),
            ' AS {{value}})'
          ),
          ', ' ORDER BY place
        )
        FROM UNNEST(features) AS word WITH OFFSET AS place
      ),
      ']) AS cell), _sn_judged AS (',
      REPLACE(
        REPLACE(
          CASE IFNULL(detector, 'zscore')
{{queries}}
          END,
          '{{fixed}}',
          CASE
            WHEN threshold IS NOT NULL THEN FORMAT('%.17g', threshold)
            WHEN contamination IS NOT NULL THEN 'NULL'
            ELSE IFNULL(FORMAT('%.17g', CASE IFNULL(detector, 'zscore') {{default_fixed}} END), 'NULL')
          END
        ),
        '{{share}}',
        FORMAT('%.17g', IFNULL(1 - contamination, CASE IFNULL(detector, 'zscore') {{default_share}} END))
      ),
      ') SELECT numbered.* EXCEPT ({{row}}, {{part}}), {{answers}}, CASE _sn_judged.anomaly_feature ',
      (
        SELECT STRING_AGG(FORMAT('WHEN %d THEN %T', place + 1, word), ' ' ORDER BY place)
        FROM UNNEST(features) AS word WITH OFFSET AS place
      ),
      ' END AS anomaly_reason, _sn_judged.anomaly_status FROM {{rows}} AS numbered ',
      'JOIN _sn_judged ON numbered.{{row}} = _sn_judged.{{cell_row}}'
    )
  END"""
"""The statement that judges the numbered rows."""

PROCEDURE = """\
CREATE OR REPLACE PROCEDURE {{dataset}}.{{name}}(
  table_name STRING,
  features ARRAY<STRING>,
  detector STRING,
  partition_by ARRAY<STRING>,
  threshold FLOAT64,
  contamination FLOAT64,
  result_table STRING
)
OPTIONS (description = '{{owned}}')
BEGIN
  DECLARE found {{columns_type}};
  DECLARE numbering, judging STRING;
  SET numbering = {{columns}}(table_name);
  EXECUTE IMMEDIATE numbering INTO found;
  SET numbering = {{numbered}}(table_name, found, partition_by);
  SET judging = {{judged}}(found, features, detector, threshold, contamination, result_table);
  EXECUTE IMMEDIATE numbering;
  EXECUTE IMMEDIATE judging;
  EXECUTE IMMEDIATE 'DROP TABLE IF EXISTS {{rows}}';
EXCEPTION WHEN ERROR THEN
  EXECUTE IMMEDIATE 'DROP TABLE IF EXISTS {{rows}}';
  RAISE USING MESSAGE = @@error.message;
END"""


def filled(text: str, **values: str) -> str:
    """The text with its holes filled; a value may have holes that values behind it fill."""
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text
