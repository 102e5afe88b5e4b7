-- SELECT id, anomaly_score(amount, detector => 'iqr') OVER (PARTITION BY store ORDER BY day) AS score,
--        anomaly_status(amount, detector => 'iqr') OVER (PARTITION BY store ORDER BY day) AS status
-- FROM orders
/* sqlnomaly 0.1.0: iqr(amount); direction = both, min_rows = 4 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), placed AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn__order1 IS NULL
      THEN RANK() OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
        ORDER BY _sn__order1 ASC
      ) - 1
    END AS _sn__place
  FROM source
), ages AS (
  SELECT
    _sn__key1,
    _sn__place,
    MIN(_sn__place) AS _sn__first
  FROM placed
  WHERE
    NOT _sn__place IS NULL
  GROUP BY
    _sn__key1,
    _sn__place
), history1 AS (
  SELECT
    ages._sn__key1,
    ages._sn__place,
    placed._sn_amount,
    placed._sn__fitted
  FROM ages
  INNER JOIN placed
    ON placed._sn__key1 IS NOT DISTINCT FROM ages._sn__key1
  WHERE
    placed._sn__place < ages._sn__first
), quartiles AS (
  SELECT
    _sn__key1,
    _sn__place,
    COUNT(_sn_amount) AS _sn_amount__n,
    TRY_ELEMENT_AT(PERCENTILE(_sn_amount, ARRAY(0.25e0, 0.75e0)), 1) AS _sn_amount__q1,
    TRY_ELEMENT_AT(PERCENTILE(_sn_amount, ARRAY(0.25e0, 0.75e0)), 2) AS _sn_amount__q3
  FROM history1
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1,
    _sn__place
), earlier AS (
  SELECT
    placed.*,
    quartiles._sn_amount__n,
    quartiles._sn_amount__q1,
    quartiles._sn_amount__q3
  FROM placed
  LEFT JOIN quartiles
    ON placed._sn__key1 IS NOT DISTINCT FROM quartiles._sn__key1
    AND placed._sn__place IS NOT DISTINCT FROM quartiles._sn__place
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__q3 - _sn_amount__q1 > 1e-150
      THEN _sn_amount__q3 - _sn_amount__q1
      ELSE 0.0e0
    END AS _sn_amount__scale,
    _sn_amount__q1 + (
      0.5e0 * (
        _sn_amount__q3 - _sn_amount__q1
      )
    ) AS _sn_amount__centre
  FROM earlier
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 4
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) > 0.0e0
        THEN GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) / NULLIF(_sn_amount__scale, 0.0e0)
        WHEN _sn_amount__scale > 0.0e0
        AND GREATEST(_sn_amount - _sn_amount__q3, _sn_amount__q1 - _sn_amount) <= 0.0e0
        THEN 0.0e0
        WHEN _sn_amount = _sn_amount__centre
        THEN 0.0e0
      END
    END AS _sn_amount__term
  FROM model
), scored AS (
  SELECT
    *,
    _sn_amount__term AS _sn__score
  FROM terms
)
SELECT
  id,
  _sn__score AS score,
  CASE
    WHEN _sn__order1 IS NULL OR _sn_amount__raw IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 4
    THEN 'warm_up'
    WHEN _sn__score IS NULL OR _sn_amount__scale = 0.0e0
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
