-- sqlnomaly 0.1.0: anomaly detection for PostgreSQL 12 and later
-- SELECT (given).*, anomaly_score, anomaly_reason FROM detect_anomalies(NULL::orders, ARRAY['amount'], detector => 'hbos', partition_by => ARRAY['store']);
-- CALL detect_anomalies('orders', 'scored', ARRAY['amount']); SELECT * FROM scored;
-- Both run with the rights of who calls them: to let a role use them, GRANT USAGE on their schema to it.

CREATE OR REPLACE FUNCTION sqlnomaly_query(relation REGCLASS, features TEXT[], detector TEXT DEFAULT 'zscore', partition_by TEXT[] DEFAULT '{}', threshold DOUBLE PRECISION DEFAULT NULL, contamination DOUBLE PRECISION DEFAULT NULL) RETURNS TEXT
LANGUAGE plpgsql STABLE AS $body$
DECLARE
  wanted TEXT := LOWER(COALESCE(detector, 'NULL'));
  fixed DOUBLE PRECISION;
  share DOUBLE PRECISION;
  judge TEXT;
  cell TEXT := '';
  keys TEXT := '';
  name TEXT;
  kind TEXT;
  used TEXT[] := '{}';
BEGIN
  IF relation IS NULL THEN
    RAISE EXCEPTION 'no relation: name a table or a view';
  END IF;
  IF threshold IS NOT NULL AND contamination IS NOT NULL THEN
    RAISE EXCEPTION 'threshold and contamination exclude each other'
      USING HINT = 'threshold fixes the score, contamination the share of rows; keep one';
  END IF;
  IF NOT COALESCE(contamination > 0 AND contamination <= 0.5, TRUE) THEN
    RAISE EXCEPTION 'contamination is out of range' USING HINT = 'above 0, at most 0.5';
  END IF;
  IF NOT COALESCE(ABS(threshold) <= 1e+150, TRUE) THEN
    RAISE EXCEPTION 'threshold is no number between -1e150 and 1e150';
  END IF;
  IF COALESCE(CARDINALITY(features), 0) = 0 THEN
    RAISE EXCEPTION 'no features' USING HINT = 'name the columns to judge by: ARRAY[''amount'', ''items'']';
  END IF;
  CASE wanted
  WHEN 'zscore' THEN
    fixed := 3.0;
    share := 0.99;
    judge := $query$WITH judged_cells AS (
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
        WHEN _sn_x__low < _sn_x__high
        AND CAST(_sn_x__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x__n - 1, 0.0e0) > 1e-300
        THEN SQRT(
          CASE
            WHEN CAST(_sn_x__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x__n - 1, 0.0e0) >= 0.0e0
            THEN CAST(_sn_x__m2 AS DOUBLE PRECISION) / NULLIF(_sn_x__n - 1, 0.0e0)
          END
        )
        ELSE CAST(0.0e0 AS DOUBLE PRECISION)
      END AS _sn_x__scale
    FROM baseline
    OFFSET 0
  ), terms AS (
    SELECT
      source.*,
      model._sn_x__n,
      model._sn_x__scale,
      CASE
        WHEN model._sn_x__n >= 3
        THEN CASE
          WHEN model._sn_x__scale > 0.0e0
          THEN CAST(ABS(source._sn_x - model._sn_x__centre) AS DOUBLE PRECISION) / NULLIF(model._sn_x__scale, 0.0e0)
          WHEN source._sn_x = model._sn_x__centre
          THEN CAST(0.0e0 AS DOUBLE PRECISION)
        END
      END AS _sn_x__term
    FROM source
    LEFT JOIN model
      ON ARRAY[source._sn__key1] = ARRAY[model._sn__key1]
      AND ARRAY[source._sn__key2] = ARRAY[model._sn__key2]
    OFFSET 0
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
    OFFSET 0
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
  OFFSET 0
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
          CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON ARRAY[judged_cells.row_id] = ARRAY[scored_2.row_id]
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
  OFFSET 0
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC
    ) AS _sn__not_below
  FROM whole_rows
  OFFSET 0
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE PRECISION) IS NULL THEN row_score END) AS quantile
  FROM ranked
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ARRAY[ranked.part] = ARRAY[cutoff.part]
  OFFSET 0
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS DOUBLE PRECISION), quantile) AS bound
  FROM limited
  OFFSET 0
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE PRECISION) - (
      CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit$query$;
  WHEN 'mad' THEN
    fixed := 3.5;
    share := 0.99;
    judge := $query$WITH judged_cells AS (
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
      ON ARRAY[source._sn__key1] = ARRAY[centre._sn__key1]
      AND ARRAY[source._sn__key2] = ARRAY[centre._sn__key2]
    GROUP BY
      source._sn__key1,
      source._sn__key2
  ), model AS (
    SELECT
      *,
      CASE
        WHEN CAST(_sn_x__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0) > 1e-150
        THEN CAST(_sn_x__mad AS DOUBLE PRECISION) / NULLIF(CAST(0.6744897501960817e0 AS DOUBLE PRECISION), 0.0e0)
        ELSE CAST(0.0e0 AS DOUBLE PRECISION)
      END AS _sn_x__scale
    FROM spread
    OFFSET 0
  ), terms AS (
    SELECT
      source.*,
      model._sn_x__n,
      model._sn_x__scale,
      CASE
        WHEN model._sn_x__n >= 3
        THEN CASE
          WHEN model._sn_x__scale > 0.0e0
          THEN CAST(ABS(source._sn_x - model._sn_x__centre) AS DOUBLE PRECISION) / NULLIF(model._sn_x__scale, 0.0e0)
          WHEN source._sn_x = model._sn_x__centre
          THEN CAST(0.0e0 AS DOUBLE PRECISION)
        END
      END AS _sn_x__term
    FROM source
    LEFT JOIN model
      ON ARRAY[source._sn__key1] = ARRAY[model._sn__key1]
      AND ARRAY[source._sn__key2] = ARRAY[model._sn__key2]
    OFFSET 0
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
    OFFSET 0
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
  OFFSET 0
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
          CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON ARRAY[judged_cells.row_id] = ARRAY[scored_2.row_id]
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
  OFFSET 0
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC
    ) AS _sn__not_below
  FROM whole_rows
  OFFSET 0
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE PRECISION) IS NULL THEN row_score END) AS quantile
  FROM ranked
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ARRAY[ranked.part] = ARRAY[cutoff.part]
  OFFSET 0
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS DOUBLE PRECISION), quantile) AS bound
  FROM limited
  OFFSET 0
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE PRECISION) - (
      CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit$query$;
  WHEN 'iqr' THEN
    fixed := 1.5;
    share := 0.99;
    judge := $query$WITH judged_cells AS (
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
        ELSE CAST(0.0e0 AS DOUBLE PRECISION)
      END AS _sn_x__scale,
      _sn_x__q1 + (
        CAST(0.5e0 AS DOUBLE PRECISION) * (
          _sn_x__q3 - _sn_x__q1
        )
      ) AS _sn_x__centre
    FROM quartiles
    OFFSET 0
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
          THEN CAST(GREATEST(source._sn_x - model._sn_x__q3, model._sn_x__q1 - source._sn_x) AS DOUBLE PRECISION) / NULLIF(model._sn_x__scale, 0.0e0)
          WHEN model._sn_x__scale > 0.0e0
          AND GREATEST(source._sn_x - model._sn_x__q3, model._sn_x__q1 - source._sn_x) <= 0.0e0
          THEN CAST(0.0e0 AS DOUBLE PRECISION)
          WHEN source._sn_x = model._sn_x__centre
          THEN CAST(0.0e0 AS DOUBLE PRECISION)
        END
      END AS _sn_x__term
    FROM source
    LEFT JOIN model
      ON ARRAY[source._sn__key1] = ARRAY[model._sn__key1]
      AND ARRAY[source._sn__key2] = ARRAY[model._sn__key2]
    OFFSET 0
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
    OFFSET 0
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
  OFFSET 0
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
          CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON ARRAY[judged_cells.row_id] = ARRAY[scored_2.row_id]
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
  OFFSET 0
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC
    ) AS _sn__not_below
  FROM whole_rows
  OFFSET 0
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE PRECISION) IS NULL THEN row_score END) AS quantile
  FROM ranked
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ARRAY[ranked.part] = ARRAY[cutoff.part]
  OFFSET 0
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS DOUBLE PRECISION), quantile) AS bound
  FROM limited
  OFFSET 0
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE PRECISION) - (
      CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit$query$;
  WHEN 'hbos' THEN
    fixed := NULL;
    share := 0.99;
    judge := $query$WITH judged_cells AS (
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
        WHEN CAST((
          _sn_x__high - _sn_x__low
        ) AS DOUBLE PRECISION) / NULLIF(CAST(10.0e0 AS DOUBLE PRECISION), 0.0e0) > GREATEST(
          CAST(1e-150 AS DOUBLE PRECISION),
          CAST(4.440892098500626e-16 AS DOUBLE PRECISION) * GREATEST(
            ABS(COALESCE(_sn_x__low, CAST(0.0e0 AS DOUBLE PRECISION))),
            ABS(COALESCE(_sn_x__high, CAST(0.0e0 AS DOUBLE PRECISION)))
          )
        )
        THEN CAST((
          _sn_x__high - _sn_x__low
        ) AS DOUBLE PRECISION) / NULLIF(CAST(10.0e0 AS DOUBLE PRECISION), 0.0e0)
        ELSE CAST(0.0e0 AS DOUBLE PRECISION)
      END AS _sn_x__scale
    FROM bounds
    OFFSET 0
  ), edges AS (
    SELECT
      *,
      (
        CAST(1.0e0 AS DOUBLE PRECISION) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_1,
      (
        CAST(2.0e0 AS DOUBLE PRECISION) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_2,
      (
        CAST(3.0e0 AS DOUBLE PRECISION) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_3,
      (
        CAST(4.0e0 AS DOUBLE PRECISION) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_4,
      (
        CAST(5.0e0 AS DOUBLE PRECISION) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_5,
      (
        CAST(6.0e0 AS DOUBLE PRECISION) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_6,
      (
        CAST(7.0e0 AS DOUBLE PRECISION) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_7,
      (
        CAST(8.0e0 AS DOUBLE PRECISION) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_8,
      (
        CAST(9.0e0 AS DOUBLE PRECISION) * _sn_x__scale
      ) + _sn_x__low AS _sn_x__edge_9
    FROM widths
    OFFSET 0
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
      ON ARRAY[source._sn__key1] = ARRAY[edges._sn__key1]
      AND ARRAY[source._sn__key2] = ARRAY[edges._sn__key2]
    GROUP BY
      source._sn__key1,
      source._sn__key2
  ), levels AS (
    SELECT
      *,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__n - _sn_x__from_1 AS DOUBLE PRECISION) / NULLIF(_sn_x__edge_1 - _sn_x__low, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_0,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__from_1 - _sn_x__from_2 AS DOUBLE PRECISION) / NULLIF(_sn_x__edge_2 - _sn_x__edge_1, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_1,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__from_2 - _sn_x__from_3 AS DOUBLE PRECISION) / NULLIF(_sn_x__edge_3 - _sn_x__edge_2, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_2,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__from_3 - _sn_x__from_4 AS DOUBLE PRECISION) / NULLIF(_sn_x__edge_4 - _sn_x__edge_3, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_3,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__from_4 - _sn_x__from_5 AS DOUBLE PRECISION) / NULLIF(_sn_x__edge_5 - _sn_x__edge_4, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_4,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__from_5 - _sn_x__from_6 AS DOUBLE PRECISION) / NULLIF(_sn_x__edge_6 - _sn_x__edge_5, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_5,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__from_6 - _sn_x__from_7 AS DOUBLE PRECISION) / NULLIF(_sn_x__edge_7 - _sn_x__edge_6, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_6,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__from_7 - _sn_x__from_8 AS DOUBLE PRECISION) / NULLIF(_sn_x__edge_8 - _sn_x__edge_7, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_7,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__from_8 - _sn_x__from_9 AS DOUBLE PRECISION) / NULLIF(_sn_x__edge_9 - _sn_x__edge_8, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_8,
      -(
        CAST(LN(
          (
            CAST((
              CAST(_sn_x__from_9 AS DOUBLE PRECISION) / NULLIF(_sn_x__high - _sn_x__edge_9, 0.0e0)
            ) AS DOUBLE PRECISION) / NULLIF(_sn_x__n, 0.0e0)
          ) + CAST(0.1e0 AS DOUBLE PRECISION)
        ) AS DOUBLE PRECISION) / NULLIF(CAST(0.6931471805599453e0 AS DOUBLE PRECISION), 0.0e0)
      ) AS _sn_x__level_9
    FROM bins
    OFFSET 0
  ), model AS (
    SELECT
      *,
      GREATEST(
        COALESCE(_sn_x__level_0, CAST(0.0e0 AS DOUBLE PRECISION)),
        COALESCE(_sn_x__level_1, CAST(0.0e0 AS DOUBLE PRECISION)),
        COALESCE(_sn_x__level_2, CAST(0.0e0 AS DOUBLE PRECISION)),
        COALESCE(_sn_x__level_3, CAST(0.0e0 AS DOUBLE PRECISION)),
        COALESCE(_sn_x__level_4, CAST(0.0e0 AS DOUBLE PRECISION)),
        COALESCE(_sn_x__level_5, CAST(0.0e0 AS DOUBLE PRECISION)),
        COALESCE(_sn_x__level_6, CAST(0.0e0 AS DOUBLE PRECISION)),
        COALESCE(_sn_x__level_7, CAST(0.0e0 AS DOUBLE PRECISION)),
        COALESCE(_sn_x__level_8, CAST(0.0e0 AS DOUBLE PRECISION)),
        COALESCE(_sn_x__level_9, CAST(0.0e0 AS DOUBLE PRECISION))
      ) AS _sn_x__worst
    FROM levels
    OFFSET 0
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
          THEN CAST(0.0e0 AS DOUBLE PRECISION)
          WHEN NOT (
            model._sn_x__scale > 0.0e0
          )
          THEN NULL
          WHEN source._sn_x - model._sn_x__high > model._sn_x__scale * CAST(0.5e0 AS DOUBLE PRECISION)
          THEN model._sn_x__worst
          WHEN model._sn_x__low - source._sn_x > model._sn_x__scale * CAST(0.5e0 AS DOUBLE PRECISION)
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
      ON ARRAY[source._sn__key1] = ARRAY[model._sn__key1]
      AND ARRAY[source._sn__key2] = ARRAY[model._sn__key2]
    OFFSET 0
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
    OFFSET 0
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
    SUM(score ORDER BY feature) AS total,
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
  OFFSET 0
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
          CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON ARRAY[judged_cells.row_id] = ARRAY[scored_2.row_id]
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
  OFFSET 0
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC
    ) AS _sn__not_below
  FROM whole_rows
  OFFSET 0
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE PRECISION) IS NULL THEN row_score END) AS quantile
  FROM ranked
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ARRAY[ranked.part] = ARRAY[cutoff.part]
  OFFSET 0
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS DOUBLE PRECISION), quantile) AS bound
  FROM limited
  OFFSET 0
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE PRECISION) - (
      CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit$query$;
  WHEN 'ecod' THEN
    fixed := NULL;
    share := 0.99;
    judge := $query$WITH judged_cells AS (
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
        ORDER BY COALESCE(_sn_x, CAST(1e+300 AS DOUBLE PRECISION))
      ) AS _sn_x__rank,
      COUNT(_sn_x) OVER (
        PARTITION BY _sn__key1, _sn__key2
        ORDER BY COALESCE(_sn_x, CAST(1e+300 AS DOUBLE PRECISION))
      ) AS _sn_x__below
    FROM source
    OFFSET 0
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
            CAST((
              source._sn_x - bounds._sn_x__mean
            ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
          ) * (
            CAST((
              source._sn_x - bounds._sn_x__mean
            ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
          )
        ) * (
          CAST((
            source._sn_x - bounds._sn_x__mean
          ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
        )
      ) AS _sn_x__skew,
      SUM(
        ABS(
          (
            (
              CAST((
                source._sn_x - bounds._sn_x__mean
              ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
            ) * (
              CAST((
                source._sn_x - bounds._sn_x__mean
              ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
            )
          ) * (
            CAST((
              source._sn_x - bounds._sn_x__mean
            ) AS DOUBLE PRECISION) / NULLIF(bounds._sn_x__high - bounds._sn_x__low, 0.0e0)
          )
        )
      ) AS _sn_x__bulk
    FROM source
    LEFT JOIN bounds
      ON ARRAY[source._sn__key1] = ARRAY[bounds._sn__key1]
      AND ARRAY[source._sn__key2] = ARRAY[bounds._sn__key2]
    GROUP BY
      source._sn__key1,
      source._sn__key2
  ), model AS (
    SELECT
      *,
      CASE
        WHEN _sn_x__high > _sn_x__low
        THEN _sn_x__high - _sn_x__low
        ELSE CAST(0.0e0 AS DOUBLE PRECISION)
      END AS _sn_x__scale,
      CASE
        WHEN ABS(_sn_x__skew) <= CAST(1e-09 AS DOUBLE PRECISION) * _sn_x__bulk
        THEN 0
        WHEN _sn_x__skew > 0.0e0
        THEN 1
        ELSE -1
      END AS _sn_x__side
    FROM skew
    OFFSET 0
  ), tails AS (
    SELECT
      ranks.*,
      CASE
        WHEN model._sn_x__scale = 0.0e0 AND ranks._sn_x = model._sn_x__low
        THEN CAST(0.0e0 AS DOUBLE PRECISION)
        WHEN NOT ranks._sn_x IS NULL AND model._sn_x__scale > 0.0e0
        THEN -LN(
          CASE
            WHEN model._sn_x__side = 0
            THEN (
              CAST(GREATEST(COALESCE(ranks._sn_x__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x__n, 0.0e0)
            ) * (
              CAST(GREATEST(COALESCE((
                model._sn_x__n + 1
              ) - ranks._sn_x__rank, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x__n, 0.0e0)
            )
            ELSE LEAST(
              CAST(GREATEST(COALESCE(ranks._sn_x__below, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x__n, 0.0e0),
              CAST(GREATEST(COALESCE((
                model._sn_x__n + 1
              ) - ranks._sn_x__rank, 0), 1) AS DOUBLE PRECISION) / NULLIF(model._sn_x__n, 0.0e0)
            )
          END
        )
      END AS _sn_x__tail
    FROM ranks
    LEFT JOIN model
      ON ARRAY[ranks._sn__key1] = ARRAY[model._sn__key1]
      AND ARRAY[ranks._sn__key2] = ARRAY[model._sn__key2]
    OFFSET 0
  ), placed AS (
    SELECT
      tails.*,
      model._sn_x__n,
      model._sn_x__scale
    FROM tails
    LEFT JOIN model
      ON ARRAY[tails._sn__key1] = ARRAY[model._sn__key1]
      AND ARRAY[tails._sn__key2] = ARRAY[model._sn__key2]
    OFFSET 0
  ), terms AS (
    SELECT
      *,
      CASE WHEN _sn_x__n >= 3 THEN _sn_x__tail END AS _sn_x__term
    FROM placed
    OFFSET 0
  ), scored AS (
    SELECT
      *,
      _sn_x__term AS _sn__score
    FROM terms
    OFFSET 0
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
    SUM(score ORDER BY feature) AS total,
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
  OFFSET 0
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
          CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(scored_2.best))
        )
        THEN judged_cells.feature
      END
    ) AS place
  FROM judged_cells
  LEFT JOIN scored_2
    ON ARRAY[judged_cells.row_id] = ARRAY[scored_2.row_id]
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
  OFFSET 0
), ranked AS (
  SELECT
    *,
    COUNT(row_score) OVER (PARTITION BY part) AS _sn__scores,
    COUNT(row_score) OVER (
      PARTITION BY part
      ORDER BY CASE WHEN row_score IS NULL THEN 1 ELSE 0 END, COALESCE(row_score, CAST(0.0e0 AS DOUBLE PRECISION)) DESC
    ) AS _sn__not_below
  FROM whole_rows
  OFFSET 0
), cutoff AS (
  SELECT
    part,
    PERCENTILE_CONT(_sn_share) WITHIN GROUP (ORDER BY
      CASE WHEN CAST(_sn_fixed AS DOUBLE PRECISION) IS NULL THEN row_score END) AS quantile
  FROM ranked
  GROUP BY
    part
), limited AS (
  SELECT
    ranked.*,
    cutoff.quantile
  FROM ranked
  LEFT JOIN cutoff
    ON ARRAY[ranked.part] = ARRAY[cutoff.part]
  OFFSET 0
), with_limit AS (
  SELECT
    *,
    COALESCE(CAST(_sn_fixed AS DOUBLE PRECISION), quantile) AS bound
  FROM limited
  OFFSET 0
)
SELECT
  row_id AS row_id,
  row_score AS anomaly_score,
  CASE
    WHEN NOT row_score IS NULL
    THEN CAST(1.0e0 AS DOUBLE PRECISION) - (
      CAST(_sn__not_below AS DOUBLE PRECISION) / NULLIF(CAST(_sn__scores AS DOUBLE PRECISION), 0.0e0)
    )
  END AS anomaly_probability,
  row_score > CASE
    WHEN NOT bound IS NULL
    THEN bound + (
      CAST(1e-09 AS DOUBLE PRECISION) * GREATEST(CAST(1.0e0 AS DOUBLE PRECISION), ABS(bound))
    )
  END AS is_anomaly,
  bound AS anomaly_threshold,
  anomaly_feature AS anomaly_feature,
  anomaly_status AS anomaly_status
FROM with_limit$query$;
  WHEN 'mahalanobis' THEN
    RAISE EXCEPTION 'mahalanobis is refused by detect_anomalies: it judges the features together' USING HINT = 'use `sqlnomaly query`, or `sqlnomaly compile`';
  WHEN 'ewma' THEN
    RAISE EXCEPTION 'ewma is refused by detect_anomalies: it needs the order of the rows' USING HINT = 'use `sqlnomaly query`, or `sqlnomaly compile`';
  WHEN 'iforest' THEN
    RAISE EXCEPTION 'iforest is refused by detect_anomalies: it is fitted by a client' USING HINT = 'use `sqlnomaly query`, or fit a model and install that';
  ELSE
    RAISE EXCEPTION 'unknown detector %', COALESCE(detector, 'NULL') USING HINT = 'one of zscore, mad, iqr, hbos, ecod';
  END CASE;
  FOREACH name IN ARRAY features LOOP
    SELECT attribute.attname,
        CASE WHEN base.typnamespace = CAST('pg_catalog' AS REGNAMESPACE) THEN base.typname END INTO name, kind
      FROM pg_catalog.pg_attribute AS attribute
      JOIN pg_catalog.pg_type AS own ON own.oid = attribute.atttypid
      JOIN pg_catalog.pg_type AS base ON base.oid = CASE WHEN own.typtype = 'd' THEN own.typbasetype ELSE own.oid END
      WHERE attribute.attrelid = relation AND attribute.attnum > 0 AND NOT attribute.attisdropped
        AND (attribute.attname = name OR attribute.attname = LOWER(name))
      ORDER BY attribute.attname = name DESC LIMIT 1;
    IF name IS NULL THEN
      RAISE EXCEPTION 'a feature of % is no column of %', features, relation;
    END IF;
    IF name = ANY (used) THEN
      RAISE EXCEPTION 'feature % is named twice', name;
    END IF;
    used := used || name;
    kind := CASE kind
      WHEN 'int2' THEN 'CAST(_sn_x AS DOUBLE PRECISION)'
      WHEN 'int4' THEN 'CAST(_sn_x AS DOUBLE PRECISION)'
      WHEN 'int8' THEN 'CAST(_sn_x AS DOUBLE PRECISION)'
      WHEN 'float4' THEN 'CAST(_sn_x AS DOUBLE PRECISION)'
      WHEN 'float8' THEN 'CAST(_sn_x AS DOUBLE PRECISION)'
      WHEN 'numeric' THEN 'CAST(_sn_x AS DOUBLE PRECISION)'
      WHEN 'bool' THEN 'CAST(CASE WHEN _sn_x THEN 1.0 WHEN NOT _sn_x THEN 0.0 END AS DOUBLE PRECISION)'
      WHEN 'date' THEN 'CASE WHEN ISFINITE(_sn_x) THEN CAST(EXTRACT(EPOCH FROM _sn_x) AS DOUBLE PRECISION) END'
      WHEN 'timestamp' THEN 'CASE WHEN ISFINITE(_sn_x) THEN CAST(EXTRACT(EPOCH FROM _sn_x) AS DOUBLE PRECISION) END'
      WHEN 'timestamptz' THEN 'CASE WHEN ISFINITE(_sn_x) THEN CAST(EXTRACT(EPOCH FROM _sn_x) AS DOUBLE PRECISION) END'
    END;
    IF kind IS NULL THEN
      RAISE EXCEPTION 'feature % is no number, boolean, date or timestamp', name
        USING HINT = 'cast it in a view, or put it into partition_by';
    END IF;
    cell := cell || CASE WHEN cell = '' THEN '' ELSE ' UNION ALL ' END || FORMAT(
      'SELECT _sn_number AS row_id, _sn_part AS part, CAST(%s AS BIGINT) AS feature, %s AS x FROM _sn_table',
      CARDINALITY(used), REPLACE(kind, '_sn_x', FORMAT('(_sn_row).%I', name))
    );
  END LOOP;
  FOREACH name IN ARRAY COALESCE(partition_by, '{}') LOOP
    SELECT attribute.attname INTO name
      FROM pg_catalog.pg_attribute AS attribute
      WHERE attribute.attrelid = relation AND attribute.attnum > 0 AND NOT attribute.attisdropped
        AND (attribute.attname = name OR attribute.attname = LOWER(name))
      ORDER BY attribute.attname = name DESC LIMIT 1;
    IF name IS NULL THEN
      RAISE EXCEPTION 'a key of % is no column of %', partition_by, relation;
    END IF;
    keys := keys || CASE WHEN keys = '' THEN '' ELSE ', ' END || FORMAT('_sn_row.%I', name);
  END LOOP;
  IF threshold IS NOT NULL THEN
    fixed := threshold;
  ELSIF contamination IS NOT NULL THEN
    fixed := NULL;
    share := 1 - contamination;
  END IF;
  judge := REPLACE(REPLACE(judge, '_sn_fixed', FORMAT('CAST(%L AS DOUBLE PRECISION)', fixed)),
    '_sn_share', FORMAT('CAST(%L AS DOUBLE PRECISION)', share));
  RETURN FORMAT(
    'WITH _sn_table AS MATERIALIZED ('
    'SELECT _sn_row, ROW_NUMBER() OVER () AS _sn_number, %s AS _sn_part FROM %s AS _sn_row), '
    '_sn_cells AS (%s), _sn_verdicts AS (%s) '
    'SELECT _sn_row AS given, anomaly_score, anomaly_probability, is_anomaly, anomaly_threshold, '
    '(CAST(%L AS TEXT[]))[anomaly_feature] AS anomaly_reason, anomaly_status '
    'FROM _sn_table JOIN _sn_verdicts ON row_id = _sn_number',
    CASE WHEN keys = '' THEN 'CAST(0 AS BIGINT)' ELSE 'DENSE_RANK() OVER (ORDER BY ' || keys || ')' END,
    relation, cell, judge, features
  );
END
$body$;

COMMENT ON FUNCTION sqlnomaly_query(REGCLASS, TEXT[], TEXT, TEXT[], DOUBLE PRECISION, DOUBLE PRECISION) IS 'sqlnomaly 0.1.0';

CREATE OR REPLACE FUNCTION detect_anomalies(relation ANYELEMENT, features TEXT[], detector TEXT DEFAULT 'zscore', partition_by TEXT[] DEFAULT '{}', threshold DOUBLE PRECISION DEFAULT NULL, contamination DOUBLE PRECISION DEFAULT NULL)
RETURNS TABLE (given ANYELEMENT, anomaly_score DOUBLE PRECISION, anomaly_probability DOUBLE PRECISION, is_anomaly BOOLEAN, anomaly_threshold DOUBLE PRECISION, anomaly_reason TEXT, anomaly_status TEXT)
LANGUAGE plpgsql VOLATILE AS $body$
DECLARE
  source OID;
BEGIN
  SELECT NULLIF(typrelid, 0) INTO source FROM pg_catalog.pg_type WHERE oid = pg_typeof(relation);
  IF source IS NULL THEN
    RAISE EXCEPTION '% is no table', pg_typeof(relation)
      USING HINT = 'SELECT (given).*, anomaly_score FROM detect_anomalies(NULL::orders, ARRAY[''amount''])';
  END IF;
  RETURN QUERY EXECUTE sqlnomaly_query(
    CAST(source AS REGCLASS), features, detector, partition_by, threshold, contamination
  );
END
$body$;

COMMENT ON FUNCTION detect_anomalies(ANYELEMENT, TEXT[], TEXT, TEXT[], DOUBLE PRECISION, DOUBLE PRECISION) IS 'sqlnomaly 0.1.0';

CREATE OR REPLACE PROCEDURE detect_anomalies(relation REGCLASS, result TEXT, features TEXT[], detector TEXT DEFAULT 'zscore', partition_by TEXT[] DEFAULT '{}', threshold DOUBLE PRECISION DEFAULT NULL, contamination DOUBLE PRECISION DEFAULT NULL)
LANGUAGE plpgsql AS $body$
BEGIN
  IF result IS NULL OR result = '' THEN
    RAISE EXCEPTION 'no name for the temporary table that takes the result';
  END IF;
  IF EXISTS (
    SELECT FROM pg_catalog.pg_attribute
    WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND LOWER(attname) IN ('anomaly_score', 'anomaly_probability', 'is_anomaly', 'anomaly_threshold', 'anomaly_reason', 'anomaly_status')
  ) THEN
    RAISE EXCEPTION '% has a column that detect_anomalies adds', relation USING HINT = 'rename it in a view';
  END IF;
  EXECUTE FORMAT(
    'CREATE TEMPORARY TABLE %I AS SELECT (given).*, anomaly_score, anomaly_probability, is_anomaly, anomaly_threshold, anomaly_reason, anomaly_status FROM (%s) AS _sn_judged',
    result, sqlnomaly_query(relation, features, detector, partition_by, threshold, contamination)
  );
END
$body$;

COMMENT ON PROCEDURE detect_anomalies(REGCLASS, TEXT, TEXT[], TEXT, TEXT[], DOUBLE PRECISION, DOUBLE PRECISION) IS 'sqlnomaly 0.1.0';
