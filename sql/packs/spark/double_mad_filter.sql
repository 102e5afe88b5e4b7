-- SELECT id, anomaly_score(amount, items, detector => 'double_mad')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
/* sqlnomaly 0.1.0: double_mad(amount, items); direction = both, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), centre AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__n,
    PERCENTILE(_sn_amount, 0.5e0) AS _sn_amount__centre,
    COUNT(_sn_items) AS _sn_items__n,
    PERCENTILE(_sn_items, 0.5e0) AS _sn_items__centre
  FROM source
  WHERE
    _sn__fitted = 1
  GROUP BY
    _sn__key1
), spread AS (
  SELECT
    source._sn__key1,
    MIN(centre._sn_amount__n) AS _sn_amount__n,
    MIN(centre._sn_amount__centre) AS _sn_amount__centre,
    MIN(centre._sn_items__n) AS _sn_items__n,
    MIN(centre._sn_items__centre) AS _sn_items__centre,
    PERCENTILE(
      CASE
        WHEN source._sn_amount >= centre._sn_amount__centre
        THEN source._sn_amount - centre._sn_amount__centre
      END,
      0.5e0
    ) AS _sn_amount__mad_above,
    PERCENTILE(
      CASE
        WHEN source._sn_amount <= centre._sn_amount__centre
        THEN centre._sn_amount__centre - source._sn_amount
      END,
      0.5e0
    ) AS _sn_amount__mad_below,
    PERCENTILE(
      CASE
        WHEN source._sn_items >= centre._sn_items__centre
        THEN source._sn_items - centre._sn_items__centre
      END,
      0.5e0
    ) AS _sn_items__mad_above,
    PERCENTILE(
      CASE
        WHEN source._sn_items <= centre._sn_items__centre
        THEN centre._sn_items__centre - source._sn_items
      END,
      0.5e0
    ) AS _sn_items__mad_below
  FROM source
  LEFT JOIN centre
    ON source._sn__key1 IS NOT DISTINCT FROM centre._sn__key1
  WHERE
    source._sn__fitted = 1
  GROUP BY
    source._sn__key1
), sides AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__mad_above / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN _sn_amount__mad_above / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__above,
    CASE
      WHEN _sn_amount__mad_below / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN _sn_amount__mad_below / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_amount__below,
    CASE
      WHEN _sn_items__mad_above / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN _sn_items__mad_above / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_items__above,
    CASE
      WHEN _sn_items__mad_below / NULLIF(0.6744897501960817e0, 0.0e0) > 1e-150
      THEN _sn_items__mad_below / NULLIF(0.6744897501960817e0, 0.0e0)
      ELSE 0.0e0
    END AS _sn_items__below
  FROM spread
), model AS (
  SELECT
    *,
    GREATEST(_sn_amount__above, _sn_amount__below) AS _sn_amount__scale,
    GREATEST(_sn_items__above, _sn_items__below) AS _sn_items__scale
  FROM sides
), terms AS (
  SELECT
    source.*,
    CASE
      WHEN model._sn_amount__n >= 3
      THEN CASE
        WHEN source._sn_amount = model._sn_amount__centre
        THEN 0.0e0
        WHEN source._sn_amount > model._sn_amount__centre AND model._sn_amount__above > 0.0e0
        THEN (
          source._sn_amount - model._sn_amount__centre
        ) / NULLIF(model._sn_amount__above, 0.0e0)
        WHEN source._sn_amount < model._sn_amount__centre AND model._sn_amount__below > 0.0e0
        THEN (
          model._sn_amount__centre - source._sn_amount
        ) / NULLIF(model._sn_amount__below, 0.0e0)
      END
    END AS _sn_amount__term,
    CASE
      WHEN model._sn_items__n >= 3
      THEN CASE
        WHEN source._sn_items = model._sn_items__centre
        THEN 0.0e0
        WHEN source._sn_items > model._sn_items__centre AND model._sn_items__above > 0.0e0
        THEN (
          source._sn_items - model._sn_items__centre
        ) / NULLIF(model._sn_items__above, 0.0e0)
        WHEN source._sn_items < model._sn_items__centre AND model._sn_items__below > 0.0e0
        THEN (
          model._sn_items__centre - source._sn_items
        ) / NULLIF(model._sn_items__below, 0.0e0)
      END
    END AS _sn_items__term
  FROM source
  LEFT JOIN model
    ON source._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), scored AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__score
  FROM terms
)
SELECT
  id,
  _sn__score AS score
FROM scored
