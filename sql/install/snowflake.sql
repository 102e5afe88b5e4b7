-- sqlnomaly for Snowflake: DETECT_ANOMALIES, a procedure that judges a table by itself
-- Run this in a worksheet, in a schema where you may create functions and procedures; then, for example,
--     CALL DETECT_ANOMALIES('orders', ['amount', 'items'], 'ecod', ['store']);
-- Its arguments: table or view, features, detector ('zscore'), partition_by, threshold, contamination: at most one of
-- the last two; the detector's own rule without them. It gives every column and six more. By name: FEATURES => ['amount'].
-- Detectors: zscore, mad, iqr, hbos, ecod.
-- It runs with the rights of its caller, who needs SELECT on the table, and a schema in use for the temporary table
-- _SN_ROWS, a copy of the table that the session keeps until its end.
-- In a query or a view, up to 4 features of FLOAT, the reason as the number of the feature:
--     SELECT a.* FROM orders, TABLE(ANOMALIES(id::VARCHAR, 'ecod', NULL::FLOAT, NULL::FLOAT,
--         amount::FLOAT, items::FLOAT) OVER (PARTITION BY store)) AS a;
-- Of the models that sessions keep in schema sqlnomaly, SHOW_ANOMALY_MODELS says which are in force:
--     CALL SHOW_ANOMALY_MODELS(); CALL SET_ANOMALY_MODEL_VERSION('fraud', 2); CALL DROP_ANOMALY_MODEL('fraud');
-- A NaN counts as missing there: IFF(amount = 'NaN'::FLOAT, 'inf'::FLOAT, amount) keeps it out_of_range.
-- Others may call them after
--     GRANT USAGE ON DATABASE <database> TO ROLE <role>;
--     GRANT USAGE ON SCHEMA <database>.<schema> TO ROLE <role>;
--     GRANT USAGE ON PROCEDURE DETECT_ANOMALIES(VARCHAR, ARRAY, VARCHAR, ARRAY, FLOAT, FLOAT) TO ROLE <role>;
--     GRANT USAGE ON FUNCTION ANOMALY_DETECTION_SQL(ARRAY, ARRAY, VARCHAR, ARRAY, FLOAT, FLOAT) TO ROLE <role>;
--     GRANT USAGE ON FUNCTION ANOMALIES(VARCHAR, VARCHAR, FLOAT, FLOAT, FLOAT) TO ROLE <role>;
-- the last one for each number of features: one more FLOAT each.

CREATE OR REPLACE FUNCTION ANOMALY_DETECTION_SQL(
  FOUND ARRAY, FEATURES ARRAY, DETECTOR VARCHAR, PARTITION_BY ARRAY, THRESHOLD FLOAT, CONTAMINATION FLOAT
)
RETURNS VARCHAR
LANGUAGE PYTHON
RUNTIME_VERSION = '3.11'
HANDLER = 'statement'
COMMENT = 'sqlnomaly 0.1.0'
AS
$$
QUERIES = {
    "zscore": """
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
      POWER(STDDEV_POP(_sn_x), 2) * COUNT(_sn_x) AS _sn_x__m2,
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
        ELSE CAST(0.0e0 AS DOUBLE)
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
          THEN CAST(0.0e0 AS DOUBLE)
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
    COUNT(CASE WHEN status = 'missing_value' THEN 1 END) AS missing_value,
    COUNT(CASE WHEN status = 'out_of_range' THEN 1 END) AS out_of_range,
    COUNT(CASE WHEN status = 'too_few_rows' THEN 1 END) AS too_few_rows,
    COUNT(CASE WHEN status = 'constant_baseline' THEN 1 END) AS constant_baseline
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
          CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(scored_2.best))
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
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE)) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE) IS NULL THEN row_score END) AS quantile
  FROM ranked
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
    COALESCE(CAST(_sn_fixed AS DOUBLE), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE) - (
      CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
""",
    "mad": """
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
  ), centre AS (
    SELECT
      _sn__key1,
      _sn__key2,
      COUNT(_sn_x) AS _sn_x__n,
      PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
        _sn_x) AS _sn_x__centre
    FROM source
    GROUP BY
      _sn__key1,
      _sn__key2
  ), spread AS (
    SELECT
      source._sn__key1,
      source._sn__key2,
      MIN(centre._sn_x__n) AS _sn_x__n,
      MIN(centre._sn_x__centre) AS _sn_x__centre,
      PERCENTILE_CONT(0.5e0) WITHIN GROUP (ORDER BY
        ABS(source._sn_x - centre._sn_x__centre)) AS _sn_x__mad
    FROM source
    LEFT JOIN centre
      ON source._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
      AND source._sn__key2 IS NOT DISTINCT FROM centre._sn__key2
    GROUP BY
      source._sn__key1,
      source._sn__key2
  ), model AS (
    SELECT
      *,
      CASE
        WHEN _sn_x__mad / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0) > 1e-150
        THEN _sn_x__mad / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE), 0.0e0)
        ELSE CAST(0.0e0 AS DOUBLE)
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
          THEN CAST(0.0e0 AS DOUBLE)
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
    COUNT(CASE WHEN status = 'missing_value' THEN 1 END) AS missing_value,
    COUNT(CASE WHEN status = 'out_of_range' THEN 1 END) AS out_of_range,
    COUNT(CASE WHEN status = 'too_few_rows' THEN 1 END) AS too_few_rows,
    COUNT(CASE WHEN status = 'constant_baseline' THEN 1 END) AS constant_baseline
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
          CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(scored_2.best))
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
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE)) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE) IS NULL THEN row_score END) AS quantile
  FROM ranked
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
    COALESCE(CAST(_sn_fixed AS DOUBLE), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE) - (
      CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
""",
    "iqr": """
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
  ), quartiles AS (
    SELECT
      _sn__key1,
      _sn__key2,
      COUNT(_sn_x) AS _sn_x__n,
      PERCENTILE_CONT(0.25e0) WITHIN GROUP (ORDER BY
        _sn_x) AS _sn_x__q1,
      PERCENTILE_CONT(0.75e0) WITHIN GROUP (ORDER BY
        _sn_x) AS _sn_x__q3
    FROM source
    GROUP BY
      _sn__key1,
      _sn__key2
  ), model AS (
    SELECT
      *,
      CASE
        WHEN _sn_x__q3 - _sn_x__q1 > 1e-150
        THEN _sn_x__q3 - _sn_x__q1
        ELSE CAST(0.0e0 AS DOUBLE)
      END AS _sn_x__scale,
      _sn_x__q1 + (
        CAST(0.5e0 AS DOUBLE) * (
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
          THEN CAST(0.0e0 AS DOUBLE)
          WHEN source._sn_x = model._sn_x__centre
          THEN CAST(0.0e0 AS DOUBLE)
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
    COUNT(CASE WHEN status = 'missing_value' THEN 1 END) AS missing_value,
    COUNT(CASE WHEN status = 'out_of_range' THEN 1 END) AS out_of_range,
    COUNT(CASE WHEN status = 'too_few_rows' THEN 1 END) AS too_few_rows,
    COUNT(CASE WHEN status = 'constant_baseline' THEN 1 END) AS constant_baseline
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
          CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(scored_2.best))
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
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE)) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE) IS NULL THEN row_score END) AS quantile
  FROM ranked
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
    COALESCE(CAST(_sn_fixed AS DOUBLE), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE) - (
      CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
""",
    "hbos": """
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
        ) / NULLIF(CAST(10.0e0 AS DOUBLE), 0.0e0) > GREATEST(
          CAST(1e-150 AS DOUBLE),
          CAST(4.440892098500626e-16 AS DOUBLE) * GREATEST(
            ABS(COALESCE(_sn_x__low, CAST(0.0e0 AS DOUBLE))),
            ABS(COALESCE(_sn_x__high, CAST(0.0e0 AS DOUBLE)))
          )
        )
        THEN (
          _sn_x__high - _sn_x__low
        ) / NULLIF(CAST(10.0e0 AS DOUBLE), 0.0e0)
        ELSE CAST(0.0e0 AS DOUBLE)
      END AS _sn_x__scale
    FROM bounds
  ), edges AS (
    SELECT
      *,
      (
        CAST(1.0e0 AS DOUBLE) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_1,
      (
        CAST(2.0e0 AS DOUBLE) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_2,
      (
        CAST(3.0e0 AS DOUBLE) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_3,
      (
        CAST(4.0e0 AS DOUBLE) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_4,
      (
        CAST(5.0e0 AS DOUBLE) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_5,
      (
        CAST(6.0e0 AS DOUBLE) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_6,
      (
        CAST(7.0e0 AS DOUBLE) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_7,
      (
        CAST(8.0e0 AS DOUBLE) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_8,
      (
        CAST(9.0e0 AS DOUBLE) * _sn_x__scale
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
      COUNT(CASE WHEN source._sn_x >= edges._sn_x__edge_1 THEN 1 END) AS _sn_x__from_1,
      COUNT(CASE WHEN source._sn_x >= edges._sn_x__edge_2 THEN 1 END) AS _sn_x__from_2,
      COUNT(CASE WHEN source._sn_x >= edges._sn_x__edge_3 THEN 1 END) AS _sn_x__from_3,
      COUNT(CASE WHEN source._sn_x >= edges._sn_x__edge_4 THEN 1 END) AS _sn_x__from_4,
      COUNT(CASE WHEN source._sn_x >= edges._sn_x__edge_5 THEN 1 END) AS _sn_x__from_5,
      COUNT(CASE WHEN source._sn_x >= edges._sn_x__edge_6 THEN 1 END) AS _sn_x__from_6,
      COUNT(CASE WHEN source._sn_x >= edges._sn_x__edge_7 THEN 1 END) AS _sn_x__from_7,
      COUNT(CASE WHEN source._sn_x >= edges._sn_x__edge_8 THEN 1 END) AS _sn_x__from_8,
      COUNT(CASE WHEN source._sn_x >= edges._sn_x__edge_9 THEN 1 END) AS _sn_x__from_9
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
              CAST(_sn_x__n - _sn_x__from_1 AS DOUBLE) / NULLIF(_sn_x__edge_1 - _sn_x__low, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_0,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_1 - _sn_x__from_2 AS DOUBLE) / NULLIF(_sn_x__edge_2 - _sn_x__edge_1, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_1,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_2 - _sn_x__from_3 AS DOUBLE) / NULLIF(_sn_x__edge_3 - _sn_x__edge_2, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_2,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_3 - _sn_x__from_4 AS DOUBLE) / NULLIF(_sn_x__edge_4 - _sn_x__edge_3, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_3,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_4 - _sn_x__from_5 AS DOUBLE) / NULLIF(_sn_x__edge_5 - _sn_x__edge_4, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_4,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_5 - _sn_x__from_6 AS DOUBLE) / NULLIF(_sn_x__edge_6 - _sn_x__edge_5, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_5,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_6 - _sn_x__from_7 AS DOUBLE) / NULLIF(_sn_x__edge_7 - _sn_x__edge_6, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_6,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_7 - _sn_x__from_8 AS DOUBLE) / NULLIF(_sn_x__edge_8 - _sn_x__edge_7, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_7,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_8 - _sn_x__from_9 AS DOUBLE) / NULLIF(_sn_x__edge_9 - _sn_x__edge_8, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_8,
      -(
        LN(
          (
            (
              CAST(_sn_x__from_9 AS DOUBLE) / NULLIF(_sn_x__high - _sn_x__edge_9, 0.0e0)
            ) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE)
        ) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE), 0.0e0)
      ) AS _sn_x__level_9
    FROM bins
  ), model AS (
    SELECT
      *,
      GREATEST(
        COALESCE(_sn_x__level_0, CAST(0.0e0 AS DOUBLE)),
        COALESCE(_sn_x__level_1, CAST(0.0e0 AS DOUBLE)),
        COALESCE(_sn_x__level_2, CAST(0.0e0 AS DOUBLE)),
        COALESCE(_sn_x__level_3, CAST(0.0e0 AS DOUBLE)),
        COALESCE(_sn_x__level_4, CAST(0.0e0 AS DOUBLE)),
        COALESCE(_sn_x__level_5, CAST(0.0e0 AS DOUBLE)),
        COALESCE(_sn_x__level_6, CAST(0.0e0 AS DOUBLE)),
        COALESCE(_sn_x__level_7, CAST(0.0e0 AS DOUBLE)),
        COALESCE(_sn_x__level_8, CAST(0.0e0 AS DOUBLE)),
        COALESCE(_sn_x__level_9, CAST(0.0e0 AS DOUBLE))
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
          THEN CAST(0.0e0 AS DOUBLE)
          WHEN NOT (
            model._sn_x__scale > 0.0e0
          )
          THEN NULL
          WHEN source._sn_x - model._sn_x__high > model._sn_x__scale * CAST(0.5e0 AS DOUBLE)
          THEN model._sn_x__worst
          WHEN model._sn_x__low - source._sn_x > model._sn_x__scale * CAST(0.5e0 AS DOUBLE)
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
    CAST(SUM(CAST(score AS DECIMAL(38, 20))) AS DOUBLE) AS total,
    COUNT(CASE WHEN status = 'missing_value' THEN 1 END) AS missing_value,
    COUNT(CASE WHEN status = 'out_of_range' THEN 1 END) AS out_of_range,
    COUNT(CASE WHEN status = 'too_few_rows' THEN 1 END) AS too_few_rows,
    COUNT(CASE WHEN status = 'constant_baseline' THEN 1 END) AS constant_baseline
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
          CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(scored_2.best))
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
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE)) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE) IS NULL THEN row_score END) AS quantile
  FROM ranked
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
    COALESCE(CAST(_sn_fixed AS DOUBLE), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE) - (
      CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
""",
    "ecod": """
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
      RANK() OVER (
        PARTITION BY _sn__key1, _sn__key2
        ORDER BY COALESCE(_sn_x, CAST(1e+300 AS DOUBLE))
      ) AS _sn_x__rank,
      COUNT(_sn_x) OVER (
        PARTITION BY _sn__key1, _sn__key2
        ORDER BY COALESCE(_sn_x, CAST(1e+300 AS DOUBLE))
      ) AS _sn_x__below
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
      CASE
        WHEN _sn_x__high > _sn_x__low
        THEN _sn_x__high - _sn_x__low
        ELSE CAST(0.0e0 AS DOUBLE)
      END AS _sn_x__scale,
      CASE
        WHEN ABS(_sn_x__skew) <= CAST(1e-09 AS DOUBLE) * _sn_x__bulk
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
        THEN CAST(0.0e0 AS DOUBLE)
        WHEN NOT ranks._sn_x IS NULL AND model._sn_x__scale > 0.0e0
        THEN -LN(
          CASE
            WHEN model._sn_x__side = 0
            THEN (
              CAST(GREATEST(COALESCE(ranks._sn_x__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_x__n, 0.0e0)
            ) * (
              CAST(GREATEST(COALESCE((
                model._sn_x__n + 1
              ) - ranks._sn_x__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_x__n, 0.0e0)
            )
            ELSE LEAST(
              CAST(GREATEST(COALESCE(ranks._sn_x__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_x__n, 0.0e0),
              CAST(GREATEST(COALESCE((
                model._sn_x__n + 1
              ) - ranks._sn_x__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_x__n, 0.0e0)
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
    CAST(SUM(CAST(score AS DECIMAL(38, 20))) AS DOUBLE) AS total,
    COUNT(CASE WHEN status = 'missing_value' THEN 1 END) AS missing_value,
    COUNT(CASE WHEN status = 'out_of_range' THEN 1 END) AS out_of_range,
    COUNT(CASE WHEN status = 'too_few_rows' THEN 1 END) AS too_few_rows,
    COUNT(CASE WHEN status = 'constant_baseline' THEN 1 END) AS constant_baseline
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
          CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(scored_2.best))
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
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE)) DESC
    ) AS _sn__not_below
  FROM whole_rows
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE) IS NULL THEN row_score END) AS quantile
  FROM ranked
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
    COALESCE(CAST(_sn_fixed AS DOUBLE), quantile) AS bound
  FROM limited
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE) - (
      CAST(_sn__not_below AS DOUBLE) / NULLIF(CAST(_sn__scores AS DOUBLE), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit
""",
}
FIXED = {'zscore': 3.0, 'mad': 3.5, 'iqr': 1.5}
SHARES = {'zscore': 0.99, 'mad': 0.99, 'iqr': 0.99, 'hbos': 0.99, 'ecod': 0.99}
REFUSED = {'mahalanobis': 'it judges the features together: use `sqlnomaly query`, or `sqlnomaly compile`', 'ewma': 'it needs the order of the rows: use `sqlnomaly query`, or `sqlnomaly compile`', 'iforest': 'it is fitted by a client: use `sqlnomaly query`, or fit a model and install that'}
DOUBLES = {'NUMBER': 'CAST(CAST(_SN_HOLE AS DOUBLE) AS DOUBLE)', 'FLOAT': 'CAST(CAST(_SN_HOLE AS DOUBLE) AS DOUBLE)', 'DECFLOAT': 'CAST(CAST(_SN_HOLE AS DOUBLE) AS DOUBLE)', 'BOOLEAN': 'CAST(CASE WHEN _SN_HOLE THEN CAST(1.0e0 AS DOUBLE) WHEN NOT _SN_HOLE THEN CAST(0.0e0 AS DOUBLE) END AS DOUBLE)', 'DATE': 'CAST(CAST(DATE_PART(EPOCH_SECOND, _SN_HOLE) AS DOUBLE) AS DOUBLE)', 'TIMESTAMP_NTZ': 'CAST(CAST(DATE_PART(EPOCH_MICROSECOND, _SN_HOLE) AS DOUBLE) / 1000000 AS DOUBLE)', 'TIMESTAMP_LTZ': 'CAST(CAST(DATE_PART(EPOCH_MICROSECOND, _SN_HOLE) AS DOUBLE) / 1000000 AS DOUBLE)', 'TIMESTAMP_TZ': 'CAST(CAST(DATE_PART(EPOCH_MICROSECOND, _SN_HOLE) AS DOUBLE) / 1000000 AS DOUBLE)'}
TAKEN = ['ANOMALY_SCORE', 'ANOMALY_PROBABILITY', 'IS_ANOMALY', 'ANOMALY_THRESHOLD', 'ANOMALY_REASON', 'ANOMALY_STATUS', '_SN_ROW', '_SN_PART']


JUDGING = """\
WITH _sn_numbered AS (
  SELECT given.*, {part} AS _sn_part FROM _sn_rows AS given
), _sn_cells AS (
  SELECT
    numbered._sn_row AS row_id,
    numbered._sn_part AS part,
    places.feature AS feature,
    CASE places.feature {values} END AS x
  FROM _sn_numbered AS numbered
  CROSS JOIN ({places}) AS places
), _sn_judged AS (
{query}
)
SELECT
  numbered.* EXCLUDE (_sn_row, _sn_part),
  judged.anomaly_score,
  judged.anomaly_probability,
  judged.is_anomaly,
  judged.anomaly_threshold,
  CASE judged.anomaly_feature {reasons} END AS anomaly_reason,
  judged.anomaly_status
FROM _sn_numbered AS numbered
JOIN _sn_judged AS judged ON numbered._sn_row = judged.row_id"""


def statement(
    found: list[dict[str, str]] | None,
    features: list[str] | None,
    detector: str | None,
    partition_by: list[str] | None,
    threshold: float | None,
    contamination: float | None,
):
    """The statement that judges the rows of _SN_ROWS, from the columns of the table and the arguments of the call."""
    detector = detector or "zscore"
    if detector in REFUSED:
        raise ValueError(f"{detector} is not for this procedure: {REFUSED[detector]}")
    if detector not in QUERIES:
        raise ValueError(f"unknown detector {detector!r}; allowed: {', '.join(QUERIES)}")
    kinds = {column["name"]: column["kind"].partition("(")[0].upper() for column in found or []}
    for name in kinds:
        if name.upper() in TAKEN:
            raise ValueError(
                f"the table has a column {name}, which detect_anomalies adds: rename it in a view"
            )
    if not features:
        raise ValueError("name at least one feature")
    columns = [column_of(word, kinds, "features") for word in features]
    keys = [column_of(word, kinds, "partition_by") for word in partition_by or []]
    for name in columns:
        if kinds[name] not in DOUBLES:
            raise ValueError(f"feature {name} is {kinds[name]}: cast it to a number in a view")
    fixed, share = rule_of(detector, threshold, contamination)
    places = " UNION ALL ".join(f"SELECT {place} AS feature" for place in range(1, len(columns) + 1))
    values = " ".join(
        f"WHEN {place} THEN {DOUBLES[kinds[name]].replace('_SN_HOLE', 'numbered.' + quoted(name))}"
        for place, name in enumerate(columns, 1)
    )
    reasons = " ".join(f"WHEN {place} THEN {text(word)}" for place, word in enumerate(features, 1))
    partition = ", ".join("given." + quoted(name) for name in keys)
    part = f"MIN(given._sn_row) OVER ({'PARTITION BY ' + partition if partition else ''})"
    query = QUERIES[detector].replace("_sn_fixed", fixed).replace("_sn_share", share)
    return JUDGING.format(part=part, values=values, places=places, query=query, reasons=reasons)


def rule_of(detector: str, threshold: float | None, contamination: float | None) -> tuple[str, str]:
    """The threshold and the quantile's share, as SQL; numbers only, written by repr."""
    if threshold is not None and contamination is not None:
        raise ValueError("threshold and contamination exclude each other: give NULL for one")
    if threshold is not None and not abs(threshold) < float("inf"):
        raise ValueError("threshold has to be a number")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise ValueError("contamination has to be above 0, and at most 0.5")
    fixed = threshold if threshold is not None or contamination is not None else FIXED.get(detector)
    share = SHARES[detector] if contamination is None else 1.0 - contamination
    return "NULL" if fixed is None else text(repr(float(fixed))), repr(share)


def column_of(word: str, columns: dict[str, str], argument: str):
    """The table's column of a word: exact, else in capitals, as Snowflake reads a name without quotes."""
    for name in (word, str(word).upper()):
        if name in columns:
            return name
    raise ValueError(f"{argument}: the table has no column {word!r}; it has {', '.join(columns) or 'none'}")


def quoted(name: str):
    """An identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str):
    """A literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
$$;

CREATE OR REPLACE PROCEDURE DETECT_ANOMALIES(
  TABLE_NAME VARCHAR,
  FEATURES ARRAY,
  DETECTOR VARCHAR DEFAULT 'zscore',
  PARTITION_BY ARRAY DEFAULT NULL,
  THRESHOLD FLOAT DEFAULT NULL,
  CONTAMINATION FLOAT DEFAULT NULL
)
RETURNS TABLE ()
LANGUAGE SQL
COMMENT = 'sqlnomaly 0.1.0'
EXECUTE AS CALLER
AS
$$
DECLARE
  found ARRAY;
  judging VARCHAR;
  answers RESULTSET;
BEGIN
  DESCRIBE TABLE IDENTIFIER(:TABLE_NAME);
  SELECT ARRAY_AGG(OBJECT_CONSTRUCT('name', "name", 'kind', "type")) INTO :found
    FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))
    WHERE "kind" = 'COLUMN';
  SELECT ANOMALY_DETECTION_SQL(:found, :FEATURES, :DETECTOR, :PARTITION_BY, :THRESHOLD, :CONTAMINATION) INTO :judging;
  CREATE OR REPLACE TEMPORARY TABLE _sn_rows AS
    SELECT UUID_STRING() AS _sn_row, given.* FROM IDENTIFIER(:TABLE_NAME) AS given;
  answers := (EXECUTE IMMEDIATE :judging);
  RETURN TABLE(answers);
END
$$;

CREATE OR REPLACE FUNCTION ANOMALIES(
  ROW_ID VARCHAR, DETECTOR VARCHAR, THRESHOLD FLOAT, CONTAMINATION FLOAT, X1 FLOAT
)
RETURNS TABLE (
  ROW_ID VARCHAR,
  ANOMALY_SCORE FLOAT,
  ANOMALY_PROBABILITY FLOAT,
  IS_ANOMALY BOOLEAN,
  ANOMALY_THRESHOLD FLOAT,
  ANOMALY_FEATURE NUMBER,
  ANOMALY_STATUS VARCHAR
)
LANGUAGE PYTHON
RUNTIME_VERSION = '3.11'
PACKAGES = ('numpy', 'pandas')
HANDLER = 'Anomalies'
COMMENT = 'sqlnomaly 0.1.0'
AS
$$
import numpy as np
import pandas as pd
from typing import Any
from _snowflake import vectorized

FIXED = {'zscore': 3.0, 'mad': 3.5, 'iqr': 1.5}
SHARES = {'zscore': 0.99, 'mad': 0.99, 'iqr': 0.99, 'hbos': 0.99, 'ecod': 0.99}
ROWS = {'zscore': 3, 'mad': 3, 'iqr': 4, 'hbos': 3, 'ecod': 3}
SUMMED = ('hbos', 'ecod')
REFUSED = {'mahalanobis': 'it judges the features together: use `sqlnomaly query`, or `sqlnomaly compile`', 'ewma': 'it needs the order of the rows: use `sqlnomaly query`, or `sqlnomaly compile`', 'iforest': 'it is fitted by a client: use `sqlnomaly query`, or fit a model and install that'}
LARGEST = 1e+150
TOLERANCE = 1e-09


def is_null(a: Any) -> Any:
    """a IS NULL."""
    return 1.0 * np.isnan(a)


def known(a: Any, b: Any, truth: Any) -> Any:
    """A truth value, unknown where a side is."""
    return np.where(np.isnan(a) | np.isnan(b), np.nan, 1.0 * truth)


def eq(a: Any, b: Any) -> Any:
    """a = b."""
    return known(a, b, a == b)


def ne(a: Any, b: Any) -> Any:
    """a <> b."""
    return known(a, b, a != b)


def lt(a: Any, b: Any) -> Any:
    """a < b."""
    return known(a, b, a < b)


def le(a: Any, b: Any) -> Any:
    """a <= b."""
    return known(a, b, a <= b)


def gt(a: Any, b: Any) -> Any:
    """a > b."""
    return known(a, b, a > b)


def ge(a: Any, b: Any) -> Any:
    """a >= b."""
    return known(a, b, a >= b)


def both(a: Any, b: Any) -> Any:
    """a AND b."""
    return np.where((a == 0) | (b == 0), 0.0, known(a, b, True))


def either(a: Any, b: Any) -> Any:
    """a OR b."""
    return np.where((a == 1) | (b == 1), 1.0, known(a, b, False))


def case(branches: Any, default: Any) -> Any:
    """CASE: the first branch whose condition is true."""
    result = default
    for condition, value in reversed(branches):
        result = np.where(condition == 1, value, result)
    return result


def nullif(a: Any, b: Any) -> Any:
    """NULLIF(a, b)."""
    return np.where(a == b, np.nan, a)


def coalesce(*values: Any) -> Any:
    """COALESCE: the first value that is known."""
    result = values[-1]
    for value in reversed(values[:-1]):
        result = np.where(np.isnan(value), result, value)
    return result


def greatest(*values: Any) -> Any:
    """GREATEST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.maximum(result, value)
    return result


def least(*values: Any) -> Any:
    """LEAST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.minimum(result, value)
    return result


def present(a: Any) -> Any:
    """The values that are known."""
    return a[~np.isnan(a)]


def count(a: Any) -> Any:
    """COUNT(a)."""
    return np.float64(present(a).size)


def count_if(a: Any) -> Any:
    """COUNT_IF(a)."""
    return np.float64(np.count_nonzero(a == 1))


def over(function: Any, a: Any) -> Any:
    """An aggregate of the known values, unknown where there are none."""
    values = present(a)
    return np.float64(function(values)) if values.size else np.float64(np.nan)


def total(a: Any) -> Any:
    """SUM(a)."""
    return over(np.sum, a)


def mean(a: Any) -> Any:
    """AVG(a)."""
    return over(np.mean, a)


def variance(a: Any) -> Any:
    """VAR_POP(a), in two passes."""
    return over(np.var, a)


def smallest(a: Any) -> Any:
    """MIN(a)."""
    return over(np.min, a)


def largest(a: Any) -> Any:
    """MAX(a)."""
    return over(np.max, a)


def quantile(a: Any, share: Any) -> Any:
    """PERCENTILE_CONT(share)."""
    return over(lambda values: np.quantile(values, share), a)


def rank(key: Any) -> Any:
    """RANK() OVER (ORDER BY key)."""
    return 1.0 + np.searchsorted(np.sort(key), key, side="left")


def running_count(a: Any, key: Any) -> Any:
    """COUNT(a) OVER (ORDER BY key)."""
    return 1.0 * np.searchsorted(np.sort(key[~np.isnan(a)]), key, side="right")


def the_one(column: Any, name: str) -> Any:
    """The value of an argument that is the same for every row; None for NULL."""
    values = column.drop_duplicates()
    if len(values) > 1:
        raise ValueError(f"{name} has to be the same for every row")
    value = values.iloc[0]
    return None if pd.isna(value) else value


def rule_of(detector: str, threshold: Any, contamination: Any) -> tuple[float | None, float]:
    """The threshold, or None and the share of the quantile that is the threshold."""
    if threshold is not None and contamination is not None:
        raise ValueError("threshold and contamination exclude each other: give NULL for one")
    if threshold is not None and not abs(threshold) < np.inf:
        raise ValueError("threshold has to be a number")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise ValueError("contamination has to be above 0, and at most 0.5")
    if contamination is not None:
        return None, 1.0 - contamination
    return (FIXED.get(detector) if threshold is None else float(threshold)), SHARES[detector]


def judged(rows: Any) -> Any:
    """The answers for the rows of a partition: id, detector, threshold, contamination, and the features."""
    columns = [rows.iloc[:, place] for place in range(rows.shape[1])]
    detector = the_one(columns[1], "detector") or "zscore"
    if detector in REFUSED:
        raise ValueError(f"{detector} is not for this function: {REFUSED[detector]}")
    if detector not in TERMS:
        raise ValueError(f"unknown detector {detector!r}; allowed: {', '.join(TERMS)}")
    fixed, share = rule_of(detector, the_one(columns[2], "threshold"), the_one(columns[3], "contamination"))
    size = len(rows)
    missing, outside, few = (np.zeros(size, bool) for _ in range(3))
    flat = np.ones(size, bool)
    terms = []
    with np.errstate(all="ignore"):
        for column in columns[4:]:
            raw = column.to_numpy(np.float64, na_value=np.nan)
            clean = np.where(np.abs(raw) <= LARGEST, raw, np.nan)
            v: dict[str, Any] = {"x": clean}
            TERMS[detector](v)
            missing |= np.isnan(raw)
            outside |= ~np.isnan(raw) & np.isnan(clean)
            few |= bool(v["x__n"] < ROWS[detector])
            flat &= bool(v["x__scale"] == 0.0)
            terms.append(np.broadcast_to(v["x__term"], size))
        table = np.array(terms)
        best = np.max(table, axis=0)  # NaN where one is
        score = best
        if detector in SUMMED:
            score = table[0]
            for term in table[1:]:
                score = score + term
        scores = np.sort(present(score))
        if fixed is None:
            fixed = float(np.quantile(scores, share)) if scores.size else np.nan
        at_least = scores.size - np.searchsorted(scores, score, side="left")
        chance = np.where(np.isnan(score), np.nan, 1.0 - at_least / max(scores.size, 1))
        limit = fixed + TOLERANCE * max(1.0, abs(fixed))
        foremost = 1 + np.argmax(table >= best - TOLERANCE * np.maximum(1.0, np.abs(best)), axis=0)
    unknown = np.isnan(score)
    status = np.select(
        [missing, outside, few, unknown | flat],
        ["missing_value", "out_of_range", "too_few_rows", "constant_baseline"],
        "ok",
    )
    said = ~unknown & ~np.isnan(limit)
    return pd.DataFrame(
        {
            "row_id": columns[0].to_numpy(),
            "anomaly_score": score,
            "anomaly_probability": chance,
            "is_anomaly": np.where(said, score > limit, None),
            "anomaly_threshold": np.full(size, fixed),
            "anomaly_feature": np.where(unknown, None, foremost),
            "anomaly_status": status,
        }
    )


def zscore(v):
    v['x__n'] = count(v['x'])
    v['x__mean'] = mean(v['x'])
    v['x__m2'] = (variance(v['x']) * count(v['x']))
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__centre'] = case([(eq(v['x__low'], v['x__high']), v['x__low']), ], v['x__mean'])
    v['x__scale'] = case([(both(lt(v['x__low'], v['x__high']), gt((v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0)), 1e-300)), np.sqrt(case([(ge((v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0)), 0.0), (v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0))), ], np.nan))), ], 0.0)
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(gt(v['x__scale'], 0.0), (np.abs((v['x'] - v['x__centre'])) / nullif(v['x__scale'], 0.0))), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def mad(v):
    v['x__n'] = count(v['x'])
    v['x__centre'] = quantile(v['x'], 0.5)
    v['x__mad'] = quantile(np.abs((v['x'] - v['x__centre'])), 0.5)
    v['x__scale'] = case([(gt((v['x__mad'] / nullif(0.6744897501960817, 0.0)), 1e-150), (v['x__mad'] / nullif(0.6744897501960817, 0.0))), ], 0.0)
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(gt(v['x__scale'], 0.0), (np.abs((v['x'] - v['x__centre'])) / nullif(v['x__scale'], 0.0))), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def iqr(v):
    v['x__n'] = count(v['x'])
    v['x__q1'] = quantile(v['x'], 0.25)
    v['x__q3'] = quantile(v['x'], 0.75)
    v['x__scale'] = case([(gt((v['x__q3'] - v['x__q1']), 1e-150), (v['x__q3'] - v['x__q1'])), ], 0.0)
    v['x__centre'] = (v['x__q1'] + (0.5 * (v['x__q3'] - v['x__q1'])))
    v['x__term'] = case([(ge(v['x__n'], 4.0), case([(both(gt(v['x__scale'], 0.0), gt(greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])), 0.0)), (greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])) / nullif(v['x__scale'], 0.0))), (both(gt(v['x__scale'], 0.0), le(greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])), 0.0)), 0.0), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def hbos(v):
    v['x__n'] = count(v['x'])
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__scale'] = case([(gt(((v['x__high'] - v['x__low']) / nullif(10.0, 0.0)), greatest(1e-150, (4.440892098500626e-16 * greatest(np.abs(coalesce(v['x__low'], 0.0)), np.abs(coalesce(v['x__high'], 0.0)))))), ((v['x__high'] - v['x__low']) / nullif(10.0, 0.0))), ], 0.0)
    v['x__edge_1'] = ((1.0 * v['x__scale']) + v['x__low'])
    v['x__edge_2'] = ((2.0 * v['x__scale']) + v['x__low'])
    v['x__edge_3'] = ((3.0 * v['x__scale']) + v['x__low'])
    v['x__edge_4'] = ((4.0 * v['x__scale']) + v['x__low'])
    v['x__edge_5'] = ((5.0 * v['x__scale']) + v['x__low'])
    v['x__edge_6'] = ((6.0 * v['x__scale']) + v['x__low'])
    v['x__edge_7'] = ((7.0 * v['x__scale']) + v['x__low'])
    v['x__edge_8'] = ((8.0 * v['x__scale']) + v['x__low'])
    v['x__edge_9'] = ((9.0 * v['x__scale']) + v['x__low'])
    v['x__from_1'] = count_if(ge(v['x'], v['x__edge_1']))
    v['x__from_2'] = count_if(ge(v['x'], v['x__edge_2']))
    v['x__from_3'] = count_if(ge(v['x'], v['x__edge_3']))
    v['x__from_4'] = count_if(ge(v['x'], v['x__edge_4']))
    v['x__from_5'] = count_if(ge(v['x'], v['x__edge_5']))
    v['x__from_6'] = count_if(ge(v['x'], v['x__edge_6']))
    v['x__from_7'] = count_if(ge(v['x'], v['x__edge_7']))
    v['x__from_8'] = count_if(ge(v['x'], v['x__edge_8']))
    v['x__from_9'] = count_if(ge(v['x'], v['x__edge_9']))
    v['x__level_0'] = (-(np.log((((np.float64((v['x__n'] - v['x__from_1'])) / nullif((v['x__edge_1'] - v['x__low']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_1'] = (-(np.log((((np.float64((v['x__from_1'] - v['x__from_2'])) / nullif((v['x__edge_2'] - v['x__edge_1']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_2'] = (-(np.log((((np.float64((v['x__from_2'] - v['x__from_3'])) / nullif((v['x__edge_3'] - v['x__edge_2']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_3'] = (-(np.log((((np.float64((v['x__from_3'] - v['x__from_4'])) / nullif((v['x__edge_4'] - v['x__edge_3']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_4'] = (-(np.log((((np.float64((v['x__from_4'] - v['x__from_5'])) / nullif((v['x__edge_5'] - v['x__edge_4']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_5'] = (-(np.log((((np.float64((v['x__from_5'] - v['x__from_6'])) / nullif((v['x__edge_6'] - v['x__edge_5']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_6'] = (-(np.log((((np.float64((v['x__from_6'] - v['x__from_7'])) / nullif((v['x__edge_7'] - v['x__edge_6']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_7'] = (-(np.log((((np.float64((v['x__from_7'] - v['x__from_8'])) / nullif((v['x__edge_8'] - v['x__edge_7']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_8'] = (-(np.log((((np.float64((v['x__from_8'] - v['x__from_9'])) / nullif((v['x__edge_9'] - v['x__edge_8']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_9'] = (-(np.log((((np.float64(v['x__from_9']) / nullif((v['x__high'] - v['x__edge_9']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__worst'] = greatest(coalesce(v['x__level_0'], 0.0), coalesce(v['x__level_1'], 0.0), coalesce(v['x__level_2'], 0.0), coalesce(v['x__level_3'], 0.0), coalesce(v['x__level_4'], 0.0), coalesce(v['x__level_5'], 0.0), coalesce(v['x__level_6'], 0.0), coalesce(v['x__level_7'], 0.0), coalesce(v['x__level_8'], 0.0), coalesce(v['x__level_9'], 0.0))
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(both(eq(v['x__scale'], 0.0), both(ge(v['x'], v['x__low']), le(v['x'], v['x__high']))), 0.0), ((1.0 - gt(v['x__scale'], 0.0)), np.nan), (gt((v['x'] - v['x__high']), (v['x__scale'] * 0.5)), v['x__worst']), (gt((v['x__low'] - v['x']), (v['x__scale'] * 0.5)), v['x__worst']), (gt(v['x'], v['x__edge_9']), v['x__level_9']), (gt(v['x'], v['x__edge_8']), v['x__level_8']), (gt(v['x'], v['x__edge_7']), v['x__level_7']), (gt(v['x'], v['x__edge_6']), v['x__level_6']), (gt(v['x'], v['x__edge_5']), v['x__level_5']), (gt(v['x'], v['x__edge_4']), v['x__level_4']), (gt(v['x'], v['x__edge_3']), v['x__level_3']), (gt(v['x'], v['x__edge_2']), v['x__level_2']), (gt(v['x'], v['x__edge_1']), v['x__level_1']), ((1.0 - is_null(v['x'])), v['x__level_0']), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def ecod(v):
    v['x__rank'] = rank(coalesce(v['x'], 1e+300))
    v['x__below'] = running_count(v['x'], coalesce(v['x'], 1e+300))
    v['x__n'] = count(v['x'])
    v['x__mean'] = mean(v['x'])
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__skew'] = total(((((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))))
    v['x__bulk'] = total(np.abs(((((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)))))
    v['x__scale'] = case([(gt(v['x__high'], v['x__low']), (v['x__high'] - v['x__low'])), ], 0.0)
    v['x__side'] = case([(le(np.abs(v['x__skew']), (1e-09 * v['x__bulk'])), 0.0), (gt(v['x__skew'], 0.0), 1.0), ], (-1.0))
    v['x__tail'] = case([(both(eq(v['x__scale'], 0.0), eq(v['x'], v['x__low'])), 0.0), (both((1.0 - is_null(v['x'])), gt(v['x__scale'], 0.0)), (-np.log(case([(eq(v['x__side'], 0.0), ((np.float64(greatest(coalesce(v['x__below'], 0.0), 1.0)) / nullif(v['x__n'], 0.0)) * (np.float64(greatest(coalesce(((v['x__n'] + 1.0) - v['x__rank']), 0.0), 1.0)) / nullif(v['x__n'], 0.0)))), ], least((np.float64(greatest(coalesce(v['x__below'], 0.0), 1.0)) / nullif(v['x__n'], 0.0)), (np.float64(greatest(coalesce(((v['x__n'] + 1.0) - v['x__rank']), 0.0), 1.0)) / nullif(v['x__n'], 0.0))))))), ], np.nan)
    v['x__term'] = case([(ge(v['x__n'], 3.0), v['x__tail']), ], np.nan)
    v['_sn__score'] = v['x__term']


TERMS = {"zscore": zscore, "mad": mad, "iqr": iqr, "hbos": hbos, "ecod": ecod}


class Anomalies:
    @vectorized(input=pd.DataFrame)
    def end_partition(self, rows):
        return judged(rows)
$$;

CREATE OR REPLACE FUNCTION ANOMALIES(
  ROW_ID VARCHAR, DETECTOR VARCHAR, THRESHOLD FLOAT, CONTAMINATION FLOAT, X1 FLOAT, X2 FLOAT
)
RETURNS TABLE (
  ROW_ID VARCHAR,
  ANOMALY_SCORE FLOAT,
  ANOMALY_PROBABILITY FLOAT,
  IS_ANOMALY BOOLEAN,
  ANOMALY_THRESHOLD FLOAT,
  ANOMALY_FEATURE NUMBER,
  ANOMALY_STATUS VARCHAR
)
LANGUAGE PYTHON
RUNTIME_VERSION = '3.11'
PACKAGES = ('numpy', 'pandas')
HANDLER = 'Anomalies'
COMMENT = 'sqlnomaly 0.1.0'
AS
$$
import numpy as np
import pandas as pd
from typing import Any
from _snowflake import vectorized

FIXED = {'zscore': 3.0, 'mad': 3.5, 'iqr': 1.5}
SHARES = {'zscore': 0.99, 'mad': 0.99, 'iqr': 0.99, 'hbos': 0.99, 'ecod': 0.99}
ROWS = {'zscore': 3, 'mad': 3, 'iqr': 4, 'hbos': 3, 'ecod': 3}
SUMMED = ('hbos', 'ecod')
REFUSED = {'mahalanobis': 'it judges the features together: use `sqlnomaly query`, or `sqlnomaly compile`', 'ewma': 'it needs the order of the rows: use `sqlnomaly query`, or `sqlnomaly compile`', 'iforest': 'it is fitted by a client: use `sqlnomaly query`, or fit a model and install that'}
LARGEST = 1e+150
TOLERANCE = 1e-09


def is_null(a: Any) -> Any:
    """a IS NULL."""
    return 1.0 * np.isnan(a)


def known(a: Any, b: Any, truth: Any) -> Any:
    """A truth value, unknown where a side is."""
    return np.where(np.isnan(a) | np.isnan(b), np.nan, 1.0 * truth)


def eq(a: Any, b: Any) -> Any:
    """a = b."""
    return known(a, b, a == b)


def ne(a: Any, b: Any) -> Any:
    """a <> b."""
    return known(a, b, a != b)


def lt(a: Any, b: Any) -> Any:
    """a < b."""
    return known(a, b, a < b)


def le(a: Any, b: Any) -> Any:
    """a <= b."""
    return known(a, b, a <= b)


def gt(a: Any, b: Any) -> Any:
    """a > b."""
    return known(a, b, a > b)


def ge(a: Any, b: Any) -> Any:
    """a >= b."""
    return known(a, b, a >= b)


def both(a: Any, b: Any) -> Any:
    """a AND b."""
    return np.where((a == 0) | (b == 0), 0.0, known(a, b, True))


def either(a: Any, b: Any) -> Any:
    """a OR b."""
    return np.where((a == 1) | (b == 1), 1.0, known(a, b, False))


def case(branches: Any, default: Any) -> Any:
    """CASE: the first branch whose condition is true."""
    result = default
    for condition, value in reversed(branches):
        result = np.where(condition == 1, value, result)
    return result


def nullif(a: Any, b: Any) -> Any:
    """NULLIF(a, b)."""
    return np.where(a == b, np.nan, a)


def coalesce(*values: Any) -> Any:
    """COALESCE: the first value that is known."""
    result = values[-1]
    for value in reversed(values[:-1]):
        result = np.where(np.isnan(value), result, value)
    return result


def greatest(*values: Any) -> Any:
    """GREATEST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.maximum(result, value)
    return result


def least(*values: Any) -> Any:
    """LEAST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.minimum(result, value)
    return result


def present(a: Any) -> Any:
    """The values that are known."""
    return a[~np.isnan(a)]


def count(a: Any) -> Any:
    """COUNT(a)."""
    return np.float64(present(a).size)


def count_if(a: Any) -> Any:
    """COUNT_IF(a)."""
    return np.float64(np.count_nonzero(a == 1))


def over(function: Any, a: Any) -> Any:
    """An aggregate of the known values, unknown where there are none."""
    values = present(a)
    return np.float64(function(values)) if values.size else np.float64(np.nan)


def total(a: Any) -> Any:
    """SUM(a)."""
    return over(np.sum, a)


def mean(a: Any) -> Any:
    """AVG(a)."""
    return over(np.mean, a)


def variance(a: Any) -> Any:
    """VAR_POP(a), in two passes."""
    return over(np.var, a)


def smallest(a: Any) -> Any:
    """MIN(a)."""
    return over(np.min, a)


def largest(a: Any) -> Any:
    """MAX(a)."""
    return over(np.max, a)


def quantile(a: Any, share: Any) -> Any:
    """PERCENTILE_CONT(share)."""
    return over(lambda values: np.quantile(values, share), a)


def rank(key: Any) -> Any:
    """RANK() OVER (ORDER BY key)."""
    return 1.0 + np.searchsorted(np.sort(key), key, side="left")


def running_count(a: Any, key: Any) -> Any:
    """COUNT(a) OVER (ORDER BY key)."""
    return 1.0 * np.searchsorted(np.sort(key[~np.isnan(a)]), key, side="right")


def the_one(column: Any, name: str) -> Any:
    """The value of an argument that is the same for every row; None for NULL."""
    values = column.drop_duplicates()
    if len(values) > 1:
        raise ValueError(f"{name} has to be the same for every row")
    value = values.iloc[0]
    return None if pd.isna(value) else value


def rule_of(detector: str, threshold: Any, contamination: Any) -> tuple[float | None, float]:
    """The threshold, or None and the share of the quantile that is the threshold."""
    if threshold is not None and contamination is not None:
        raise ValueError("threshold and contamination exclude each other: give NULL for one")
    if threshold is not None and not abs(threshold) < np.inf:
        raise ValueError("threshold has to be a number")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise ValueError("contamination has to be above 0, and at most 0.5")
    if contamination is not None:
        return None, 1.0 - contamination
    return (FIXED.get(detector) if threshold is None else float(threshold)), SHARES[detector]


def judged(rows: Any) -> Any:
    """The answers for the rows of a partition: id, detector, threshold, contamination, and the features."""
    columns = [rows.iloc[:, place] for place in range(rows.shape[1])]
    detector = the_one(columns[1], "detector") or "zscore"
    if detector in REFUSED:
        raise ValueError(f"{detector} is not for this function: {REFUSED[detector]}")
    if detector not in TERMS:
        raise ValueError(f"unknown detector {detector!r}; allowed: {', '.join(TERMS)}")
    fixed, share = rule_of(detector, the_one(columns[2], "threshold"), the_one(columns[3], "contamination"))
    size = len(rows)
    missing, outside, few = (np.zeros(size, bool) for _ in range(3))
    flat = np.ones(size, bool)
    terms = []
    with np.errstate(all="ignore"):
        for column in columns[4:]:
            raw = column.to_numpy(np.float64, na_value=np.nan)
            clean = np.where(np.abs(raw) <= LARGEST, raw, np.nan)
            v: dict[str, Any] = {"x": clean}
            TERMS[detector](v)
            missing |= np.isnan(raw)
            outside |= ~np.isnan(raw) & np.isnan(clean)
            few |= bool(v["x__n"] < ROWS[detector])
            flat &= bool(v["x__scale"] == 0.0)
            terms.append(np.broadcast_to(v["x__term"], size))
        table = np.array(terms)
        best = np.max(table, axis=0)  # NaN where one is
        score = best
        if detector in SUMMED:
            score = table[0]
            for term in table[1:]:
                score = score + term
        scores = np.sort(present(score))
        if fixed is None:
            fixed = float(np.quantile(scores, share)) if scores.size else np.nan
        at_least = scores.size - np.searchsorted(scores, score, side="left")
        chance = np.where(np.isnan(score), np.nan, 1.0 - at_least / max(scores.size, 1))
        limit = fixed + TOLERANCE * max(1.0, abs(fixed))
        foremost = 1 + np.argmax(table >= best - TOLERANCE * np.maximum(1.0, np.abs(best)), axis=0)
    unknown = np.isnan(score)
    status = np.select(
        [missing, outside, few, unknown | flat],
        ["missing_value", "out_of_range", "too_few_rows", "constant_baseline"],
        "ok",
    )
    said = ~unknown & ~np.isnan(limit)
    return pd.DataFrame(
        {
            "row_id": columns[0].to_numpy(),
            "anomaly_score": score,
            "anomaly_probability": chance,
            "is_anomaly": np.where(said, score > limit, None),
            "anomaly_threshold": np.full(size, fixed),
            "anomaly_feature": np.where(unknown, None, foremost),
            "anomaly_status": status,
        }
    )


def zscore(v):
    v['x__n'] = count(v['x'])
    v['x__mean'] = mean(v['x'])
    v['x__m2'] = (variance(v['x']) * count(v['x']))
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__centre'] = case([(eq(v['x__low'], v['x__high']), v['x__low']), ], v['x__mean'])
    v['x__scale'] = case([(both(lt(v['x__low'], v['x__high']), gt((v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0)), 1e-300)), np.sqrt(case([(ge((v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0)), 0.0), (v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0))), ], np.nan))), ], 0.0)
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(gt(v['x__scale'], 0.0), (np.abs((v['x'] - v['x__centre'])) / nullif(v['x__scale'], 0.0))), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def mad(v):
    v['x__n'] = count(v['x'])
    v['x__centre'] = quantile(v['x'], 0.5)
    v['x__mad'] = quantile(np.abs((v['x'] - v['x__centre'])), 0.5)
    v['x__scale'] = case([(gt((v['x__mad'] / nullif(0.6744897501960817, 0.0)), 1e-150), (v['x__mad'] / nullif(0.6744897501960817, 0.0))), ], 0.0)
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(gt(v['x__scale'], 0.0), (np.abs((v['x'] - v['x__centre'])) / nullif(v['x__scale'], 0.0))), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def iqr(v):
    v['x__n'] = count(v['x'])
    v['x__q1'] = quantile(v['x'], 0.25)
    v['x__q3'] = quantile(v['x'], 0.75)
    v['x__scale'] = case([(gt((v['x__q3'] - v['x__q1']), 1e-150), (v['x__q3'] - v['x__q1'])), ], 0.0)
    v['x__centre'] = (v['x__q1'] + (0.5 * (v['x__q3'] - v['x__q1'])))
    v['x__term'] = case([(ge(v['x__n'], 4.0), case([(both(gt(v['x__scale'], 0.0), gt(greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])), 0.0)), (greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])) / nullif(v['x__scale'], 0.0))), (both(gt(v['x__scale'], 0.0), le(greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])), 0.0)), 0.0), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def hbos(v):
    v['x__n'] = count(v['x'])
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__scale'] = case([(gt(((v['x__high'] - v['x__low']) / nullif(10.0, 0.0)), greatest(1e-150, (4.440892098500626e-16 * greatest(np.abs(coalesce(v['x__low'], 0.0)), np.abs(coalesce(v['x__high'], 0.0)))))), ((v['x__high'] - v['x__low']) / nullif(10.0, 0.0))), ], 0.0)
    v['x__edge_1'] = ((1.0 * v['x__scale']) + v['x__low'])
    v['x__edge_2'] = ((2.0 * v['x__scale']) + v['x__low'])
    v['x__edge_3'] = ((3.0 * v['x__scale']) + v['x__low'])
    v['x__edge_4'] = ((4.0 * v['x__scale']) + v['x__low'])
    v['x__edge_5'] = ((5.0 * v['x__scale']) + v['x__low'])
    v['x__edge_6'] = ((6.0 * v['x__scale']) + v['x__low'])
    v['x__edge_7'] = ((7.0 * v['x__scale']) + v['x__low'])
    v['x__edge_8'] = ((8.0 * v['x__scale']) + v['x__low'])
    v['x__edge_9'] = ((9.0 * v['x__scale']) + v['x__low'])
    v['x__from_1'] = count_if(ge(v['x'], v['x__edge_1']))
    v['x__from_2'] = count_if(ge(v['x'], v['x__edge_2']))
    v['x__from_3'] = count_if(ge(v['x'], v['x__edge_3']))
    v['x__from_4'] = count_if(ge(v['x'], v['x__edge_4']))
    v['x__from_5'] = count_if(ge(v['x'], v['x__edge_5']))
    v['x__from_6'] = count_if(ge(v['x'], v['x__edge_6']))
    v['x__from_7'] = count_if(ge(v['x'], v['x__edge_7']))
    v['x__from_8'] = count_if(ge(v['x'], v['x__edge_8']))
    v['x__from_9'] = count_if(ge(v['x'], v['x__edge_9']))
    v['x__level_0'] = (-(np.log((((np.float64((v['x__n'] - v['x__from_1'])) / nullif((v['x__edge_1'] - v['x__low']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_1'] = (-(np.log((((np.float64((v['x__from_1'] - v['x__from_2'])) / nullif((v['x__edge_2'] - v['x__edge_1']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_2'] = (-(np.log((((np.float64((v['x__from_2'] - v['x__from_3'])) / nullif((v['x__edge_3'] - v['x__edge_2']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_3'] = (-(np.log((((np.float64((v['x__from_3'] - v['x__from_4'])) / nullif((v['x__edge_4'] - v['x__edge_3']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_4'] = (-(np.log((((np.float64((v['x__from_4'] - v['x__from_5'])) / nullif((v['x__edge_5'] - v['x__edge_4']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_5'] = (-(np.log((((np.float64((v['x__from_5'] - v['x__from_6'])) / nullif((v['x__edge_6'] - v['x__edge_5']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_6'] = (-(np.log((((np.float64((v['x__from_6'] - v['x__from_7'])) / nullif((v['x__edge_7'] - v['x__edge_6']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_7'] = (-(np.log((((np.float64((v['x__from_7'] - v['x__from_8'])) / nullif((v['x__edge_8'] - v['x__edge_7']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_8'] = (-(np.log((((np.float64((v['x__from_8'] - v['x__from_9'])) / nullif((v['x__edge_9'] - v['x__edge_8']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_9'] = (-(np.log((((np.float64(v['x__from_9']) / nullif((v['x__high'] - v['x__edge_9']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__worst'] = greatest(coalesce(v['x__level_0'], 0.0), coalesce(v['x__level_1'], 0.0), coalesce(v['x__level_2'], 0.0), coalesce(v['x__level_3'], 0.0), coalesce(v['x__level_4'], 0.0), coalesce(v['x__level_5'], 0.0), coalesce(v['x__level_6'], 0.0), coalesce(v['x__level_7'], 0.0), coalesce(v['x__level_8'], 0.0), coalesce(v['x__level_9'], 0.0))
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(both(eq(v['x__scale'], 0.0), both(ge(v['x'], v['x__low']), le(v['x'], v['x__high']))), 0.0), ((1.0 - gt(v['x__scale'], 0.0)), np.nan), (gt((v['x'] - v['x__high']), (v['x__scale'] * 0.5)), v['x__worst']), (gt((v['x__low'] - v['x']), (v['x__scale'] * 0.5)), v['x__worst']), (gt(v['x'], v['x__edge_9']), v['x__level_9']), (gt(v['x'], v['x__edge_8']), v['x__level_8']), (gt(v['x'], v['x__edge_7']), v['x__level_7']), (gt(v['x'], v['x__edge_6']), v['x__level_6']), (gt(v['x'], v['x__edge_5']), v['x__level_5']), (gt(v['x'], v['x__edge_4']), v['x__level_4']), (gt(v['x'], v['x__edge_3']), v['x__level_3']), (gt(v['x'], v['x__edge_2']), v['x__level_2']), (gt(v['x'], v['x__edge_1']), v['x__level_1']), ((1.0 - is_null(v['x'])), v['x__level_0']), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def ecod(v):
    v['x__rank'] = rank(coalesce(v['x'], 1e+300))
    v['x__below'] = running_count(v['x'], coalesce(v['x'], 1e+300))
    v['x__n'] = count(v['x'])
    v['x__mean'] = mean(v['x'])
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__skew'] = total(((((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))))
    v['x__bulk'] = total(np.abs(((((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)))))
    v['x__scale'] = case([(gt(v['x__high'], v['x__low']), (v['x__high'] - v['x__low'])), ], 0.0)
    v['x__side'] = case([(le(np.abs(v['x__skew']), (1e-09 * v['x__bulk'])), 0.0), (gt(v['x__skew'], 0.0), 1.0), ], (-1.0))
    v['x__tail'] = case([(both(eq(v['x__scale'], 0.0), eq(v['x'], v['x__low'])), 0.0), (both((1.0 - is_null(v['x'])), gt(v['x__scale'], 0.0)), (-np.log(case([(eq(v['x__side'], 0.0), ((np.float64(greatest(coalesce(v['x__below'], 0.0), 1.0)) / nullif(v['x__n'], 0.0)) * (np.float64(greatest(coalesce(((v['x__n'] + 1.0) - v['x__rank']), 0.0), 1.0)) / nullif(v['x__n'], 0.0)))), ], least((np.float64(greatest(coalesce(v['x__below'], 0.0), 1.0)) / nullif(v['x__n'], 0.0)), (np.float64(greatest(coalesce(((v['x__n'] + 1.0) - v['x__rank']), 0.0), 1.0)) / nullif(v['x__n'], 0.0))))))), ], np.nan)
    v['x__term'] = case([(ge(v['x__n'], 3.0), v['x__tail']), ], np.nan)
    v['_sn__score'] = v['x__term']


TERMS = {"zscore": zscore, "mad": mad, "iqr": iqr, "hbos": hbos, "ecod": ecod}


class Anomalies:
    @vectorized(input=pd.DataFrame)
    def end_partition(self, rows):
        return judged(rows)
$$;

CREATE OR REPLACE FUNCTION ANOMALIES(
  ROW_ID VARCHAR, DETECTOR VARCHAR, THRESHOLD FLOAT, CONTAMINATION FLOAT, X1 FLOAT, X2 FLOAT, X3 FLOAT
)
RETURNS TABLE (
  ROW_ID VARCHAR,
  ANOMALY_SCORE FLOAT,
  ANOMALY_PROBABILITY FLOAT,
  IS_ANOMALY BOOLEAN,
  ANOMALY_THRESHOLD FLOAT,
  ANOMALY_FEATURE NUMBER,
  ANOMALY_STATUS VARCHAR
)
LANGUAGE PYTHON
RUNTIME_VERSION = '3.11'
PACKAGES = ('numpy', 'pandas')
HANDLER = 'Anomalies'
COMMENT = 'sqlnomaly 0.1.0'
AS
$$
import numpy as np
import pandas as pd
from typing import Any
from _snowflake import vectorized

FIXED = {'zscore': 3.0, 'mad': 3.5, 'iqr': 1.5}
SHARES = {'zscore': 0.99, 'mad': 0.99, 'iqr': 0.99, 'hbos': 0.99, 'ecod': 0.99}
ROWS = {'zscore': 3, 'mad': 3, 'iqr': 4, 'hbos': 3, 'ecod': 3}
SUMMED = ('hbos', 'ecod')
REFUSED = {'mahalanobis': 'it judges the features together: use `sqlnomaly query`, or `sqlnomaly compile`', 'ewma': 'it needs the order of the rows: use `sqlnomaly query`, or `sqlnomaly compile`', 'iforest': 'it is fitted by a client: use `sqlnomaly query`, or fit a model and install that'}
LARGEST = 1e+150
TOLERANCE = 1e-09


def is_null(a: Any) -> Any:
    """a IS NULL."""
    return 1.0 * np.isnan(a)


def known(a: Any, b: Any, truth: Any) -> Any:
    """A truth value, unknown where a side is."""
    return np.where(np.isnan(a) | np.isnan(b), np.nan, 1.0 * truth)


def eq(a: Any, b: Any) -> Any:
    """a = b."""
    return known(a, b, a == b)


def ne(a: Any, b: Any) -> Any:
    """a <> b."""
    return known(a, b, a != b)


def lt(a: Any, b: Any) -> Any:
    """a < b."""
    return known(a, b, a < b)


def le(a: Any, b: Any) -> Any:
    """a <= b."""
    return known(a, b, a <= b)


def gt(a: Any, b: Any) -> Any:
    """a > b."""
    return known(a, b, a > b)


def ge(a: Any, b: Any) -> Any:
    """a >= b."""
    return known(a, b, a >= b)


def both(a: Any, b: Any) -> Any:
    """a AND b."""
    return np.where((a == 0) | (b == 0), 0.0, known(a, b, True))


def either(a: Any, b: Any) -> Any:
    """a OR b."""
    return np.where((a == 1) | (b == 1), 1.0, known(a, b, False))


def case(branches: Any, default: Any) -> Any:
    """CASE: the first branch whose condition is true."""
    result = default
    for condition, value in reversed(branches):
        result = np.where(condition == 1, value, result)
    return result


def nullif(a: Any, b: Any) -> Any:
    """NULLIF(a, b)."""
    return np.where(a == b, np.nan, a)


def coalesce(*values: Any) -> Any:
    """COALESCE: the first value that is known."""
    result = values[-1]
    for value in reversed(values[:-1]):
        result = np.where(np.isnan(value), result, value)
    return result


def greatest(*values: Any) -> Any:
    """GREATEST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.maximum(result, value)
    return result


def least(*values: Any) -> Any:
    """LEAST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.minimum(result, value)
    return result


def present(a: Any) -> Any:
    """The values that are known."""
    return a[~np.isnan(a)]


def count(a: Any) -> Any:
    """COUNT(a)."""
    return np.float64(present(a).size)


def count_if(a: Any) -> Any:
    """COUNT_IF(a)."""
    return np.float64(np.count_nonzero(a == 1))


def over(function: Any, a: Any) -> Any:
    """An aggregate of the known values, unknown where there are none."""
    values = present(a)
    return np.float64(function(values)) if values.size else np.float64(np.nan)


def total(a: Any) -> Any:
    """SUM(a)."""
    return over(np.sum, a)


def mean(a: Any) -> Any:
    """AVG(a)."""
    return over(np.mean, a)


def variance(a: Any) -> Any:
    """VAR_POP(a), in two passes."""
    return over(np.var, a)


def smallest(a: Any) -> Any:
    """MIN(a)."""
    return over(np.min, a)


def largest(a: Any) -> Any:
    """MAX(a)."""
    return over(np.max, a)


def quantile(a: Any, share: Any) -> Any:
    """PERCENTILE_CONT(share)."""
    return over(lambda values: np.quantile(values, share), a)


def rank(key: Any) -> Any:
    """RANK() OVER (ORDER BY key)."""
    return 1.0 + np.searchsorted(np.sort(key), key, side="left")


def running_count(a: Any, key: Any) -> Any:
    """COUNT(a) OVER (ORDER BY key)."""
    return 1.0 * np.searchsorted(np.sort(key[~np.isnan(a)]), key, side="right")


def the_one(column: Any, name: str) -> Any:
    """The value of an argument that is the same for every row; None for NULL."""
    values = column.drop_duplicates()
    if len(values) > 1:
        raise ValueError(f"{name} has to be the same for every row")
    value = values.iloc[0]
    return None if pd.isna(value) else value


def rule_of(detector: str, threshold: Any, contamination: Any) -> tuple[float | None, float]:
    """The threshold, or None and the share of the quantile that is the threshold."""
    if threshold is not None and contamination is not None:
        raise ValueError("threshold and contamination exclude each other: give NULL for one")
    if threshold is not None and not abs(threshold) < np.inf:
        raise ValueError("threshold has to be a number")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise ValueError("contamination has to be above 0, and at most 0.5")
    if contamination is not None:
        return None, 1.0 - contamination
    return (FIXED.get(detector) if threshold is None else float(threshold)), SHARES[detector]


def judged(rows: Any) -> Any:
    """The answers for the rows of a partition: id, detector, threshold, contamination, and the features."""
    columns = [rows.iloc[:, place] for place in range(rows.shape[1])]
    detector = the_one(columns[1], "detector") or "zscore"
    if detector in REFUSED:
        raise ValueError(f"{detector} is not for this function: {REFUSED[detector]}")
    if detector not in TERMS:
        raise ValueError(f"unknown detector {detector!r}; allowed: {', '.join(TERMS)}")
    fixed, share = rule_of(detector, the_one(columns[2], "threshold"), the_one(columns[3], "contamination"))
    size = len(rows)
    missing, outside, few = (np.zeros(size, bool) for _ in range(3))
    flat = np.ones(size, bool)
    terms = []
    with np.errstate(all="ignore"):
        for column in columns[4:]:
            raw = column.to_numpy(np.float64, na_value=np.nan)
            clean = np.where(np.abs(raw) <= LARGEST, raw, np.nan)
            v: dict[str, Any] = {"x": clean}
            TERMS[detector](v)
            missing |= np.isnan(raw)
            outside |= ~np.isnan(raw) & np.isnan(clean)
            few |= bool(v["x__n"] < ROWS[detector])
            flat &= bool(v["x__scale"] == 0.0)
            terms.append(np.broadcast_to(v["x__term"], size))
        table = np.array(terms)
        best = np.max(table, axis=0)  # NaN where one is
        score = best
        if detector in SUMMED:
            score = table[0]
            for term in table[1:]:
                score = score + term
        scores = np.sort(present(score))
        if fixed is None:
            fixed = float(np.quantile(scores, share)) if scores.size else np.nan
        at_least = scores.size - np.searchsorted(scores, score, side="left")
        chance = np.where(np.isnan(score), np.nan, 1.0 - at_least / max(scores.size, 1))
        limit = fixed + TOLERANCE * max(1.0, abs(fixed))
        foremost = 1 + np.argmax(table >= best - TOLERANCE * np.maximum(1.0, np.abs(best)), axis=0)
    unknown = np.isnan(score)
    status = np.select(
        [missing, outside, few, unknown | flat],
        ["missing_value", "out_of_range", "too_few_rows", "constant_baseline"],
        "ok",
    )
    said = ~unknown & ~np.isnan(limit)
    return pd.DataFrame(
        {
            "row_id": columns[0].to_numpy(),
            "anomaly_score": score,
            "anomaly_probability": chance,
            "is_anomaly": np.where(said, score > limit, None),
            "anomaly_threshold": np.full(size, fixed),
            "anomaly_feature": np.where(unknown, None, foremost),
            "anomaly_status": status,
        }
    )


def zscore(v):
    v['x__n'] = count(v['x'])
    v['x__mean'] = mean(v['x'])
    v['x__m2'] = (variance(v['x']) * count(v['x']))
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__centre'] = case([(eq(v['x__low'], v['x__high']), v['x__low']), ], v['x__mean'])
    v['x__scale'] = case([(both(lt(v['x__low'], v['x__high']), gt((v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0)), 1e-300)), np.sqrt(case([(ge((v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0)), 0.0), (v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0))), ], np.nan))), ], 0.0)
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(gt(v['x__scale'], 0.0), (np.abs((v['x'] - v['x__centre'])) / nullif(v['x__scale'], 0.0))), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def mad(v):
    v['x__n'] = count(v['x'])
    v['x__centre'] = quantile(v['x'], 0.5)
    v['x__mad'] = quantile(np.abs((v['x'] - v['x__centre'])), 0.5)
    v['x__scale'] = case([(gt((v['x__mad'] / nullif(0.6744897501960817, 0.0)), 1e-150), (v['x__mad'] / nullif(0.6744897501960817, 0.0))), ], 0.0)
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(gt(v['x__scale'], 0.0), (np.abs((v['x'] - v['x__centre'])) / nullif(v['x__scale'], 0.0))), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def iqr(v):
    v['x__n'] = count(v['x'])
    v['x__q1'] = quantile(v['x'], 0.25)
    v['x__q3'] = quantile(v['x'], 0.75)
    v['x__scale'] = case([(gt((v['x__q3'] - v['x__q1']), 1e-150), (v['x__q3'] - v['x__q1'])), ], 0.0)
    v['x__centre'] = (v['x__q1'] + (0.5 * (v['x__q3'] - v['x__q1'])))
    v['x__term'] = case([(ge(v['x__n'], 4.0), case([(both(gt(v['x__scale'], 0.0), gt(greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])), 0.0)), (greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])) / nullif(v['x__scale'], 0.0))), (both(gt(v['x__scale'], 0.0), le(greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])), 0.0)), 0.0), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def hbos(v):
    v['x__n'] = count(v['x'])
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__scale'] = case([(gt(((v['x__high'] - v['x__low']) / nullif(10.0, 0.0)), greatest(1e-150, (4.440892098500626e-16 * greatest(np.abs(coalesce(v['x__low'], 0.0)), np.abs(coalesce(v['x__high'], 0.0)))))), ((v['x__high'] - v['x__low']) / nullif(10.0, 0.0))), ], 0.0)
    v['x__edge_1'] = ((1.0 * v['x__scale']) + v['x__low'])
    v['x__edge_2'] = ((2.0 * v['x__scale']) + v['x__low'])
    v['x__edge_3'] = ((3.0 * v['x__scale']) + v['x__low'])
    v['x__edge_4'] = ((4.0 * v['x__scale']) + v['x__low'])
    v['x__edge_5'] = ((5.0 * v['x__scale']) + v['x__low'])
    v['x__edge_6'] = ((6.0 * v['x__scale']) + v['x__low'])
    v['x__edge_7'] = ((7.0 * v['x__scale']) + v['x__low'])
    v['x__edge_8'] = ((8.0 * v['x__scale']) + v['x__low'])
    v['x__edge_9'] = ((9.0 * v['x__scale']) + v['x__low'])
    v['x__from_1'] = count_if(ge(v['x'], v['x__edge_1']))
    v['x__from_2'] = count_if(ge(v['x'], v['x__edge_2']))
    v['x__from_3'] = count_if(ge(v['x'], v['x__edge_3']))
    v['x__from_4'] = count_if(ge(v['x'], v['x__edge_4']))
    v['x__from_5'] = count_if(ge(v['x'], v['x__edge_5']))
    v['x__from_6'] = count_if(ge(v['x'], v['x__edge_6']))
    v['x__from_7'] = count_if(ge(v['x'], v['x__edge_7']))
    v['x__from_8'] = count_if(ge(v['x'], v['x__edge_8']))
    v['x__from_9'] = count_if(ge(v['x'], v['x__edge_9']))
    v['x__level_0'] = (-(np.log((((np.float64((v['x__n'] - v['x__from_1'])) / nullif((v['x__edge_1'] - v['x__low']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_1'] = (-(np.log((((np.float64((v['x__from_1'] - v['x__from_2'])) / nullif((v['x__edge_2'] - v['x__edge_1']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_2'] = (-(np.log((((np.float64((v['x__from_2'] - v['x__from_3'])) / nullif((v['x__edge_3'] - v['x__edge_2']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_3'] = (-(np.log((((np.float64((v['x__from_3'] - v['x__from_4'])) / nullif((v['x__edge_4'] - v['x__edge_3']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_4'] = (-(np.log((((np.float64((v['x__from_4'] - v['x__from_5'])) / nullif((v['x__edge_5'] - v['x__edge_4']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_5'] = (-(np.log((((np.float64((v['x__from_5'] - v['x__from_6'])) / nullif((v['x__edge_6'] - v['x__edge_5']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_6'] = (-(np.log((((np.float64((v['x__from_6'] - v['x__from_7'])) / nullif((v['x__edge_7'] - v['x__edge_6']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_7'] = (-(np.log((((np.float64((v['x__from_7'] - v['x__from_8'])) / nullif((v['x__edge_8'] - v['x__edge_7']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_8'] = (-(np.log((((np.float64((v['x__from_8'] - v['x__from_9'])) / nullif((v['x__edge_9'] - v['x__edge_8']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_9'] = (-(np.log((((np.float64(v['x__from_9']) / nullif((v['x__high'] - v['x__edge_9']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__worst'] = greatest(coalesce(v['x__level_0'], 0.0), coalesce(v['x__level_1'], 0.0), coalesce(v['x__level_2'], 0.0), coalesce(v['x__level_3'], 0.0), coalesce(v['x__level_4'], 0.0), coalesce(v['x__level_5'], 0.0), coalesce(v['x__level_6'], 0.0), coalesce(v['x__level_7'], 0.0), coalesce(v['x__level_8'], 0.0), coalesce(v['x__level_9'], 0.0))
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(both(eq(v['x__scale'], 0.0), both(ge(v['x'], v['x__low']), le(v['x'], v['x__high']))), 0.0), ((1.0 - gt(v['x__scale'], 0.0)), np.nan), (gt((v['x'] - v['x__high']), (v['x__scale'] * 0.5)), v['x__worst']), (gt((v['x__low'] - v['x']), (v['x__scale'] * 0.5)), v['x__worst']), (gt(v['x'], v['x__edge_9']), v['x__level_9']), (gt(v['x'], v['x__edge_8']), v['x__level_8']), (gt(v['x'], v['x__edge_7']), v['x__level_7']), (gt(v['x'], v['x__edge_6']), v['x__level_6']), (gt(v['x'], v['x__edge_5']), v['x__level_5']), (gt(v['x'], v['x__edge_4']), v['x__level_4']), (gt(v['x'], v['x__edge_3']), v['x__level_3']), (gt(v['x'], v['x__edge_2']), v['x__level_2']), (gt(v['x'], v['x__edge_1']), v['x__level_1']), ((1.0 - is_null(v['x'])), v['x__level_0']), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def ecod(v):
    v['x__rank'] = rank(coalesce(v['x'], 1e+300))
    v['x__below'] = running_count(v['x'], coalesce(v['x'], 1e+300))
    v['x__n'] = count(v['x'])
    v['x__mean'] = mean(v['x'])
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__skew'] = total(((((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))))
    v['x__bulk'] = total(np.abs(((((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)))))
    v['x__scale'] = case([(gt(v['x__high'], v['x__low']), (v['x__high'] - v['x__low'])), ], 0.0)
    v['x__side'] = case([(le(np.abs(v['x__skew']), (1e-09 * v['x__bulk'])), 0.0), (gt(v['x__skew'], 0.0), 1.0), ], (-1.0))
    v['x__tail'] = case([(both(eq(v['x__scale'], 0.0), eq(v['x'], v['x__low'])), 0.0), (both((1.0 - is_null(v['x'])), gt(v['x__scale'], 0.0)), (-np.log(case([(eq(v['x__side'], 0.0), ((np.float64(greatest(coalesce(v['x__below'], 0.0), 1.0)) / nullif(v['x__n'], 0.0)) * (np.float64(greatest(coalesce(((v['x__n'] + 1.0) - v['x__rank']), 0.0), 1.0)) / nullif(v['x__n'], 0.0)))), ], least((np.float64(greatest(coalesce(v['x__below'], 0.0), 1.0)) / nullif(v['x__n'], 0.0)), (np.float64(greatest(coalesce(((v['x__n'] + 1.0) - v['x__rank']), 0.0), 1.0)) / nullif(v['x__n'], 0.0))))))), ], np.nan)
    v['x__term'] = case([(ge(v['x__n'], 3.0), v['x__tail']), ], np.nan)
    v['_sn__score'] = v['x__term']


TERMS = {"zscore": zscore, "mad": mad, "iqr": iqr, "hbos": hbos, "ecod": ecod}


class Anomalies:
    @vectorized(input=pd.DataFrame)
    def end_partition(self, rows):
        return judged(rows)
$$;

CREATE OR REPLACE FUNCTION ANOMALIES(
  ROW_ID VARCHAR, DETECTOR VARCHAR, THRESHOLD FLOAT, CONTAMINATION FLOAT, X1 FLOAT, X2 FLOAT, X3 FLOAT, X4 FLOAT
)
RETURNS TABLE (
  ROW_ID VARCHAR,
  ANOMALY_SCORE FLOAT,
  ANOMALY_PROBABILITY FLOAT,
  IS_ANOMALY BOOLEAN,
  ANOMALY_THRESHOLD FLOAT,
  ANOMALY_FEATURE NUMBER,
  ANOMALY_STATUS VARCHAR
)
LANGUAGE PYTHON
RUNTIME_VERSION = '3.11'
PACKAGES = ('numpy', 'pandas')
HANDLER = 'Anomalies'
COMMENT = 'sqlnomaly 0.1.0'
AS
$$
import numpy as np
import pandas as pd
from typing import Any
from _snowflake import vectorized

FIXED = {'zscore': 3.0, 'mad': 3.5, 'iqr': 1.5}
SHARES = {'zscore': 0.99, 'mad': 0.99, 'iqr': 0.99, 'hbos': 0.99, 'ecod': 0.99}
ROWS = {'zscore': 3, 'mad': 3, 'iqr': 4, 'hbos': 3, 'ecod': 3}
SUMMED = ('hbos', 'ecod')
REFUSED = {'mahalanobis': 'it judges the features together: use `sqlnomaly query`, or `sqlnomaly compile`', 'ewma': 'it needs the order of the rows: use `sqlnomaly query`, or `sqlnomaly compile`', 'iforest': 'it is fitted by a client: use `sqlnomaly query`, or fit a model and install that'}
LARGEST = 1e+150
TOLERANCE = 1e-09


def is_null(a: Any) -> Any:
    """a IS NULL."""
    return 1.0 * np.isnan(a)


def known(a: Any, b: Any, truth: Any) -> Any:
    """A truth value, unknown where a side is."""
    return np.where(np.isnan(a) | np.isnan(b), np.nan, 1.0 * truth)


def eq(a: Any, b: Any) -> Any:
    """a = b."""
    return known(a, b, a == b)


def ne(a: Any, b: Any) -> Any:
    """a <> b."""
    return known(a, b, a != b)


def lt(a: Any, b: Any) -> Any:
    """a < b."""
    return known(a, b, a < b)


def le(a: Any, b: Any) -> Any:
    """a <= b."""
    return known(a, b, a <= b)


def gt(a: Any, b: Any) -> Any:
    """a > b."""
    return known(a, b, a > b)


def ge(a: Any, b: Any) -> Any:
    """a >= b."""
    return known(a, b, a >= b)


def both(a: Any, b: Any) -> Any:
    """a AND b."""
    return np.where((a == 0) | (b == 0), 0.0, known(a, b, True))


def either(a: Any, b: Any) -> Any:
    """a OR b."""
    return np.where((a == 1) | (b == 1), 1.0, known(a, b, False))


def case(branches: Any, default: Any) -> Any:
    """CASE: the first branch whose condition is true."""
    result = default
    for condition, value in reversed(branches):
        result = np.where(condition == 1, value, result)
    return result


def nullif(a: Any, b: Any) -> Any:
    """NULLIF(a, b)."""
    return np.where(a == b, np.nan, a)


def coalesce(*values: Any) -> Any:
    """COALESCE: the first value that is known."""
    result = values[-1]
    for value in reversed(values[:-1]):
        result = np.where(np.isnan(value), result, value)
    return result


def greatest(*values: Any) -> Any:
    """GREATEST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.maximum(result, value)
    return result


def least(*values: Any) -> Any:
    """LEAST, unknown where one is."""
    result = values[0]
    for value in values[1:]:
        result = np.minimum(result, value)
    return result


def present(a: Any) -> Any:
    """The values that are known."""
    return a[~np.isnan(a)]


def count(a: Any) -> Any:
    """COUNT(a)."""
    return np.float64(present(a).size)


def count_if(a: Any) -> Any:
    """COUNT_IF(a)."""
    return np.float64(np.count_nonzero(a == 1))


def over(function: Any, a: Any) -> Any:
    """An aggregate of the known values, unknown where there are none."""
    values = present(a)
    return np.float64(function(values)) if values.size else np.float64(np.nan)


def total(a: Any) -> Any:
    """SUM(a)."""
    return over(np.sum, a)


def mean(a: Any) -> Any:
    """AVG(a)."""
    return over(np.mean, a)


def variance(a: Any) -> Any:
    """VAR_POP(a), in two passes."""
    return over(np.var, a)


def smallest(a: Any) -> Any:
    """MIN(a)."""
    return over(np.min, a)


def largest(a: Any) -> Any:
    """MAX(a)."""
    return over(np.max, a)


def quantile(a: Any, share: Any) -> Any:
    """PERCENTILE_CONT(share)."""
    return over(lambda values: np.quantile(values, share), a)


def rank(key: Any) -> Any:
    """RANK() OVER (ORDER BY key)."""
    return 1.0 + np.searchsorted(np.sort(key), key, side="left")


def running_count(a: Any, key: Any) -> Any:
    """COUNT(a) OVER (ORDER BY key)."""
    return 1.0 * np.searchsorted(np.sort(key[~np.isnan(a)]), key, side="right")


def the_one(column: Any, name: str) -> Any:
    """The value of an argument that is the same for every row; None for NULL."""
    values = column.drop_duplicates()
    if len(values) > 1:
        raise ValueError(f"{name} has to be the same for every row")
    value = values.iloc[0]
    return None if pd.isna(value) else value


def rule_of(detector: str, threshold: Any, contamination: Any) -> tuple[float | None, float]:
    """The threshold, or None and the share of the quantile that is the threshold."""
    if threshold is not None and contamination is not None:
        raise ValueError("threshold and contamination exclude each other: give NULL for one")
    if threshold is not None and not abs(threshold) < np.inf:
        raise ValueError("threshold has to be a number")
    if contamination is not None and not 0 < contamination <= 0.5:
        raise ValueError("contamination has to be above 0, and at most 0.5")
    if contamination is not None:
        return None, 1.0 - contamination
    return (FIXED.get(detector) if threshold is None else float(threshold)), SHARES[detector]


def judged(rows: Any) -> Any:
    """The answers for the rows of a partition: id, detector, threshold, contamination, and the features."""
    columns = [rows.iloc[:, place] for place in range(rows.shape[1])]
    detector = the_one(columns[1], "detector") or "zscore"
    if detector in REFUSED:
        raise ValueError(f"{detector} is not for this function: {REFUSED[detector]}")
    if detector not in TERMS:
        raise ValueError(f"unknown detector {detector!r}; allowed: {', '.join(TERMS)}")
    fixed, share = rule_of(detector, the_one(columns[2], "threshold"), the_one(columns[3], "contamination"))
    size = len(rows)
    missing, outside, few = (np.zeros(size, bool) for _ in range(3))
    flat = np.ones(size, bool)
    terms = []
    with np.errstate(all="ignore"):
        for column in columns[4:]:
            raw = column.to_numpy(np.float64, na_value=np.nan)
            clean = np.where(np.abs(raw) <= LARGEST, raw, np.nan)
            v: dict[str, Any] = {"x": clean}
            TERMS[detector](v)
            missing |= np.isnan(raw)
            outside |= ~np.isnan(raw) & np.isnan(clean)
            few |= bool(v["x__n"] < ROWS[detector])
            flat &= bool(v["x__scale"] == 0.0)
            terms.append(np.broadcast_to(v["x__term"], size))
        table = np.array(terms)
        best = np.max(table, axis=0)  # NaN where one is
        score = best
        if detector in SUMMED:
            score = table[0]
            for term in table[1:]:
                score = score + term
        scores = np.sort(present(score))
        if fixed is None:
            fixed = float(np.quantile(scores, share)) if scores.size else np.nan
        at_least = scores.size - np.searchsorted(scores, score, side="left")
        chance = np.where(np.isnan(score), np.nan, 1.0 - at_least / max(scores.size, 1))
        limit = fixed + TOLERANCE * max(1.0, abs(fixed))
        foremost = 1 + np.argmax(table >= best - TOLERANCE * np.maximum(1.0, np.abs(best)), axis=0)
    unknown = np.isnan(score)
    status = np.select(
        [missing, outside, few, unknown | flat],
        ["missing_value", "out_of_range", "too_few_rows", "constant_baseline"],
        "ok",
    )
    said = ~unknown & ~np.isnan(limit)
    return pd.DataFrame(
        {
            "row_id": columns[0].to_numpy(),
            "anomaly_score": score,
            "anomaly_probability": chance,
            "is_anomaly": np.where(said, score > limit, None),
            "anomaly_threshold": np.full(size, fixed),
            "anomaly_feature": np.where(unknown, None, foremost),
            "anomaly_status": status,
        }
    )


def zscore(v):
    v['x__n'] = count(v['x'])
    v['x__mean'] = mean(v['x'])
    v['x__m2'] = (variance(v['x']) * count(v['x']))
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__centre'] = case([(eq(v['x__low'], v['x__high']), v['x__low']), ], v['x__mean'])
    v['x__scale'] = case([(both(lt(v['x__low'], v['x__high']), gt((v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0)), 1e-300)), np.sqrt(case([(ge((v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0)), 0.0), (v['x__m2'] / nullif((v['x__n'] - 1.0), 0.0))), ], np.nan))), ], 0.0)
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(gt(v['x__scale'], 0.0), (np.abs((v['x'] - v['x__centre'])) / nullif(v['x__scale'], 0.0))), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def mad(v):
    v['x__n'] = count(v['x'])
    v['x__centre'] = quantile(v['x'], 0.5)
    v['x__mad'] = quantile(np.abs((v['x'] - v['x__centre'])), 0.5)
    v['x__scale'] = case([(gt((v['x__mad'] / nullif(0.6744897501960817, 0.0)), 1e-150), (v['x__mad'] / nullif(0.6744897501960817, 0.0))), ], 0.0)
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(gt(v['x__scale'], 0.0), (np.abs((v['x'] - v['x__centre'])) / nullif(v['x__scale'], 0.0))), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def iqr(v):
    v['x__n'] = count(v['x'])
    v['x__q1'] = quantile(v['x'], 0.25)
    v['x__q3'] = quantile(v['x'], 0.75)
    v['x__scale'] = case([(gt((v['x__q3'] - v['x__q1']), 1e-150), (v['x__q3'] - v['x__q1'])), ], 0.0)
    v['x__centre'] = (v['x__q1'] + (0.5 * (v['x__q3'] - v['x__q1'])))
    v['x__term'] = case([(ge(v['x__n'], 4.0), case([(both(gt(v['x__scale'], 0.0), gt(greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])), 0.0)), (greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])) / nullif(v['x__scale'], 0.0))), (both(gt(v['x__scale'], 0.0), le(greatest((v['x'] - v['x__q3']), (v['x__q1'] - v['x'])), 0.0)), 0.0), (eq(v['x'], v['x__centre']), 0.0), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def hbos(v):
    v['x__n'] = count(v['x'])
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__scale'] = case([(gt(((v['x__high'] - v['x__low']) / nullif(10.0, 0.0)), greatest(1e-150, (4.440892098500626e-16 * greatest(np.abs(coalesce(v['x__low'], 0.0)), np.abs(coalesce(v['x__high'], 0.0)))))), ((v['x__high'] - v['x__low']) / nullif(10.0, 0.0))), ], 0.0)
    v['x__edge_1'] = ((1.0 * v['x__scale']) + v['x__low'])
    v['x__edge_2'] = ((2.0 * v['x__scale']) + v['x__low'])
    v['x__edge_3'] = ((3.0 * v['x__scale']) + v['x__low'])
    v['x__edge_4'] = ((4.0 * v['x__scale']) + v['x__low'])
    v['x__edge_5'] = ((5.0 * v['x__scale']) + v['x__low'])
    v['x__edge_6'] = ((6.0 * v['x__scale']) + v['x__low'])
    v['x__edge_7'] = ((7.0 * v['x__scale']) + v['x__low'])
    v['x__edge_8'] = ((8.0 * v['x__scale']) + v['x__low'])
    v['x__edge_9'] = ((9.0 * v['x__scale']) + v['x__low'])
    v['x__from_1'] = count_if(ge(v['x'], v['x__edge_1']))
    v['x__from_2'] = count_if(ge(v['x'], v['x__edge_2']))
    v['x__from_3'] = count_if(ge(v['x'], v['x__edge_3']))
    v['x__from_4'] = count_if(ge(v['x'], v['x__edge_4']))
    v['x__from_5'] = count_if(ge(v['x'], v['x__edge_5']))
    v['x__from_6'] = count_if(ge(v['x'], v['x__edge_6']))
    v['x__from_7'] = count_if(ge(v['x'], v['x__edge_7']))
    v['x__from_8'] = count_if(ge(v['x'], v['x__edge_8']))
    v['x__from_9'] = count_if(ge(v['x'], v['x__edge_9']))
    v['x__level_0'] = (-(np.log((((np.float64((v['x__n'] - v['x__from_1'])) / nullif((v['x__edge_1'] - v['x__low']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_1'] = (-(np.log((((np.float64((v['x__from_1'] - v['x__from_2'])) / nullif((v['x__edge_2'] - v['x__edge_1']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_2'] = (-(np.log((((np.float64((v['x__from_2'] - v['x__from_3'])) / nullif((v['x__edge_3'] - v['x__edge_2']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_3'] = (-(np.log((((np.float64((v['x__from_3'] - v['x__from_4'])) / nullif((v['x__edge_4'] - v['x__edge_3']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_4'] = (-(np.log((((np.float64((v['x__from_4'] - v['x__from_5'])) / nullif((v['x__edge_5'] - v['x__edge_4']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_5'] = (-(np.log((((np.float64((v['x__from_5'] - v['x__from_6'])) / nullif((v['x__edge_6'] - v['x__edge_5']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_6'] = (-(np.log((((np.float64((v['x__from_6'] - v['x__from_7'])) / nullif((v['x__edge_7'] - v['x__edge_6']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_7'] = (-(np.log((((np.float64((v['x__from_7'] - v['x__from_8'])) / nullif((v['x__edge_8'] - v['x__edge_7']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_8'] = (-(np.log((((np.float64((v['x__from_8'] - v['x__from_9'])) / nullif((v['x__edge_9'] - v['x__edge_8']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__level_9'] = (-(np.log((((np.float64(v['x__from_9']) / nullif((v['x__high'] - v['x__edge_9']), 0.0)) / nullif(v['x__n'], 0.0)) + 0.1)) / nullif(0.6931471805599453, 0.0)))
    v['x__worst'] = greatest(coalesce(v['x__level_0'], 0.0), coalesce(v['x__level_1'], 0.0), coalesce(v['x__level_2'], 0.0), coalesce(v['x__level_3'], 0.0), coalesce(v['x__level_4'], 0.0), coalesce(v['x__level_5'], 0.0), coalesce(v['x__level_6'], 0.0), coalesce(v['x__level_7'], 0.0), coalesce(v['x__level_8'], 0.0), coalesce(v['x__level_9'], 0.0))
    v['x__term'] = case([(ge(v['x__n'], 3.0), case([(both(eq(v['x__scale'], 0.0), both(ge(v['x'], v['x__low']), le(v['x'], v['x__high']))), 0.0), ((1.0 - gt(v['x__scale'], 0.0)), np.nan), (gt((v['x'] - v['x__high']), (v['x__scale'] * 0.5)), v['x__worst']), (gt((v['x__low'] - v['x']), (v['x__scale'] * 0.5)), v['x__worst']), (gt(v['x'], v['x__edge_9']), v['x__level_9']), (gt(v['x'], v['x__edge_8']), v['x__level_8']), (gt(v['x'], v['x__edge_7']), v['x__level_7']), (gt(v['x'], v['x__edge_6']), v['x__level_6']), (gt(v['x'], v['x__edge_5']), v['x__level_5']), (gt(v['x'], v['x__edge_4']), v['x__level_4']), (gt(v['x'], v['x__edge_3']), v['x__level_3']), (gt(v['x'], v['x__edge_2']), v['x__level_2']), (gt(v['x'], v['x__edge_1']), v['x__level_1']), ((1.0 - is_null(v['x'])), v['x__level_0']), ], np.nan)), ], np.nan)
    v['_sn__score'] = v['x__term']


def ecod(v):
    v['x__rank'] = rank(coalesce(v['x'], 1e+300))
    v['x__below'] = running_count(v['x'], coalesce(v['x'], 1e+300))
    v['x__n'] = count(v['x'])
    v['x__mean'] = mean(v['x'])
    v['x__low'] = smallest(v['x'])
    v['x__high'] = largest(v['x'])
    v['x__skew'] = total(((((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))))
    v['x__bulk'] = total(np.abs(((((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0))) * ((v['x'] - v['x__mean']) / nullif((v['x__high'] - v['x__low']), 0.0)))))
    v['x__scale'] = case([(gt(v['x__high'], v['x__low']), (v['x__high'] - v['x__low'])), ], 0.0)
    v['x__side'] = case([(le(np.abs(v['x__skew']), (1e-09 * v['x__bulk'])), 0.0), (gt(v['x__skew'], 0.0), 1.0), ], (-1.0))
    v['x__tail'] = case([(both(eq(v['x__scale'], 0.0), eq(v['x'], v['x__low'])), 0.0), (both((1.0 - is_null(v['x'])), gt(v['x__scale'], 0.0)), (-np.log(case([(eq(v['x__side'], 0.0), ((np.float64(greatest(coalesce(v['x__below'], 0.0), 1.0)) / nullif(v['x__n'], 0.0)) * (np.float64(greatest(coalesce(((v['x__n'] + 1.0) - v['x__rank']), 0.0), 1.0)) / nullif(v['x__n'], 0.0)))), ], least((np.float64(greatest(coalesce(v['x__below'], 0.0), 1.0)) / nullif(v['x__n'], 0.0)), (np.float64(greatest(coalesce(((v['x__n'] + 1.0) - v['x__rank']), 0.0), 1.0)) / nullif(v['x__n'], 0.0))))))), ], np.nan)
    v['x__term'] = case([(ge(v['x__n'], 3.0), v['x__tail']), ], np.nan)
    v['_sn__score'] = v['x__term']


TERMS = {"zscore": zscore, "mad": mad, "iqr": iqr, "hbos": hbos, "ecod": ecod}


class Anomalies:
    @vectorized(input=pd.DataFrame)
    def end_partition(self, rows):
        return judged(rows)
$$;

CREATE OR REPLACE PROCEDURE SHOW_ANOMALY_MODELS()
RETURNS TABLE ()
LANGUAGE SQL
COMMENT = 'sqlnomaly 0.1.0'
EXECUTE AS CALLER
AS
$$
DECLARE
  answers RESULTSET;
BEGIN
  answers := (SELECT last_change.name AS model, last_change.version AS version, COUNT(kept.version) AS versions,
  last_change.changed_at AS changed_at
FROM (SELECT name, change, version, changed_at
FROM (
  SELECT name, change, version, changed_at, ROW_NUMBER() OVER (PARTITION BY name ORDER BY change DESC, token) AS place
  FROM sqlnomaly.models
) AS changes
WHERE place = 1 AND version IS NOT NULL) AS last_change
LEFT JOIN (SELECT name, version FROM sqlnomaly.model_versions GROUP BY name, version
HAVING COUNT(CASE WHEN how = 'dropped' THEN 1 END) = 0) AS kept ON kept.name = last_change.name
GROUP BY last_change.name, last_change.version, last_change.changed_at ORDER BY 1);
  RETURN TABLE(answers);
END
$$;

CREATE OR REPLACE PROCEDURE SET_ANOMALY_MODEL_VERSION(WANTED_MODEL VARCHAR, WANTED_VERSION NUMBER)
RETURNS VARCHAR
LANGUAGE SQL
COMMENT = 'sqlnomaly 0.1.0'
EXECUTE AS CALLER
AS
$$
DECLARE
  no_such_version EXCEPTION (-20001, 'there is no such model, or it has no such version: CALL SHOW_ANOMALY_MODELS()');
BEGIN
INSERT INTO sqlnomaly.models (name, change, version, changed_at, token)
SELECT last_change.name, last_change.change + 1, :WANTED_VERSION, TO_CHAR(CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP()), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), SUBSTR(MD5(UUID_STRING()), 1, 16)
FROM (SELECT name, change, version, changed_at
FROM (
  SELECT name, change, version, changed_at, ROW_NUMBER() OVER (PARTITION BY name ORDER BY change DESC, token) AS place
  FROM sqlnomaly.models
) AS changes
WHERE place = 1 AND version IS NOT NULL) AS last_change
WHERE last_change.name = (
  SELECT CASE WHEN COUNT(CASE WHEN last_change.name = :WANTED_MODEL THEN 1 END) = 1 THEN :WANTED_MODEL ELSE LOWER(:WANTED_MODEL) END
  FROM (SELECT name, change, version, changed_at
FROM (
  SELECT name, change, version, changed_at, ROW_NUMBER() OVER (PARTITION BY name ORDER BY change DESC, token) AS place
  FROM sqlnomaly.models
) AS changes
WHERE place = 1 AND version IS NOT NULL) AS last_change
) AND EXISTS (SELECT 1 FROM (SELECT name, version FROM sqlnomaly.model_versions GROUP BY name, version
HAVING COUNT(CASE WHEN how = 'dropped' THEN 1 END) = 0) AS kept WHERE kept.name = last_change.name AND kept.version = :WANTED_VERSION);
  IF (SQLROWCOUNT = 0) THEN
    RAISE no_such_version;
  END IF;
  RETURN 'altered';
END
$$;

CREATE OR REPLACE PROCEDURE DROP_ANOMALY_MODEL(WANTED_MODEL VARCHAR)
RETURNS VARCHAR
LANGUAGE SQL
COMMENT = 'sqlnomaly 0.1.0'
EXECUTE AS CALLER
AS
$$
DECLARE
  no_such_model EXCEPTION (-20002, 'there is no such model: CALL SHOW_ANOMALY_MODELS()');
BEGIN
INSERT INTO sqlnomaly.models (name, change, version, changed_at, token)
SELECT last_change.name, last_change.change + 1, NULL, TO_CHAR(CONVERT_TIMEZONE('UTC', CURRENT_TIMESTAMP()), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), SUBSTR(MD5(UUID_STRING()), 1, 16)
FROM (SELECT name, change, version, changed_at
FROM (
  SELECT name, change, version, changed_at, ROW_NUMBER() OVER (PARTITION BY name ORDER BY change DESC, token) AS place
  FROM sqlnomaly.models
) AS changes
WHERE place = 1 AND version IS NOT NULL) AS last_change
WHERE last_change.name = (
  SELECT CASE WHEN COUNT(CASE WHEN last_change.name = :WANTED_MODEL THEN 1 END) = 1 THEN :WANTED_MODEL ELSE LOWER(:WANTED_MODEL) END
  FROM (SELECT name, change, version, changed_at
FROM (
  SELECT name, change, version, changed_at, ROW_NUMBER() OVER (PARTITION BY name ORDER BY change DESC, token) AS place
  FROM sqlnomaly.models
) AS changes
WHERE place = 1 AND version IS NOT NULL) AS last_change
) AND 1 = 1;
  IF (SQLROWCOUNT = 0) THEN
    RAISE no_such_model;
  END IF;
  RETURN 'dropped';
END
$$;
