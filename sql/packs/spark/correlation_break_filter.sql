-- SELECT id, anomaly_score(amount, items, detector => 'correlation_break', window => 8, min_rows => 5)
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store ORDER BY day) AS score
-- FROM orders
/* sqlnomaly 0.1.0: correlation_break(amount, items); window = 8, direction = both, min_rows = 5 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1,
    day AS _sn__order1,
    CASE WHEN NOT disputed AND NOT day IS NULL THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), numbered AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC, CASE WHEN _sn_amount IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_amount, 0.0e0), CASE WHEN _sn_items IS NULL THEN 1 ELSE 0 END, COALESCE(_sn_items, 0.0e0), _sn__fitted DESC
    ) AS _sn_amount__place
  FROM source
), complete AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount IS NULL AND NOT _sn_items IS NULL AND _sn__fitted = 1
      THEN 1
      ELSE 0
    END AS _sn_amount__fed
  FROM numbered
), usual_drawn AS (
  SELECT
    *,
    AVG(_sn_amount) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__usual_drawn,
    VAR_POP(_sn_amount) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__wide_drawn,
    AVG(_sn_items) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__usual_drawn,
    VAR_POP(_sn_items) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__wide_drawn
  FROM complete
), before_drawn AS (
  SELECT
    *,
    LAG(_sn_amount__usual_drawn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_amount__usual_before_drawn,
    LAG(_sn_amount__wide_drawn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_amount__wide_before_drawn,
    LAG(_sn_items__usual_drawn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_items__usual_before_drawn,
    LAG(_sn_items__wide_drawn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_items__wide_before_drawn
  FROM usual_drawn
), drawn AS (
  SELECT
    *,
    CASE
      WHEN SQRT(
        CASE
          WHEN _sn_amount__wide_before_drawn >= 0.0e0
          THEN _sn_amount__wide_before_drawn
        END
      ) > 1e-12 * ABS(_sn_amount__usual_before_drawn)
      AND _sn_amount__wide_before_drawn > 1e-300
      AND _sn_amount > _sn_amount__usual_before_drawn + (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_amount__wide_before_drawn >= 0.0e0
            THEN _sn_amount__wide_before_drawn
          END
        )
      )
      THEN _sn_amount__usual_before_drawn + (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_amount__wide_before_drawn >= 0.0e0
            THEN _sn_amount__wide_before_drawn
          END
        )
      )
      WHEN SQRT(
        CASE
          WHEN _sn_amount__wide_before_drawn >= 0.0e0
          THEN _sn_amount__wide_before_drawn
        END
      ) > 1e-12 * ABS(_sn_amount__usual_before_drawn)
      AND _sn_amount__wide_before_drawn > 1e-300
      AND _sn_amount < _sn_amount__usual_before_drawn - (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_amount__wide_before_drawn >= 0.0e0
            THEN _sn_amount__wide_before_drawn
          END
        )
      )
      THEN _sn_amount__usual_before_drawn - (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_amount__wide_before_drawn >= 0.0e0
            THEN _sn_amount__wide_before_drawn
          END
        )
      )
      ELSE _sn_amount
    END AS _sn_amount__drawn,
    CASE
      WHEN SQRT(
        CASE
          WHEN _sn_items__wide_before_drawn >= 0.0e0
          THEN _sn_items__wide_before_drawn
        END
      ) > 1e-12 * ABS(_sn_items__usual_before_drawn)
      AND _sn_items__wide_before_drawn > 1e-300
      AND _sn_items > _sn_items__usual_before_drawn + (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_items__wide_before_drawn >= 0.0e0
            THEN _sn_items__wide_before_drawn
          END
        )
      )
      THEN _sn_items__usual_before_drawn + (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_items__wide_before_drawn >= 0.0e0
            THEN _sn_items__wide_before_drawn
          END
        )
      )
      WHEN SQRT(
        CASE
          WHEN _sn_items__wide_before_drawn >= 0.0e0
          THEN _sn_items__wide_before_drawn
        END
      ) > 1e-12 * ABS(_sn_items__usual_before_drawn)
      AND _sn_items__wide_before_drawn > 1e-300
      AND _sn_items < _sn_items__usual_before_drawn - (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_items__wide_before_drawn >= 0.0e0
            THEN _sn_items__wide_before_drawn
          END
        )
      )
      THEN _sn_items__usual_before_drawn - (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_items__wide_before_drawn >= 0.0e0
            THEN _sn_items__wide_before_drawn
          END
        )
      )
      ELSE _sn_items
    END AS _sn_items__drawn
  FROM before_drawn
), usual_held AS (
  SELECT
    *,
    AVG(_sn_amount__drawn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__usual_held,
    VAR_POP(_sn_amount__drawn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__wide_held,
    AVG(_sn_items__drawn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__usual_held,
    VAR_POP(_sn_items__drawn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__wide_held
  FROM drawn
), before_held AS (
  SELECT
    *,
    LAG(_sn_amount__usual_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_amount__usual_before_held,
    LAG(_sn_amount__wide_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_amount__wide_before_held,
    LAG(_sn_items__usual_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_items__usual_before_held,
    LAG(_sn_items__wide_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_items__wide_before_held
  FROM usual_held
), held AS (
  SELECT
    *,
    CASE
      WHEN SQRT(
        CASE
          WHEN _sn_amount__wide_before_held >= 0.0e0
          THEN _sn_amount__wide_before_held
        END
      ) > 1e-12 * ABS(_sn_amount__usual_before_held)
      AND _sn_amount__wide_before_held > 1e-300
      AND _sn_amount > _sn_amount__usual_before_held + (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_amount__wide_before_held >= 0.0e0
            THEN _sn_amount__wide_before_held
          END
        )
      )
      THEN _sn_amount__usual_before_held + (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_amount__wide_before_held >= 0.0e0
            THEN _sn_amount__wide_before_held
          END
        )
      )
      WHEN SQRT(
        CASE
          WHEN _sn_amount__wide_before_held >= 0.0e0
          THEN _sn_amount__wide_before_held
        END
      ) > 1e-12 * ABS(_sn_amount__usual_before_held)
      AND _sn_amount__wide_before_held > 1e-300
      AND _sn_amount < _sn_amount__usual_before_held - (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_amount__wide_before_held >= 0.0e0
            THEN _sn_amount__wide_before_held
          END
        )
      )
      THEN _sn_amount__usual_before_held - (
        6.0e0 * SQRT(
          CASE
            WHEN _sn_amount__wide_before_held >= 0.0e0
            THEN _sn_amount__wide_before_held
          END
        )
      )
      ELSE _sn_amount
    END AS _sn_amount__held,
    CASE
      WHEN SQRT(
        CASE WHEN _sn_items__wide_before_held >= 0.0e0 THEN _sn_items__wide_before_held END
      ) > 1e-12 * ABS(_sn_items__usual_before_held)
      AND _sn_items__wide_before_held > 1e-300
      AND _sn_items > _sn_items__usual_before_held + (
        6.0e0 * SQRT(
          CASE WHEN _sn_items__wide_before_held >= 0.0e0 THEN _sn_items__wide_before_held END
        )
      )
      THEN _sn_items__usual_before_held + (
        6.0e0 * SQRT(
          CASE WHEN _sn_items__wide_before_held >= 0.0e0 THEN _sn_items__wide_before_held END
        )
      )
      WHEN SQRT(
        CASE WHEN _sn_items__wide_before_held >= 0.0e0 THEN _sn_items__wide_before_held END
      ) > 1e-12 * ABS(_sn_items__usual_before_held)
      AND _sn_items__wide_before_held > 1e-300
      AND _sn_items < _sn_items__usual_before_held - (
        6.0e0 * SQRT(
          CASE WHEN _sn_items__wide_before_held >= 0.0e0 THEN _sn_items__wide_before_held END
        )
      )
      THEN _sn_items__usual_before_held - (
        6.0e0 * SQRT(
          CASE WHEN _sn_items__wide_before_held >= 0.0e0 THEN _sn_items__wide_before_held END
        )
      )
      ELSE _sn_items
    END AS _sn_items__held
  FROM before_held
), moments AS (
  SELECT
    *,
    AVG(_sn_amount__held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__mean,
    VAR_POP(_sn_amount__held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__spread,
    _sn_amount__held - LAG(_sn_amount__held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_amount__step,
    AVG(_sn_items__held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__mean,
    VAR_POP(_sn_items__held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__spread,
    _sn_items__held - LAG(_sn_items__held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_items__step
  FROM held
), squares AS (
  SELECT
    *,
    CASE
      WHEN ABS(_sn_amount__step) < 1e-150
      THEN 0.0e0
      ELSE _sn_amount__step * _sn_amount__step
    END AS _sn_amount__square,
    CASE
      WHEN ABS(_sn_items__step) < 1e-150
      THEN 0.0e0
      ELSE _sn_items__step * _sn_items__step
    END AS _sn_items__square
  FROM moments
), rough AS (
  SELECT
    *,
    AVG(_sn_amount__square) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__rough,
    AVG(_sn_items__square) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_items__rough
  FROM squares
), foreseen AS (
  SELECT
    *,
    CASE
      WHEN SQRT(CASE WHEN _sn_amount__spread >= 0.0e0 THEN _sn_amount__spread END) > 1e-12 * ABS(_sn_amount__mean)
      AND _sn_amount__spread > 1e-300
      THEN _sn_amount__held + (
        (
          1.0e0 - GREATEST(
            -1.0e0,
            1.0e0 - (
              _sn_amount__rough / NULLIF(2.0e0 * _sn_amount__spread, 0.0e0)
            )
          )
        ) * (
          _sn_amount__mean - _sn_amount__held
        )
      )
      ELSE _sn_amount__held
    END AS _sn_amount__foreseen,
    CASE
      WHEN SQRT(CASE WHEN _sn_items__spread >= 0.0e0 THEN _sn_items__spread END) > 1e-12 * ABS(_sn_items__mean)
      AND _sn_items__spread > 1e-300
      THEN _sn_items__held + (
        (
          1.0e0 - GREATEST(-1.0e0, 1.0e0 - (
            _sn_items__rough / NULLIF(2.0e0 * _sn_items__spread, 0.0e0)
          ))
        ) * (
          _sn_items__mean - _sn_items__held
        )
      )
      ELSE _sn_items__held
    END AS _sn_items__foreseen
  FROM rough
), surprises AS (
  SELECT
    *,
    _sn_amount__held - LAG(_sn_amount__foreseen) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_amount__surprise,
    _sn_items__held - LAG(_sn_items__foreseen) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_items__surprise
  FROM foreseen
), powers AS (
  SELECT
    *,
    CASE
      WHEN ABS(_sn_amount__surprise) < 1e-150
      THEN 0.0e0
      ELSE _sn_amount__surprise * _sn_amount__surprise
    END AS _sn_amount__power,
    CASE
      WHEN ABS(_sn_items__surprise) < 1e-150
      THEN 0.0e0
      ELSE _sn_items__surprise * _sn_items__surprise
    END AS _sn_items__power
  FROM surprises
), bounds AS (
  SELECT
    *,
    2.0e0 * SQRT(
      AVG(_sn_amount__power) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      )
    ) AS _sn_amount__bound,
    2.0e0 * SQRT(
      AVG(_sn_items__power) OVER (
        PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
        ORDER BY _sn_amount__place
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      )
    ) AS _sn_items__bound
  FROM powers
), limits AS (
  SELECT
    *,
    LAG(_sn_amount__bound) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_amount__limit,
    LAG(_sn_items__bound) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_items__limit
  FROM bounds
), innovations AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__surprise > _sn_amount__limit
      THEN _sn_amount__limit
      WHEN _sn_amount__surprise < -_sn_amount__limit
      THEN -_sn_amount__limit
      ELSE _sn_amount__surprise
    END AS _sn_amount__new,
    CASE
      WHEN _sn_items__surprise > _sn_items__limit
      THEN _sn_items__limit
      WHEN _sn_items__surprise < -_sn_items__limit
      THEN -_sn_items__limit
      ELSE _sn_items__surprise
    END AS _sn_items__new
  FROM limits
), changes AS (
  SELECT
    *,
    _sn_amount__new - LAG(_sn_amount__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_amount__change,
    _sn_items__new - LAG(_sn_items__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
    ) AS _sn_items__change
  FROM innovations
), turns AS (
  SELECT
    *,
    CASE
      WHEN ABS(_sn_amount__change) < 1e-150
      THEN 0.0e0
      ELSE _sn_amount__change * _sn_amount__change
    END AS _sn_amount__turn,
    CASE
      WHEN ABS(_sn_items__change) < 1e-150
      THEN 0.0e0
      ELSE _sn_items__change * _sn_items__change
    END AS _sn_items__turn
  FROM changes
), products AS (
  SELECT
    *,
    CASE
      WHEN ABS(_sn_amount__new) < 1e-150 OR ABS(_sn_items__new) < 1e-150
      THEN 0.0e0
      ELSE _sn_amount__new * _sn_items__new
    END AS _sn_amount__product_1
  FROM turns
), pieces AS (
  SELECT
    *,
    COUNT(_sn_amount__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 7 PRECEDING
    ) AS _sn_amount__past_count,
    VAR_POP(_sn_amount__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 7 PRECEDING
    ) AS _sn_amount__past_variance,
    AVG(_sn_amount__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 7 PRECEDING
    ) AS _sn_amount__past_mean,
    VAR_POP(_sn_items__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 7 PRECEDING
    ) AS _sn_items__past_variance,
    AVG(_sn_items__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 7 PRECEDING
    ) AS _sn_items__past_mean,
    AVG(_sn_amount__product_1) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 7 PRECEDING
    ) AS _sn_amount__past_product_1,
    COUNT(_sn_amount__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN 6 PRECEDING AND CURRENT ROW
    ) AS _sn_amount__now_count,
    VAR_POP(_sn_amount__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN 6 PRECEDING AND CURRENT ROW
    ) AS _sn_amount__now_variance,
    AVG(_sn_amount__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN 6 PRECEDING AND CURRENT ROW
    ) AS _sn_amount__now_mean,
    VAR_POP(_sn_items__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN 6 PRECEDING AND CURRENT ROW
    ) AS _sn_items__now_variance,
    AVG(_sn_items__new) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN 6 PRECEDING AND CURRENT ROW
    ) AS _sn_items__now_mean,
    AVG(_sn_amount__product_1) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN 6 PRECEDING AND CURRENT ROW
    ) AS _sn_amount__now_product_1,
    AVG(_sn_amount__turn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 7 PRECEDING
    ) AS _sn_amount__past_turn,
    AVG(_sn_items__turn) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__fed
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND 7 PRECEDING
    ) AS _sn_items__past_turn
  FROM products
), covariances AS (
  SELECT
    *,
    _sn_amount__past_product_1 - CASE
      WHEN ABS(_sn_amount__past_mean) < 1e-150 OR ABS(_sn_items__past_mean) < 1e-150
      THEN 0.0e0
      ELSE _sn_amount__past_mean * _sn_items__past_mean
    END AS _sn_amount__past_with_1,
    _sn_amount__now_product_1 - CASE
      WHEN ABS(_sn_amount__now_mean) < 1e-150 OR ABS(_sn_items__now_mean) < 1e-150
      THEN 0.0e0
      ELSE _sn_amount__now_mean * _sn_items__now_mean
    END AS _sn_amount__now_with_1
  FROM pieces
), counts AS (
  SELECT
    *,
    SUM(_sn_amount__fed) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS _sn_amount__known
  FROM covariances
), held_2 AS (
  SELECT
    *,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__past_count END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__past_count_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__now_count END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__now_count_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__foreseen END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__foreseen_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__bound END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__bound_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__now_mean END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__now_mean_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__now_variance END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__now_variance_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__past_variance END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__past_variance_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__past_turn END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__past_turn_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_items__foreseen END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_items__foreseen_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_items__bound END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_items__bound_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_items__now_mean END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_items__now_mean_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_items__now_variance END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_items__now_variance_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_items__past_variance END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_items__past_variance_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_items__past_turn END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_items__past_turn_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__past_with_1 END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__past_with_1_held,
    MAX(CASE WHEN _sn_amount__fed = 1 THEN _sn_amount__now_with_1 END) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__known
    ) AS _sn_amount__now_with_1_held
  FROM counts
), found AS (
  SELECT
    *,
    RANK() OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn__order1 ASC
    ) AS _sn_amount__found_peers,
    LAG(_sn_amount__past_count_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__past_count_found,
    LAG(_sn_amount__now_count_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__now_count_found,
    LAG(_sn_amount__foreseen_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__foreseen_found,
    LAG(_sn_amount__bound_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__bound_found,
    LAG(_sn_amount__now_mean_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__now_mean_found,
    LAG(_sn_amount__now_variance_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__now_variance_found,
    LAG(_sn_amount__past_variance_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__past_variance_found,
    LAG(_sn_amount__past_turn_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__past_turn_found,
    LAG(_sn_items__foreseen_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__foreseen_found,
    LAG(_sn_items__bound_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__bound_found,
    LAG(_sn_items__now_mean_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__now_mean_found,
    LAG(_sn_items__now_variance_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__now_variance_found,
    LAG(_sn_items__past_variance_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__past_variance_found,
    LAG(_sn_items__past_turn_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_items__past_turn_found,
    LAG(_sn_amount__past_with_1_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__past_with_1_found,
    LAG(_sn_amount__now_with_1_held) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END
      ORDER BY _sn_amount__place
    ) AS _sn_amount__now_with_1_found
  FROM held_2
), earlier AS (
  SELECT
    *,
    FIRST_VALUE(_sn_amount__past_count_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__past_count_earlier,
    FIRST_VALUE(_sn_amount__now_count_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__now_count_earlier,
    FIRST_VALUE(_sn_amount__foreseen_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__foreseen_earlier,
    FIRST_VALUE(_sn_amount__bound_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__bound_earlier,
    FIRST_VALUE(_sn_amount__now_mean_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__now_mean_earlier,
    FIRST_VALUE(_sn_amount__now_variance_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__now_variance_earlier,
    FIRST_VALUE(_sn_amount__past_variance_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__past_variance_earlier,
    FIRST_VALUE(_sn_amount__past_turn_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__past_turn_earlier,
    FIRST_VALUE(_sn_items__foreseen_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__foreseen_earlier,
    FIRST_VALUE(_sn_items__bound_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__bound_earlier,
    FIRST_VALUE(_sn_items__now_mean_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__now_mean_earlier,
    FIRST_VALUE(_sn_items__now_variance_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__now_variance_earlier,
    FIRST_VALUE(_sn_items__past_variance_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__past_variance_earlier,
    FIRST_VALUE(_sn_items__past_turn_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_items__past_turn_earlier,
    FIRST_VALUE(_sn_amount__past_with_1_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__past_with_1_earlier,
    FIRST_VALUE(_sn_amount__now_with_1_found) OVER (
      PARTITION BY _sn__key1, CASE WHEN _sn__order1 IS NULL THEN 1 ELSE 0 END, _sn_amount__found_peers
      ORDER BY _sn_amount__place
    ) AS _sn_amount__now_with_1_earlier
  FROM found
), own AS (
  SELECT
    *,
    CASE
      WHEN ABS(
        CASE
          WHEN _sn_amount - _sn_amount__foreseen_earlier > _sn_amount__bound_earlier
          THEN _sn_amount__bound_earlier
          WHEN _sn_amount - _sn_amount__foreseen_earlier < -_sn_amount__bound_earlier
          THEN -_sn_amount__bound_earlier
          ELSE _sn_amount - _sn_amount__foreseen_earlier
        END - _sn_amount__now_mean_earlier
      ) < 1e-150
      THEN 0.0e0
      ELSE CASE
        WHEN _sn_amount - _sn_amount__foreseen_earlier > _sn_amount__bound_earlier
        THEN _sn_amount__bound_earlier
        WHEN _sn_amount - _sn_amount__foreseen_earlier < -_sn_amount__bound_earlier
        THEN -_sn_amount__bound_earlier
        ELSE _sn_amount - _sn_amount__foreseen_earlier
      END - _sn_amount__now_mean_earlier
    END AS _sn_amount__away,
    CASE
      WHEN _sn_amount__past_variance_earlier > 1e-300
      THEN SQRT(_sn_amount__past_variance_earlier)
      ELSE 0.0e0
    END AS _sn_amount__scale,
    COALESCE(_sn_amount__past_count_earlier, 0) AS _sn_amount__n,
    CASE
      WHEN _sn_amount__past_variance_earlier > 1e-300
      THEN GREATEST(
        -1.0e0,
        1.0e0 - (
          _sn_amount__past_turn_earlier / NULLIF(2.0e0 * _sn_amount__past_variance_earlier, 0.0e0)
        )
      )
    END AS _sn_amount__alike,
    CASE
      WHEN ABS(
        CASE
          WHEN _sn_items - _sn_items__foreseen_earlier > _sn_items__bound_earlier
          THEN _sn_items__bound_earlier
          WHEN _sn_items - _sn_items__foreseen_earlier < -_sn_items__bound_earlier
          THEN -_sn_items__bound_earlier
          ELSE _sn_items - _sn_items__foreseen_earlier
        END - _sn_items__now_mean_earlier
      ) < 1e-150
      THEN 0.0e0
      ELSE CASE
        WHEN _sn_items - _sn_items__foreseen_earlier > _sn_items__bound_earlier
        THEN _sn_items__bound_earlier
        WHEN _sn_items - _sn_items__foreseen_earlier < -_sn_items__bound_earlier
        THEN -_sn_items__bound_earlier
        ELSE _sn_items - _sn_items__foreseen_earlier
      END - _sn_items__now_mean_earlier
    END AS _sn_items__away,
    CASE
      WHEN _sn_items__past_variance_earlier > 1e-300
      THEN SQRT(_sn_items__past_variance_earlier)
      ELSE 0.0e0
    END AS _sn_items__scale,
    COALESCE(_sn_amount__past_count_earlier, 0) AS _sn_items__n,
    CASE
      WHEN _sn_items__past_variance_earlier > 1e-300
      THEN GREATEST(
        -1.0e0,
        1.0e0 - (
          _sn_items__past_turn_earlier / NULLIF(2.0e0 * _sn_items__past_variance_earlier, 0.0e0)
        )
      )
    END AS _sn_items__alike
  FROM earlier
), joined AS (
  SELECT
    *,
    (
      CAST(_sn_amount__now_count_earlier AS DOUBLE) / NULLIF(CAST(_sn_amount__now_count_earlier AS DOUBLE) + 1.0e0, 0.0e0)
    ) * (
      _sn_amount__now_variance_earlier + (
        (
          _sn_amount__away * _sn_amount__away
        ) / NULLIF(CAST(_sn_amount__now_count_earlier AS DOUBLE) + 1.0e0, 0.0e0)
      )
    ) AS _sn_amount__whole,
    (
      CAST(_sn_amount__now_count_earlier AS DOUBLE) / NULLIF(CAST(_sn_amount__now_count_earlier AS DOUBLE) + 1.0e0, 0.0e0)
    ) * (
      _sn_items__now_variance_earlier + (
        (
          _sn_items__away * _sn_items__away
        ) / NULLIF(CAST(_sn_amount__now_count_earlier AS DOUBLE) + 1.0e0, 0.0e0)
      )
    ) AS _sn_items__whole,
    (
      CAST(_sn_amount__now_count_earlier AS DOUBLE) / NULLIF(CAST(_sn_amount__now_count_earlier AS DOUBLE) + 1.0e0, 0.0e0)
    ) * (
      _sn_amount__now_with_1_earlier + (
        (
          _sn_amount__away * _sn_items__away
        ) / NULLIF(CAST(_sn_amount__now_count_earlier AS DOUBLE) + 1.0e0, 0.0e0)
      )
    ) AS _sn_amount__whole_with_1,
    LEAST(0.95e0, GREATEST(0.0e0, _sn_amount__alike * _sn_items__alike)) AS _sn_amount__shared_1
  FROM own
), correlations AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__scale > 0.0e0
      AND _sn_amount__whole > 1e-12 * _sn_amount__past_variance_earlier
      AND _sn_items__scale > 0.0e0
      AND _sn_items__whole > 1e-12 * _sn_items__past_variance_earlier
      AND (
        (
          (
            1.0e0 - _sn_amount__shared_1
          ) / NULLIF(1.0e0 + _sn_amount__shared_1, 0.0e0)
        ) * CAST(_sn_amount__past_count_earlier AS DOUBLE)
      ) - 3.0e0 >= 1.0e0
      THEN (
        (
          (
            1.0e0 - _sn_amount__shared_1
          ) / NULLIF(1.0e0 + _sn_amount__shared_1, 0.0e0)
        ) * CAST(_sn_amount__past_count_earlier AS DOUBLE)
      ) - 3.0e0
    END AS _sn_amount__past_freedom_1,
    CASE
      WHEN _sn_amount__scale > 0.0e0
      AND _sn_amount__whole > 1e-12 * _sn_amount__past_variance_earlier
      AND _sn_items__scale > 0.0e0
      AND _sn_items__whole > 1e-12 * _sn_items__past_variance_earlier
      AND (
        (
          (
            1.0e0 - _sn_amount__shared_1
          ) / NULLIF(1.0e0 + _sn_amount__shared_1, 0.0e0)
        ) * (
          CAST(_sn_amount__now_count_earlier AS DOUBLE) + 1.0e0
        )
      ) - 3.0e0 >= 1.0e0
      THEN (
        (
          (
            1.0e0 - _sn_amount__shared_1
          ) / NULLIF(1.0e0 + _sn_amount__shared_1, 0.0e0)
        ) * (
          CAST(_sn_amount__now_count_earlier AS DOUBLE) + 1.0e0
        )
      ) - 3.0e0
    END AS _sn_amount__now_freedom_1,
    CASE
      WHEN (
        _sn_amount__past_with_1_earlier / NULLIF(_sn_amount__scale, 0.0e0)
      ) / NULLIF(_sn_items__scale, 0.0e0) > 0.999999e0
      THEN 0.999999e0
      WHEN (
        _sn_amount__past_with_1_earlier / NULLIF(_sn_amount__scale, 0.0e0)
      ) / NULLIF(_sn_items__scale, 0.0e0) < -0.999999e0
      THEN -0.999999e0
      ELSE (
        _sn_amount__past_with_1_earlier / NULLIF(_sn_amount__scale, 0.0e0)
      ) / NULLIF(_sn_items__scale, 0.0e0)
    END AS _sn_amount__past_r_1,
    CASE
      WHEN (
        _sn_amount__whole_with_1 / NULLIF(SQRT(CASE WHEN _sn_amount__whole >= 0.0e0 THEN _sn_amount__whole END), 0.0e0)
      ) / NULLIF(SQRT(CASE WHEN _sn_items__whole >= 0.0e0 THEN _sn_items__whole END), 0.0e0) > 0.999999e0
      THEN 0.999999e0
      WHEN (
        _sn_amount__whole_with_1 / NULLIF(SQRT(CASE WHEN _sn_amount__whole >= 0.0e0 THEN _sn_amount__whole END), 0.0e0)
      ) / NULLIF(SQRT(CASE WHEN _sn_items__whole >= 0.0e0 THEN _sn_items__whole END), 0.0e0) < -0.999999e0
      THEN -0.999999e0
      ELSE (
        _sn_amount__whole_with_1 / NULLIF(SQRT(CASE WHEN _sn_amount__whole >= 0.0e0 THEN _sn_amount__whole END), 0.0e0)
      ) / NULLIF(SQRT(CASE WHEN _sn_items__whole >= 0.0e0 THEN _sn_items__whole END), 0.0e0)
    END AS _sn_amount__now_r_1
  FROM joined
), model AS (
  SELECT
    *,
    ABS(
      (
        (
          0.5e0 * LN((
            1.0e0 + _sn_amount__now_r_1
          ) / NULLIF(1.0e0 - _sn_amount__now_r_1, 0.0e0))
        ) - (
          0.5e0 * LN((
            1.0e0 + _sn_amount__past_r_1
          ) / NULLIF(1.0e0 - _sn_amount__past_r_1, 0.0e0))
        )
      ) / NULLIF(
        SQRT(
          (
            1.0e0 / NULLIF(_sn_amount__now_freedom_1, 0.0e0)
          ) + (
            1.0e0 / NULLIF(_sn_amount__past_freedom_1, 0.0e0)
          )
        ),
        0.0e0
      )
    ) AS _sn_amount__change_1
  FROM correlations
), terms AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 5
      THEN CASE WHEN NOT _sn_amount__change_1 IS NULL THEN _sn_amount__change_1 END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 5
      THEN CASE WHEN NOT _sn_amount__change_1 IS NULL THEN _sn_amount__change_1 END
    END AS _sn_items__term
  FROM model
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
