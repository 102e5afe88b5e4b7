-- sqlnomaly 0.1.0: shop.fraud_score scores (amount, items) by iforest
-- placement: the model's numbers stand in 1 functions in SQL, which the score's function calls (limit: max_query_size: 262,144 bytes)

CREATE OR REPLACE FUNCTION shop.fraud_score_paths_1 AS (x1, x2) -> (CASE WHEN x1 <= 4.25981924855496e0 THEN CASE WHEN x2 <= 4.804556976784987e0 THEN CASE WHEN x1 <= 1.7014768895063026e0 THEN 3.0e0 ELSE CASE WHEN x2 <= 3.3214917306076956e0 THEN 4.0e0 ELSE 4.0e0 END END ELSE CASE WHEN x1 <= 2.2992789944324556e0 THEN CASE WHEN x1 <= 0.09476367443797323e0 THEN 4.0e0 ELSE 4.0e0 END ELSE CASE WHEN x2 <= 8.09290074620361e0 THEN 4.0e0 ELSE 4.0e0 END END END ELSE CASE WHEN x2 <= 4.181644908759859e0 THEN CASE WHEN x1 <= 6.459562343536001e0 THEN CASE WHEN x1 <= 5.568771549808577e0 THEN 4.0e0 ELSE 4.0e0 END ELSE CASE WHEN x1 <= 7.202148361172544e0 THEN 4.0e0 ELSE 4.0e0 END END ELSE CASE WHEN x2 <= 6.250420353464557e0 THEN CASE WHEN x1 <= 7.551248828963563e0 THEN 4.0e0 ELSE 4.0e0 END ELSE CASE WHEN x2 <= 7.607805092254311e0 THEN 4.0e0 ELSE 5.0e0 END END END END) + ((CASE WHEN x2 <= 9.692364649569173e0 THEN CASE WHEN x1 <= 6.688759861067648e0 THEN CASE WHEN x2 <= 7.276928958664931e0 THEN CASE WHEN x1 <= 5.546646780594208e0 THEN 7.023664553973461e0 ELSE 4.0e0 END ELSE CASE WHEN x2 <= 8.222220471290264e0 THEN 5.0e0 ELSE 4.0e0 END END ELSE CASE WHEN x1 <= 7.13346689775823e0 THEN 3.0e0 ELSE CASE WHEN x1 <= 7.905348953451661e0 THEN 4.0e0 ELSE 5.0e0 END END END ELSE 1.0e0 END) + (CASE WHEN x1 <= 6.13764880916349e0 THEN CASE WHEN x1 <= 5.8935429490413656e0 THEN CASE WHEN x2 <= 4.325616773929935e0 THEN CASE WHEN x1 <= 4.580110258181277e0 THEN 5.8516559071392855e0 ELSE 5.0e0 END ELSE CASE WHEN x2 <= 7.9673129314172275e0 THEN 5.8516559071392855e0 ELSE 5.0e0 END END ELSE 2.0e0 END ELSE CASE WHEN x1 <= 8.050845647100285e0 THEN 2.0e0 ELSE CASE WHEN x2 <= 8.868650368277606e0 THEN 3.0e0 ELSE 3.0e0 END END END));

CREATE OR REPLACE FUNCTION shop.fraud_score AS ("amount", "items") -> CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN NOT (
      CASE
        WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
        THEN CAST("amount" AS Nullable(Float64))
      END IS NULL
    )
    AND NOT (
      CASE
        WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
        THEN CAST("items" AS Nullable(Float64))
      END IS NULL
    )
    THEN POWER(
      2.0e0,
      shop.fraud_score_paths_1(
        CASE
          WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
          THEN CAST("amount" AS Nullable(Float64))
        END,
        CASE
          WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
          THEN CAST("items" AS Nullable(Float64))
        END
      ) / NULLIF(-14.086595196022458e0, 0.0e0)
    )
  END
END;

CREATE OR REPLACE FUNCTION shop.fraud_score_threshold AS ("amount", "items") -> 0.6745906364862874e0;

CREATE OR REPLACE FUNCTION shop.fraud_score_is_anomaly AS ("amount", "items") -> CAST(shop.fraud_score("amount", "items") > 0.6745906374862873e0 AS Nullable(Bool));

CREATE OR REPLACE FUNCTION shop.fraud_score_status AS ("amount", "items") -> CASE
  WHEN CAST("amount" AS Nullable(Float64)) IS NULL
  OR CAST("items" AS Nullable(Float64)) IS NULL
  THEN 'missing_value'
  WHEN CASE
    WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
    THEN CAST("amount" AS Nullable(Float64))
  END IS NULL
  OR CASE
    WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
    THEN CAST("items" AS Nullable(Float64))
  END IS NULL
  THEN 'out_of_range'
  WHEN COALESCE(60, 0) < 3 OR COALESCE(60, 0) < 3
  THEN 'too_few_rows'
  WHEN shop.fraud_score("amount", "items") IS NULL
  OR (
    11.0e0 = 0.0e0 AND 10.0e0 = 0.0e0
  )
  THEN 'constant_baseline'
  ELSE 'ok'
END;
