-- SELECT id, anomaly_score(amount, items, detector => 'autoencoder', hidden_layer_sizes => [2, 1, 2])
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
-- step 1 of 2: fit autoencoder on the client, on the rows of this query
-- it makes relation _sn_model (_sn__key1, _sn_amount__n, _sn_amount__scale, _sn_amount__centre, _sn_amount__unit, _sn_items__n, _sn_items__scale, _sn_items__centre, _sn_items__unit, _sn_amount__varies, _sn_amount__encode_0, _sn_items__encode_0, _sn_amount__encode_1, _sn_items__encode_1, _sn_amount__level_0_0, _sn_amount__level_0_1, _sn_amount__weight_1_0_0, _sn_amount__weight_1_0_1, _sn_amount__level_1_0, _sn_amount__weight_2_0_0, _sn_amount__level_2_0, _sn_amount__weight_2_1_0, _sn_amount__level_2_1, _sn_amount__decode_0, _sn_items__decode_0, _sn_amount__decode_1, _sn_items__decode_1, _sn_amount__given, _sn_items__given)
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT64) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
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
        ORDER BY TO_HEX(
          MD5(
            '0|' || CAST(CAST(copy_number AS INT64) AS STRING) || '|' || CASE
              WHEN digits_1 IS NULL
              THEN 'n'
              ELSE CAST(CAST(digits_1 AS INT64) AS STRING) || ':' || CAST(CAST(exponent_1 AS INT64) AS STRING)
            END
          )
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
          END AS INT64) AS digits_1,
          CAST(CASE
            WHEN _sn_amount = 0.0e0
            THEN 0.0e0
            WHEN fraction_1 < 1.0e0
            THEN guess_1 - 1.0e0
            ELSE guess_1
          END AS INT64) AS exponent_1
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
                NOT _sn_amount IS NULL AND NOT _sn_items IS NULL AND _sn__fitted = 1
            ) AS source
          ) AS stage_1
        ) AS stage_2
      ) AS stage_3
    ) AS stage_4
  ) AS stage_5
  WHERE
    _sn__place <= 5000
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
        NOT _sn_amount IS NULL AND NOT _sn_items IS NULL AND _sn__fitted = 1
    ) AS complete
    GROUP BY
      _sn__key1
  ) AS partitions
) AS counted
  ON drawn._sn__key1 IS NOT DISTINCT FROM counted._sn__key1;

-- step 2 of 2: sql
/* sqlnomaly 0.1.0: autoencoder(amount, items); scaling = standard, max_samples = 5000, random_state = 0, hidden_layer_sizes = (2.0, 1.0, 2.0), activation = tanh, alpha = 0.0001, max_iter = 200, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    CAST(items AS FLOAT64) AS _sn_items,
    store AS _sn__key1,
    CASE WHEN NOT disputed THEN 1 ELSE 0 END AS _sn__fitted
  FROM orders
), scaled AS (
  SELECT
    source.*,
    _sn_model._sn_amount__n,
    _sn_model._sn_amount__scale,
    _sn_model._sn_amount__centre,
    _sn_model._sn_amount__unit,
    _sn_model._sn_items__n,
    _sn_model._sn_items__scale,
    _sn_model._sn_items__centre,
    _sn_model._sn_items__unit,
    _sn_model._sn_amount__varies,
    _sn_model._sn_amount__encode_0,
    _sn_model._sn_items__encode_0,
    _sn_model._sn_amount__encode_1,
    _sn_model._sn_items__encode_1,
    _sn_model._sn_amount__level_0_0,
    _sn_model._sn_amount__level_0_1,
    _sn_model._sn_amount__weight_1_0_0,
    _sn_model._sn_amount__weight_1_0_1,
    _sn_model._sn_amount__level_1_0,
    _sn_model._sn_amount__weight_2_0_0,
    _sn_model._sn_amount__level_2_0,
    _sn_model._sn_amount__weight_2_1_0,
    _sn_model._sn_amount__level_2_1,
    _sn_model._sn_amount__decode_0,
    _sn_model._sn_items__decode_0,
    _sn_model._sn_amount__decode_1,
    _sn_model._sn_items__decode_1,
    _sn_model._sn_amount__given,
    _sn_model._sn_items__given,
    CASE
      WHEN _sn_model._sn_amount__unit > 0.0e0
      THEN (
        source._sn_amount - _sn_model._sn_amount__centre
      ) / NULLIF(_sn_model._sn_amount__unit, 0.0e0)
      WHEN NOT source._sn_amount IS NULL
      THEN 0.0e0
    END AS _sn_amount__z,
    CASE
      WHEN _sn_model._sn_items__unit > 0.0e0
      THEN (
        source._sn_items - _sn_model._sn_items__centre
      ) / NULLIF(_sn_model._sn_items__unit, 0.0e0)
      WHEN NOT source._sn_items IS NULL
      THEN 0.0e0
    END AS _sn_items__z
  FROM source
  LEFT JOIN _sn_model
    ON source._sn__key1 IS NOT DISTINCT FROM _sn_model._sn__key1
), entered AS (
  SELECT
    *,
    LEAST(GREATEST(_sn_amount__z, -3.0e0), 3.0e0) AS _sn_amount__entered,
    LEAST(GREATEST(_sn_items__z, -3.0e0), 3.0e0) AS _sn_items__entered
  FROM scaled
), layer_1 AS (
  SELECT
    *,
    1.0e0 - (
      2.0e0 * POWER(
        1.0e0 + EXP(
          LEAST(
            GREATEST(
              2.0e0 * (
                (
                  _sn_amount__encode_0 * _sn_amount__entered
                ) + (
                  _sn_items__encode_0 * _sn_items__entered
                ) + _sn_amount__level_0_0
              ),
              -300.0e0
            ),
            300.0e0
          )
        ),
        -1.0e0
      )
    ) AS _sn_amount__unit_0_0,
    1.0e0 - (
      2.0e0 * POWER(
        1.0e0 + EXP(
          LEAST(
            GREATEST(
              2.0e0 * (
                (
                  _sn_amount__encode_1 * _sn_amount__entered
                ) + (
                  _sn_items__encode_1 * _sn_items__entered
                ) + _sn_amount__level_0_1
              ),
              -300.0e0
            ),
            300.0e0
          )
        ),
        -1.0e0
      )
    ) AS _sn_amount__unit_0_1
  FROM entered
), layer_2 AS (
  SELECT
    *,
    1.0e0 - (
      2.0e0 * POWER(
        1.0e0 + EXP(
          LEAST(
            GREATEST(
              2.0e0 * (
                (
                  _sn_amount__weight_1_0_0 * _sn_amount__unit_0_0
                ) + (
                  _sn_amount__weight_1_0_1 * _sn_amount__unit_0_1
                ) + _sn_amount__level_1_0
              ),
              -300.0e0
            ),
            300.0e0
          )
        ),
        -1.0e0
      )
    ) AS _sn_amount__unit_1_0
  FROM layer_1
), layer_3 AS (
  SELECT
    *,
    1.0e0 - (
      2.0e0 * POWER(
        1.0e0 + EXP(
          LEAST(
            GREATEST(
              2.0e0 * (
                (
                  _sn_amount__weight_2_0_0 * _sn_amount__unit_1_0
                ) + _sn_amount__level_2_0
              ),
              -300.0e0
            ),
            300.0e0
          )
        ),
        -1.0e0
      )
    ) AS _sn_amount__unit_2_0,
    1.0e0 - (
      2.0e0 * POWER(
        1.0e0 + EXP(
          LEAST(
            GREATEST(
              2.0e0 * (
                (
                  _sn_amount__weight_2_1_0 * _sn_amount__unit_1_0
                ) + _sn_amount__level_2_1
              ),
              -300.0e0
            ),
            300.0e0
          )
        ),
        -1.0e0
      )
    ) AS _sn_amount__unit_2_1
  FROM layer_2
), decoded AS (
  SELECT
    *,
    (
      _sn_amount__decode_0 * _sn_amount__unit_2_0
    ) + (
      _sn_amount__decode_1 * _sn_amount__unit_2_1
    ) + _sn_amount__given AS _sn_amount__decoded,
    (
      _sn_items__decode_0 * _sn_amount__unit_2_0
    ) + (
      _sn_items__decode_1 * _sn_amount__unit_2_1
    ) + _sn_items__given AS _sn_items__decoded
  FROM layer_3
), errors AS (
  SELECT
    *,
    POWER(LEAST(GREATEST(_sn_amount__z, -1e+100), 1e+100) - _sn_amount__decoded, 2.0e0) * 0.5e0 AS _sn_amount__error,
    POWER(LEAST(GREATEST(_sn_items__z, -1e+100), 1e+100) - _sn_items__decoded, 2.0e0) * 0.5e0 AS _sn_items__error
  FROM decoded
), scored AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__varies = 1 AND NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN _sn_amount__error + _sn_items__error
        WHEN NOT (
          _sn_amount__varies = 1
        )
        AND _sn_amount = _sn_amount__centre
        AND _sn_items = _sn_items__centre
        THEN 0.0e0
      END
    END AS _sn__score
  FROM errors
)
SELECT
  id,
  _sn__score AS score
FROM scored;
