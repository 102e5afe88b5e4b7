-- sqlnomaly for BigQuery: detect_anomalies, a procedure that judges a table by itself
-- The dataset has to exist: CREATE SCHEMA IF NOT EXISTS `sqlnomaly`. Run this with
--     bq query --use_legacy_sql=false < bigquery.sql
-- then
--     CALL `sqlnomaly`.detect_anomalies('shop.orders', ['amount', 'items'], 'ecod', ['store'], NULL, NULL, NULL)
-- Its arguments: table or view (dataset.table or project.dataset.table), features, detector (NULL: zscore),
-- partition_by, threshold, contamination, and the table to make (NULL: the result is shown). At most one of
-- threshold and contamination; NULL for both is the detector's own rule. No table is replaced.
-- Detectors: zscore, mad, iqr, hbos, ecod.
-- Who calls it needs bigquery.routines.get here, bigquery.tables.get and getData on the table, and the
-- right to create the result where one is named. The table is read once, into a temporary copy.
-- To be called from other projects, make it with its own project: --schema project.dataset.

CREATE OR REPLACE FUNCTION `sqlnomaly`.anomaly_path(path STRING, name STRING)
RETURNS STRING
OPTIONS (description = 'sqlnomaly 0.1.0')
AS (
  IF(
    REGEXP_CONTAINS(IFNULL(path, ''), r'^(?:[A-Za-z0-9.:-]+\.)?[A-Za-z0-9_]+\.[^`\\.[:cntrl:]]+$'),
    CONCAT(
      IFNULL(CONCAT('`', REGEXP_EXTRACT(path, r'^(.+)\.[^.]+\.[^.]+$'), '`.'), ''),
      '`', REGEXP_EXTRACT(path, r'([^.]+)\.[^.]+$'), '`.',
      IFNULL(name, CONCAT('`', REGEXP_EXTRACT(path, r'([^.]+)$'), '`'))
    ),
    ERROR(FORMAT('%T is no path of a table: give dataset.table or project.dataset.table', path))
  )
);

CREATE OR REPLACE FUNCTION `sqlnomaly`.anomaly_columns_sql(table_name STRING)
RETURNS STRING
OPTIONS (description = 'sqlnomaly 0.1.0')
AS (
  CONCAT(
    'SELECT ARRAY_AGG(STRUCT(column_name AS name, data_type AS kind) ORDER BY ordinal_position) FROM ',
    `sqlnomaly`.anomaly_path(table_name, 'INFORMATION_SCHEMA.COLUMNS'),
    ' WHERE table_name = ', FORMAT('%T', REGEXP_EXTRACT(table_name, r'([^.]+)$'))
  )
);

CREATE OR REPLACE FUNCTION `sqlnomaly`.anomaly_rows_sql(table_name STRING, found ARRAY<STRUCT<name STRING, kind STRING>>, partition_by ARRAY<STRING>)
RETURNS STRING
OPTIONS (description = 'sqlnomaly 0.1.0')
AS (
  CASE
    WHEN IFNULL(ARRAY_LENGTH(found), 0) = 0
    THEN ERROR(FORMAT('table %T does not exist, or may not be seen', table_name))
    WHEN EXISTS (SELECT 1 FROM UNNEST(found) AS c WHERE LOWER(c.name) IN ('anomaly_score', 'anomaly_probability', 'is_anomaly', 'anomaly_threshold', 'anomaly_reason', 'anomaly_status', '_sn_row', '_sn_part'))
    THEN ERROR('a column of the table has a name that detect_anomalies adds: rename it in a view')
    WHEN EXISTS (SELECT 1 FROM UNNEST(found) AS c WHERE REGEXP_CONTAINS(c.name, r'[`\\[:cntrl:]]'))
    THEN ERROR('a column of the table has a backquote or a backslash in its name: rename it in a view')
    WHEN (SELECT ARRAY_AGG(IFNULL(word, 'NULL') ORDER BY place LIMIT 1) FROM UNNEST(partition_by) AS word WITH OFFSET AS place WHERE (SELECT ANY_VALUE(c.name) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word)) IS NULL)[SAFE_OFFSET(0)] IS NOT NULL
    THEN ERROR(FORMAT('partition_by: the table has no column %T', (SELECT ARRAY_AGG(IFNULL(word, 'NULL') ORDER BY place LIMIT 1) FROM UNNEST(partition_by) AS word WITH OFFSET AS place WHERE (SELECT ANY_VALUE(c.name) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word)) IS NULL)[SAFE_OFFSET(0)]))
    ELSE CONCAT(
      'CREATE OR REPLACE TEMP TABLE _sn_rows AS SELECT GENERATE_UUID() AS _sn_row, CONCAT(',
      IFNULL(
        (
          SELECT STRING_AGG(
            CONCAT('REGEXP_REPLACE(FORMAT("%T", given.`', (SELECT ANY_VALUE(c.name) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word)), '`), "^-0[.]0$", "0.0")'),
            ', ",", ' ORDER BY place
          )
          FROM UNNEST(partition_by) AS word WITH OFFSET AS place
        ),
        '""'
      ),
      ') AS _sn_part, given.* FROM ', `sqlnomaly`.anomaly_path(table_name, NULL), ' AS given'
    )
  END
);

CREATE OR REPLACE FUNCTION `sqlnomaly`.anomaly_detection_sql(found ARRAY<STRUCT<name STRING, kind STRING>>, features ARRAY<STRING>, detector STRING, threshold FLOAT64, contamination FLOAT64, result_table STRING)
RETURNS STRING
OPTIONS (description = 'sqlnomaly 0.1.0')
AS (
  CASE
    WHEN detector = 'mahalanobis'
    THEN ERROR('mahalanobis is not for this procedure: it judges the features together: use `sqlnomaly query`, or `sqlnomaly compile`')
    WHEN detector = 'ewma'
    THEN ERROR('ewma is not for this procedure: it needs the order of the rows: use `sqlnomaly query`, or `sqlnomaly compile`')
    WHEN detector = 'iforest'
    THEN ERROR('iforest is not for this procedure: it is fitted by a client: use `sqlnomaly query`, or fit a model and install that')
    WHEN detector NOT IN ('zscore', 'mad', 'iqr', 'hbos', 'ecod')
    THEN ERROR(FORMAT('unknown detector %T; allowed: zscore, mad, iqr, hbos, ecod', detector))
    WHEN IFNULL(ARRAY_LENGTH(features), 0) = 0
    THEN ERROR('name at least one feature')
    WHEN (SELECT ARRAY_AGG(IFNULL(word, 'NULL') ORDER BY place LIMIT 1) FROM UNNEST(features) AS word WITH OFFSET AS place WHERE (SELECT ANY_VALUE(c.name) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word)) IS NULL)[SAFE_OFFSET(0)] IS NOT NULL
    THEN ERROR(FORMAT('features: the table has no column %T', (SELECT ARRAY_AGG(IFNULL(word, 'NULL') ORDER BY place LIMIT 1) FROM UNNEST(features) AS word WITH OFFSET AS place WHERE (SELECT ANY_VALUE(c.name) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word)) IS NULL)[SAFE_OFFSET(0)]))
    WHEN (SELECT ARRAY_AGG(word ORDER BY place LIMIT 1) FROM UNNEST(features) AS word WITH OFFSET AS place WHERE (SELECT ANY_VALUE(REGEXP_EXTRACT(c.kind, r'^[A-Z0-9]+')) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word)) NOT IN ('FLOAT64', 'INT64', 'NUMERIC', 'BIGNUMERIC', 'BOOL', 'DATE', 'DATETIME', 'TIMESTAMP'))[SAFE_OFFSET(0)] IS NOT NULL
    THEN ERROR(FORMAT('feature %T is no number, boolean, date or timestamp: cast it in a view', (SELECT ARRAY_AGG(word ORDER BY place LIMIT 1) FROM UNNEST(features) AS word WITH OFFSET AS place WHERE (SELECT ANY_VALUE(REGEXP_EXTRACT(c.kind, r'^[A-Z0-9]+')) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word)) NOT IN ('FLOAT64', 'INT64', 'NUMERIC', 'BIGNUMERIC', 'BOOL', 'DATE', 'DATETIME', 'TIMESTAMP'))[SAFE_OFFSET(0)]))
    WHEN threshold IS NOT NULL AND contamination IS NOT NULL
    THEN ERROR('threshold and contamination exclude each other: give NULL for one')
    WHEN IS_NAN(threshold) OR IS_INF(threshold)
    THEN ERROR('threshold has to be a number')
    WHEN IS_NAN(contamination) OR contamination <= 0 OR contamination > 0.5
    THEN ERROR('contamination has to be above 0, and at most 0.5')
    ELSE CONCAT(
      IFNULL(CONCAT('CREATE TABLE ', IF(result_table IS NULL, NULL, `sqlnomaly`.anomaly_path(result_table, NULL)), ' AS '), ''),
      'WITH _sn_cells AS (SELECT numbered._sn_row AS row_id, numbered._sn_part AS part, ',
      'cell.feature AS feature, cell.x AS x FROM _sn_rows AS numbered CROSS JOIN UNNEST([',
      (
        SELECT STRING_AGG(
          CONCAT(
            'STRUCT(', CAST(place + 1 AS STRING), ' AS feature, ',
            REPLACE(
              CASE (SELECT ANY_VALUE(REGEXP_EXTRACT(c.kind, r'^[A-Z0-9]+')) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word))
                WHEN 'FLOAT64' THEN r'''CAST(CAST(_sn_hole AS FLOAT64) AS FLOAT64)'''
                WHEN 'INT64' THEN r'''CAST(CAST(_sn_hole AS FLOAT64) AS FLOAT64)'''
                WHEN 'NUMERIC' THEN r'''CAST(CAST(_sn_hole AS FLOAT64) AS FLOAT64)'''
                WHEN 'BIGNUMERIC' THEN r'''CAST(CAST(_sn_hole AS FLOAT64) AS FLOAT64)'''
                WHEN 'BOOL' THEN r'''CAST(CASE WHEN _sn_hole THEN 1.0e0 WHEN NOT _sn_hole THEN 0.0e0 END AS FLOAT64)'''
                WHEN 'DATE' THEN r'''CAST(UNIX_DATE(_sn_hole) * 86400e0 AS FLOAT64)'''
                WHEN 'DATETIME' THEN r'''CAST(UNIX_MICROS(TIMESTAMP(_sn_hole, 'UTC')) / 1000000e0 AS FLOAT64)'''
                WHEN 'TIMESTAMP' THEN r'''CAST(UNIX_MICROS(_sn_hole) / 1000000e0 AS FLOAT64)'''
              END,
              '_sn_hole',
              CONCAT('numbered.`', (SELECT ANY_VALUE(c.name) FROM UNNEST(found) AS c WHERE LOWER(c.name) = LOWER(word)), '`')
            ),
            ' AS x)'
          ),
          ', ' ORDER BY place
        )
        FROM UNNEST(features) AS word WITH OFFSET AS place
      ),
      ']) AS cell), _sn_judged AS (',
      REPLACE(
        REPLACE(
          CASE IFNULL(detector, 'zscore')
            WHEN 'zscore' THEN r'''
WITH judged_cells AS (
  WITH source AS (
    SELECT
      row_id,
      part,
      feature,
      CASE WHEN ABS(x) <= 1e+150 THEN x END AS _sn_x,
      x AS _sn_x__raw,
      part AS _sn__key1,
      feature AS _sn__key2
    FROM _sn_cells
  ), baseline AS (
    SELECT
      _sn__key1,
      _sn__key2,
      COUNT(_sn_x) AS _sn_x__n,
      AVG(_sn_x) AS _sn_x__mean,
      VAR_POP(_sn_x) * COUNT(_sn_x) AS _sn_x__m2,
      MIN(_sn_x) AS _sn_x__low,
      MAX(_sn_x) AS _sn_x__high
    FROM source
    GROUP BY
      _sn__key1,
      _sn__key2
  ), model AS (
    SELECT
      *,
      CASE WHEN _sn_x__low = _sn_x__high THEN _sn_x__low ELSE _sn_x__mean END AS _sn_x__centre,
      CASE
        WHEN _sn_x__low < _sn_x__high AND _sn_x__m2 / NULLIF(_sn_x__n - 1, 0.0e0) > 1e-300
        THEN SQRT(
          CASE
            WHEN _sn_x__m2 / NULLIF(_sn_x__n - 1, 0.0e0) >= 0.0e0
            THEN _sn_x__m2 / NULLIF(_sn_x__n - 1, 0.0e0)
          END
        )
        ELSE 0.0e0
      END AS _sn_x__scale
    FROM baseline
  ), terms AS (
    SELECT
      source.*,
      model._sn_x__n,
      model._sn_x__scale,
      CASE
        WHEN model._sn_x__n >= 3
        THEN CASE
          WHEN model._sn_x__scale > 0.0e0
          THEN ABS(source._sn_x - model._sn_x__centre) / NULLIF(model._sn_x__scale, 0.0e0)
          WHEN source._sn_x = model._sn_x__centre
          THEN 0.0e0
        END
      END AS _sn_x__term
    FROM source
    LEFT JOIN model
      ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
      AND source._sn__key2 IS NOT DISTINCT FROM model._sn__key2
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
  )
  SELECT
    row_id,
    part,
    feature,
    _sn__score AS score,
    CASE
      WHEN _sn_x__raw IS NULL
      THEN 'missing_value'
      WHEN _sn_x IS NULL
      THEN 'out_of_range'
      WHEN COALESCE(_sn_x__n, 0) < 3
      THEN 'too_few_rows'
      WHEN _sn__score IS NULL OR _sn_x__scale = 0.0e0
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS status
  FROM scored
), totals AS (
  SELECT
    row_id,
    MIN(part) AS part,
    COUNT(1) AS cells,
    COUNT(score) AS known,
    MAX(score) AS best,
    COUNTIF(status = 'missing_value') AS missing_value,
    COUNTIF(status = 'out_of_range') AS out_of_range,
    COUNTIF(status = 'too_few_rows') AS too_few_rows,
    COUNTIF(status = 'constant_baseline') AS constant_baseline
  FROM judged_cells
  GROUP BY
    row_id
), scored_2 AS (
  SELECT
    *,
    CASE WHEN known = cells THEN best END AS row_score
  FROM totals
), foremost AS (
  SELECT
    judged_cells.row_id,
    MIN(scored_2.part) AS part,
    MIN(scored_2.cells) AS cells,
    MIN(scored_2.best) AS best,
    MIN(scored_2.missing_value) AS missing_value,
    MIN(scored_2.out_of_range) AS out_of_range,
    MIN(scored_2.too_few_rows) AS too_few_rows,
    MIN(scored_2.constant_baseline) AS constant_baseline,
    MIN(scored_2.row_score) AS row_score,
    MIN(
      CASE
        WHEN NOT scored_2.best IS NULL
        AND judged_cells.score >= scored_2.best - (
          1e-09 * GREATEST(1.0e0, ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON judged_cells.row_id IS NOT DISTINCT FROM scored_2.row_id
  GROUP BY
    judged_cells.row_id
), whole_rows AS (
  SELECT
    *,
    CASE WHEN NOT row_score IS NULL THEN place END AS anomaly_feature,
    CASE
      WHEN missing_value > 0
      THEN 'missing_value'
      WHEN out_of_range > 0
      THEN 'out_of_range'
      WHEN too_few_rows > 0
      THEN 'too_few_rows'
      WHEN row_score IS NULL OR constant_baseline = cells
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS anomaly_status
  FROM foremost
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, 0.0e0) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(CASE WHEN CAST(_sn_fixed AS FLOAT64) IS NULL THEN row_score END, _sn_share) OVER (PARTITION BY part) AS quantile_each
  FROM ranked
), cutoff AS (
  SELECT
    part,
    MIN(quantile_each) AS quantile
  FROM cutoff_quantiles
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ranked.part IS NOT DISTINCT FROM cutoff.part
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS FLOAT64), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN 1.0e0 - (
      CAST(_sn__not_below AS FLOAT64) / NULLIF(CAST(_sn__scores AS FLOAT64), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      1e-09 * GREATEST(1.0e0, ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
'''
            WHEN 'mad' THEN r'''
WITH judged_cells AS (
  WITH source AS (
    SELECT
      row_id,
      part,
      feature,
      CASE WHEN ABS(x) <= 1e+150 THEN x END AS _sn_x,
      x AS _sn_x__raw,
      part AS _sn__key1,
      feature AS _sn__key2
    FROM _sn_cells
  ), centre_quantiles AS (
    SELECT
      *,
      PERCENTILE_CONT(_sn_x, 0.5e0) OVER (PARTITION BY _sn__key1, _sn__key2) AS _sn_x__centre_each
    FROM source
  ), centre AS (
    SELECT
      _sn__key1,
      _sn__key2,
      COUNT(_sn_x) AS _sn_x__n,
      MIN(_sn_x__centre_each) AS _sn_x__centre
    FROM centre_quantiles
    GROUP BY
      _sn__key1,
      _sn__key2
  ), spread_quantiles AS (
    SELECT
      source.*,
      centre._sn_x__centre,
      centre._sn_x__n,
      PERCENTILE_CONT(ABS(source._sn_x - centre._sn_x__centre), 0.5e0) OVER (PARTITION BY source._sn__key1, source._sn__key2) AS _sn_x__mad_each
    FROM source
    LEFT JOIN centre
      ON source._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
      AND source._sn__key2 IS NOT DISTINCT FROM centre._sn__key2
  ), spread AS (
    SELECT
      _sn__key1,
      _sn__key2,
      MIN(_sn_x__n) AS _sn_x__n,
      MIN(_sn_x__centre) AS _sn_x__centre,
      MIN(_sn_x__mad_each) AS _sn_x__mad
    FROM spread_quantiles
    GROUP BY
      _sn__key1,
      _sn__key2
  ), model AS (
    SELECT
      *,
      CASE
        WHEN _sn_x__mad / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
        THEN _sn_x__mad / NULLIF(0.6744897501960817e0, 0.0e0)
        ELSE 0.0e0
      END AS _sn_x__scale
    FROM spread
  ), terms AS (
    SELECT
      source.*,
      model._sn_x__n,
      model._sn_x__scale,
      CASE
        WHEN model._sn_x__n >= 3
        THEN CASE
          WHEN model._sn_x__scale > 0.0e0
          THEN ABS(source._sn_x - model._sn_x__centre) / NULLIF(model._sn_x__scale, 0.0e0)
          WHEN source._sn_x = model._sn_x__centre
          THEN 0.0e0
        END
      END AS _sn_x__term
    FROM source
    LEFT JOIN model
      ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
      AND source._sn__key2 IS NOT DISTINCT FROM model._sn__key2
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
  )
  SELECT
    row_id,
    part,
    feature,
    _sn__score AS score,
    CASE
      WHEN _sn_x__raw IS NULL
      THEN 'missing_value'
      WHEN _sn_x IS NULL
      THEN 'out_of_range'
      WHEN COALESCE(_sn_x__n, 0) < 3
      THEN 'too_few_rows'
      WHEN _sn__score IS NULL OR _sn_x__scale = 0.0e0
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS status
  FROM scored
), totals AS (
  SELECT
    row_id,
    MIN(part) AS part,
    COUNT(1) AS cells,
    COUNT(score) AS known,
    MAX(score) AS best,
    COUNTIF(status = 'missing_value') AS missing_value,
    COUNTIF(status = 'out_of_range') AS out_of_range,
    COUNTIF(status = 'too_few_rows') AS too_few_rows,
    COUNTIF(status = 'constant_baseline') AS constant_baseline
  FROM judged_cells
  GROUP BY
    row_id
), scored_2 AS (
  SELECT
    *,
    CASE WHEN known = cells THEN best END AS row_score
  FROM totals
), foremost AS (
  SELECT
    judged_cells.row_id,
    MIN(scored_2.part) AS part,
    MIN(scored_2.cells) AS cells,
    MIN(scored_2.best) AS best,
    MIN(scored_2.missing_value) AS missing_value,
    MIN(scored_2.out_of_range) AS out_of_range,
    MIN(scored_2.too_few_rows) AS too_few_rows,
    MIN(scored_2.constant_baseline) AS constant_baseline,
    MIN(scored_2.row_score) AS row_score,
    MIN(
      CASE
        WHEN NOT scored_2.best IS NULL
        AND judged_cells.score >= scored_2.best - (
          1e-09 * GREATEST(1.0e0, ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON judged_cells.row_id IS NOT DISTINCT FROM scored_2.row_id
  GROUP BY
    judged_cells.row_id
), whole_rows AS (
  SELECT
    *,
    CASE WHEN NOT row_score IS NULL THEN place END AS anomaly_feature,
    CASE
      WHEN missing_value > 0
      THEN 'missing_value'
      WHEN out_of_range > 0
      THEN 'out_of_range'
      WHEN too_few_rows > 0
      THEN 'too_few_rows'
      WHEN row_score IS NULL OR constant_baseline = cells
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS anomaly_status
  FROM foremost
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, 0.0e0) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(CASE WHEN CAST(_sn_fixed AS FLOAT64) IS NULL THEN row_score END, _sn_share) OVER (PARTITION BY part) AS quantile_each
  FROM ranked
), cutoff AS (
  SELECT
    part,
    MIN(quantile_each) AS quantile
  FROM cutoff_quantiles
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ranked.part IS NOT DISTINCT FROM cutoff.part
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS FLOAT64), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN 1.0e0 - (
      CAST(_sn__not_below AS FLOAT64) / NULLIF(CAST(_sn__scores AS FLOAT64), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      1e-09 * GREATEST(1.0e0, ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
'''
            WHEN 'iqr' THEN r'''
WITH judged_cells AS (
  WITH source AS (
    SELECT
      row_id,
      part,
      feature,
      CASE WHEN ABS(x) <= 1e+150 THEN x END AS _sn_x,
      x AS _sn_x__raw,
      part AS _sn__key1,
      feature AS _sn__key2
    FROM _sn_cells
  ), quartiles_quantiles AS (
    SELECT
      *,
      PERCENTILE_CONT(_sn_x, 0.25e0) OVER (PARTITION BY _sn__key1, _sn__key2) AS _sn_x__q1_each,
      PERCENTILE_CONT(_sn_x, 0.75e0) OVER (PARTITION BY _sn__key1, _sn__key2) AS _sn_x__q3_each
    FROM source
  ), quartiles AS (
    SELECT
      _sn__key1,
      _sn__key2,
      COUNT(_sn_x) AS _sn_x__n,
      MIN(_sn_x__q1_each) AS _sn_x__q1,
      MIN(_sn_x__q3_each) AS _sn_x__q3
    FROM quartiles_quantiles
    GROUP BY
      _sn__key1,
      _sn__key2
  ), model AS (
    SELECT
      *,
      CASE WHEN _sn_x__q3 - _sn_x__q1 > 1e-150 THEN _sn_x__q3 - _sn_x__q1 ELSE 0.0e0 END AS _sn_x__scale,
      _sn_x__q1 + (
        0.5e0 * (
          _sn_x__q3 - _sn_x__q1
        )
      ) AS _sn_x__centre
    FROM quartiles
  ), terms AS (
    SELECT
      source.*,
      model._sn_x__n,
      model._sn_x__scale,
      CASE
        WHEN model._sn_x__n >= 4
        THEN CASE
          WHEN model._sn_x__scale > 0.0e0
          AND GREATEST(source._sn_x - model._sn_x__q3, model._sn_x__q1 - source._sn_x) > 0.0e0
          THEN GREATEST(source._sn_x - model._sn_x__q3, model._sn_x__q1 - source._sn_x) / NULLIF(model._sn_x__scale, 0.0e0)
          WHEN model._sn_x__scale > 0.0e0
          AND GREATEST(source._sn_x - model._sn_x__q3, model._sn_x__q1 - source._sn_x) <= 0.0e0
          THEN 0.0e0
          WHEN source._sn_x = model._sn_x__centre
          THEN 0.0e0
        END
      END AS _sn_x__term
    FROM source
    LEFT JOIN model
      ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
      AND source._sn__key2 IS NOT DISTINCT FROM model._sn__key2
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
  )
  SELECT
    row_id,
    part,
    feature,
    _sn__score AS score,
    CASE
      WHEN _sn_x__raw IS NULL
      THEN 'missing_value'
      WHEN _sn_x IS NULL
      THEN 'out_of_range'
      WHEN COALESCE(_sn_x__n, 0) < 4
      THEN 'too_few_rows'
      WHEN _sn__score IS NULL OR _sn_x__scale = 0.0e0
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS status
  FROM scored
), totals AS (
  SELECT
    row_id,
    MIN(part) AS part,
    COUNT(1) AS cells,
    COUNT(score) AS known,
    MAX(score) AS best,
    COUNTIF(status = 'missing_value') AS missing_value,
    COUNTIF(status = 'out_of_range') AS out_of_range,
    COUNTIF(status = 'too_few_rows') AS too_few_rows,
    COUNTIF(status = 'constant_baseline') AS constant_baseline
  FROM judged_cells
  GROUP BY
    row_id
), scored_2 AS (
  SELECT
    *,
    CASE WHEN known = cells THEN best END AS row_score
  FROM totals
), foremost AS (
  SELECT
    judged_cells.row_id,
    MIN(scored_2.part) AS part,
    MIN(scored_2.cells) AS cells,
    MIN(scored_2.best) AS best,
    MIN(scored_2.missing_value) AS missing_value,
    MIN(scored_2.out_of_range) AS out_of_range,
    MIN(scored_2.too_few_rows) AS too_few_rows,
    MIN(scored_2.constant_baseline) AS constant_baseline,
    MIN(scored_2.row_score) AS row_score,
    MIN(
      CASE
        WHEN NOT scored_2.best IS NULL
        AND judged_cells.score >= scored_2.best - (
          1e-09 * GREATEST(1.0e0, ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON judged_cells.row_id IS NOT DISTINCT FROM scored_2.row_id
  GROUP BY
    judged_cells.row_id
), whole_rows AS (
  SELECT
    *,
    CASE WHEN NOT row_score IS NULL THEN place END AS anomaly_feature,
    CASE
      WHEN missing_value > 0
      THEN 'missing_value'
      WHEN out_of_range > 0
      THEN 'out_of_range'
      WHEN too_few_rows > 0
      THEN 'too_few_rows'
      WHEN row_score IS NULL OR constant_baseline = cells
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS anomaly_status
  FROM foremost
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, 0.0e0) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(CASE WHEN CAST(_sn_fixed AS FLOAT64) IS NULL THEN row_score END, _sn_share) OVER (PARTITION BY part) AS quantile_each
  FROM ranked
), cutoff AS (
  SELECT
    part,
    MIN(quantile_each) AS quantile
  FROM cutoff_quantiles
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ranked.part IS NOT DISTINCT FROM cutoff.part
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS FLOAT64), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN 1.0e0 - (
      CAST(_sn__not_below AS FLOAT64) / NULLIF(CAST(_sn__scores AS FLOAT64), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      1e-09 * GREATEST(1.0e0, ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
'''
            WHEN 'hbos' THEN r'''
WITH judged_cells AS (
  WITH source AS (
    SELECT
      row_id,
      part,
      feature,
      CASE WHEN ABS(x) <= 1e+150 THEN x END AS _sn_x,
      x AS _sn_x__raw,
      part AS _sn__key1,
      feature AS _sn__key2
    FROM _sn_cells
  ), bounds AS (
    SELECT
      _sn__key1,
      _sn__key2,
      COUNT(_sn_x) AS _sn_x__n,
      MIN(_sn_x) AS _sn_x__low,
      MAX(_sn_x) AS _sn_x__high
    FROM source
    GROUP BY
      _sn__key1,
      _sn__key2
  ), widths AS (
    SELECT
      *,
      CASE
        WHEN (
          _sn_x__high - _sn_x__low
        ) / NULLIF(10.0e0, 0.0e0) > GREATEST(
          1e-150,
          4.440892098500626e-16 * GREATEST(ABS(COALESCE(_sn_x__low, 0.0e0)), ABS(COALESCE(_sn_x__high, 0.0e0)))
        )
        THEN (
          _sn_x__high - _sn_x__low
        ) / NULLIF(10.0e0, 0.0e0)
        ELSE 0.0e0
      END AS _sn_x__scale
    FROM bounds
  ), edges AS (
    SELECT
      *,
      (
        1.0e0 * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_1,
      (
        2.0e0 * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_2,
      (
        3.0e0 * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_3,
      (
        4.0e0 * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_4,
      (
        5.0e0 * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_5,
      (
        6.0e0 * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_6,
      (
        7.0e0 * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_7,
      (
        8.0e0 * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_8,
      (
        9.0e0 * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_9
    FROM widths
  ), bins AS (
    SELECT
      source._sn__key1,
      source._sn__key2,
      MIN(edges._sn_x__n) AS _sn_x__n,
      MIN(edges._sn_x__low) AS _sn_x__low,
      MIN(edges._sn_x__high) AS _sn_x__high,
      MIN(edges._sn_x__scale) AS _sn_x__scale,
      MIN(edges._sn_x__edge_1) AS _sn_x__edge_1,
      MIN(edges._sn_x__edge_2) AS _sn_x__edge_2,
      MIN(edges._sn_x__edge_3) AS _sn_x__edge_3,
      MIN(edges._sn_x__edge_4) AS _sn_x__edge_4,
      MIN(edges._sn_x__edge_5) AS _sn_x__edge_5,
      MIN(edges._sn_x__edge_6) AS _sn_x__edge_6,
      MIN(edges._sn_x__edge_7) AS _sn_x__edge_7,
      MIN(edges._sn_x__edge_8) AS _sn_x__edge_8,
      MIN(edges._sn_x__edge_9) AS _sn_x__edge_9,
      COUNTIF(source._sn_x >= edges._sn_x__edge_1) AS _sn_x__from_1,
      COUNTIF(source._sn_x >= edges._sn_x__edge_2) AS _sn_x__from_2,
      COUNTIF(source._sn_x >= edges._sn_x__edge_3) AS _sn_x__from_3,
      COUNTIF(source._sn_x >= edges._sn_x__edge_4) AS _sn_x__from_4,
      COUNTIF(source._sn_x >= edges._sn_x__edge_5) AS _sn_x__from_5,
      COUNTIF(source._sn_x >= edges._sn_x__edge_6) AS _sn_x__from_6,
      COUNTIF(source._sn_x >= edges._sn_x__edge_7) AS _sn_x__from_7,
      COUNTIF(source._sn_x >= edges._sn_x__edge_8) AS _sn_x__from_8,
      COUNTIF(source._sn_x >= edges._sn_x__edge_9) AS _sn_x__from_9
    FROM source
    LEFT JOIN edges
      ON source._sn__key1 IS NOT DISTINCT FROM edges._sn__key1
      AND source._sn__key2 IS NOT DISTINCT FROM edges._sn__key2
    GROUP BY
      source._sn__key1,
      source._sn__key2
  ), levels AS (
    SELECT
      *,
      -(
        LN(
          (
            (
              CAST(_sn_x__n - _sn_x__from_1 AS FLOAT64) / NULLIF(_sn_x__edge_1 - _sn_x__low, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_0,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_1 - _sn_x__from_2 AS FLOAT64) / NULLIF(_sn_x__edge_2 - _sn_x__edge_1, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_1,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_2 - _sn_x__from_3 AS FLOAT64) / NULLIF(_sn_x__edge_3 - _sn_x__edge_2, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_2,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_3 - _sn_x__from_4 AS FLOAT64) / NULLIF(_sn_x__edge_4 - _sn_x__edge_3, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_3,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_4 - _sn_x__from_5 AS FLOAT64) / NULLIF(_sn_x__edge_5 - _sn_x__edge_4, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_4,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_5 - _sn_x__from_6 AS FLOAT64) / NULLIF(_sn_x__edge_6 - _sn_x__edge_5, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_5,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_6 - _sn_x__from_7 AS FLOAT64) / NULLIF(_sn_x__edge_7 - _sn_x__edge_6, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_6,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_7 - _sn_x__from_8 AS FLOAT64) / NULLIF(_sn_x__edge_8 - _sn_x__edge_7, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_7,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_8 - _sn_x__from_9 AS FLOAT64) / NULLIF(_sn_x__edge_9 - _sn_x__edge_8, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_8,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_9 AS FLOAT64) / NULLIF(_sn_x__high - _sn_x__edge_9, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + 0.1e0
        ) / NULLIF(0.6931471805599453e0, 0.0e0)
      ) AS _sn_x__level_9
    FROM bins
  ), model AS (
    SELECT
      *,
      GREATEST(
        COALESCE(_sn_x__level_0, 0.0e0),
        COALESCE(_sn_x__level_1, 0.0e0),
        COALESCE(_sn_x__level_2, 0.0e0),
        COALESCE(_sn_x__level_3, 0.0e0),
        COALESCE(_sn_x__level_4, 0.0e0),
        COALESCE(_sn_x__level_5, 0.0e0),
        COALESCE(_sn_x__level_6, 0.0e0),
        COALESCE(_sn_x__level_7, 0.0e0),
        COALESCE(_sn_x__level_8, 0.0e0),
        COALESCE(_sn_x__level_9, 0.0e0)
      ) AS _sn_x__worst
    FROM levels
  ), terms AS (
    SELECT
      source.*,
      model._sn_x__n,
      model._sn_x__scale,
      CASE
        WHEN model._sn_x__n >= 3
        THEN CASE
          WHEN model._sn_x__scale = 0.0e0
          AND source._sn_x >= model._sn_x__low
          AND source._sn_x <= model._sn_x__high
          THEN 0.0e0
          WHEN NOT (
            model._sn_x__scale > 0.0e0
          )
          THEN NULL
          WHEN source._sn_x - model._sn_x__high > model._sn_x__scale * 0.5e0
          THEN model._sn_x__worst
          WHEN model._sn_x__low - source._sn_x > model._sn_x__scale * 0.5e0
          THEN model._sn_x__worst
          WHEN source._sn_x > model._sn_x__edge_9
          THEN model._sn_x__level_9
          WHEN source._sn_x > model._sn_x__edge_8
          THEN model._sn_x__level_8
          WHEN source._sn_x > model._sn_x__edge_7
          THEN model._sn_x__level_7
          WHEN source._sn_x > model._sn_x__edge_6
          THEN model._sn_x__level_6
          WHEN source._sn_x > model._sn_x__edge_5
          THEN model._sn_x__level_5
          WHEN source._sn_x > model._sn_x__edge_4
          THEN model._sn_x__level_4
          WHEN source._sn_x > model._sn_x__edge_3
          THEN model._sn_x__level_3
          WHEN source._sn_x > model._sn_x__edge_2
          THEN model._sn_x__level_2
          WHEN source._sn_x > model._sn_x__edge_1
          THEN model._sn_x__level_1
          WHEN NOT source._sn_x IS NULL
          THEN model._sn_x__level_0
        END
      END AS _sn_x__term
    FROM source
    LEFT JOIN model
      ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
      AND source._sn__key2 IS NOT DISTINCT FROM model._sn__key2
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
  )
  SELECT
    row_id,
    part,
    feature,
    _sn__score AS score,
    CASE
      WHEN _sn_x__raw IS NULL
      THEN 'missing_value'
      WHEN _sn_x IS NULL
      THEN 'out_of_range'
      WHEN COALESCE(_sn_x__n, 0) < 3
      THEN 'too_few_rows'
      WHEN _sn__score IS NULL OR _sn_x__scale = 0.0e0
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS status
  FROM scored
), totals AS (
  SELECT
    row_id,
    MIN(part) AS part,
    COUNT(1) AS cells,
    COUNT(score) AS known,
    MAX(score) AS best,
    CAST(SUM(CAST(score AS BIGNUMERIC)) AS FLOAT64) AS total,
    COUNTIF(status = 'missing_value') AS missing_value,
    COUNTIF(status = 'out_of_range') AS out_of_range,
    COUNTIF(status = 'too_few_rows') AS too_few_rows,
    COUNTIF(status = 'constant_baseline') AS constant_baseline
  FROM judged_cells
  GROUP BY
    row_id
), scored_2 AS (
  SELECT
    *,
    CASE WHEN known = cells THEN total END AS row_score
  FROM totals
), foremost AS (
  SELECT
    judged_cells.row_id,
    MIN(scored_2.part) AS part,
    MIN(scored_2.cells) AS cells,
    MIN(scored_2.best) AS best,
    MIN(scored_2.missing_value) AS missing_value,
    MIN(scored_2.out_of_range) AS out_of_range,
    MIN(scored_2.too_few_rows) AS too_few_rows,
    MIN(scored_2.constant_baseline) AS constant_baseline,
    MIN(scored_2.row_score) AS row_score,
    MIN(
      CASE
        WHEN NOT scored_2.best IS NULL
        AND judged_cells.score >= scored_2.best - (
          1e-09 * GREATEST(1.0e0, ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON judged_cells.row_id IS NOT DISTINCT FROM scored_2.row_id
  GROUP BY
    judged_cells.row_id
), whole_rows AS (
  SELECT
    *,
    CASE WHEN NOT row_score IS NULL THEN place END AS anomaly_feature,
    CASE
      WHEN missing_value > 0
      THEN 'missing_value'
      WHEN out_of_range > 0
      THEN 'out_of_range'
      WHEN too_few_rows > 0
      THEN 'too_few_rows'
      WHEN row_score IS NULL OR constant_baseline = cells
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS anomaly_status
  FROM foremost
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, 0.0e0) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(CASE WHEN CAST(_sn_fixed AS FLOAT64) IS NULL THEN row_score END, _sn_share) OVER (PARTITION BY part) AS quantile_each
  FROM ranked
), cutoff AS (
  SELECT
    part,
    MIN(quantile_each) AS quantile
  FROM cutoff_quantiles
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ranked.part IS NOT DISTINCT FROM cutoff.part
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS FLOAT64), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN 1.0e0 - (
      CAST(_sn__not_below AS FLOAT64) / NULLIF(CAST(_sn__scores AS FLOAT64), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      1e-09 * GREATEST(1.0e0, ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
'''
            WHEN 'ecod' THEN r'''
WITH judged_cells AS (
  WITH source AS (
    SELECT
      row_id,
      part,
      feature,
      CASE WHEN ABS(x) <= 1e+150 THEN x END AS _sn_x,
      x AS _sn_x__raw,
      part AS _sn__key1,
      feature AS _sn__key2
    FROM _sn_cells
  ), ranks AS (
    SELECT
      *,
      RANK() OVER (PARTITION BY _sn__key1, _sn__key2 ORDER BY COALESCE(_sn_x, 1e+300)) AS _sn_x__rank,
      COUNT(_sn_x) OVER (PARTITION BY _sn__key1, _sn__key2 ORDER BY COALESCE(_sn_x, 1e+300)) AS _sn_x__below
    FROM source
  ), bounds AS (
    SELECT
      _sn__key1,
      _sn__key2,
      COUNT(_sn_x) AS _sn_x__n,
      AVG(_sn_x) AS _sn_x__mean,
      MIN(_sn_x) AS _sn_x__low,
      MAX(_sn_x) AS _sn_x__high
    FROM source
    GROUP BY
      _sn__key1,
      _sn__key2
  ), skew AS (
    SELECT
      source._sn__key1,
      source._sn__key2,
      MIN(bounds._sn_x__n) AS _sn_x__n,
      MIN(bounds._sn_x__mean) AS _sn_x__mean,
      MIN(bounds._sn_x__low) AS _sn_x__low,
      MIN(bounds._sn_x__high) AS _sn_x__high,
      SUM(
        (
          (
            (
              source._sn_x - bounds._sn_x__mean
            ) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
          ) * (
            (
              source._sn_x - bounds._sn_x__mean
            ) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
          )
        ) * (
          (
            source._sn_x - bounds._sn_x__mean
          ) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
        )
      ) AS _sn_x__skew,
      SUM(
        ABS(
          (
            (
              (
                source._sn_x - bounds._sn_x__mean
              ) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
            ) * (
              (
                source._sn_x - bounds._sn_x__mean
              ) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
            )
          ) * (
            (
              source._sn_x - bounds._sn_x__mean
            ) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
          )
        )
      ) AS _sn_x__bulk
    FROM source
    LEFT JOIN bounds
      ON source._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
      AND source._sn__key2 IS NOT DISTINCT FROM bounds._sn__key2
    GROUP BY
      source._sn__key1,
      source._sn__key2
  ), model AS (
    SELECT
      *,
      CASE WHEN _sn_x__high > _sn_x__low THEN _sn_x__high - _sn_x__low ELSE 0.0e0 END AS _sn_x__scale,
      CASE
        WHEN ABS(_sn_x__skew) <= 1e-09 * _sn_x__bulk
        THEN 0
        WHEN _sn_x__skew > 0.0e0
        THEN 1
        ELSE -1
      END AS _sn_x__side
    FROM skew
  ), tails AS (
    SELECT
      ranks.*,
      CASE
        WHEN model._sn_x__scale = 0.0e0 AND ranks._sn_x = model._sn_x__low
        THEN 0.0e0
        WHEN NOT ranks._sn_x IS NULL AND model._sn_x__scale > 0.0e0
        THEN -LN(
          CASE
            WHEN model._sn_x__side = 0
            THEN (
              CAST(GREATEST(COALESCE(ranks._sn_x__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x__n, 0.0e0)
            ) * (
              CAST(GREATEST(COALESCE((
                model._sn_x__n + 1
              ) - ranks._sn_x__rank, 0), 1) AS FLOAT64) / NULLIF(model._sn_x__n, 0.0e0)
            )
            ELSE LEAST(
              CAST(GREATEST(COALESCE(ranks._sn_x__below, 0), 1) AS FLOAT64) / NULLIF(model._sn_x__n, 0.0e0),
              CAST(GREATEST(COALESCE((
                model._sn_x__n + 1
              ) - ranks._sn_x__rank, 0), 1) AS FLOAT64) / NULLIF(model._sn_x__n, 0.0e0)
            )
          END
        )
      END AS _sn_x__tail
    FROM ranks
    LEFT JOIN model
      ON ranks._sn__key1 IS NOT DISTINCT FROM model._sn__key1
      AND ranks._sn__key2 IS NOT DISTINCT FROM model._sn__key2
  ), placed AS (
    SELECT
      tails.*,
      model._sn_x__n,
      model._sn_x__scale
    FROM tails
    LEFT JOIN model
      ON tails._sn__key1 IS NOT DISTINCT FROM model._sn__key1
      AND tails._sn__key2 IS NOT DISTINCT FROM model._sn__key2
  ), terms AS (
    SELECT
      *,
      CASE WHEN _sn_x__n >= 3 THEN _sn_x__tail END AS _sn_x__term
    FROM placed
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
  )
  SELECT
    row_id,
    part,
    feature,
    _sn__score AS score,
    CASE
      WHEN _sn_x__raw IS NULL
      THEN 'missing_value'
      WHEN _sn_x IS NULL
      THEN 'out_of_range'
      WHEN COALESCE(_sn_x__n, 0) < 3
      THEN 'too_few_rows'
      WHEN _sn__score IS NULL OR _sn_x__scale = 0.0e0
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS status
  FROM scored
), totals AS (
  SELECT
    row_id,
    MIN(part) AS part,
    COUNT(1) AS cells,
    COUNT(score) AS known,
    MAX(score) AS best,
    CAST(SUM(CAST(score AS BIGNUMERIC)) AS FLOAT64) AS total,
    COUNTIF(status = 'missing_value') AS missing_value,
    COUNTIF(status = 'out_of_range') AS out_of_range,
    COUNTIF(status = 'too_few_rows') AS too_few_rows,
    COUNTIF(status = 'constant_baseline') AS constant_baseline
  FROM judged_cells
  GROUP BY
    row_id
), scored_2 AS (
  SELECT
    *,
    CASE WHEN known = cells THEN total END AS row_score
  FROM totals
), foremost AS (
  SELECT
    judged_cells.row_id,
    MIN(scored_2.part) AS part,
    MIN(scored_2.cells) AS cells,
    MIN(scored_2.best) AS best,
    MIN(scored_2.missing_value) AS missing_value,
    MIN(scored_2.out_of_range) AS out_of_range,
    MIN(scored_2.too_few_rows) AS too_few_rows,
    MIN(scored_2.constant_baseline) AS constant_baseline,
    MIN(scored_2.row_score) AS row_score,
    MIN(
      CASE
        WHEN NOT scored_2.best IS NULL
        AND judged_cells.score >= scored_2.best - (
          1e-09 * GREATEST(1.0e0, ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON judged_cells.row_id IS NOT DISTINCT FROM scored_2.row_id
  GROUP BY
    judged_cells.row_id
), whole_rows AS (
  SELECT
    *,
    CASE WHEN NOT row_score IS NULL THEN place END AS anomaly_feature,
    CASE
      WHEN missing_value > 0
      THEN 'missing_value'
      WHEN out_of_range > 0
      THEN 'out_of_range'
      WHEN too_few_rows > 0
      THEN 'too_few_rows'
      WHEN row_score IS NULL OR constant_baseline = cells
      THEN 'constant_baseline'
      ELSE 'ok'
    END AS anomaly_status
  FROM foremost
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, 0.0e0) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff_quantiles AS (
  SELECT
    *,
    PERCENTILE_CONT(CASE WHEN CAST(_sn_fixed AS FLOAT64) IS NULL THEN row_score END, _sn_share) OVER (PARTITION BY part) AS quantile_each
  FROM ranked
), cutoff AS (
  SELECT
    part,
    MIN(quantile_each) AS quantile
  FROM cutoff_quantiles
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ranked.part IS NOT DISTINCT FROM cutoff.part
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS FLOAT64), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN 1.0e0 - (
      CAST(_sn__not_below AS FLOAT64) / NULLIF(CAST(_sn__scores AS FLOAT64), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      1e-09 * GREATEST(1.0e0, ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
'''
          END,
          '_sn_fixed',
          CASE
            WHEN threshold IS NOT NULL THEN FORMAT('%.17g', threshold)
            WHEN contamination IS NOT NULL THEN 'NULL'
            ELSE IFNULL(FORMAT('%.17g', CASE IFNULL(detector, 'zscore') WHEN 'zscore' THEN 3.0 WHEN 'mad' THEN 3.5 WHEN 'iqr' THEN 1.5 END), 'NULL')
          END
        ),
        '_sn_share',
        FORMAT('%.17g', IFNULL(1 - contamination, CASE IFNULL(detector, 'zscore') WHEN 'zscore' THEN 0.99 WHEN 'mad' THEN 0.99 WHEN 'iqr' THEN 0.99 WHEN 'hbos' THEN 0.99 WHEN 'ecod' THEN 0.99 END))
      ),
      ') SELECT numbered.* EXCEPT (_sn_row, _sn_part), _sn_judged.anomaly_score, _sn_judged.anomaly_probability, _sn_judged.is_anomaly, _sn_judged.anomaly_threshold, CASE _sn_judged.anomaly_feature ',
      (
        SELECT STRING_AGG(FORMAT('WHEN %d THEN %T', place + 1, word), ' ' ORDER BY place)
        FROM UNNEST(features) AS word WITH OFFSET AS place
      ),
      ' END AS anomaly_reason, _sn_judged.anomaly_status FROM _sn_rows AS numbered ',
      'JOIN _sn_judged ON numbered._sn_row = _sn_judged.row_id'
    )
  END
);

CREATE OR REPLACE PROCEDURE `sqlnomaly`.detect_anomalies(
  table_name STRING,
  features ARRAY<STRING>,
  detector STRING,
  partition_by ARRAY<STRING>,
  threshold FLOAT64,
  contamination FLOAT64,
  result_table STRING
)
OPTIONS (description = 'sqlnomaly 0.1.0')
BEGIN
  DECLARE found ARRAY<STRUCT<name STRING, kind STRING>>;
  DECLARE numbering, judging STRING;
  SET numbering = `sqlnomaly`.anomaly_columns_sql(table_name);
  EXECUTE IMMEDIATE numbering INTO found;
  SET numbering = `sqlnomaly`.anomaly_rows_sql(table_name, found, partition_by);
  SET judging = `sqlnomaly`.anomaly_detection_sql(found, features, detector, threshold, contamination, result_table);
  EXECUTE IMMEDIATE numbering;
  EXECUTE IMMEDIATE judging;
  EXECUTE IMMEDIATE 'DROP TABLE IF EXISTS _sn_rows';
EXCEPTION WHEN ERROR THEN
  EXECUTE IMMEDIATE 'DROP TABLE IF EXISTS _sn_rows';
  RAISE USING MESSAGE = @@error.message;
END;
