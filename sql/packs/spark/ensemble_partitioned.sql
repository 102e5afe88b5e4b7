-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'ensemble') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'ensemble') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'ensemble') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'ensemble') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
-- step 1 of 2: fit ensemble on the client, on the rows of this query
-- it makes relation _sn_model (_sn__key1, _sn__which, _sn_amount__m0__n, _sn_amount__m0__scale, _sn_items__m0__n, _sn_items__m0__scale, _sn_amount__m2__n, _sn_amount__m2__scale, _sn_items__m2__n, _sn_items__m2__scale, _sn_amount__m3__n, _sn_amount__m3__scale, _sn_items__m3__n, _sn_items__m3__scale), function _sn_score_0(..), function _sn_terms_0(..), function _sn_score_2(..), function _sn_terms_2(..), function _sn_score_3(..), function _sn_terms_3(..)
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
)
SELECT
  drawn.*,
  counted._sn__rows,
  counted._sn__part
FROM (
  SELECT
    *
  FROM (
    SELECT
      _sn__key1,
      _sn_amount,
      _sn_items,
      ROW_NUMBER() OVER (
        PARTITION BY _sn__key1
        ORDER BY MD5(
          '0|' || CAST(CAST(copy_number AS BIGINT) AS STRING) || '|' || CASE
            WHEN digits_1 IS NULL
            THEN 'n'
            ELSE CAST(CAST(digits_1 AS BIGINT) AS STRING) || ':' || CAST(CAST(exponent_1 AS BIGINT) AS STRING)
          END
        )
      ) AS _sn__place
    FROM (
      SELECT
        _sn__key1,
        _sn_amount,
        _sn_items,
        guess_1,
        fraction_1,
        digits_1,
        exponent_1,
        ROW_NUMBER() OVER (PARTITION BY _sn__key1, digits_1, exponent_1 ORDER BY _sn_amount, _sn_items) AS copy_number
      FROM (
        SELECT
          _sn__key1,
          _sn_amount,
          _sn_items,
          guess_1,
          fraction_1,
          CAST(CASE
            WHEN _sn_amount = 0.0e0
            THEN 0.0e0
            ELSE SIGN(_sn_amount) * FLOOR(
              fraction_1 * CASE WHEN fraction_1 < 1.0e0 THEN 2199023255552.0e0 ELSE 1099511627776.0e0 END
            )
          END AS BIGINT) AS digits_1,
          CAST(CASE
            WHEN _sn_amount = 0.0e0
            THEN 0.0e0
            WHEN fraction_1 < 1.0e0
            THEN guess_1 - 1.0e0
            ELSE guess_1
          END AS BIGINT) AS exponent_1
        FROM (
          SELECT
            _sn__key1,
            _sn_amount,
            _sn_items,
            guess_1,
            (
              ABS(_sn_amount) * POWER(2.0e0, -FLOOR(guess_1 * 0.5e0))
            ) * POWER(2.0e0, FLOOR(guess_1 * 0.5e0) - guess_1) AS fraction_1
          FROM (
            SELECT
              _sn__key1,
              _sn_amount,
              _sn_items,
              FLOOR(
                (
                  LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) * 1.4426950408889634e0
                ) + 0.5e0
              ) AS guess_1
            FROM (
              SELECT
                _sn__key1,
                _sn_amount,
                _sn_items
              FROM source
              WHERE
                NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
            ) AS source
          ) AS stage_1
        ) AS stage_2
      ) AS stage_3
    ) AS stage_4
  ) AS stage_5
  WHERE
    _sn__place <= 25600
) AS drawn
INNER JOIN (
  SELECT
    *,
    ROW_NUMBER() OVER (ORDER BY _sn__rows) AS _sn__part
  FROM (
    SELECT
      _sn__key1,
      COUNT(1) AS _sn__rows
    FROM (
      SELECT
        _sn__key1,
        _sn_amount,
        _sn_items
      FROM source
      WHERE
        NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
    ) AS complete
    GROUP BY
      _sn__key1
  ) AS partitions
) AS counted
  ON drawn._sn__key1 IS NOT DISTINCT FROM counted._sn__key1;

-- step 2 of 2: sql
/* sqlnomaly 0.1.0: ensemble(amount, items); members = iforest(random_state = 0, n_estimators = 100, max_samples = 256), ecod(exact = True), knn(random_state = 0, scaling = robust, max_samples = 1000, n_neighbors = 20, method = mean), copula_mcd(random_state = 0, scaling = standard, support_fraction = 0.75, max_samples = 2000), combine = mean, weights = (), n_buckets = 2, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
  FROM orders
), registered AS (
  SELECT
    source.*,
    _sn_model._sn_amount__m0__n,
    _sn_model._sn_amount__m0__scale,
    _sn_model._sn_items__m0__n,
    _sn_model._sn_items__m0__scale,
    _SN_SCORE_0(_sn_model._sn__which, source._sn_amount, source._sn_items) AS _sn_amount__m0__registered_score,
    _SN_TERMS_0(_sn_model._sn__which, source._sn_amount, source._sn_items) AS _sn_amount__m0__registered_terms
  FROM source
  LEFT JOIN _sn_model
    ON source._sn__key1 IS NOT DISTINCT FROM _sn_model._sn__key1
), member_1 AS (
  SELECT
    *,
    _sn_amount__m0__registered_score AS _sn_amount__raw_0,
    TRY_ELEMENT_AT(_sn_amount__m0__registered_terms, CAST(1 AS INT)) AS _sn_amount__m0__part,
    TRY_ELEMENT_AT(_sn_amount__m0__registered_terms, CAST(2 AS INT)) AS _sn_items__m0__part,
    CASE WHEN _sn_amount__m0__scale = 0.0e0 THEN 1 ELSE 0 END AS _sn_amount__m0__flat,
    CASE WHEN _sn_items__m0__scale = 0.0e0 THEN 1 ELSE 0 END AS _sn_items__m0__flat
  FROM registered
), ranks AS (
  SELECT
    *,
    RANK() OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount, 1e+300)) AS _sn_amount__m1__rank,
    COUNT(_sn_amount) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount, 1e+300)) AS _sn_amount__m1__below
  FROM member_1
), bounds AS (
  SELECT
    _sn__key1,
    COUNT(_sn_amount) AS _sn_amount__m1__n,
    AVG(_sn_amount) AS _sn_amount__m1__mean,
    MIN(_sn_amount) AS _sn_amount__m1__low,
    MAX(_sn_amount) AS _sn_amount__m1__high,
    COUNT(_sn_items) AS _sn_items__m1__n,
    AVG(_sn_items) AS _sn_items__m1__mean,
    MIN(_sn_items) AS _sn_items__m1__low,
    MAX(_sn_items) AS _sn_items__m1__high
  FROM member_1
  GROUP BY
    _sn__key1
), skew AS (
  SELECT
    member_1._sn__key1,
    MIN(bounds._sn_amount__m1__n) AS _sn_amount__m1__n,
    MIN(bounds._sn_amount__m1__mean) AS _sn_amount__m1__mean,
    MIN(bounds._sn_amount__m1__low) AS _sn_amount__m1__low,
    MIN(bounds._sn_amount__m1__high) AS _sn_amount__m1__high,
    MIN(bounds._sn_items__m1__n) AS _sn_items__m1__n,
    MIN(bounds._sn_items__m1__mean) AS _sn_items__m1__mean,
    MIN(bounds._sn_items__m1__low) AS _sn_items__m1__low,
    MIN(bounds._sn_items__m1__high) AS _sn_items__m1__high,
    SUM(
      (
        (
          (
            member_1._sn_amount - bounds._sn_amount__m1__mean
          ) / NULLIF(bounds._sn_amount__m1__high - bounds._sn_amount__m1__low, 0.0e0)
        ) * (
          (
            member_1._sn_amount - bounds._sn_amount__m1__mean
          ) / NULLIF(bounds._sn_amount__m1__high - bounds._sn_amount__m1__low, 0.0e0)
        )
      ) * (
        (
          member_1._sn_amount - bounds._sn_amount__m1__mean
        ) / NULLIF(bounds._sn_amount__m1__high - bounds._sn_amount__m1__low, 0.0e0)
      )
    ) AS _sn_amount__m1__skew,
    SUM(
      ABS(
        (
          (
            (
              member_1._sn_amount - bounds._sn_amount__m1__mean
            ) / NULLIF(bounds._sn_amount__m1__high - bounds._sn_amount__m1__low, 0.0e0)
          ) * (
            (
              member_1._sn_amount - bounds._sn_amount__m1__mean
            ) / NULLIF(bounds._sn_amount__m1__high - bounds._sn_amount__m1__low, 0.0e0)
          )
        ) * (
          (
            member_1._sn_amount - bounds._sn_amount__m1__mean
          ) / NULLIF(bounds._sn_amount__m1__high - bounds._sn_amount__m1__low, 0.0e0)
        )
      )
    ) AS _sn_amount__m1__bulk,
    SUM(
      (
        (
          (
            member_1._sn_items - bounds._sn_items__m1__mean
          ) / NULLIF(bounds._sn_items__m1__high - bounds._sn_items__m1__low, 0.0e0)
        ) * (
          (
            member_1._sn_items - bounds._sn_items__m1__mean
          ) / NULLIF(bounds._sn_items__m1__high - bounds._sn_items__m1__low, 0.0e0)
        )
      ) * (
        (
          member_1._sn_items - bounds._sn_items__m1__mean
        ) / NULLIF(bounds._sn_items__m1__high - bounds._sn_items__m1__low, 0.0e0)
      )
    ) AS _sn_items__m1__skew,
    SUM(
      ABS(
        (
          (
            (
              member_1._sn_items - bounds._sn_items__m1__mean
            ) / NULLIF(bounds._sn_items__m1__high - bounds._sn_items__m1__low, 0.0e0)
          ) * (
            (
              member_1._sn_items - bounds._sn_items__m1__mean
            ) / NULLIF(bounds._sn_items__m1__high - bounds._sn_items__m1__low, 0.0e0)
          )
        ) * (
          (
            member_1._sn_items - bounds._sn_items__m1__mean
          ) / NULLIF(bounds._sn_items__m1__high - bounds._sn_items__m1__low, 0.0e0)
        )
      )
    ) AS _sn_items__m1__bulk
  FROM member_1
  LEFT JOIN bounds
    ON member_1._sn__key1 IS NOT DISTINCT FROM bounds._sn__key1
  GROUP BY
    member_1._sn__key1
), model AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__m1__high > _sn_amount__m1__low
      THEN _sn_amount__m1__high - _sn_amount__m1__low
      ELSE 0.0e0
    END AS _sn_amount__m1__scale,
    CASE
      WHEN ABS(_sn_amount__m1__skew) <= 1e-09 * _sn_amount__m1__bulk
      THEN 0
      WHEN _sn_amount__m1__skew > 0.0e0
      THEN 1
      ELSE -1
    END AS _sn_amount__m1__side,
    CASE
      WHEN _sn_items__m1__high > _sn_items__m1__low
      THEN _sn_items__m1__high - _sn_items__m1__low
      ELSE 0.0e0
    END AS _sn_items__m1__scale,
    CASE
      WHEN ABS(_sn_items__m1__skew) <= 1e-09 * _sn_items__m1__bulk
      THEN 0
      WHEN _sn_items__m1__skew > 0.0e0
      THEN 1
      ELSE -1
    END AS _sn_items__m1__side
  FROM skew
), tails AS (
  SELECT
    ranks.*,
    CASE
      WHEN model._sn_amount__m1__scale = 0.0e0
      AND ranks._sn_amount = model._sn_amount__m1__low
      THEN 0.0e0
      WHEN NOT ranks._sn_amount IS NULL AND model._sn_amount__m1__scale > 0.0e0
      THEN -LN(
        CASE
          WHEN model._sn_amount__m1__side = 0
          THEN (
            CAST(GREATEST(COALESCE(ranks._sn_amount__m1__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__m1__n, 0.0e0)
          ) * (
            CAST(GREATEST(COALESCE((
              model._sn_amount__m1__n + 1
            ) - ranks._sn_amount__m1__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__m1__n, 0.0e0)
          )
          ELSE LEAST(
            CAST(GREATEST(COALESCE(ranks._sn_amount__m1__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__m1__n, 0.0e0),
            CAST(GREATEST(COALESCE((
              model._sn_amount__m1__n + 1
            ) - ranks._sn_amount__m1__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_amount__m1__n, 0.0e0)
          )
        END
      )
    END AS _sn_amount__m1__tail
  FROM ranks
  LEFT JOIN model
    ON ranks._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), ranks_2 AS (
  SELECT
    *,
    RANK() OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_items, 1e+300)) AS _sn_items__m1__rank,
    COUNT(_sn_items) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_items, 1e+300)) AS _sn_items__m1__below
  FROM tails
), tails_2 AS (
  SELECT
    ranks_2.*,
    CASE
      WHEN model._sn_items__m1__scale = 0.0e0
      AND ranks_2._sn_items = model._sn_items__m1__low
      THEN 0.0e0
      WHEN NOT ranks_2._sn_items IS NULL AND model._sn_items__m1__scale > 0.0e0
      THEN -LN(
        CASE
          WHEN model._sn_items__m1__side = 0
          THEN (
            CAST(GREATEST(COALESCE(ranks_2._sn_items__m1__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_items__m1__n, 0.0e0)
          ) * (
            CAST(GREATEST(COALESCE((
              model._sn_items__m1__n + 1
            ) - ranks_2._sn_items__m1__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_items__m1__n, 0.0e0)
          )
          ELSE LEAST(
            CAST(GREATEST(COALESCE(ranks_2._sn_items__m1__below, 0), 1) AS DOUBLE) / NULLIF(model._sn_items__m1__n, 0.0e0),
            CAST(GREATEST(COALESCE((
              model._sn_items__m1__n + 1
            ) - ranks_2._sn_items__m1__rank, 0), 1) AS DOUBLE) / NULLIF(model._sn_items__m1__n, 0.0e0)
          )
        END
      )
    END AS _sn_items__m1__tail
  FROM ranks_2
  LEFT JOIN model
    ON ranks_2._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), placed AS (
  SELECT
    tails_2.*,
    model._sn_amount__m1__n,
    model._sn_amount__m1__scale,
    model._sn_items__m1__n,
    model._sn_items__m1__scale
  FROM tails_2
  LEFT JOIN model
    ON tails_2._sn__key1 IS NOT DISTINCT FROM model._sn__key1
), member_2 AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__m1__tail IS NULL AND NOT _sn_items__m1__tail IS NULL
      THEN _sn_amount__m1__tail + _sn_items__m1__tail
    END AS _sn_amount__raw_1,
    _sn_amount__m1__tail AS _sn_amount__m1__part,
    _sn_items__m1__tail AS _sn_items__m1__part,
    CASE WHEN _sn_amount__m1__scale = 0.0e0 THEN 1 ELSE 0 END AS _sn_amount__m1__flat,
    CASE WHEN _sn_items__m1__scale = 0.0e0 THEN 1 ELSE 0 END AS _sn_items__m1__flat
  FROM placed
), registered_2 AS (
  SELECT
    member_2.*,
    _sn_model._sn_amount__m2__n,
    _sn_model._sn_amount__m2__scale,
    _sn_model._sn_items__m2__n,
    _sn_model._sn_items__m2__scale,
    _SN_SCORE_2(_sn_model._sn__which, member_2._sn_amount, member_2._sn_items) AS _sn_amount__m2__registered_score,
    _SN_TERMS_2(_sn_model._sn__which, member_2._sn_amount, member_2._sn_items) AS _sn_amount__m2__registered_terms
  FROM member_2
  LEFT JOIN _sn_model
    ON member_2._sn__key1 IS NOT DISTINCT FROM _sn_model._sn__key1
), member_3 AS (
  SELECT
    *,
    _sn_amount__m2__registered_score AS _sn_amount__raw_2,
    TRY_ELEMENT_AT(_sn_amount__m2__registered_terms, CAST(1 AS INT)) AS _sn_amount__m2__part,
    TRY_ELEMENT_AT(_sn_amount__m2__registered_terms, CAST(2 AS INT)) AS _sn_items__m2__part,
    CASE WHEN _sn_amount__m2__scale = 0.0e0 THEN 1 ELSE 0 END AS _sn_amount__m2__flat,
    CASE WHEN _sn_items__m2__scale = 0.0e0 THEN 1 ELSE 0 END AS _sn_items__m2__flat
  FROM registered_2
), registered_3 AS (
  SELECT
    member_3.*,
    _sn_model._sn_amount__m3__n,
    _sn_model._sn_amount__m3__scale,
    _sn_model._sn_items__m3__n,
    _sn_model._sn_items__m3__scale,
    _SN_SCORE_3(_sn_model._sn__which, member_3._sn_amount, member_3._sn_items) AS _sn_amount__m3__registered_score,
    _SN_TERMS_3(_sn_model._sn__which, member_3._sn_amount, member_3._sn_items) AS _sn_amount__m3__registered_terms
  FROM member_3
  LEFT JOIN _sn_model
    ON member_3._sn__key1 IS NOT DISTINCT FROM _sn_model._sn__key1
), member_4 AS (
  SELECT
    *,
    _sn_amount__m3__registered_score AS _sn_amount__raw_3,
    TRY_ELEMENT_AT(_sn_amount__m3__registered_terms, CAST(1 AS INT)) AS _sn_amount__m3__part,
    TRY_ELEMENT_AT(_sn_amount__m3__registered_terms, CAST(2 AS INT)) AS _sn_items__m3__part,
    CASE WHEN _sn_amount__m3__scale = 0.0e0 THEN 1 ELSE 0 END AS _sn_amount__m3__flat,
    CASE WHEN _sn_items__m3__scale = 0.0e0 THEN 1 ELSE 0 END AS _sn_items__m3__flat
  FROM registered_3
), coarse AS (
  SELECT
    *,
    (
      _sn_amount__raw_0 * 1048577.0e0
    ) - (
      (
        _sn_amount__raw_0 * 1048577.0e0
      ) - _sn_amount__raw_0
    ) AS _sn_amount__member_0,
    (
      _sn_amount__raw_1 * 1048577.0e0
    ) - (
      (
        _sn_amount__raw_1 * 1048577.0e0
      ) - _sn_amount__raw_1
    ) AS _sn_amount__member_1,
    (
      _sn_amount__raw_2 * 1048577.0e0
    ) - (
      (
        _sn_amount__raw_2 * 1048577.0e0
      ) - _sn_amount__raw_2
    ) AS _sn_amount__member_2,
    (
      _sn_amount__raw_3 * 1048577.0e0
    ) - (
      (
        _sn_amount__raw_3 * 1048577.0e0
      ) - _sn_amount__raw_3
    ) AS _sn_amount__member_3
  FROM member_4
), tails_3 AS (
  SELECT
    *,
    LEAST(
      COALESCE(_sn_amount__m0__n, 0),
      COALESCE(_sn_amount__m1__n, 0),
      COALESCE(_sn_items__m1__n, 0),
      COALESCE(_sn_amount__m2__n, 0),
      COALESCE(_sn_amount__m3__n, 0)
    ) AS _sn_amount__n,
    LEAST(
      COALESCE(_sn_amount__m0__n, 0),
      COALESCE(_sn_amount__m1__n, 0),
      COALESCE(_sn_items__m1__n, 0),
      COALESCE(_sn_amount__m2__n, 0),
      COALESCE(_sn_amount__m3__n, 0)
    ) AS _sn_items__n,
    CASE
      WHEN _sn_amount__m0__flat = 1
      AND _sn_amount__m1__flat = 1
      AND _sn_amount__m2__flat = 1
      AND _sn_amount__m3__flat = 1
      THEN 0.0e0
      ELSE 1.0e0
    END AS _sn_amount__scale,
    CASE
      WHEN _sn_items__m0__flat = 1
      AND _sn_items__m1__flat = 1
      AND _sn_items__m2__flat = 1
      AND _sn_items__m3__flat = 1
      THEN 0.0e0
      ELSE 1.0e0
    END AS _sn_items__scale,
    CASE
      WHEN NOT _sn_amount__member_0 IS NULL
      THEN LN(
        CASE
          WHEN CAST(COUNT(_sn_amount__member_0) OVER (PARTITION BY _sn__key1) AS DOUBLE) > 0.0e0
          THEN CAST(COUNT(_sn_amount__member_0) OVER (PARTITION BY _sn__key1) AS DOUBLE)
        END
      ) - LN(
        CASE
          WHEN CAST(GREATEST(
            COALESCE(
              COUNT(_sn_amount__member_0) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount__member_0, -1e+300) DESC),
              0
            ),
            1
          ) AS DOUBLE) > 0.0e0
          THEN CAST(GREATEST(
            COALESCE(
              COUNT(_sn_amount__member_0) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount__member_0, -1e+300) DESC),
              0
            ),
            1
          ) AS DOUBLE)
        END
      )
    END AS _sn_amount__tail_0,
    CASE
      WHEN NOT _sn_amount__member_1 IS NULL
      THEN LN(
        CASE
          WHEN CAST(COUNT(_sn_amount__member_1) OVER (PARTITION BY _sn__key1) AS DOUBLE) > 0.0e0
          THEN CAST(COUNT(_sn_amount__member_1) OVER (PARTITION BY _sn__key1) AS DOUBLE)
        END
      ) - LN(
        CASE
          WHEN CAST(GREATEST(
            COALESCE(
              COUNT(_sn_amount__member_1) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount__member_1, -1e+300) DESC),
              0
            ),
            1
          ) AS DOUBLE) > 0.0e0
          THEN CAST(GREATEST(
            COALESCE(
              COUNT(_sn_amount__member_1) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount__member_1, -1e+300) DESC),
              0
            ),
            1
          ) AS DOUBLE)
        END
      )
    END AS _sn_amount__tail_1,
    CASE
      WHEN NOT _sn_amount__member_2 IS NULL
      THEN LN(
        CASE
          WHEN CAST(COUNT(_sn_amount__member_2) OVER (PARTITION BY _sn__key1) AS DOUBLE) > 0.0e0
          THEN CAST(COUNT(_sn_amount__member_2) OVER (PARTITION BY _sn__key1) AS DOUBLE)
        END
      ) - LN(
        CASE
          WHEN CAST(GREATEST(
            COALESCE(
              COUNT(_sn_amount__member_2) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount__member_2, -1e+300) DESC),
              0
            ),
            1
          ) AS DOUBLE) > 0.0e0
          THEN CAST(GREATEST(
            COALESCE(
              COUNT(_sn_amount__member_2) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount__member_2, -1e+300) DESC),
              0
            ),
            1
          ) AS DOUBLE)
        END
      )
    END AS _sn_amount__tail_2,
    CASE
      WHEN NOT _sn_amount__member_3 IS NULL
      THEN LN(
        CASE
          WHEN CAST(COUNT(_sn_amount__member_3) OVER (PARTITION BY _sn__key1) AS DOUBLE) > 0.0e0
          THEN CAST(COUNT(_sn_amount__member_3) OVER (PARTITION BY _sn__key1) AS DOUBLE)
        END
      ) - LN(
        CASE
          WHEN CAST(GREATEST(
            COALESCE(
              COUNT(_sn_amount__member_3) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount__member_3, -1e+300) DESC),
              0
            ),
            1
          ) AS DOUBLE) > 0.0e0
          THEN CAST(GREATEST(
            COALESCE(
              COUNT(_sn_amount__member_3) OVER (PARTITION BY _sn__key1 ORDER BY COALESCE(_sn_amount__member_3, -1e+300) DESC),
              0
            ),
            1
          ) AS DOUBLE)
        END
      )
    END AS _sn_amount__tail_3
  FROM coarse
), scored AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN (
        COALESCE(1.0e0 * _sn_amount__tail_0, 0.0e0) + COALESCE(1.0e0 * _sn_amount__tail_1, 0.0e0) + COALESCE(1.0e0 * _sn_amount__tail_2, 0.0e0) + COALESCE(1.0e0 * _sn_amount__tail_3, 0.0e0)
      ) / NULLIF(
        CASE WHEN NOT _sn_amount__tail_0 IS NULL THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN NOT _sn_amount__tail_1 IS NULL THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN NOT _sn_amount__tail_2 IS NULL THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN NOT _sn_amount__tail_3 IS NULL THEN 1.0e0 ELSE 0.0e0 END,
        0.0e0
      )
    END AS _sn__score,
    CASE
      WHEN _sn_amount__n >= 3
      THEN (
        COALESCE(
          1.0e0 * (
            _sn_amount__tail_0 * CASE
              WHEN CASE WHEN _sn_amount__m0__part > 0.0e0 THEN _sn_amount__m0__part ELSE 0.0e0 END + CASE WHEN _sn_items__m0__part > 0.0e0 THEN _sn_items__m0__part ELSE 0.0e0 END > 0.0e0
              THEN CASE WHEN _sn_amount__m0__part > 0.0e0 THEN _sn_amount__m0__part ELSE 0.0e0 END / NULLIF(
                CASE WHEN _sn_amount__m0__part > 0.0e0 THEN _sn_amount__m0__part ELSE 0.0e0 END + CASE WHEN _sn_items__m0__part > 0.0e0 THEN _sn_items__m0__part ELSE 0.0e0 END,
                0.0e0
              )
              ELSE 0.5e0
            END
          ),
          0.0e0
        ) + COALESCE(
          1.0e0 * (
            _sn_amount__tail_1 * CASE
              WHEN CASE WHEN _sn_amount__m1__part > 0.0e0 THEN _sn_amount__m1__part ELSE 0.0e0 END + CASE WHEN _sn_items__m1__part > 0.0e0 THEN _sn_items__m1__part ELSE 0.0e0 END > 0.0e0
              THEN CASE WHEN _sn_amount__m1__part > 0.0e0 THEN _sn_amount__m1__part ELSE 0.0e0 END / NULLIF(
                CASE WHEN _sn_amount__m1__part > 0.0e0 THEN _sn_amount__m1__part ELSE 0.0e0 END + CASE WHEN _sn_items__m1__part > 0.0e0 THEN _sn_items__m1__part ELSE 0.0e0 END,
                0.0e0
              )
              ELSE 0.5e0
            END
          ),
          0.0e0
        ) + COALESCE(
          1.0e0 * (
            _sn_amount__tail_2 * CASE
              WHEN CASE WHEN _sn_amount__m2__part > 0.0e0 THEN _sn_amount__m2__part ELSE 0.0e0 END + CASE WHEN _sn_items__m2__part > 0.0e0 THEN _sn_items__m2__part ELSE 0.0e0 END > 0.0e0
              THEN CASE WHEN _sn_amount__m2__part > 0.0e0 THEN _sn_amount__m2__part ELSE 0.0e0 END / NULLIF(
                CASE WHEN _sn_amount__m2__part > 0.0e0 THEN _sn_amount__m2__part ELSE 0.0e0 END + CASE WHEN _sn_items__m2__part > 0.0e0 THEN _sn_items__m2__part ELSE 0.0e0 END,
                0.0e0
              )
              ELSE 0.5e0
            END
          ),
          0.0e0
        ) + COALESCE(
          1.0e0 * (
            _sn_amount__tail_3 * CASE
              WHEN CASE WHEN _sn_amount__m3__part > 0.0e0 THEN _sn_amount__m3__part ELSE 0.0e0 END + CASE WHEN _sn_items__m3__part > 0.0e0 THEN _sn_items__m3__part ELSE 0.0e0 END > 0.0e0
              THEN CASE WHEN _sn_amount__m3__part > 0.0e0 THEN _sn_amount__m3__part ELSE 0.0e0 END / NULLIF(
                CASE WHEN _sn_amount__m3__part > 0.0e0 THEN _sn_amount__m3__part ELSE 0.0e0 END + CASE WHEN _sn_items__m3__part > 0.0e0 THEN _sn_items__m3__part ELSE 0.0e0 END,
                0.0e0
              )
              ELSE 0.5e0
            END
          ),
          0.0e0
        )
      ) / NULLIF(
        CASE WHEN NOT _sn_amount__tail_0 IS NULL THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN NOT _sn_amount__tail_1 IS NULL THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN NOT _sn_amount__tail_2 IS NULL THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN NOT _sn_amount__tail_3 IS NULL THEN 1.0e0 ELSE 0.0e0 END,
        0.0e0
      )
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 3
      THEN (
        COALESCE(
          1.0e0 * (
            _sn_amount__tail_0 * CASE
              WHEN CASE WHEN _sn_amount__m0__part > 0.0e0 THEN _sn_amount__m0__part ELSE 0.0e0 END + CASE WHEN _sn_items__m0__part > 0.0e0 THEN _sn_items__m0__part ELSE 0.0e0 END > 0.0e0
              THEN CASE WHEN _sn_items__m0__part > 0.0e0 THEN _sn_items__m0__part ELSE 0.0e0 END / NULLIF(
                CASE WHEN _sn_amount__m0__part > 0.0e0 THEN _sn_amount__m0__part ELSE 0.0e0 END + CASE WHEN _sn_items__m0__part > 0.0e0 THEN _sn_items__m0__part ELSE 0.0e0 END,
                0.0e0
              )
              ELSE 0.5e0
            END
          ),
          0.0e0
        ) + COALESCE(
          1.0e0 * (
            _sn_amount__tail_1 * CASE
              WHEN CASE WHEN _sn_amount__m1__part > 0.0e0 THEN _sn_amount__m1__part ELSE 0.0e0 END + CASE WHEN _sn_items__m1__part > 0.0e0 THEN _sn_items__m1__part ELSE 0.0e0 END > 0.0e0
              THEN CASE WHEN _sn_items__m1__part > 0.0e0 THEN _sn_items__m1__part ELSE 0.0e0 END / NULLIF(
                CASE WHEN _sn_amount__m1__part > 0.0e0 THEN _sn_amount__m1__part ELSE 0.0e0 END + CASE WHEN _sn_items__m1__part > 0.0e0 THEN _sn_items__m1__part ELSE 0.0e0 END,
                0.0e0
              )
              ELSE 0.5e0
            END
          ),
          0.0e0
        ) + COALESCE(
          1.0e0 * (
            _sn_amount__tail_2 * CASE
              WHEN CASE WHEN _sn_amount__m2__part > 0.0e0 THEN _sn_amount__m2__part ELSE 0.0e0 END + CASE WHEN _sn_items__m2__part > 0.0e0 THEN _sn_items__m2__part ELSE 0.0e0 END > 0.0e0
              THEN CASE WHEN _sn_items__m2__part > 0.0e0 THEN _sn_items__m2__part ELSE 0.0e0 END / NULLIF(
                CASE WHEN _sn_amount__m2__part > 0.0e0 THEN _sn_amount__m2__part ELSE 0.0e0 END + CASE WHEN _sn_items__m2__part > 0.0e0 THEN _sn_items__m2__part ELSE 0.0e0 END,
                0.0e0
              )
              ELSE 0.5e0
            END
          ),
          0.0e0
        ) + COALESCE(
          1.0e0 * (
            _sn_amount__tail_3 * CASE
              WHEN CASE WHEN _sn_amount__m3__part > 0.0e0 THEN _sn_amount__m3__part ELSE 0.0e0 END + CASE WHEN _sn_items__m3__part > 0.0e0 THEN _sn_items__m3__part ELSE 0.0e0 END > 0.0e0
              THEN CASE WHEN _sn_items__m3__part > 0.0e0 THEN _sn_items__m3__part ELSE 0.0e0 END / NULLIF(
                CASE WHEN _sn_amount__m3__part > 0.0e0 THEN _sn_amount__m3__part ELSE 0.0e0 END + CASE WHEN _sn_items__m3__part > 0.0e0 THEN _sn_items__m3__part ELSE 0.0e0 END,
                0.0e0
              )
              ELSE 0.5e0
            END
          ),
          0.0e0
        )
      ) / NULLIF(
        CASE WHEN NOT _sn_amount__tail_0 IS NULL THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN NOT _sn_amount__tail_1 IS NULL THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN NOT _sn_amount__tail_2 IS NULL THEN 1.0e0 ELSE 0.0e0 END + CASE WHEN NOT _sn_amount__tail_3 IS NULL THEN 1.0e0 ELSE 0.0e0 END,
        0.0e0
      )
    END AS _sn_items__term
  FROM tails_3
), largest AS (
  SELECT
    *,
    CASE
      WHEN NOT _sn_amount__term IS NULL AND NOT _sn_items__term IS NULL
      THEN GREATEST(_sn_amount__term, _sn_items__term)
    END AS _sn__best
  FROM scored
), cutoff AS (
  SELECT
    _sn__key1,
    PERCENTILE(_sn__score, 0.99e0) AS _sn__cutoff1
  FROM largest
  GROUP BY
    _sn__key1
), limited AS (
  SELECT
    largest.*,
    cutoff._sn__cutoff1
  FROM largest
  LEFT JOIN cutoff
    ON largest._sn__key1 IS NOT DISTINCT FROM cutoff._sn__key1
)
SELECT
  id,
  store,
  _sn__score AS score,
  _sn__score > CASE
    WHEN NOT _sn__cutoff1 IS NULL
    THEN _sn__cutoff1 + (
      1e-06 * GREATEST(1.0e0, ABS(_sn__cutoff1))
    )
  END AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__best - (
      1e-06 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__best - (
      1e-06 * GREATEST(1.0e0, ABS(_sn__best))
    )
    THEN 'items'
  END AS reason,
  CASE
    WHEN _sn_amount__raw IS NULL OR _sn_items IS NULL
    THEN 'missing_value'
    WHEN _sn_amount IS NULL OR _sn_items IS NULL
    THEN 'out_of_range'
    WHEN COALESCE(_sn_amount__n, 0) < 3 OR COALESCE(_sn_items__n, 0) < 3
    THEN 'too_few_rows'
    WHEN _sn__score IS NULL
    OR (
      _sn_amount__scale = 0.0e0 AND _sn_items__scale = 0.0e0
    )
    THEN 'constant_baseline'
    ELSE 'ok'
  END AS status
FROM limited
ORDER BY
  id NULLS LAST;
