-- SELECT id, anomaly_score(amount, items, detector => 'ocsvm')
--              FILTER (WHERE NOT disputed) OVER (PARTITION BY store) AS score
-- FROM orders
-- step 1 of 2: fit ocsvm on the client, on the rows of this query
-- it makes relation _sn_model (_sn__key1, _sn_amount__n, _sn_amount__scale, _sn_amount__centre, _sn_amount__unit, _sn_items__n, _sn_items__scale, _sn_items__centre, _sn_items__unit, _sn_amount__varies, _sn_amount__amplitude_0, _sn_amount__amplitude_1, _sn_amount__amplitude_2, _sn_amount__amplitude_3, _sn_amount__amplitude_4, _sn_amount__amplitude_5, _sn_amount__amplitude_6, _sn_amount__amplitude_7, _sn_amount__amplitude_8, _sn_amount__amplitude_9, _sn_amount__amplitude_10, _sn_amount__amplitude_11, _sn_amount__amplitude_12, _sn_amount__amplitude_13, _sn_amount__amplitude_14, _sn_amount__amplitude_15, _sn_amount__amplitude_16, _sn_amount__amplitude_17, _sn_amount__amplitude_18, _sn_amount__amplitude_19, _sn_amount__amplitude_20, _sn_amount__amplitude_21, _sn_amount__amplitude_22, _sn_amount__amplitude_23, _sn_amount__amplitude_24, _sn_amount__amplitude_25, _sn_amount__amplitude_26, _sn_amount__amplitude_27, _sn_amount__amplitude_28, _sn_amount__amplitude_29, _sn_amount__amplitude_30, _sn_amount__amplitude_31, _sn_amount__amplitude_32, _sn_amount__amplitude_33, _sn_amount__amplitude_34, _sn_amount__amplitude_35, _sn_amount__amplitude_36, _sn_amount__amplitude_37, _sn_amount__amplitude_38, _sn_amount__amplitude_39, _sn_amount__amplitude_40, _sn_amount__amplitude_41, _sn_amount__amplitude_42, _sn_amount__amplitude_43, _sn_amount__amplitude_44, _sn_amount__amplitude_45, _sn_amount__amplitude_46, _sn_amount__amplitude_47, _sn_amount__amplitude_48, _sn_amount__amplitude_49, _sn_amount__amplitude_50, _sn_amount__amplitude_51, _sn_amount__amplitude_52, _sn_amount__amplitude_53, _sn_amount__amplitude_54, _sn_amount__amplitude_55, _sn_amount__amplitude_56, _sn_amount__amplitude_57, _sn_amount__amplitude_58, _sn_amount__amplitude_59, _sn_amount__amplitude_60, _sn_amount__amplitude_61, _sn_amount__amplitude_62, _sn_amount__amplitude_63, _sn_amount__amplitude_64, _sn_amount__amplitude_65, _sn_amount__amplitude_66, _sn_amount__amplitude_67, _sn_amount__amplitude_68, _sn_amount__amplitude_69, _sn_amount__amplitude_70, _sn_amount__amplitude_71, _sn_amount__amplitude_72, _sn_amount__amplitude_73, _sn_amount__amplitude_74, _sn_amount__amplitude_75, _sn_amount__amplitude_76, _sn_amount__amplitude_77, _sn_amount__amplitude_78, _sn_amount__amplitude_79, _sn_amount__amplitude_80, _sn_amount__amplitude_81, _sn_amount__amplitude_82, _sn_amount__amplitude_83, _sn_amount__amplitude_84, _sn_amount__amplitude_85, _sn_amount__amplitude_86, _sn_amount__amplitude_87, _sn_amount__amplitude_88, _sn_amount__amplitude_89, _sn_amount__amplitude_90, _sn_amount__amplitude_91, _sn_amount__amplitude_92, _sn_amount__amplitude_93, _sn_amount__amplitude_94, _sn_amount__amplitude_95, _sn_amount__amplitude_96, _sn_amount__amplitude_97, _sn_amount__amplitude_98, _sn_amount__amplitude_99, _sn_amount__phase_0, _sn_amount__phase_1, _sn_amount__phase_2, _sn_amount__phase_3, _sn_amount__phase_4, _sn_amount__phase_5, _sn_amount__phase_6, _sn_amount__phase_7, _sn_amount__phase_8, _sn_amount__phase_9, _sn_amount__phase_10, _sn_amount__phase_11, _sn_amount__phase_12, _sn_amount__phase_13, _sn_amount__phase_14, _sn_amount__phase_15, _sn_amount__phase_16, _sn_amount__phase_17, _sn_amount__phase_18, _sn_amount__phase_19, _sn_amount__phase_20, _sn_amount__phase_21, _sn_amount__phase_22, _sn_amount__phase_23, _sn_amount__phase_24, _sn_amount__phase_25, _sn_amount__phase_26, _sn_amount__phase_27, _sn_amount__phase_28, _sn_amount__phase_29, _sn_amount__phase_30, _sn_amount__phase_31, _sn_amount__phase_32, _sn_amount__phase_33, _sn_amount__phase_34, _sn_amount__phase_35, _sn_amount__phase_36, _sn_amount__phase_37, _sn_amount__phase_38, _sn_amount__phase_39, _sn_amount__phase_40, _sn_amount__phase_41, _sn_amount__phase_42, _sn_amount__phase_43, _sn_amount__phase_44, _sn_amount__phase_45, _sn_amount__phase_46, _sn_amount__phase_47, _sn_amount__phase_48, _sn_amount__phase_49, _sn_amount__phase_50, _sn_amount__phase_51, _sn_amount__phase_52, _sn_amount__phase_53, _sn_amount__phase_54, _sn_amount__phase_55, _sn_amount__phase_56, _sn_amount__phase_57, _sn_amount__phase_58, _sn_amount__phase_59, _sn_amount__phase_60, _sn_amount__phase_61, _sn_amount__phase_62, _sn_amount__phase_63, _sn_amount__phase_64, _sn_amount__phase_65, _sn_amount__phase_66, _sn_amount__phase_67, _sn_amount__phase_68, _sn_amount__phase_69, _sn_amount__phase_70, _sn_amount__phase_71, _sn_amount__phase_72, _sn_amount__phase_73, _sn_amount__phase_74, _sn_amount__phase_75, _sn_amount__phase_76, _sn_amount__phase_77, _sn_amount__phase_78, _sn_amount__phase_79, _sn_amount__phase_80, _sn_amount__phase_81, _sn_amount__phase_82, _sn_amount__phase_83, _sn_amount__phase_84, _sn_amount__phase_85, _sn_amount__phase_86, _sn_amount__phase_87, _sn_amount__phase_88, _sn_amount__phase_89, _sn_amount__phase_90, _sn_amount__phase_91, _sn_amount__phase_92, _sn_amount__phase_93, _sn_amount__phase_94, _sn_amount__phase_95, _sn_amount__phase_96, _sn_amount__phase_97, _sn_amount__phase_98, _sn_amount__phase_99, _sn_amount__rho_0)
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
        ORDER BY TO_HEX(MD5('0|' || CAST(CAST(copy_number AS INT64) AS STRING) || '|' || k_1))
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
            THEN CAST(CAST(SIGN(_sn_amount) * FLOOR(fraction_1 * 2199023255552.0e0) AS INT64) AS STRING) || ':' || CAST(CAST(guess_1 - 1.0e0 AS INT64) AS STRING)
            ELSE CAST(CAST(SIGN(_sn_amount) * FLOOR(fraction_1 * 1099511627776.0e0) AS INT64) AS STRING) || ':' || CAST(CAST(guess_1 AS INT64) AS STRING)
          END AS k_1
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
/* sqlnomaly 0.1.0: ocsvm(amount, items); max_samples = 5000, random_state = 0, nu = 0.5, gamma = 0.0, n_components = 100, scaling = standard, min_rows = 3 */
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
), angles AS (
  SELECT
    *,
    (
      0.6043777850667448e0 * _sn_amount__z
    ) + (
      (
        -0.017570676519781236e0
      ) * _sn_items__z
    ) + _sn_amount__phase_0 AS _sn_amount__angle_0,
    (
      (
        -0.0628331463724955e0
      ) * _sn_amount__z
    ) + (
      (
        -2.1612689636981717e0
      ) * _sn_items__z
    ) + _sn_amount__phase_1 AS _sn_amount__angle_1,
    (
      (
        -1.6873586425126417e0
      ) * _sn_amount__z
    ) + (
      0.4598454855907342e0 * _sn_items__z
    ) + _sn_amount__phase_2 AS _sn_amount__angle_2,
    (
      0.10083265298809892e0 * _sn_amount__z
    ) + (
      0.36999569159274837e0 * _sn_items__z
    ) + _sn_amount__phase_3 AS _sn_amount__angle_3,
    (
      0.07133844783158363e0 * _sn_amount__z
    ) + (
      0.12205245756617113e0 * _sn_items__z
    ) + _sn_amount__phase_4 AS _sn_amount__angle_4,
    (
      0.5198878525013999e0 * _sn_amount__z
    ) + (
      (
        -0.3038692803365947e0
      ) * _sn_items__z
    ) + _sn_amount__phase_5 AS _sn_amount__angle_5,
    (
      (
        -1.0114645123406962e0
      ) * _sn_amount__z
    ) + (
      0.2066343873885098e0 * _sn_items__z
    ) + _sn_amount__phase_6 AS _sn_amount__angle_6,
    (
      0.3617465255748122e0 * _sn_amount__z
    ) + (
      1.7707303111825357e0 * _sn_items__z
    ) + _sn_amount__phase_7 AS _sn_amount__angle_7,
    (
      (
        -0.1876203122188411e0
      ) * _sn_amount__z
    ) + (
      0.936954995043241e0 * _sn_items__z
    ) + _sn_amount__phase_8 AS _sn_amount__angle_8,
    (
      2.5180475811431653e0 * _sn_amount__z
    ) + (
      0.5042257908387312e0 * _sn_items__z
    ) + _sn_amount__phase_9 AS _sn_amount__angle_9,
    (
      (
        -0.39226082138170854e0
      ) * _sn_amount__z
    ) + (
      1.7670044037885189e0 * _sn_items__z
    ) + _sn_amount__phase_10 AS _sn_amount__angle_10,
    (
      (
        -1.121663393636359e0
      ) * _sn_amount__z
    ) + (
      (
        -0.24900028724221107e0
      ) * _sn_items__z
    ) + _sn_amount__phase_11 AS _sn_amount__angle_11,
    (
      1.9892091875227107e0 * _sn_amount__z
    ) + (
      0.8485908686678432e0 * _sn_items__z
    ) + _sn_amount__phase_12 AS _sn_amount__angle_12,
    (
      1.3397105494008479e0 * _sn_amount__z
    ) + (
      (
        -3.140458649611501e0
      ) * _sn_items__z
    ) + _sn_amount__phase_13 AS _sn_amount__angle_13,
    (
      (
        -0.678500008634488e0
      ) * _sn_amount__z
    ) + (
      (
        -2.1966567398961785e0
      ) * _sn_items__z
    ) + _sn_amount__phase_14 AS _sn_amount__angle_14,
    (
      (
        -0.8322865290865993e0
      ) * _sn_amount__z
    ) + (
      0.2570754032322388e0 * _sn_items__z
    ) + _sn_amount__phase_15 AS _sn_amount__angle_15,
    (
      0.4315624951894187e0 * _sn_amount__z
    ) + (
      0.7167461054784742e0 * _sn_items__z
    ) + _sn_amount__phase_16 AS _sn_amount__angle_16,
    (
      (
        -1.0436841799597134e0
      ) * _sn_amount__z
    ) + (
      0.6284163184848495e0 * _sn_items__z
    ) + _sn_amount__phase_17 AS _sn_amount__angle_17,
    (
      (
        -0.2815306494516494e0
      ) * _sn_amount__z
    ) + (
      (
        -0.22670018949847986e0
      ) * _sn_items__z
    ) + _sn_amount__phase_18 AS _sn_amount__angle_18,
    (
      (
        -0.10284098299955756e0
      ) * _sn_amount__z
    ) + (
      0.12771444434238383e0 * _sn_items__z
    ) + _sn_amount__phase_19 AS _sn_amount__angle_19,
    (
      (
        -0.339994539908961e0
      ) * _sn_amount__z
    ) + (
      1.020241969953915e0 * _sn_items__z
    ) + _sn_amount__phase_20 AS _sn_amount__angle_20,
    (
      0.7665387831578466e0 * _sn_amount__z
    ) + (
      0.25544822559485497e0 * _sn_items__z
    ) + _sn_amount__phase_21 AS _sn_amount__angle_21,
    (
      (
        -0.9814198560100925e0
      ) * _sn_amount__z
    ) + (
      (
        -1.5951835432234729e0
      ) * _sn_items__z
    ) + _sn_amount__phase_22 AS _sn_amount__angle_22,
    (
      (
        -1.3138746115608277e0
      ) * _sn_amount__z
    ) + (
      0.8083475018101416e0 * _sn_items__z
    ) + _sn_amount__phase_23 AS _sn_amount__angle_23,
    (
      (
        -0.13350745700141164e0
      ) * _sn_amount__z
    ) + (
      (
        -1.092895002973114e0
      ) * _sn_items__z
    ) + _sn_amount__phase_24 AS _sn_amount__angle_24,
    (
      (
        -0.44783519325091037e0
      ) * _sn_amount__z
    ) + (
      0.054707302754623106e0 * _sn_items__z
    ) + _sn_amount__phase_25 AS _sn_amount__angle_25,
    (
      0.5766125250650844e0 * _sn_amount__z
    ) + (
      (
        -0.266452624916306e0
      ) * _sn_items__z
    ) + _sn_amount__phase_26 AS _sn_amount__angle_26,
    (
      (
        -0.3499678669139358e0
      ) * _sn_amount__z
    ) + (
      (
        -0.7573423436765578e0
      ) * _sn_items__z
    ) + _sn_amount__phase_27 AS _sn_amount__angle_27,
    (
      2.1183392626688464e0 * _sn_amount__z
    ) + (
      1.8283464017929936e0 * _sn_items__z
    ) + _sn_amount__phase_28 AS _sn_amount__angle_28,
    (
      0.7595346179468172e0 * _sn_amount__z
    ) + (
      (
        -0.8800039210157784e0
      ) * _sn_items__z
    ) + _sn_amount__phase_29 AS _sn_amount__angle_29,
    (
      0.6620343522337927e0 * _sn_amount__z
    ) + (
      0.7786043750908682e0 * _sn_items__z
    ) + _sn_amount__phase_30 AS _sn_amount__angle_30,
    (
      (
        -0.8199483984881798e0
      ) * _sn_amount__z
    ) + (
      0.6971884877925398e0 * _sn_items__z
    ) + _sn_amount__phase_31 AS _sn_amount__angle_31,
    (
      0.707605189243359e0 * _sn_amount__z
    ) + (
      0.012665783160632065e0 * _sn_items__z
    ) + _sn_amount__phase_32 AS _sn_amount__angle_32,
    (
      (
        -0.010873504094119888e0
      ) * _sn_amount__z
    ) + (
      0.6074751023823924e0 * _sn_items__z
    ) + _sn_amount__phase_33 AS _sn_amount__angle_33,
    (
      0.32801734138547056e0 * _sn_amount__z
    ) + (
      (
        -0.030643521123569897e0
      ) * _sn_items__z
    ) + _sn_amount__phase_34 AS _sn_amount__angle_34,
    (
      0.02767459224384976e0 * _sn_amount__z
    ) + (
      0.2962370458391052e0 * _sn_items__z
    ) + _sn_amount__phase_35 AS _sn_amount__angle_35,
    (
      1.0106983471719844e0 * _sn_amount__z
    ) + (
      (
        -0.020220851863036987e0
      ) * _sn_items__z
    ) + _sn_amount__phase_36 AS _sn_amount__angle_36,
    (
      0.03410893256194374e0 * _sn_amount__z
    ) + (
      1.704865947174768e0 * _sn_items__z
    ) + _sn_amount__phase_37 AS _sn_amount__angle_37,
    (
      (
        -3.0035397985522354e0
      ) * _sn_amount__z
    ) + (
      (
        -0.14162809944927918e0
      ) * _sn_items__z
    ) + _sn_amount__phase_38 AS _sn_amount__angle_38,
    (
      0.048456577883061805e0 * _sn_amount__z
    ) + (
      (
        -1.0276298329170503e0
      ) * _sn_items__z
    ) + _sn_amount__phase_39 AS _sn_amount__angle_39,
    (
      (
        -1.019734170255404e0
      ) * _sn_amount__z
    ) + (
      (
        -0.24226313955195836e0
      ) * _sn_items__z
    ) + _sn_amount__phase_40 AS _sn_amount__angle_40,
    (
      (
        -0.0449084111508034e0
      ) * _sn_amount__z
    ) + (
      0.18902851447828867e0 * _sn_items__z
    ) + _sn_amount__phase_41 AS _sn_amount__angle_41,
    (
      (
        -0.33479186984770004e0
      ) * _sn_amount__z
    ) + (
      0.7573467245772179e0 * _sn_items__z
    ) + _sn_amount__phase_42 AS _sn_amount__angle_42,
    (
      0.2472831581412951e0 * _sn_amount__z
    ) + (
      0.10931372409669368e0 * _sn_items__z
    ) + _sn_amount__phase_43 AS _sn_amount__angle_43,
    (
      (
        -1.20160548983611e0
      ) * _sn_amount__z
    ) + (
      1.4672001232326009e0 * _sn_items__z
    ) + _sn_amount__phase_44 AS _sn_amount__angle_44,
    (
      (
        -0.285129102188761e0
      ) * _sn_amount__z
    ) + (
      (
        -0.23351463040174555e0
      ) * _sn_items__z
    ) + _sn_amount__phase_45 AS _sn_amount__angle_45,
    (
      (
        -0.40123849281070456e0
      ) * _sn_amount__z
    ) + (
      (
        -0.4063360113462007e0
      ) * _sn_items__z
    ) + _sn_amount__phase_46 AS _sn_amount__angle_46,
    (
      0.7657111332579689e0 * _sn_amount__z
    ) + (
      (
        -0.7561052243903629e0
      ) * _sn_items__z
    ) + _sn_amount__phase_47 AS _sn_amount__angle_47,
    (
      1.0157652158356658e0 * _sn_amount__z
    ) + (
      1.3431234014993076e0 * _sn_items__z
    ) + _sn_amount__phase_48 AS _sn_amount__angle_48,
    (
      1.034731085243641e0 * _sn_amount__z
    ) + (
      (
        -0.78253706469645e0
      ) * _sn_items__z
    ) + _sn_amount__phase_49 AS _sn_amount__angle_49,
    (
      0.9314318952132872e0 * _sn_amount__z
    ) + (
      (
        -0.33535145750999046e0
      ) * _sn_items__z
    ) + _sn_amount__phase_50 AS _sn_amount__angle_50,
    (
      (
        -0.20017176377923818e0
      ) * _sn_amount__z
    ) + (
      (
        -0.5559730280865942e0
      ) * _sn_items__z
    ) + _sn_amount__phase_51 AS _sn_amount__angle_51,
    (
      1.6849600735281294e0 * _sn_amount__z
    ) + (
      (
        -0.302808448744696e0
      ) * _sn_items__z
    ) + _sn_amount__phase_52 AS _sn_amount__angle_52,
    (
      (
        -0.2707591844774676e0
      ) * _sn_amount__z
    ) + (
      (
        -1.5066237988961044e0
      ) * _sn_items__z
    ) + _sn_amount__phase_53 AS _sn_amount__angle_53,
    (
      0.2959664434119588e0 * _sn_amount__z
    ) + (
      1.8355130872169783e0 * _sn_items__z
    ) + _sn_amount__phase_54 AS _sn_amount__angle_54,
    (
      0.7830629016444737e0 * _sn_amount__z
    ) + (
      (
        -0.1262646088342307e0
      ) * _sn_items__z
    ) + _sn_amount__phase_55 AS _sn_amount__angle_55,
    (
      (
        -0.3274387674626435e0
      ) * _sn_amount__z
    ) + (
      1.4075901043236574e0 * _sn_items__z
    ) + _sn_amount__phase_56 AS _sn_amount__angle_56,
    (
      0.7806701427232287e0 * _sn_amount__z
    ) + (
      0.18160234896721275e0 * _sn_items__z
    ) + _sn_amount__phase_57 AS _sn_amount__angle_57,
    (
      1.288303972536923e0 * _sn_amount__z
    ) + (
      0.010551630490367704e0 * _sn_items__z
    ) + _sn_amount__phase_58 AS _sn_amount__angle_58,
    (
      (
        -0.013000459283012593e0
      ) * _sn_amount__z
    ) + (
      1.58729433848152e0 * _sn_items__z
    ) + _sn_amount__phase_59 AS _sn_amount__angle_59,
    (
      0.49347048588995573e0 * _sn_amount__z
    ) + (
      1.4554342626322818e0 * _sn_items__z
    ) + _sn_amount__phase_60 AS _sn_amount__angle_60,
    (
      0.8237972953047715e0 * _sn_amount__z
    ) + (
      (
        -0.2793115855701035e0
      ) * _sn_items__z
    ) + _sn_amount__phase_61 AS _sn_amount__angle_61,
    (
      0.4306166957181255e0 * _sn_amount__z
    ) + (
      0.4590278941481954e0 * _sn_items__z
    ) + _sn_amount__phase_62 AS _sn_amount__angle_62,
    (
      1.2719284036166247e0 * _sn_amount__z
    ) + (
      (
        -1.193203318007062e0
      ) * _sn_items__z
    ) + _sn_amount__phase_63 AS _sn_amount__angle_63,
    (
      0.9552475927562601e0 * _sn_amount__z
    ) + (
      1.4964607911641066e0 * _sn_items__z
    ) + _sn_amount__phase_64 AS _sn_amount__angle_64,
    (
      1.6497358363483137e0 * _sn_amount__z
    ) + (
      (
        -1.0530888584989615e0
      ) * _sn_items__z
    ) + _sn_amount__phase_65 AS _sn_amount__angle_65,
    (
      0.6608861438218867e0 * _sn_amount__z
    ) + (
      (
        -1.2336878345829543e0
      ) * _sn_items__z
    ) + _sn_amount__phase_66 AS _sn_amount__angle_66,
    (
      0.3309827716604779e0 * _sn_amount__z
    ) + (
      0.1773073556392153e0 * _sn_items__z
    ) + _sn_amount__phase_67 AS _sn_amount__angle_67,
    (
      3.063684710004995e0 * _sn_amount__z
    ) + (
      (
        -0.3268487929706054e0
      ) * _sn_items__z
    ) + _sn_amount__phase_68 AS _sn_amount__angle_68,
    (
      (
        -0.10199795054323474e0
      ) * _sn_amount__z
    ) + (
      (
        -0.956067662637069e0
      ) * _sn_items__z
    ) + _sn_amount__phase_69 AS _sn_amount__angle_69,
    (
      0.11041156951766838e0 * _sn_amount__z
    ) + (
      (
        -0.1376916242555943e0
      ) * _sn_items__z
    ) + _sn_amount__phase_70 AS _sn_amount__angle_70,
    (
      0.18339337014511092e0 * _sn_amount__z
    ) + (
      0.1470586896358274e0 * _sn_items__z
    ) + _sn_amount__phase_71 AS _sn_amount__angle_71,
    (
      0.25238768537538037e0 * _sn_amount__z
    ) + (
      0.4378567486832539e0 * _sn_items__z
    ) + _sn_amount__phase_72 AS _sn_amount__angle_72,
    (
      1.821324386962498e0 * _sn_amount__z
    ) + (
      (
        -1.0498407246789545e0
      ) * _sn_items__z
    ) + _sn_amount__phase_73 AS _sn_amount__angle_73,
    (
      (
        -1.262145337897023e0
      ) * _sn_amount__z
    ) + (
      1.0646647278113264e0 * _sn_items__z
    ) + _sn_amount__phase_74 AS _sn_amount__angle_74,
    (
      1.6582838548903065e0 * _sn_amount__z
    ) + (
      1.9658726185682485e0 * _sn_items__z
    ) + _sn_amount__phase_75 AS _sn_amount__angle_75,
    (
      (
        -0.14032875017040558e0
      ) * _sn_amount__z
    ) + (
      (
        -0.6404192140163782e0
      ) * _sn_items__z
    ) + _sn_amount__phase_76 AS _sn_amount__angle_76,
    (
      0.8969146180988342e0 * _sn_amount__z
    ) + (
      (
        -0.19653205995808398e0
      ) * _sn_items__z
    ) + _sn_amount__phase_77 AS _sn_amount__angle_77,
    (
      0.983368553067481e0 * _sn_amount__z
    ) + (
      1.4545673073785088e0 * _sn_items__z
    ) + _sn_amount__phase_78 AS _sn_amount__angle_78,
    (
      (
        -0.6144511625227095e0
      ) * _sn_amount__z
    ) + (
      0.41540322510724126e0 * _sn_items__z
    ) + _sn_amount__phase_79 AS _sn_amount__angle_79,
    (
      0.7189198751663963e0 * _sn_amount__z
    ) + (
      0.5760621378390508e0 * _sn_items__z
    ) + _sn_amount__phase_80 AS _sn_amount__angle_80,
    (
      (
        -0.3332320113110153e0
      ) * _sn_amount__z
    ) + (
      0.41587026856484066e0 * _sn_items__z
    ) + _sn_amount__phase_81 AS _sn_amount__angle_81,
    (
      (
        -0.19083243201370953e0
      ) * _sn_amount__z
    ) + (
      (
        -0.11757513951640501e0
      ) * _sn_items__z
    ) + _sn_amount__phase_82 AS _sn_amount__angle_82,
    (
      (
        -0.3495842813377436e0
      ) * _sn_amount__z
    ) + (
      0.5673990171377877e0 * _sn_items__z
    ) + _sn_amount__phase_83 AS _sn_amount__angle_83,
    (
      (
        -0.1359113897417063e0
      ) * _sn_amount__z
    ) + (
      (
        -0.0920784753419849e0
      ) * _sn_items__z
    ) + _sn_amount__phase_84 AS _sn_amount__angle_84,
    (
      (
        -1.1247862385444471e0
      ) * _sn_amount__z
    ) + (
      1.6602279770071051e0 * _sn_items__z
    ) + _sn_amount__phase_85 AS _sn_amount__angle_85,
    (
      0.08582696342271806e0 * _sn_amount__z
    ) + (
      (
        -0.835667210823281e0
      ) * _sn_items__z
    ) + _sn_amount__phase_86 AS _sn_amount__angle_86,
    (
      (
        -2.4162035366886014e0
      ) * _sn_amount__z
    ) + (
      (
        -0.2481554976423123e0
      ) * _sn_items__z
    ) + _sn_amount__phase_87 AS _sn_amount__angle_87,
    (
      0.2404334536729638e0 * _sn_amount__z
    ) + (
      (
        -1.4630424214215256e0
      ) * _sn_items__z
    ) + _sn_amount__phase_88 AS _sn_amount__angle_88,
    (
      1.1038019617997497e0 * _sn_amount__z
    ) + (
      0.18139659791179977e0 * _sn_items__z
    ) + _sn_amount__phase_89 AS _sn_amount__angle_89,
    (
      (
        -1.3959682444732882e0
      ) * _sn_amount__z
    ) + (
      1.6844276441456592e0 * _sn_items__z
    ) + _sn_amount__phase_90 AS _sn_amount__angle_90,
    (
      0.8680222516012887e0 * _sn_amount__z
    ) + (
      0.7193728403490974e0 * _sn_items__z
    ) + _sn_amount__phase_91 AS _sn_amount__angle_91,
    (
      (
        -1.7300605004885898e0
      ) * _sn_amount__z
    ) + (
      (
        -0.8307353525279091e0
      ) * _sn_items__z
    ) + _sn_amount__phase_92 AS _sn_amount__angle_92,
    (
      0.3804528775365074e0 * _sn_amount__z
    ) + (
      (
        -0.7923179069245416e0
      ) * _sn_items__z
    ) + _sn_amount__phase_93 AS _sn_amount__angle_93,
    (
      (
        -0.9858097769501557e0
      ) * _sn_amount__z
    ) + (
      1.9441375254370696e0 * _sn_items__z
    ) + _sn_amount__phase_94 AS _sn_amount__angle_94,
    (
      (
        -1.6509067684222507e0
      ) * _sn_amount__z
    ) + (
      (
        -0.8371218660459534e0
      ) * _sn_items__z
    ) + _sn_amount__phase_95 AS _sn_amount__angle_95,
    (
      (
        -2.049697997968039e0
      ) * _sn_amount__z
    ) + (
      0.38055089806357856e0 * _sn_items__z
    ) + _sn_amount__phase_96 AS _sn_amount__angle_96,
    (
      (
        -0.2649571757826119e0
      ) * _sn_amount__z
    ) + (
      (
        -1.4270947605493571e0
      ) * _sn_items__z
    ) + _sn_amount__phase_97 AS _sn_amount__angle_97,
    (
      0.39714396414643294e0 * _sn_amount__z
    ) + (
      0.5853566156522974e0 * _sn_items__z
    ) + _sn_amount__phase_98 AS _sn_amount__angle_98,
    (
      (
        -1.5994954397340868e0
      ) * _sn_amount__z
    ) + (
      1.0852016404773408e0 * _sn_items__z
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
        THEN 0.0e0
      END
    END AS _sn__score
  FROM angles
)
SELECT
  id,
  _sn__score AS score
FROM scored;
