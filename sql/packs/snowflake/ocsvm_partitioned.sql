-- SELECT id, store,
--        anomaly_score(amount, items, detector => 'ocsvm') OVER (PARTITION BY store) AS score,
--        is_anomaly(amount, items, detector => 'ocsvm') OVER (PARTITION BY store) AS alert,
--        anomaly_reason(amount, items, detector => 'ocsvm') OVER (PARTITION BY store) AS reason,
--        anomaly_status(amount, items, detector => 'ocsvm') OVER (PARTITION BY store) AS status
-- FROM orders
-- ORDER BY id
-- step 1 of 2: fit ocsvm on the client, on the rows of this query
-- it makes relation _sn_model (_sn__key1, _sn_amount__n, _sn_amount__scale, _sn_amount__centre, _sn_amount__unit, _sn_items__n, _sn_items__scale, _sn_items__centre, _sn_items__unit, _sn_amount__varies, _sn_amount__amplitude_0, _sn_amount__amplitude_1, _sn_amount__amplitude_2, _sn_amount__amplitude_3, _sn_amount__amplitude_4, _sn_amount__amplitude_5, _sn_amount__amplitude_6, _sn_amount__amplitude_7, _sn_amount__amplitude_8, _sn_amount__amplitude_9, _sn_amount__amplitude_10, _sn_amount__amplitude_11, _sn_amount__amplitude_12, _sn_amount__amplitude_13, _sn_amount__amplitude_14, _sn_amount__amplitude_15, _sn_amount__amplitude_16, _sn_amount__amplitude_17, _sn_amount__amplitude_18, _sn_amount__amplitude_19, _sn_amount__amplitude_20, _sn_amount__amplitude_21, _sn_amount__amplitude_22, _sn_amount__amplitude_23, _sn_amount__amplitude_24, _sn_amount__amplitude_25, _sn_amount__amplitude_26, _sn_amount__amplitude_27, _sn_amount__amplitude_28, _sn_amount__amplitude_29, _sn_amount__amplitude_30, _sn_amount__amplitude_31, _sn_amount__amplitude_32, _sn_amount__amplitude_33, _sn_amount__amplitude_34, _sn_amount__amplitude_35, _sn_amount__amplitude_36, _sn_amount__amplitude_37, _sn_amount__amplitude_38, _sn_amount__amplitude_39, _sn_amount__amplitude_40, _sn_amount__amplitude_41, _sn_amount__amplitude_42, _sn_amount__amplitude_43, _sn_amount__amplitude_44, _sn_amount__amplitude_45, _sn_amount__amplitude_46, _sn_amount__amplitude_47, _sn_amount__amplitude_48, _sn_amount__amplitude_49, _sn_amount__amplitude_50, _sn_amount__amplitude_51, _sn_amount__amplitude_52, _sn_amount__amplitude_53, _sn_amount__amplitude_54, _sn_amount__amplitude_55, _sn_amount__amplitude_56, _sn_amount__amplitude_57, _sn_amount__amplitude_58, _sn_amount__amplitude_59, _sn_amount__amplitude_60, _sn_amount__amplitude_61, _sn_amount__amplitude_62, _sn_amount__amplitude_63, _sn_amount__amplitude_64, _sn_amount__amplitude_65, _sn_amount__amplitude_66, _sn_amount__amplitude_67, _sn_amount__amplitude_68, _sn_amount__amplitude_69, _sn_amount__amplitude_70, _sn_amount__amplitude_71, _sn_amount__amplitude_72, _sn_amount__amplitude_73, _sn_amount__amplitude_74, _sn_amount__amplitude_75, _sn_amount__amplitude_76, _sn_amount__amplitude_77, _sn_amount__amplitude_78, _sn_amount__amplitude_79, _sn_amount__amplitude_80, _sn_amount__amplitude_81, _sn_amount__amplitude_82, _sn_amount__amplitude_83, _sn_amount__amplitude_84, _sn_amount__amplitude_85, _sn_amount__amplitude_86, _sn_amount__amplitude_87, _sn_amount__amplitude_88, _sn_amount__amplitude_89, _sn_amount__amplitude_90, _sn_amount__amplitude_91, _sn_amount__amplitude_92, _sn_amount__amplitude_93, _sn_amount__amplitude_94, _sn_amount__amplitude_95, _sn_amount__amplitude_96, _sn_amount__amplitude_97, _sn_amount__amplitude_98, _sn_amount__amplitude_99, _sn_amount__phase_0, _sn_amount__phase_1, _sn_amount__phase_2, _sn_amount__phase_3, _sn_amount__phase_4, _sn_amount__phase_5, _sn_amount__phase_6, _sn_amount__phase_7, _sn_amount__phase_8, _sn_amount__phase_9, _sn_amount__phase_10, _sn_amount__phase_11, _sn_amount__phase_12, _sn_amount__phase_13, _sn_amount__phase_14, _sn_amount__phase_15, _sn_amount__phase_16, _sn_amount__phase_17, _sn_amount__phase_18, _sn_amount__phase_19, _sn_amount__phase_20, _sn_amount__phase_21, _sn_amount__phase_22, _sn_amount__phase_23, _sn_amount__phase_24, _sn_amount__phase_25, _sn_amount__phase_26, _sn_amount__phase_27, _sn_amount__phase_28, _sn_amount__phase_29, _sn_amount__phase_30, _sn_amount__phase_31, _sn_amount__phase_32, _sn_amount__phase_33, _sn_amount__phase_34, _sn_amount__phase_35, _sn_amount__phase_36, _sn_amount__phase_37, _sn_amount__phase_38, _sn_amount__phase_39, _sn_amount__phase_40, _sn_amount__phase_41, _sn_amount__phase_42, _sn_amount__phase_43, _sn_amount__phase_44, _sn_amount__phase_45, _sn_amount__phase_46, _sn_amount__phase_47, _sn_amount__phase_48, _sn_amount__phase_49, _sn_amount__phase_50, _sn_amount__phase_51, _sn_amount__phase_52, _sn_amount__phase_53, _sn_amount__phase_54, _sn_amount__phase_55, _sn_amount__phase_56, _sn_amount__phase_57, _sn_amount__phase_58, _sn_amount__phase_59, _sn_amount__phase_60, _sn_amount__phase_61, _sn_amount__phase_62, _sn_amount__phase_63, _sn_amount__phase_64, _sn_amount__phase_65, _sn_amount__phase_66, _sn_amount__phase_67, _sn_amount__phase_68, _sn_amount__phase_69, _sn_amount__phase_70, _sn_amount__phase_71, _sn_amount__phase_72, _sn_amount__phase_73, _sn_amount__phase_74, _sn_amount__phase_75, _sn_amount__phase_76, _sn_amount__phase_77, _sn_amount__phase_78, _sn_amount__phase_79, _sn_amount__phase_80, _sn_amount__phase_81, _sn_amount__phase_82, _sn_amount__phase_83, _sn_amount__phase_84, _sn_amount__phase_85, _sn_amount__phase_86, _sn_amount__phase_87, _sn_amount__phase_88, _sn_amount__phase_89, _sn_amount__phase_90, _sn_amount__phase_91, _sn_amount__phase_92, _sn_amount__phase_93, _sn_amount__phase_94, _sn_amount__phase_95, _sn_amount__phase_96, _sn_amount__phase_97, _sn_amount__phase_98, _sn_amount__phase_99, _sn_amount__rho_0)
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
        ORDER BY MD5('0|' || CAST(CAST(copy_number AS DECIMAL(38, 0)) AS VARCHAR) || '|' || k_1)
      ) AS _sn__place
    FROM (
      SELECT
        _sn__key1,
        _sn_amount,
        _sn_items,
        guess_1,
        fraction_1,
        k_1,
        ROW_NUMBER() OVER (PARTITION BY _sn__key1, k_1 ORDER BY _sn_amount, _sn_items) AS copy_number
      FROM (
        SELECT
          _sn__key1,
          _sn_amount,
          _sn_items,
          guess_1,
          fraction_1,
          CASE
            WHEN _sn_amount IS NULL
            THEN 'n'
            WHEN _sn_amount = 0.0e0
            THEN '0:0'
            WHEN fraction_1 < 1.0e0
            THEN CAST(CAST(SIGN(_sn_amount) * FLOOR(fraction_1 * CAST(2199023255552.0e0 AS DOUBLE)) AS DECIMAL(38, 0)) AS VARCHAR) || ':' || CAST(CAST(guess_1 - CAST(1.0e0 AS DOUBLE) AS DECIMAL(38, 0)) AS VARCHAR)
            ELSE CAST(CAST(SIGN(_sn_amount) * FLOOR(fraction_1 * CAST(1099511627776.0e0 AS DOUBLE)) AS DECIMAL(38, 0)) AS VARCHAR) || ':' || CAST(CAST(guess_1 AS DECIMAL(38, 0)) AS VARCHAR)
          END AS k_1
        FROM (
          SELECT
            _sn__key1,
            _sn_amount,
            _sn_items,
            guess_1,
            (
              ABS(_sn_amount) * POWER(CAST(2.0e0 AS DOUBLE), -FLOOR(guess_1 * CAST(0.5e0 AS DOUBLE)))
            ) * POWER(CAST(2.0e0 AS DOUBLE), FLOOR(guess_1 * CAST(0.5e0 AS DOUBLE)) - guess_1) AS fraction_1
          FROM (
            SELECT
              _sn__key1,
              _sn_amount,
              _sn_items,
              FLOOR(
                (
                  LN(CASE WHEN ABS(_sn_amount) > 0.0e0 THEN ABS(_sn_amount) END) * CAST(1.4426950408889634e0 AS DOUBLE)
                ) + CAST(0.5e0 AS DOUBLE)
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
        NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
    ) AS complete
    GROUP BY
      _sn__key1
  ) AS partitions
) AS counted
  ON drawn._sn__key1 IS NOT DISTINCT FROM counted._sn__key1;

-- step 2 of 2: sql
/* sqlnomaly 0.1.0: ocsvm(amount, items); max_samples = 5000, random_state = 0, nu = 0.5, gamma = 0.0, n_components = 100, scaling = standard, min_rows = 3 */
WITH source AS (
  SELECT
    id,
    store,
    CASE WHEN ABS(amount) <= 1e+150 THEN amount END AS _sn_amount,
    amount AS _sn_amount__raw,
    CAST(items AS DOUBLE) AS _sn_items,
    store AS _sn__key1
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
    _sn_model._sn_amount__amplitude_0,
    _sn_model._sn_amount__amplitude_1,
    _sn_model._sn_amount__amplitude_2,
    _sn_model._sn_amount__amplitude_3,
    _sn_model._sn_amount__amplitude_4,
    _sn_model._sn_amount__amplitude_5,
    _sn_model._sn_amount__amplitude_6,
    _sn_model._sn_amount__amplitude_7,
    _sn_model._sn_amount__amplitude_8,
    _sn_model._sn_amount__amplitude_9,
    _sn_model._sn_amount__amplitude_10,
    _sn_model._sn_amount__amplitude_11,
    _sn_model._sn_amount__amplitude_12,
    _sn_model._sn_amount__amplitude_13,
    _sn_model._sn_amount__amplitude_14,
    _sn_model._sn_amount__amplitude_15,
    _sn_model._sn_amount__amplitude_16,
    _sn_model._sn_amount__amplitude_17,
    _sn_model._sn_amount__amplitude_18,
    _sn_model._sn_amount__amplitude_19,
    _sn_model._sn_amount__amplitude_20,
    _sn_model._sn_amount__amplitude_21,
    _sn_model._sn_amount__amplitude_22,
    _sn_model._sn_amount__amplitude_23,
    _sn_model._sn_amount__amplitude_24,
    _sn_model._sn_amount__amplitude_25,
    _sn_model._sn_amount__amplitude_26,
    _sn_model._sn_amount__amplitude_27,
    _sn_model._sn_amount__amplitude_28,
    _sn_model._sn_amount__amplitude_29,
    _sn_model._sn_amount__amplitude_30,
    _sn_model._sn_amount__amplitude_31,
    _sn_model._sn_amount__amplitude_32,
    _sn_model._sn_amount__amplitude_33,
    _sn_model._sn_amount__amplitude_34,
    _sn_model._sn_amount__amplitude_35,
    _sn_model._sn_amount__amplitude_36,
    _sn_model._sn_amount__amplitude_37,
    _sn_model._sn_amount__amplitude_38,
    _sn_model._sn_amount__amplitude_39,
    _sn_model._sn_amount__amplitude_40,
    _sn_model._sn_amount__amplitude_41,
    _sn_model._sn_amount__amplitude_42,
    _sn_model._sn_amount__amplitude_43,
    _sn_model._sn_amount__amplitude_44,
    _sn_model._sn_amount__amplitude_45,
    _sn_model._sn_amount__amplitude_46,
    _sn_model._sn_amount__amplitude_47,
    _sn_model._sn_amount__amplitude_48,
    _sn_model._sn_amount__amplitude_49,
    _sn_model._sn_amount__amplitude_50,
    _sn_model._sn_amount__amplitude_51,
    _sn_model._sn_amount__amplitude_52,
    _sn_model._sn_amount__amplitude_53,
    _sn_model._sn_amount__amplitude_54,
    _sn_model._sn_amount__amplitude_55,
    _sn_model._sn_amount__amplitude_56,
    _sn_model._sn_amount__amplitude_57,
    _sn_model._sn_amount__amplitude_58,
    _sn_model._sn_amount__amplitude_59,
    _sn_model._sn_amount__amplitude_60,
    _sn_model._sn_amount__amplitude_61,
    _sn_model._sn_amount__amplitude_62,
    _sn_model._sn_amount__amplitude_63,
    _sn_model._sn_amount__amplitude_64,
    _sn_model._sn_amount__amplitude_65,
    _sn_model._sn_amount__amplitude_66,
    _sn_model._sn_amount__amplitude_67,
    _sn_model._sn_amount__amplitude_68,
    _sn_model._sn_amount__amplitude_69,
    _sn_model._sn_amount__amplitude_70,
    _sn_model._sn_amount__amplitude_71,
    _sn_model._sn_amount__amplitude_72,
    _sn_model._sn_amount__amplitude_73,
    _sn_model._sn_amount__amplitude_74,
    _sn_model._sn_amount__amplitude_75,
    _sn_model._sn_amount__amplitude_76,
    _sn_model._sn_amount__amplitude_77,
    _sn_model._sn_amount__amplitude_78,
    _sn_model._sn_amount__amplitude_79,
    _sn_model._sn_amount__amplitude_80,
    _sn_model._sn_amount__amplitude_81,
    _sn_model._sn_amount__amplitude_82,
    _sn_model._sn_amount__amplitude_83,
    _sn_model._sn_amount__amplitude_84,
    _sn_model._sn_amount__amplitude_85,
    _sn_model._sn_amount__amplitude_86,
    _sn_model._sn_amount__amplitude_87,
    _sn_model._sn_amount__amplitude_88,
    _sn_model._sn_amount__amplitude_89,
    _sn_model._sn_amount__amplitude_90,
    _sn_model._sn_amount__amplitude_91,
    _sn_model._sn_amount__amplitude_92,
    _sn_model._sn_amount__amplitude_93,
    _sn_model._sn_amount__amplitude_94,
    _sn_model._sn_amount__amplitude_95,
    _sn_model._sn_amount__amplitude_96,
    _sn_model._sn_amount__amplitude_97,
    _sn_model._sn_amount__amplitude_98,
    _sn_model._sn_amount__amplitude_99,
    _sn_model._sn_amount__phase_0,
    _sn_model._sn_amount__phase_1,
    _sn_model._sn_amount__phase_2,
    _sn_model._sn_amount__phase_3,
    _sn_model._sn_amount__phase_4,
    _sn_model._sn_amount__phase_5,
    _sn_model._sn_amount__phase_6,
    _sn_model._sn_amount__phase_7,
    _sn_model._sn_amount__phase_8,
    _sn_model._sn_amount__phase_9,
    _sn_model._sn_amount__phase_10,
    _sn_model._sn_amount__phase_11,
    _sn_model._sn_amount__phase_12,
    _sn_model._sn_amount__phase_13,
    _sn_model._sn_amount__phase_14,
    _sn_model._sn_amount__phase_15,
    _sn_model._sn_amount__phase_16,
    _sn_model._sn_amount__phase_17,
    _sn_model._sn_amount__phase_18,
    _sn_model._sn_amount__phase_19,
    _sn_model._sn_amount__phase_20,
    _sn_model._sn_amount__phase_21,
    _sn_model._sn_amount__phase_22,
    _sn_model._sn_amount__phase_23,
    _sn_model._sn_amount__phase_24,
    _sn_model._sn_amount__phase_25,
    _sn_model._sn_amount__phase_26,
    _sn_model._sn_amount__phase_27,
    _sn_model._sn_amount__phase_28,
    _sn_model._sn_amount__phase_29,
    _sn_model._sn_amount__phase_30,
    _sn_model._sn_amount__phase_31,
    _sn_model._sn_amount__phase_32,
    _sn_model._sn_amount__phase_33,
    _sn_model._sn_amount__phase_34,
    _sn_model._sn_amount__phase_35,
    _sn_model._sn_amount__phase_36,
    _sn_model._sn_amount__phase_37,
    _sn_model._sn_amount__phase_38,
    _sn_model._sn_amount__phase_39,
    _sn_model._sn_amount__phase_40,
    _sn_model._sn_amount__phase_41,
    _sn_model._sn_amount__phase_42,
    _sn_model._sn_amount__phase_43,
    _sn_model._sn_amount__phase_44,
    _sn_model._sn_amount__phase_45,
    _sn_model._sn_amount__phase_46,
    _sn_model._sn_amount__phase_47,
    _sn_model._sn_amount__phase_48,
    _sn_model._sn_amount__phase_49,
    _sn_model._sn_amount__phase_50,
    _sn_model._sn_amount__phase_51,
    _sn_model._sn_amount__phase_52,
    _sn_model._sn_amount__phase_53,
    _sn_model._sn_amount__phase_54,
    _sn_model._sn_amount__phase_55,
    _sn_model._sn_amount__phase_56,
    _sn_model._sn_amount__phase_57,
    _sn_model._sn_amount__phase_58,
    _sn_model._sn_amount__phase_59,
    _sn_model._sn_amount__phase_60,
    _sn_model._sn_amount__phase_61,
    _sn_model._sn_amount__phase_62,
    _sn_model._sn_amount__phase_63,
    _sn_model._sn_amount__phase_64,
    _sn_model._sn_amount__phase_65,
    _sn_model._sn_amount__phase_66,
    _sn_model._sn_amount__phase_67,
    _sn_model._sn_amount__phase_68,
    _sn_model._sn_amount__phase_69,
    _sn_model._sn_amount__phase_70,
    _sn_model._sn_amount__phase_71,
    _sn_model._sn_amount__phase_72,
    _sn_model._sn_amount__phase_73,
    _sn_model._sn_amount__phase_74,
    _sn_model._sn_amount__phase_75,
    _sn_model._sn_amount__phase_76,
    _sn_model._sn_amount__phase_77,
    _sn_model._sn_amount__phase_78,
    _sn_model._sn_amount__phase_79,
    _sn_model._sn_amount__phase_80,
    _sn_model._sn_amount__phase_81,
    _sn_model._sn_amount__phase_82,
    _sn_model._sn_amount__phase_83,
    _sn_model._sn_amount__phase_84,
    _sn_model._sn_amount__phase_85,
    _sn_model._sn_amount__phase_86,
    _sn_model._sn_amount__phase_87,
    _sn_model._sn_amount__phase_88,
    _sn_model._sn_amount__phase_89,
    _sn_model._sn_amount__phase_90,
    _sn_model._sn_amount__phase_91,
    _sn_model._sn_amount__phase_92,
    _sn_model._sn_amount__phase_93,
    _sn_model._sn_amount__phase_94,
    _sn_model._sn_amount__phase_95,
    _sn_model._sn_amount__phase_96,
    _sn_model._sn_amount__phase_97,
    _sn_model._sn_amount__phase_98,
    _sn_model._sn_amount__phase_99,
    _sn_model._sn_amount__rho_0,
    CASE
      WHEN _sn_model._sn_amount__unit > 0.0e0
      THEN (
        source._sn_amount - _sn_model._sn_amount__centre
      ) / NULLIF(_sn_model._sn_amount__unit, 0.0e0)
      WHEN NOT source._sn_amount IS NULL
      THEN CAST(0.0e0 AS DOUBLE)
    END AS _sn_amount__z,
    CASE
      WHEN _sn_model._sn_items__unit > 0.0e0
      THEN (
        source._sn_items - _sn_model._sn_items__centre
      ) / NULLIF(_sn_model._sn_items__unit, 0.0e0)
      WHEN NOT source._sn_items IS NULL
      THEN CAST(0.0e0 AS DOUBLE)
    END AS _sn_items__z
  FROM source
  LEFT JOIN _sn_model
    ON source._sn__key1 IS NOT DISTINCT FROM _sn_model._sn__key1
), angles AS (
  SELECT
    *,
    (
      CAST(0.6043777850667448e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.017570676519781236e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_0 AS _sn_amount__angle_0,
    (
      (
        -CAST(0.0628331463724955e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(2.1612689636981717e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_1 AS _sn_amount__angle_1,
    (
      (
        -CAST(1.6873586425126417e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.4598454855907342e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_2 AS _sn_amount__angle_2,
    (
      CAST(0.10083265298809892e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.36999569159274837e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_3 AS _sn_amount__angle_3,
    (
      CAST(0.07133844783158363e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.12205245756617113e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_4 AS _sn_amount__angle_4,
    (
      CAST(0.5198878525013999e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.3038692803365947e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_5 AS _sn_amount__angle_5,
    (
      (
        -CAST(1.0114645123406962e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.2066343873885098e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_6 AS _sn_amount__angle_6,
    (
      CAST(0.3617465255748122e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(1.7707303111825357e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_7 AS _sn_amount__angle_7,
    (
      (
        -CAST(0.1876203122188411e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.936954995043241e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_8 AS _sn_amount__angle_8,
    (
      CAST(2.5180475811431653e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.5042257908387312e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_9 AS _sn_amount__angle_9,
    (
      (
        -CAST(0.39226082138170854e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.7670044037885189e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_10 AS _sn_amount__angle_10,
    (
      (
        -CAST(1.121663393636359e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.24900028724221107e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_11 AS _sn_amount__angle_11,
    (
      CAST(1.9892091875227107e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.8485908686678432e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_12 AS _sn_amount__angle_12,
    (
      CAST(1.3397105494008479e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(3.140458649611501e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_13 AS _sn_amount__angle_13,
    (
      (
        -CAST(0.678500008634488e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(2.1966567398961785e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_14 AS _sn_amount__angle_14,
    (
      (
        -CAST(0.8322865290865993e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.2570754032322388e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_15 AS _sn_amount__angle_15,
    (
      CAST(0.4315624951894187e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.7167461054784742e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_16 AS _sn_amount__angle_16,
    (
      (
        -CAST(1.0436841799597134e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.6284163184848495e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_17 AS _sn_amount__angle_17,
    (
      (
        -CAST(0.2815306494516494e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.22670018949847986e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_18 AS _sn_amount__angle_18,
    (
      (
        -CAST(0.10284098299955756e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.12771444434238383e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_19 AS _sn_amount__angle_19,
    (
      (
        -CAST(0.339994539908961e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.020241969953915e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_20 AS _sn_amount__angle_20,
    (
      CAST(0.7665387831578466e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.25544822559485497e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_21 AS _sn_amount__angle_21,
    (
      (
        -CAST(0.9814198560100925e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(1.5951835432234729e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_22 AS _sn_amount__angle_22,
    (
      (
        -CAST(1.3138746115608277e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.8083475018101416e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_23 AS _sn_amount__angle_23,
    (
      (
        -CAST(0.13350745700141164e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(1.092895002973114e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_24 AS _sn_amount__angle_24,
    (
      (
        -CAST(0.44783519325091037e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.054707302754623106e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_25 AS _sn_amount__angle_25,
    (
      CAST(0.5766125250650844e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.266452624916306e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_26 AS _sn_amount__angle_26,
    (
      (
        -CAST(0.3499678669139358e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.7573423436765578e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_27 AS _sn_amount__angle_27,
    (
      CAST(2.1183392626688464e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(1.8283464017929936e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_28 AS _sn_amount__angle_28,
    (
      CAST(0.7595346179468172e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.8800039210157784e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_29 AS _sn_amount__angle_29,
    (
      CAST(0.6620343522337927e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.7786043750908682e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_30 AS _sn_amount__angle_30,
    (
      (
        -CAST(0.8199483984881798e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.6971884877925398e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_31 AS _sn_amount__angle_31,
    (
      CAST(0.707605189243359e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.012665783160632065e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_32 AS _sn_amount__angle_32,
    (
      (
        -CAST(0.010873504094119888e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.6074751023823924e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_33 AS _sn_amount__angle_33,
    (
      CAST(0.32801734138547056e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.030643521123569897e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_34 AS _sn_amount__angle_34,
    (
      CAST(0.02767459224384976e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.2962370458391052e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_35 AS _sn_amount__angle_35,
    (
      CAST(1.0106983471719844e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.020220851863036987e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_36 AS _sn_amount__angle_36,
    (
      CAST(0.03410893256194374e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(1.704865947174768e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_37 AS _sn_amount__angle_37,
    (
      (
        -CAST(3.0035397985522354e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.14162809944927918e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_38 AS _sn_amount__angle_38,
    (
      CAST(0.048456577883061805e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(1.0276298329170503e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_39 AS _sn_amount__angle_39,
    (
      (
        -CAST(1.019734170255404e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.24226313955195836e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_40 AS _sn_amount__angle_40,
    (
      (
        -CAST(0.0449084111508034e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.18902851447828867e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_41 AS _sn_amount__angle_41,
    (
      (
        -CAST(0.33479186984770004e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.7573467245772179e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_42 AS _sn_amount__angle_42,
    (
      CAST(0.2472831581412951e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.10931372409669368e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_43 AS _sn_amount__angle_43,
    (
      (
        -CAST(1.20160548983611e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.4672001232326009e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_44 AS _sn_amount__angle_44,
    (
      (
        -CAST(0.285129102188761e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.23351463040174555e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_45 AS _sn_amount__angle_45,
    (
      (
        -CAST(0.40123849281070456e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.4063360113462007e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_46 AS _sn_amount__angle_46,
    (
      CAST(0.7657111332579689e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.7561052243903629e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_47 AS _sn_amount__angle_47,
    (
      CAST(1.0157652158356658e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(1.3431234014993076e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_48 AS _sn_amount__angle_48,
    (
      CAST(1.034731085243641e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.78253706469645e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_49 AS _sn_amount__angle_49,
    (
      CAST(0.9314318952132872e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.33535145750999046e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_50 AS _sn_amount__angle_50,
    (
      (
        -CAST(0.20017176377923818e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.5559730280865942e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_51 AS _sn_amount__angle_51,
    (
      CAST(1.6849600735281294e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.302808448744696e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_52 AS _sn_amount__angle_52,
    (
      (
        -CAST(0.2707591844774676e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(1.5066237988961044e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_53 AS _sn_amount__angle_53,
    (
      CAST(0.2959664434119588e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(1.8355130872169783e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_54 AS _sn_amount__angle_54,
    (
      CAST(0.7830629016444737e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.1262646088342307e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_55 AS _sn_amount__angle_55,
    (
      (
        -CAST(0.3274387674626435e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.4075901043236574e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_56 AS _sn_amount__angle_56,
    (
      CAST(0.7806701427232287e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.18160234896721275e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_57 AS _sn_amount__angle_57,
    (
      CAST(1.288303972536923e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.010551630490367704e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_58 AS _sn_amount__angle_58,
    (
      (
        -CAST(0.013000459283012593e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.58729433848152e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_59 AS _sn_amount__angle_59,
    (
      CAST(0.49347048588995573e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(1.4554342626322818e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_60 AS _sn_amount__angle_60,
    (
      CAST(0.8237972953047715e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.2793115855701035e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_61 AS _sn_amount__angle_61,
    (
      CAST(0.4306166957181255e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.4590278941481954e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_62 AS _sn_amount__angle_62,
    (
      CAST(1.2719284036166247e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(1.193203318007062e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_63 AS _sn_amount__angle_63,
    (
      CAST(0.9552475927562601e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(1.4964607911641066e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_64 AS _sn_amount__angle_64,
    (
      CAST(1.6497358363483137e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(1.0530888584989615e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_65 AS _sn_amount__angle_65,
    (
      CAST(0.6608861438218867e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(1.2336878345829543e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_66 AS _sn_amount__angle_66,
    (
      CAST(0.3309827716604779e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.1773073556392153e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_67 AS _sn_amount__angle_67,
    (
      CAST(3.063684710004995e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.3268487929706054e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_68 AS _sn_amount__angle_68,
    (
      (
        -CAST(0.10199795054323474e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.956067662637069e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_69 AS _sn_amount__angle_69,
    (
      CAST(0.11041156951766838e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.1376916242555943e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_70 AS _sn_amount__angle_70,
    (
      CAST(0.18339337014511092e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.1470586896358274e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_71 AS _sn_amount__angle_71,
    (
      CAST(0.25238768537538037e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.4378567486832539e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_72 AS _sn_amount__angle_72,
    (
      CAST(1.821324386962498e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(1.0498407246789545e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_73 AS _sn_amount__angle_73,
    (
      (
        -CAST(1.262145337897023e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.0646647278113264e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_74 AS _sn_amount__angle_74,
    (
      CAST(1.6582838548903065e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(1.9658726185682485e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_75 AS _sn_amount__angle_75,
    (
      (
        -CAST(0.14032875017040558e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.6404192140163782e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_76 AS _sn_amount__angle_76,
    (
      CAST(0.8969146180988342e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.19653205995808398e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_77 AS _sn_amount__angle_77,
    (
      CAST(0.983368553067481e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(1.4545673073785088e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_78 AS _sn_amount__angle_78,
    (
      (
        -CAST(0.6144511625227095e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.41540322510724126e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_79 AS _sn_amount__angle_79,
    (
      CAST(0.7189198751663963e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.5760621378390508e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_80 AS _sn_amount__angle_80,
    (
      (
        -CAST(0.3332320113110153e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.41587026856484066e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_81 AS _sn_amount__angle_81,
    (
      (
        -CAST(0.19083243201370953e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.11757513951640501e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_82 AS _sn_amount__angle_82,
    (
      (
        -CAST(0.3495842813377436e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.5673990171377877e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_83 AS _sn_amount__angle_83,
    (
      (
        -CAST(0.1359113897417063e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.0920784753419849e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_84 AS _sn_amount__angle_84,
    (
      (
        -CAST(1.1247862385444471e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.6602279770071051e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_85 AS _sn_amount__angle_85,
    (
      CAST(0.08582696342271806e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.835667210823281e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_86 AS _sn_amount__angle_86,
    (
      (
        -CAST(2.4162035366886014e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.2481554976423123e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_87 AS _sn_amount__angle_87,
    (
      CAST(0.2404334536729638e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(1.4630424214215256e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_88 AS _sn_amount__angle_88,
    (
      CAST(1.1038019617997497e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.18139659791179977e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_89 AS _sn_amount__angle_89,
    (
      (
        -CAST(1.3959682444732882e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.6844276441456592e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_90 AS _sn_amount__angle_90,
    (
      CAST(0.8680222516012887e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.7193728403490974e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_91 AS _sn_amount__angle_91,
    (
      (
        -CAST(1.7300605004885898e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.8307353525279091e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_92 AS _sn_amount__angle_92,
    (
      CAST(0.3804528775365074e0 AS DOUBLE) * _sn_amount__z
    ) + (
      (
        -CAST(0.7923179069245416e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_93 AS _sn_amount__angle_93,
    (
      (
        -CAST(0.9858097769501557e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.9441375254370696e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_94 AS _sn_amount__angle_94,
    (
      (
        -CAST(1.6509067684222507e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(0.8371218660459534e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_95 AS _sn_amount__angle_95,
    (
      (
        -CAST(2.049697997968039e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(0.38055089806357856e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_96 AS _sn_amount__angle_96,
    (
      (
        -CAST(0.2649571757826119e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      (
        -CAST(1.4270947605493571e0 AS DOUBLE)
      ) * _sn_items__z
    ) + _sn_amount__phase_97 AS _sn_amount__angle_97,
    (
      CAST(0.39714396414643294e0 AS DOUBLE) * _sn_amount__z
    ) + (
      CAST(0.5853566156522974e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_98 AS _sn_amount__angle_98,
    (
      (
        -CAST(1.5994954397340868e0 AS DOUBLE)
      ) * _sn_amount__z
    ) + (
      CAST(1.0852016404773408e0 AS DOUBLE) * _sn_items__z
    ) + _sn_amount__phase_99 AS _sn_amount__angle_99
  FROM scaled
), scored AS (
  SELECT
    *,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__varies = 1 AND NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN CASE
          WHEN ABS(_sn_amount__z) <= 1000000.0e0 AND ABS(_sn_items__z) <= 1000000.0e0
          THEN _sn_amount__rho_0 - (
            (
              _sn_amount__amplitude_0 * COS(_sn_amount__angle_0)
            ) + (
              _sn_amount__amplitude_1 * COS(_sn_amount__angle_1)
            ) + (
              _sn_amount__amplitude_2 * COS(_sn_amount__angle_2)
            ) + (
              _sn_amount__amplitude_3 * COS(_sn_amount__angle_3)
            ) + (
              _sn_amount__amplitude_4 * COS(_sn_amount__angle_4)
            ) + (
              _sn_amount__amplitude_5 * COS(_sn_amount__angle_5)
            ) + (
              _sn_amount__amplitude_6 * COS(_sn_amount__angle_6)
            ) + (
              _sn_amount__amplitude_7 * COS(_sn_amount__angle_7)
            ) + (
              _sn_amount__amplitude_8 * COS(_sn_amount__angle_8)
            ) + (
              _sn_amount__amplitude_9 * COS(_sn_amount__angle_9)
            ) + (
              _sn_amount__amplitude_10 * COS(_sn_amount__angle_10)
            ) + (
              _sn_amount__amplitude_11 * COS(_sn_amount__angle_11)
            ) + (
              _sn_amount__amplitude_12 * COS(_sn_amount__angle_12)
            ) + (
              _sn_amount__amplitude_13 * COS(_sn_amount__angle_13)
            ) + (
              _sn_amount__amplitude_14 * COS(_sn_amount__angle_14)
            ) + (
              _sn_amount__amplitude_15 * COS(_sn_amount__angle_15)
            ) + (
              _sn_amount__amplitude_16 * COS(_sn_amount__angle_16)
            ) + (
              _sn_amount__amplitude_17 * COS(_sn_amount__angle_17)
            ) + (
              _sn_amount__amplitude_18 * COS(_sn_amount__angle_18)
            ) + (
              _sn_amount__amplitude_19 * COS(_sn_amount__angle_19)
            ) + (
              _sn_amount__amplitude_20 * COS(_sn_amount__angle_20)
            ) + (
              _sn_amount__amplitude_21 * COS(_sn_amount__angle_21)
            ) + (
              _sn_amount__amplitude_22 * COS(_sn_amount__angle_22)
            ) + (
              _sn_amount__amplitude_23 * COS(_sn_amount__angle_23)
            ) + (
              _sn_amount__amplitude_24 * COS(_sn_amount__angle_24)
            ) + (
              _sn_amount__amplitude_25 * COS(_sn_amount__angle_25)
            ) + (
              _sn_amount__amplitude_26 * COS(_sn_amount__angle_26)
            ) + (
              _sn_amount__amplitude_27 * COS(_sn_amount__angle_27)
            ) + (
              _sn_amount__amplitude_28 * COS(_sn_amount__angle_28)
            ) + (
              _sn_amount__amplitude_29 * COS(_sn_amount__angle_29)
            ) + (
              _sn_amount__amplitude_30 * COS(_sn_amount__angle_30)
            ) + (
              _sn_amount__amplitude_31 * COS(_sn_amount__angle_31)
            ) + (
              _sn_amount__amplitude_32 * COS(_sn_amount__angle_32)
            ) + (
              _sn_amount__amplitude_33 * COS(_sn_amount__angle_33)
            ) + (
              _sn_amount__amplitude_34 * COS(_sn_amount__angle_34)
            ) + (
              _sn_amount__amplitude_35 * COS(_sn_amount__angle_35)
            ) + (
              _sn_amount__amplitude_36 * COS(_sn_amount__angle_36)
            ) + (
              _sn_amount__amplitude_37 * COS(_sn_amount__angle_37)
            ) + (
              _sn_amount__amplitude_38 * COS(_sn_amount__angle_38)
            ) + (
              _sn_amount__amplitude_39 * COS(_sn_amount__angle_39)
            ) + (
              _sn_amount__amplitude_40 * COS(_sn_amount__angle_40)
            ) + (
              _sn_amount__amplitude_41 * COS(_sn_amount__angle_41)
            ) + (
              _sn_amount__amplitude_42 * COS(_sn_amount__angle_42)
            ) + (
              _sn_amount__amplitude_43 * COS(_sn_amount__angle_43)
            ) + (
              _sn_amount__amplitude_44 * COS(_sn_amount__angle_44)
            ) + (
              _sn_amount__amplitude_45 * COS(_sn_amount__angle_45)
            ) + (
              _sn_amount__amplitude_46 * COS(_sn_amount__angle_46)
            ) + (
              _sn_amount__amplitude_47 * COS(_sn_amount__angle_47)
            ) + (
              _sn_amount__amplitude_48 * COS(_sn_amount__angle_48)
            ) + (
              _sn_amount__amplitude_49 * COS(_sn_amount__angle_49)
            ) + (
              _sn_amount__amplitude_50 * COS(_sn_amount__angle_50)
            ) + (
              _sn_amount__amplitude_51 * COS(_sn_amount__angle_51)
            ) + (
              _sn_amount__amplitude_52 * COS(_sn_amount__angle_52)
            ) + (
              _sn_amount__amplitude_53 * COS(_sn_amount__angle_53)
            ) + (
              _sn_amount__amplitude_54 * COS(_sn_amount__angle_54)
            ) + (
              _sn_amount__amplitude_55 * COS(_sn_amount__angle_55)
            ) + (
              _sn_amount__amplitude_56 * COS(_sn_amount__angle_56)
            ) + (
              _sn_amount__amplitude_57 * COS(_sn_amount__angle_57)
            ) + (
              _sn_amount__amplitude_58 * COS(_sn_amount__angle_58)
            ) + (
              _sn_amount__amplitude_59 * COS(_sn_amount__angle_59)
            ) + (
              _sn_amount__amplitude_60 * COS(_sn_amount__angle_60)
            ) + (
              _sn_amount__amplitude_61 * COS(_sn_amount__angle_61)
            ) + (
              _sn_amount__amplitude_62 * COS(_sn_amount__angle_62)
            ) + (
              _sn_amount__amplitude_63 * COS(_sn_amount__angle_63)
            ) + (
              _sn_amount__amplitude_64 * COS(_sn_amount__angle_64)
            ) + (
              _sn_amount__amplitude_65 * COS(_sn_amount__angle_65)
            ) + (
              _sn_amount__amplitude_66 * COS(_sn_amount__angle_66)
            ) + (
              _sn_amount__amplitude_67 * COS(_sn_amount__angle_67)
            ) + (
              _sn_amount__amplitude_68 * COS(_sn_amount__angle_68)
            ) + (
              _sn_amount__amplitude_69 * COS(_sn_amount__angle_69)
            ) + (
              _sn_amount__amplitude_70 * COS(_sn_amount__angle_70)
            ) + (
              _sn_amount__amplitude_71 * COS(_sn_amount__angle_71)
            ) + (
              _sn_amount__amplitude_72 * COS(_sn_amount__angle_72)
            ) + (
              _sn_amount__amplitude_73 * COS(_sn_amount__angle_73)
            ) + (
              _sn_amount__amplitude_74 * COS(_sn_amount__angle_74)
            ) + (
              _sn_amount__amplitude_75 * COS(_sn_amount__angle_75)
            ) + (
              _sn_amount__amplitude_76 * COS(_sn_amount__angle_76)
            ) + (
              _sn_amount__amplitude_77 * COS(_sn_amount__angle_77)
            ) + (
              _sn_amount__amplitude_78 * COS(_sn_amount__angle_78)
            ) + (
              _sn_amount__amplitude_79 * COS(_sn_amount__angle_79)
            ) + (
              _sn_amount__amplitude_80 * COS(_sn_amount__angle_80)
            ) + (
              _sn_amount__amplitude_81 * COS(_sn_amount__angle_81)
            ) + (
              _sn_amount__amplitude_82 * COS(_sn_amount__angle_82)
            ) + (
              _sn_amount__amplitude_83 * COS(_sn_amount__angle_83)
            ) + (
              _sn_amount__amplitude_84 * COS(_sn_amount__angle_84)
            ) + (
              _sn_amount__amplitude_85 * COS(_sn_amount__angle_85)
            ) + (
              _sn_amount__amplitude_86 * COS(_sn_amount__angle_86)
            ) + (
              _sn_amount__amplitude_87 * COS(_sn_amount__angle_87)
            ) + (
              _sn_amount__amplitude_88 * COS(_sn_amount__angle_88)
            ) + (
              _sn_amount__amplitude_89 * COS(_sn_amount__angle_89)
            ) + (
              _sn_amount__amplitude_90 * COS(_sn_amount__angle_90)
            ) + (
              _sn_amount__amplitude_91 * COS(_sn_amount__angle_91)
            ) + (
              _sn_amount__amplitude_92 * COS(_sn_amount__angle_92)
            ) + (
              _sn_amount__amplitude_93 * COS(_sn_amount__angle_93)
            ) + (
              _sn_amount__amplitude_94 * COS(_sn_amount__angle_94)
            ) + (
              _sn_amount__amplitude_95 * COS(_sn_amount__angle_95)
            ) + (
              _sn_amount__amplitude_96 * COS(_sn_amount__angle_96)
            ) + (
              _sn_amount__amplitude_97 * COS(_sn_amount__angle_97)
            ) + (
              _sn_amount__amplitude_98 * COS(_sn_amount__angle_98)
            ) + (
              _sn_amount__amplitude_99 * COS(_sn_amount__angle_99)
            )
          )
          ELSE _sn_amount__rho_0
        END
        WHEN NOT (
          _sn_amount__varies = 1
        )
        AND _sn_amount = _sn_amount__centre
        AND _sn_items = _sn_items__centre
        THEN CAST(0.0e0 AS DOUBLE)
      END
    END AS _sn__score,
    CASE
      WHEN _sn_amount__n >= 3
      THEN CASE
        WHEN _sn_amount__varies = 1 AND NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN CASE
          WHEN ABS(_sn_amount__z) <= 1000000.0e0 AND ABS(_sn_items__z) <= 1000000.0e0
          THEN (
            _sn_amount__amplitude_0 * (
              COS(_sn_amount__angle_0 - (
                CAST(0.6043777850667448e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_0)
            )
          ) + (
            _sn_amount__amplitude_1 * (
              COS(
                _sn_amount__angle_1 - (
                  (
                    -CAST(0.0628331463724955e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_1)
            )
          ) + (
            _sn_amount__amplitude_2 * (
              COS(
                _sn_amount__angle_2 - (
                  (
                    -CAST(1.6873586425126417e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_2)
            )
          ) + (
            _sn_amount__amplitude_3 * (
              COS(
                _sn_amount__angle_3 - (
                  CAST(0.10083265298809892e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_3)
            )
          ) + (
            _sn_amount__amplitude_4 * (
              COS(
                _sn_amount__angle_4 - (
                  CAST(0.07133844783158363e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_4)
            )
          ) + (
            _sn_amount__amplitude_5 * (
              COS(_sn_amount__angle_5 - (
                CAST(0.5198878525013999e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_5)
            )
          ) + (
            _sn_amount__amplitude_6 * (
              COS(
                _sn_amount__angle_6 - (
                  (
                    -CAST(1.0114645123406962e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_6)
            )
          ) + (
            _sn_amount__amplitude_7 * (
              COS(_sn_amount__angle_7 - (
                CAST(0.3617465255748122e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_7)
            )
          ) + (
            _sn_amount__amplitude_8 * (
              COS(
                _sn_amount__angle_8 - (
                  (
                    -CAST(0.1876203122188411e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_8)
            )
          ) + (
            _sn_amount__amplitude_9 * (
              COS(_sn_amount__angle_9 - (
                CAST(2.5180475811431653e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_9)
            )
          ) + (
            _sn_amount__amplitude_10 * (
              COS(
                _sn_amount__angle_10 - (
                  (
                    -CAST(0.39226082138170854e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_10)
            )
          ) + (
            _sn_amount__amplitude_11 * (
              COS(
                _sn_amount__angle_11 - (
                  (
                    -CAST(1.121663393636359e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_11)
            )
          ) + (
            _sn_amount__amplitude_12 * (
              COS(
                _sn_amount__angle_12 - (
                  CAST(1.9892091875227107e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_12)
            )
          ) + (
            _sn_amount__amplitude_13 * (
              COS(
                _sn_amount__angle_13 - (
                  CAST(1.3397105494008479e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_13)
            )
          ) + (
            _sn_amount__amplitude_14 * (
              COS(
                _sn_amount__angle_14 - (
                  (
                    -CAST(0.678500008634488e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_14)
            )
          ) + (
            _sn_amount__amplitude_15 * (
              COS(
                _sn_amount__angle_15 - (
                  (
                    -CAST(0.8322865290865993e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_15)
            )
          ) + (
            _sn_amount__amplitude_16 * (
              COS(
                _sn_amount__angle_16 - (
                  CAST(0.4315624951894187e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_16)
            )
          ) + (
            _sn_amount__amplitude_17 * (
              COS(
                _sn_amount__angle_17 - (
                  (
                    -CAST(1.0436841799597134e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_17)
            )
          ) + (
            _sn_amount__amplitude_18 * (
              COS(
                _sn_amount__angle_18 - (
                  (
                    -CAST(0.2815306494516494e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_18)
            )
          ) + (
            _sn_amount__amplitude_19 * (
              COS(
                _sn_amount__angle_19 - (
                  (
                    -CAST(0.10284098299955756e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_19)
            )
          ) + (
            _sn_amount__amplitude_20 * (
              COS(
                _sn_amount__angle_20 - (
                  (
                    -CAST(0.339994539908961e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_20)
            )
          ) + (
            _sn_amount__amplitude_21 * (
              COS(
                _sn_amount__angle_21 - (
                  CAST(0.7665387831578466e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_21)
            )
          ) + (
            _sn_amount__amplitude_22 * (
              COS(
                _sn_amount__angle_22 - (
                  (
                    -CAST(0.9814198560100925e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_22)
            )
          ) + (
            _sn_amount__amplitude_23 * (
              COS(
                _sn_amount__angle_23 - (
                  (
                    -CAST(1.3138746115608277e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_23)
            )
          ) + (
            _sn_amount__amplitude_24 * (
              COS(
                _sn_amount__angle_24 - (
                  (
                    -CAST(0.13350745700141164e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_24)
            )
          ) + (
            _sn_amount__amplitude_25 * (
              COS(
                _sn_amount__angle_25 - (
                  (
                    -CAST(0.44783519325091037e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_25)
            )
          ) + (
            _sn_amount__amplitude_26 * (
              COS(
                _sn_amount__angle_26 - (
                  CAST(0.5766125250650844e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_26)
            )
          ) + (
            _sn_amount__amplitude_27 * (
              COS(
                _sn_amount__angle_27 - (
                  (
                    -CAST(0.3499678669139358e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_27)
            )
          ) + (
            _sn_amount__amplitude_28 * (
              COS(
                _sn_amount__angle_28 - (
                  CAST(2.1183392626688464e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_28)
            )
          ) + (
            _sn_amount__amplitude_29 * (
              COS(
                _sn_amount__angle_29 - (
                  CAST(0.7595346179468172e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_29)
            )
          ) + (
            _sn_amount__amplitude_30 * (
              COS(
                _sn_amount__angle_30 - (
                  CAST(0.6620343522337927e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_30)
            )
          ) + (
            _sn_amount__amplitude_31 * (
              COS(
                _sn_amount__angle_31 - (
                  (
                    -CAST(0.8199483984881798e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_31)
            )
          ) + (
            _sn_amount__amplitude_32 * (
              COS(_sn_amount__angle_32 - (
                CAST(0.707605189243359e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_32)
            )
          ) + (
            _sn_amount__amplitude_33 * (
              COS(
                _sn_amount__angle_33 - (
                  (
                    -CAST(0.010873504094119888e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_33)
            )
          ) + (
            _sn_amount__amplitude_34 * (
              COS(
                _sn_amount__angle_34 - (
                  CAST(0.32801734138547056e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_34)
            )
          ) + (
            _sn_amount__amplitude_35 * (
              COS(
                _sn_amount__angle_35 - (
                  CAST(0.02767459224384976e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_35)
            )
          ) + (
            _sn_amount__amplitude_36 * (
              COS(
                _sn_amount__angle_36 - (
                  CAST(1.0106983471719844e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_36)
            )
          ) + (
            _sn_amount__amplitude_37 * (
              COS(
                _sn_amount__angle_37 - (
                  CAST(0.03410893256194374e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_37)
            )
          ) + (
            _sn_amount__amplitude_38 * (
              COS(
                _sn_amount__angle_38 - (
                  (
                    -CAST(3.0035397985522354e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_38)
            )
          ) + (
            _sn_amount__amplitude_39 * (
              COS(
                _sn_amount__angle_39 - (
                  CAST(0.048456577883061805e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_39)
            )
          ) + (
            _sn_amount__amplitude_40 * (
              COS(
                _sn_amount__angle_40 - (
                  (
                    -CAST(1.019734170255404e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_40)
            )
          ) + (
            _sn_amount__amplitude_41 * (
              COS(
                _sn_amount__angle_41 - (
                  (
                    -CAST(0.0449084111508034e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_41)
            )
          ) + (
            _sn_amount__amplitude_42 * (
              COS(
                _sn_amount__angle_42 - (
                  (
                    -CAST(0.33479186984770004e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_42)
            )
          ) + (
            _sn_amount__amplitude_43 * (
              COS(
                _sn_amount__angle_43 - (
                  CAST(0.2472831581412951e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_43)
            )
          ) + (
            _sn_amount__amplitude_44 * (
              COS(
                _sn_amount__angle_44 - (
                  (
                    -CAST(1.20160548983611e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_44)
            )
          ) + (
            _sn_amount__amplitude_45 * (
              COS(
                _sn_amount__angle_45 - (
                  (
                    -CAST(0.285129102188761e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_45)
            )
          ) + (
            _sn_amount__amplitude_46 * (
              COS(
                _sn_amount__angle_46 - (
                  (
                    -CAST(0.40123849281070456e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_46)
            )
          ) + (
            _sn_amount__amplitude_47 * (
              COS(
                _sn_amount__angle_47 - (
                  CAST(0.7657111332579689e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_47)
            )
          ) + (
            _sn_amount__amplitude_48 * (
              COS(
                _sn_amount__angle_48 - (
                  CAST(1.0157652158356658e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_48)
            )
          ) + (
            _sn_amount__amplitude_49 * (
              COS(_sn_amount__angle_49 - (
                CAST(1.034731085243641e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_49)
            )
          ) + (
            _sn_amount__amplitude_50 * (
              COS(
                _sn_amount__angle_50 - (
                  CAST(0.9314318952132872e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_50)
            )
          ) + (
            _sn_amount__amplitude_51 * (
              COS(
                _sn_amount__angle_51 - (
                  (
                    -CAST(0.20017176377923818e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_51)
            )
          ) + (
            _sn_amount__amplitude_52 * (
              COS(
                _sn_amount__angle_52 - (
                  CAST(1.6849600735281294e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_52)
            )
          ) + (
            _sn_amount__amplitude_53 * (
              COS(
                _sn_amount__angle_53 - (
                  (
                    -CAST(0.2707591844774676e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_53)
            )
          ) + (
            _sn_amount__amplitude_54 * (
              COS(
                _sn_amount__angle_54 - (
                  CAST(0.2959664434119588e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_54)
            )
          ) + (
            _sn_amount__amplitude_55 * (
              COS(
                _sn_amount__angle_55 - (
                  CAST(0.7830629016444737e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_55)
            )
          ) + (
            _sn_amount__amplitude_56 * (
              COS(
                _sn_amount__angle_56 - (
                  (
                    -CAST(0.3274387674626435e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_56)
            )
          ) + (
            _sn_amount__amplitude_57 * (
              COS(
                _sn_amount__angle_57 - (
                  CAST(0.7806701427232287e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_57)
            )
          ) + (
            _sn_amount__amplitude_58 * (
              COS(_sn_amount__angle_58 - (
                CAST(1.288303972536923e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_58)
            )
          ) + (
            _sn_amount__amplitude_59 * (
              COS(
                _sn_amount__angle_59 - (
                  (
                    -CAST(0.013000459283012593e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_59)
            )
          ) + (
            _sn_amount__amplitude_60 * (
              COS(
                _sn_amount__angle_60 - (
                  CAST(0.49347048588995573e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_60)
            )
          ) + (
            _sn_amount__amplitude_61 * (
              COS(
                _sn_amount__angle_61 - (
                  CAST(0.8237972953047715e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_61)
            )
          ) + (
            _sn_amount__amplitude_62 * (
              COS(
                _sn_amount__angle_62 - (
                  CAST(0.4306166957181255e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_62)
            )
          ) + (
            _sn_amount__amplitude_63 * (
              COS(
                _sn_amount__angle_63 - (
                  CAST(1.2719284036166247e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_63)
            )
          ) + (
            _sn_amount__amplitude_64 * (
              COS(
                _sn_amount__angle_64 - (
                  CAST(0.9552475927562601e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_64)
            )
          ) + (
            _sn_amount__amplitude_65 * (
              COS(
                _sn_amount__angle_65 - (
                  CAST(1.6497358363483137e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_65)
            )
          ) + (
            _sn_amount__amplitude_66 * (
              COS(
                _sn_amount__angle_66 - (
                  CAST(0.6608861438218867e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_66)
            )
          ) + (
            _sn_amount__amplitude_67 * (
              COS(
                _sn_amount__angle_67 - (
                  CAST(0.3309827716604779e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_67)
            )
          ) + (
            _sn_amount__amplitude_68 * (
              COS(_sn_amount__angle_68 - (
                CAST(3.063684710004995e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_68)
            )
          ) + (
            _sn_amount__amplitude_69 * (
              COS(
                _sn_amount__angle_69 - (
                  (
                    -CAST(0.10199795054323474e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_69)
            )
          ) + (
            _sn_amount__amplitude_70 * (
              COS(
                _sn_amount__angle_70 - (
                  CAST(0.11041156951766838e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_70)
            )
          ) + (
            _sn_amount__amplitude_71 * (
              COS(
                _sn_amount__angle_71 - (
                  CAST(0.18339337014511092e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_71)
            )
          ) + (
            _sn_amount__amplitude_72 * (
              COS(
                _sn_amount__angle_72 - (
                  CAST(0.25238768537538037e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_72)
            )
          ) + (
            _sn_amount__amplitude_73 * (
              COS(_sn_amount__angle_73 - (
                CAST(1.821324386962498e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_73)
            )
          ) + (
            _sn_amount__amplitude_74 * (
              COS(
                _sn_amount__angle_74 - (
                  (
                    -CAST(1.262145337897023e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_74)
            )
          ) + (
            _sn_amount__amplitude_75 * (
              COS(
                _sn_amount__angle_75 - (
                  CAST(1.6582838548903065e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_75)
            )
          ) + (
            _sn_amount__amplitude_76 * (
              COS(
                _sn_amount__angle_76 - (
                  (
                    -CAST(0.14032875017040558e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_76)
            )
          ) + (
            _sn_amount__amplitude_77 * (
              COS(
                _sn_amount__angle_77 - (
                  CAST(0.8969146180988342e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_77)
            )
          ) + (
            _sn_amount__amplitude_78 * (
              COS(_sn_amount__angle_78 - (
                CAST(0.983368553067481e0 AS DOUBLE) * _sn_amount__z
              )) - COS(_sn_amount__angle_78)
            )
          ) + (
            _sn_amount__amplitude_79 * (
              COS(
                _sn_amount__angle_79 - (
                  (
                    -CAST(0.6144511625227095e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_79)
            )
          ) + (
            _sn_amount__amplitude_80 * (
              COS(
                _sn_amount__angle_80 - (
                  CAST(0.7189198751663963e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_80)
            )
          ) + (
            _sn_amount__amplitude_81 * (
              COS(
                _sn_amount__angle_81 - (
                  (
                    -CAST(0.3332320113110153e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_81)
            )
          ) + (
            _sn_amount__amplitude_82 * (
              COS(
                _sn_amount__angle_82 - (
                  (
                    -CAST(0.19083243201370953e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_82)
            )
          ) + (
            _sn_amount__amplitude_83 * (
              COS(
                _sn_amount__angle_83 - (
                  (
                    -CAST(0.3495842813377436e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_83)
            )
          ) + (
            _sn_amount__amplitude_84 * (
              COS(
                _sn_amount__angle_84 - (
                  (
                    -CAST(0.1359113897417063e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_84)
            )
          ) + (
            _sn_amount__amplitude_85 * (
              COS(
                _sn_amount__angle_85 - (
                  (
                    -CAST(1.1247862385444471e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_85)
            )
          ) + (
            _sn_amount__amplitude_86 * (
              COS(
                _sn_amount__angle_86 - (
                  CAST(0.08582696342271806e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_86)
            )
          ) + (
            _sn_amount__amplitude_87 * (
              COS(
                _sn_amount__angle_87 - (
                  (
                    -CAST(2.4162035366886014e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_87)
            )
          ) + (
            _sn_amount__amplitude_88 * (
              COS(
                _sn_amount__angle_88 - (
                  CAST(0.2404334536729638e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_88)
            )
          ) + (
            _sn_amount__amplitude_89 * (
              COS(
                _sn_amount__angle_89 - (
                  CAST(1.1038019617997497e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_89)
            )
          ) + (
            _sn_amount__amplitude_90 * (
              COS(
                _sn_amount__angle_90 - (
                  (
                    -CAST(1.3959682444732882e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_90)
            )
          ) + (
            _sn_amount__amplitude_91 * (
              COS(
                _sn_amount__angle_91 - (
                  CAST(0.8680222516012887e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_91)
            )
          ) + (
            _sn_amount__amplitude_92 * (
              COS(
                _sn_amount__angle_92 - (
                  (
                    -CAST(1.7300605004885898e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_92)
            )
          ) + (
            _sn_amount__amplitude_93 * (
              COS(
                _sn_amount__angle_93 - (
                  CAST(0.3804528775365074e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_93)
            )
          ) + (
            _sn_amount__amplitude_94 * (
              COS(
                _sn_amount__angle_94 - (
                  (
                    -CAST(0.9858097769501557e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_94)
            )
          ) + (
            _sn_amount__amplitude_95 * (
              COS(
                _sn_amount__angle_95 - (
                  (
                    -CAST(1.6509067684222507e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_95)
            )
          ) + (
            _sn_amount__amplitude_96 * (
              COS(
                _sn_amount__angle_96 - (
                  (
                    -CAST(2.049697997968039e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_96)
            )
          ) + (
            _sn_amount__amplitude_97 * (
              COS(
                _sn_amount__angle_97 - (
                  (
                    -CAST(0.2649571757826119e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_97)
            )
          ) + (
            _sn_amount__amplitude_98 * (
              COS(
                _sn_amount__angle_98 - (
                  CAST(0.39714396414643294e0 AS DOUBLE) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_98)
            )
          ) + (
            _sn_amount__amplitude_99 * (
              COS(
                _sn_amount__angle_99 - (
                  (
                    -CAST(1.5994954397340868e0 AS DOUBLE)
                  ) * _sn_amount__z
                )
              ) - COS(_sn_amount__angle_99)
            )
          )
          ELSE CAST(0.0e0 AS DOUBLE)
        END
        WHEN NOT (
          _sn_amount__varies = 1
        )
        AND _sn_amount = _sn_amount__centre
        AND _sn_items = _sn_items__centre
        THEN CAST(0.0e0 AS DOUBLE)
      END
    END AS _sn_amount__term,
    CASE
      WHEN _sn_items__n >= 3
      THEN CASE
        WHEN _sn_amount__varies = 1 AND NOT _sn_amount IS NULL AND NOT _sn_items IS NULL
        THEN CASE
          WHEN ABS(_sn_amount__z) <= 1000000.0e0 AND ABS(_sn_items__z) <= 1000000.0e0
          THEN (
            _sn_amount__amplitude_0 * (
              COS(
                _sn_amount__angle_0 - (
                  (
                    -CAST(0.017570676519781236e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_0)
            )
          ) + (
            _sn_amount__amplitude_1 * (
              COS(
                _sn_amount__angle_1 - (
                  (
                    -CAST(2.1612689636981717e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_1)
            )
          ) + (
            _sn_amount__amplitude_2 * (
              COS(_sn_amount__angle_2 - (
                CAST(0.4598454855907342e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_2)
            )
          ) + (
            _sn_amount__amplitude_3 * (
              COS(_sn_amount__angle_3 - (
                CAST(0.36999569159274837e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_3)
            )
          ) + (
            _sn_amount__amplitude_4 * (
              COS(_sn_amount__angle_4 - (
                CAST(0.12205245756617113e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_4)
            )
          ) + (
            _sn_amount__amplitude_5 * (
              COS(
                _sn_amount__angle_5 - (
                  (
                    -CAST(0.3038692803365947e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_5)
            )
          ) + (
            _sn_amount__amplitude_6 * (
              COS(_sn_amount__angle_6 - (
                CAST(0.2066343873885098e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_6)
            )
          ) + (
            _sn_amount__amplitude_7 * (
              COS(_sn_amount__angle_7 - (
                CAST(1.7707303111825357e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_7)
            )
          ) + (
            _sn_amount__amplitude_8 * (
              COS(_sn_amount__angle_8 - (
                CAST(0.936954995043241e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_8)
            )
          ) + (
            _sn_amount__amplitude_9 * (
              COS(_sn_amount__angle_9 - (
                CAST(0.5042257908387312e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_9)
            )
          ) + (
            _sn_amount__amplitude_10 * (
              COS(_sn_amount__angle_10 - (
                CAST(1.7670044037885189e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_10)
            )
          ) + (
            _sn_amount__amplitude_11 * (
              COS(
                _sn_amount__angle_11 - (
                  (
                    -CAST(0.24900028724221107e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_11)
            )
          ) + (
            _sn_amount__amplitude_12 * (
              COS(_sn_amount__angle_12 - (
                CAST(0.8485908686678432e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_12)
            )
          ) + (
            _sn_amount__amplitude_13 * (
              COS(
                _sn_amount__angle_13 - (
                  (
                    -CAST(3.140458649611501e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_13)
            )
          ) + (
            _sn_amount__amplitude_14 * (
              COS(
                _sn_amount__angle_14 - (
                  (
                    -CAST(2.1966567398961785e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_14)
            )
          ) + (
            _sn_amount__amplitude_15 * (
              COS(_sn_amount__angle_15 - (
                CAST(0.2570754032322388e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_15)
            )
          ) + (
            _sn_amount__amplitude_16 * (
              COS(_sn_amount__angle_16 - (
                CAST(0.7167461054784742e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_16)
            )
          ) + (
            _sn_amount__amplitude_17 * (
              COS(_sn_amount__angle_17 - (
                CAST(0.6284163184848495e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_17)
            )
          ) + (
            _sn_amount__amplitude_18 * (
              COS(
                _sn_amount__angle_18 - (
                  (
                    -CAST(0.22670018949847986e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_18)
            )
          ) + (
            _sn_amount__amplitude_19 * (
              COS(
                _sn_amount__angle_19 - (
                  CAST(0.12771444434238383e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_19)
            )
          ) + (
            _sn_amount__amplitude_20 * (
              COS(_sn_amount__angle_20 - (
                CAST(1.020241969953915e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_20)
            )
          ) + (
            _sn_amount__amplitude_21 * (
              COS(
                _sn_amount__angle_21 - (
                  CAST(0.25544822559485497e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_21)
            )
          ) + (
            _sn_amount__amplitude_22 * (
              COS(
                _sn_amount__angle_22 - (
                  (
                    -CAST(1.5951835432234729e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_22)
            )
          ) + (
            _sn_amount__amplitude_23 * (
              COS(_sn_amount__angle_23 - (
                CAST(0.8083475018101416e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_23)
            )
          ) + (
            _sn_amount__amplitude_24 * (
              COS(
                _sn_amount__angle_24 - (
                  (
                    -CAST(1.092895002973114e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_24)
            )
          ) + (
            _sn_amount__amplitude_25 * (
              COS(
                _sn_amount__angle_25 - (
                  CAST(0.054707302754623106e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_25)
            )
          ) + (
            _sn_amount__amplitude_26 * (
              COS(
                _sn_amount__angle_26 - (
                  (
                    -CAST(0.266452624916306e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_26)
            )
          ) + (
            _sn_amount__amplitude_27 * (
              COS(
                _sn_amount__angle_27 - (
                  (
                    -CAST(0.7573423436765578e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_27)
            )
          ) + (
            _sn_amount__amplitude_28 * (
              COS(_sn_amount__angle_28 - (
                CAST(1.8283464017929936e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_28)
            )
          ) + (
            _sn_amount__amplitude_29 * (
              COS(
                _sn_amount__angle_29 - (
                  (
                    -CAST(0.8800039210157784e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_29)
            )
          ) + (
            _sn_amount__amplitude_30 * (
              COS(_sn_amount__angle_30 - (
                CAST(0.7786043750908682e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_30)
            )
          ) + (
            _sn_amount__amplitude_31 * (
              COS(_sn_amount__angle_31 - (
                CAST(0.6971884877925398e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_31)
            )
          ) + (
            _sn_amount__amplitude_32 * (
              COS(
                _sn_amount__angle_32 - (
                  CAST(0.012665783160632065e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_32)
            )
          ) + (
            _sn_amount__amplitude_33 * (
              COS(_sn_amount__angle_33 - (
                CAST(0.6074751023823924e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_33)
            )
          ) + (
            _sn_amount__amplitude_34 * (
              COS(
                _sn_amount__angle_34 - (
                  (
                    -CAST(0.030643521123569897e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_34)
            )
          ) + (
            _sn_amount__amplitude_35 * (
              COS(_sn_amount__angle_35 - (
                CAST(0.2962370458391052e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_35)
            )
          ) + (
            _sn_amount__amplitude_36 * (
              COS(
                _sn_amount__angle_36 - (
                  (
                    -CAST(0.020220851863036987e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_36)
            )
          ) + (
            _sn_amount__amplitude_37 * (
              COS(_sn_amount__angle_37 - (
                CAST(1.704865947174768e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_37)
            )
          ) + (
            _sn_amount__amplitude_38 * (
              COS(
                _sn_amount__angle_38 - (
                  (
                    -CAST(0.14162809944927918e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_38)
            )
          ) + (
            _sn_amount__amplitude_39 * (
              COS(
                _sn_amount__angle_39 - (
                  (
                    -CAST(1.0276298329170503e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_39)
            )
          ) + (
            _sn_amount__amplitude_40 * (
              COS(
                _sn_amount__angle_40 - (
                  (
                    -CAST(0.24226313955195836e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_40)
            )
          ) + (
            _sn_amount__amplitude_41 * (
              COS(
                _sn_amount__angle_41 - (
                  CAST(0.18902851447828867e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_41)
            )
          ) + (
            _sn_amount__amplitude_42 * (
              COS(_sn_amount__angle_42 - (
                CAST(0.7573467245772179e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_42)
            )
          ) + (
            _sn_amount__amplitude_43 * (
              COS(
                _sn_amount__angle_43 - (
                  CAST(0.10931372409669368e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_43)
            )
          ) + (
            _sn_amount__amplitude_44 * (
              COS(_sn_amount__angle_44 - (
                CAST(1.4672001232326009e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_44)
            )
          ) + (
            _sn_amount__amplitude_45 * (
              COS(
                _sn_amount__angle_45 - (
                  (
                    -CAST(0.23351463040174555e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_45)
            )
          ) + (
            _sn_amount__amplitude_46 * (
              COS(
                _sn_amount__angle_46 - (
                  (
                    -CAST(0.4063360113462007e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_46)
            )
          ) + (
            _sn_amount__amplitude_47 * (
              COS(
                _sn_amount__angle_47 - (
                  (
                    -CAST(0.7561052243903629e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_47)
            )
          ) + (
            _sn_amount__amplitude_48 * (
              COS(_sn_amount__angle_48 - (
                CAST(1.3431234014993076e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_48)
            )
          ) + (
            _sn_amount__amplitude_49 * (
              COS(
                _sn_amount__angle_49 - (
                  (
                    -CAST(0.78253706469645e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_49)
            )
          ) + (
            _sn_amount__amplitude_50 * (
              COS(
                _sn_amount__angle_50 - (
                  (
                    -CAST(0.33535145750999046e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_50)
            )
          ) + (
            _sn_amount__amplitude_51 * (
              COS(
                _sn_amount__angle_51 - (
                  (
                    -CAST(0.5559730280865942e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_51)
            )
          ) + (
            _sn_amount__amplitude_52 * (
              COS(
                _sn_amount__angle_52 - (
                  (
                    -CAST(0.302808448744696e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_52)
            )
          ) + (
            _sn_amount__amplitude_53 * (
              COS(
                _sn_amount__angle_53 - (
                  (
                    -CAST(1.5066237988961044e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_53)
            )
          ) + (
            _sn_amount__amplitude_54 * (
              COS(_sn_amount__angle_54 - (
                CAST(1.8355130872169783e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_54)
            )
          ) + (
            _sn_amount__amplitude_55 * (
              COS(
                _sn_amount__angle_55 - (
                  (
                    -CAST(0.1262646088342307e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_55)
            )
          ) + (
            _sn_amount__amplitude_56 * (
              COS(_sn_amount__angle_56 - (
                CAST(1.4075901043236574e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_56)
            )
          ) + (
            _sn_amount__amplitude_57 * (
              COS(
                _sn_amount__angle_57 - (
                  CAST(0.18160234896721275e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_57)
            )
          ) + (
            _sn_amount__amplitude_58 * (
              COS(
                _sn_amount__angle_58 - (
                  CAST(0.010551630490367704e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_58)
            )
          ) + (
            _sn_amount__amplitude_59 * (
              COS(_sn_amount__angle_59 - (
                CAST(1.58729433848152e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_59)
            )
          ) + (
            _sn_amount__amplitude_60 * (
              COS(_sn_amount__angle_60 - (
                CAST(1.4554342626322818e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_60)
            )
          ) + (
            _sn_amount__amplitude_61 * (
              COS(
                _sn_amount__angle_61 - (
                  (
                    -CAST(0.2793115855701035e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_61)
            )
          ) + (
            _sn_amount__amplitude_62 * (
              COS(_sn_amount__angle_62 - (
                CAST(0.4590278941481954e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_62)
            )
          ) + (
            _sn_amount__amplitude_63 * (
              COS(
                _sn_amount__angle_63 - (
                  (
                    -CAST(1.193203318007062e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_63)
            )
          ) + (
            _sn_amount__amplitude_64 * (
              COS(_sn_amount__angle_64 - (
                CAST(1.4964607911641066e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_64)
            )
          ) + (
            _sn_amount__amplitude_65 * (
              COS(
                _sn_amount__angle_65 - (
                  (
                    -CAST(1.0530888584989615e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_65)
            )
          ) + (
            _sn_amount__amplitude_66 * (
              COS(
                _sn_amount__angle_66 - (
                  (
                    -CAST(1.2336878345829543e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_66)
            )
          ) + (
            _sn_amount__amplitude_67 * (
              COS(_sn_amount__angle_67 - (
                CAST(0.1773073556392153e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_67)
            )
          ) + (
            _sn_amount__amplitude_68 * (
              COS(
                _sn_amount__angle_68 - (
                  (
                    -CAST(0.3268487929706054e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_68)
            )
          ) + (
            _sn_amount__amplitude_69 * (
              COS(
                _sn_amount__angle_69 - (
                  (
                    -CAST(0.956067662637069e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_69)
            )
          ) + (
            _sn_amount__amplitude_70 * (
              COS(
                _sn_amount__angle_70 - (
                  (
                    -CAST(0.1376916242555943e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_70)
            )
          ) + (
            _sn_amount__amplitude_71 * (
              COS(_sn_amount__angle_71 - (
                CAST(0.1470586896358274e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_71)
            )
          ) + (
            _sn_amount__amplitude_72 * (
              COS(_sn_amount__angle_72 - (
                CAST(0.4378567486832539e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_72)
            )
          ) + (
            _sn_amount__amplitude_73 * (
              COS(
                _sn_amount__angle_73 - (
                  (
                    -CAST(1.0498407246789545e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_73)
            )
          ) + (
            _sn_amount__amplitude_74 * (
              COS(_sn_amount__angle_74 - (
                CAST(1.0646647278113264e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_74)
            )
          ) + (
            _sn_amount__amplitude_75 * (
              COS(_sn_amount__angle_75 - (
                CAST(1.9658726185682485e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_75)
            )
          ) + (
            _sn_amount__amplitude_76 * (
              COS(
                _sn_amount__angle_76 - (
                  (
                    -CAST(0.6404192140163782e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_76)
            )
          ) + (
            _sn_amount__amplitude_77 * (
              COS(
                _sn_amount__angle_77 - (
                  (
                    -CAST(0.19653205995808398e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_77)
            )
          ) + (
            _sn_amount__amplitude_78 * (
              COS(_sn_amount__angle_78 - (
                CAST(1.4545673073785088e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_78)
            )
          ) + (
            _sn_amount__amplitude_79 * (
              COS(
                _sn_amount__angle_79 - (
                  CAST(0.41540322510724126e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_79)
            )
          ) + (
            _sn_amount__amplitude_80 * (
              COS(_sn_amount__angle_80 - (
                CAST(0.5760621378390508e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_80)
            )
          ) + (
            _sn_amount__amplitude_81 * (
              COS(
                _sn_amount__angle_81 - (
                  CAST(0.41587026856484066e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_81)
            )
          ) + (
            _sn_amount__amplitude_82 * (
              COS(
                _sn_amount__angle_82 - (
                  (
                    -CAST(0.11757513951640501e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_82)
            )
          ) + (
            _sn_amount__amplitude_83 * (
              COS(_sn_amount__angle_83 - (
                CAST(0.5673990171377877e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_83)
            )
          ) + (
            _sn_amount__amplitude_84 * (
              COS(
                _sn_amount__angle_84 - (
                  (
                    -CAST(0.0920784753419849e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_84)
            )
          ) + (
            _sn_amount__amplitude_85 * (
              COS(_sn_amount__angle_85 - (
                CAST(1.6602279770071051e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_85)
            )
          ) + (
            _sn_amount__amplitude_86 * (
              COS(
                _sn_amount__angle_86 - (
                  (
                    -CAST(0.835667210823281e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_86)
            )
          ) + (
            _sn_amount__amplitude_87 * (
              COS(
                _sn_amount__angle_87 - (
                  (
                    -CAST(0.2481554976423123e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_87)
            )
          ) + (
            _sn_amount__amplitude_88 * (
              COS(
                _sn_amount__angle_88 - (
                  (
                    -CAST(1.4630424214215256e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_88)
            )
          ) + (
            _sn_amount__amplitude_89 * (
              COS(
                _sn_amount__angle_89 - (
                  CAST(0.18139659791179977e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_89)
            )
          ) + (
            _sn_amount__amplitude_90 * (
              COS(_sn_amount__angle_90 - (
                CAST(1.6844276441456592e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_90)
            )
          ) + (
            _sn_amount__amplitude_91 * (
              COS(_sn_amount__angle_91 - (
                CAST(0.7193728403490974e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_91)
            )
          ) + (
            _sn_amount__amplitude_92 * (
              COS(
                _sn_amount__angle_92 - (
                  (
                    -CAST(0.8307353525279091e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_92)
            )
          ) + (
            _sn_amount__amplitude_93 * (
              COS(
                _sn_amount__angle_93 - (
                  (
                    -CAST(0.7923179069245416e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_93)
            )
          ) + (
            _sn_amount__amplitude_94 * (
              COS(_sn_amount__angle_94 - (
                CAST(1.9441375254370696e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_94)
            )
          ) + (
            _sn_amount__amplitude_95 * (
              COS(
                _sn_amount__angle_95 - (
                  (
                    -CAST(0.8371218660459534e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_95)
            )
          ) + (
            _sn_amount__amplitude_96 * (
              COS(
                _sn_amount__angle_96 - (
                  CAST(0.38055089806357856e0 AS DOUBLE) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_96)
            )
          ) + (
            _sn_amount__amplitude_97 * (
              COS(
                _sn_amount__angle_97 - (
                  (
                    -CAST(1.4270947605493571e0 AS DOUBLE)
                  ) * _sn_items__z
                )
              ) - COS(_sn_amount__angle_97)
            )
          ) + (
            _sn_amount__amplitude_98 * (
              COS(_sn_amount__angle_98 - (
                CAST(0.5853566156522974e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_98)
            )
          ) + (
            _sn_amount__amplitude_99 * (
              COS(_sn_amount__angle_99 - (
                CAST(1.0852016404773408e0 AS DOUBLE) * _sn_items__z
              )) - COS(_sn_amount__angle_99)
            )
          )
          ELSE CAST(0.0e0 AS DOUBLE)
        END
        WHEN NOT (
          _sn_amount__varies = 1
        )
        AND _sn_amount = _sn_amount__centre
        AND _sn_items = _sn_items__centre
        THEN CAST(0.0e0 AS DOUBLE)
      END
    END AS _sn_items__term
  FROM angles
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
    PERCENTILE_CONT(0.99e0) WITHIN GROUP (ORDER BY
      _sn__score) AS _sn__cutoff1
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
      CAST(1e-06 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__cutoff1))
    )
  END AS alert,
  CASE
    WHEN _sn__score IS NULL
    THEN NULL
    WHEN _sn_amount__term >= _sn__best - (
      CAST(1e-06 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__best))
    )
    THEN 'amount'
    WHEN _sn_items__term >= _sn__best - (
      CAST(1e-06 AS DOUBLE) * GREATEST(CAST(1.0e0 AS DOUBLE), ABS(_sn__best))
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
  id;
