-- The days of each store beside what the same weekdays before had.
SELECT day, store_id, sales, anomaly_expected AS expected_sales, anomaly_score, is_anomaly, anomaly_status
FROM {{ sqlnomaly.detect_anomalies(
  ref('daily_sales'), ['sales'], detector='zscore', partition_by=['store_id'], order_by='day', season='day_of_week', threshold=5
) }} AS scored
