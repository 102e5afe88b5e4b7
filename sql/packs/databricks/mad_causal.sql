-- SELECT id, anomaly_score(amount, detector => 'mad') OVER (PARTITION BY store ORDER BY day) AS score,
--        anomaly_status(amount, detector => 'mad') OVER (PARTITION BY store ORDER BY day) AS status
-- FROM orders
/* sqlnomaly 0.1.0: mad(amount); direction = both, min_rows = 3 */
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
), history2 AS (
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
), centre AS (
  SELECT
    _sn__key1,
    _sn__place,
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE(_sn_amount, 0.5e0) AS _sn_amount__centre
  FROM history2
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1,
    _sn__place
), spread AS (
  SELECT
    history1._sn__key1,
    history1._sn__place,
    MIN(centre._sn_amount__n) AS _sn_amount__n,
    MIN(centre._sn_amount__centre) AS _sn_amount__centre,
    PERCENTILE(ABS(history1._sn_amount - centre._sn_amount__centre), 0.5e0) AS _sn_amount__mad
  FROM history1
  LEFT JOIN centre
    ON history1._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
    AND history1._sn__place IS NOT DISTINCT FROM centre._sn__place
  WHERE
    history1._sn__fitted = 1
  GROUP BY
    history1._sn__key1,
    history1._sn__place
), earlier AS (
  SELECT
    placed.*,
    spread._sn_amount__n,
    spread._sn_amount__centre,
    spread._sn_amount__mad
  FROM placed
  LEFT JOIN spread
    ON placed._sn__key1 IS NOT DISTINCT FROM spread._sn__key1
    AND placed._sn__place IS NOT DISTINCT FROM spread._sn__place
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN _sn_amount__mad / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__scale
  FROM earlier
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__scale > 0.0e0
        THEN ABS(_sn_amount - _sn_amount__centre) / NULLIF(_sn_amount__scale, 0.0e0)
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
    WHEN COALESCE(_sn_amount__n, 0) < 3
    THEN 'warm_up'
    WHEN _sn__score IS NULL OR _sn_amount__scale = 0.0e0
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM scored
