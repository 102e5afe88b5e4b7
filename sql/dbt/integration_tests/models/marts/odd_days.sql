-- The days of each store beside what the same weekdays before had.
SELECT day, store_id, orders, anomaly_expected AS expected_orders, anomaly_score, is_anomaly, anomaly_status
FROM {{ sqlnomaly.detect_anomalies(
  ref('daily_sales'), ['orders'], detector='zscore', partition_by=['store_id'], order_by='day', season='dow', threshold=5
) }} AS scored
