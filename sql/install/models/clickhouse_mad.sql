-- sqlnomaly 0.1.0: fraud_score scores (amount, items) by mad
-- placement: the model's numbers stand in SQL expressions (limit: max_query_size: 262,144 bytes)

CREATE OR REPLACE FUNCTION fraud_score_term_1 AS ("amount", "items") -> CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN 4.447806655516806e0 > 0.0e0
    THEN ABS(
      CASE
        WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
        THEN CAST("amount" AS Nullable(Float64))
      END - 5.5e0
    ) / NULLIF(4.447806655516806e0, 0.0e0)
    WHEN CASE
      WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
      THEN CAST("amount" AS Nullable(Float64))
    END = 5.5e0
    THEN 0.0e0
  END
END;

CREATE OR REPLACE FUNCTION fraud_score_term_2 AS ("amount", "items") -> CASE
  WHEN 60 >= 3
  THEN CASE
    WHEN 4.447806655516806e0 > 0.0e0
    THEN ABS(
      CASE
        WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
        THEN CAST("items" AS Nullable(Float64))
      END - 5.0e0
    ) / NULLIF(4.447806655516806e0, 0.0e0)
    WHEN CASE
      WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
      THEN CAST("items" AS Nullable(Float64))
    END = 5.0e0
    THEN 0.0e0
  END
END;

CREATE OR REPLACE FUNCTION fraud_score AS ("amount", "items") -> CASE
  WHEN NOT (
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN 4.447806655516806e0 > 0.0e0
        THEN ABS(
          CASE
            WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
            THEN CAST("amount" AS Nullable(Float64))
          END - 5.5e0
        ) / NULLIF(4.447806655516806e0, 0.0e0)
        WHEN CASE
          WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
          THEN CAST("amount" AS Nullable(Float64))
        END = 5.5e0
        THEN 0.0e0
      END
    END IS NULL
  )
  AND NOT (
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN 4.447806655516806e0 > 0.0e0
        THEN ABS(
          CASE
            WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
            THEN CAST("items" AS Nullable(Float64))
          END - 5.0e0
        ) / NULLIF(4.447806655516806e0, 0.0e0)
        WHEN CASE
          WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
          THEN CAST("items" AS Nullable(Float64))
        END = 5.0e0
        THEN 0.0e0
      END
    END IS NULL
  )
  THEN GREATEST(
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN 4.447806655516806e0 > 0.0e0
        THEN ABS(
          CASE
            WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
            THEN CAST("amount" AS Nullable(Float64))
          END - 5.5e0
        ) / NULLIF(4.447806655516806e0, 0.0e0)
        WHEN CASE
          WHEN ABS(CAST("amount" AS Nullable(Float64))) <= 1e+150
          THEN CAST("amount" AS Nullable(Float64))
        END = 5.5e0
        THEN 0.0e0
      END
    END,
    CASE
      WHEN 60 >= 3
      THEN CASE
        WHEN 4.447806655516806e0 > 0.0e0
        THEN ABS(
          CASE
            WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
            THEN CAST("items" AS Nullable(Float64))
          END - 5.0e0
        ) / NULLIF(4.447806655516806e0, 0.0e0)
        WHEN CASE
          WHEN ABS(CAST("items" AS Nullable(Float64))) <= 1e+150
          THEN CAST("items" AS Nullable(Float64))
        END = 5.0e0
        THEN 0.0e0
      END
    END
  )
END;

CREATE OR REPLACE FUNCTION fraud_score_threshold AS ("amount", "items") -> 3.5e0;

CREATE OR REPLACE FUNCTION fraud_score_is_anomaly AS ("amount", "items") -> CAST(fraud_score("amount", "items") > 3.5000000035e0 AS Nullable(Bool));

CREATE OR REPLACE FUNCTION fraud_score_reason AS ("amount", "items") -> CASE
  WHEN fraud_score("amount", "items") IS NULL
  THEN NULL
  WHEN fraud_score_term_1("amount", "items") >= fraud_score("amount", "items") - (
    1e-09 * GREATEST(1.0e0, ABS(fraud_score("amount", "items")))
  )
  THEN 'amount'
  WHEN fraud_score_term_2("amount", "items") >= fraud_score("amount", "items") - (
    1e-09 * GREATEST(1.0e0, ABS(fraud_score("amount", "items")))
  )
  THEN 'items'
END;

CREATE OR REPLACE FUNCTION fraud_score_status AS ("amount", "items") -> CASE
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
  WHEN fraud_score("amount", "items") IS NULL
  OR (
    4.447806655516806e0 = 0.0e0 AND 4.447806655516806e0 = 0.0e0
  )
  THEN 'constant_baseline'
  ELSE 'ok'
END;
