# ruff: noqa: E501 (a query is one line)
"""Query shapes written by hand: with calls each means what it means with the native window in their place."""

from __future__ import annotations

import pytest

from tests.rewrite.judge import judge
from tests.rewrite.tables import Duck

STARS = """
SELECT *, {{v | (PARTITION BY k)}} AS s FROM a
SELECT {{v}} AS s, * FROM a
SELECT a.*, {{v}} AS s FROM a
SELECT t.*, {{t.v}} AS s FROM a AS t
SELECT * EXCLUDE (w), {{v}} AS s FROM a
SELECT * EXCLUDE (v), {{v}} AS s FROM a
SELECT a.* EXCLUDE (v), b.*, {{b.v}} AS s FROM a JOIN b ON a.id = b.id
SELECT *, *, {{v}} AS s FROM b
SELECT *, {{a.v}} AS s FROM a JOIN b ON a.id = b.id
SELECT *, {{u}} AS s FROM a JOIN b USING (id)
SELECT *, {{u}} AS s FROM a LEFT JOIN b USING (id, k)
SELECT *, {{u}} AS s FROM a FULL JOIN b USING (id, k)
SELECT *, {{u}} AS s FROM a RIGHT JOIN b USING (id)
SELECT a.*, b.u, {{u}} AS s FROM a FULL JOIN b USING (id)
SELECT a.*, u, {{u}} AS s FROM a RIGHT JOIN b USING (id)
SELECT b.*, {{u}} AS s FROM a LEFT JOIN b USING (id)
SELECT b.*, a.*, {{u}} AS s FROM a, b WHERE a.id = b.id
SELECT *, {{x.v}} AS s FROM a x JOIN a y ON x.id < y.id
SELECT *, {{ids.id_1}} AS s FROM ids JOIN b USING (id)
SELECT *, {{b.v}} AS s FROM b JOIN ids ON b.id = ids.id
SELECT *, {{b.v}} AS s FROM ids JOIN b ON b.id = ids.id
SELECT *, {{u}} AS s FROM ids JOIN b USING (id) JOIN c USING (id)
SELECT *, {{u}} AS s FROM a JOIN b USING (id) LEFT JOIN c ON c.id = b.id
SELECT *, {{u}} AS s FROM c LEFT JOIN ids ON c.id = ids.id + 1 JOIN b ON b.id = c.id
SELECT *, {{u}} AS s FROM b JOIN a USING (id, k) JOIN c ON c.v > a.v
SELECT *, {{u}} AS s FROM ids JOIN b USING (id) JOIN ids AS more ON more.id > ids.id
SELECT b.*, ids.*, {{u}} AS s FROM ids FULL JOIN b USING (id) LEFT JOIN c ON c.id = ids.id
SELECT *, {{a.v}} AS s FROM a POSITIONAL JOIN b
SELECT *, {{a.v}} AS s FROM a ASOF JOIN b ON a.id >= b.id
SELECT *, {{v}} AS s FROM a SEMI JOIN b USING (id)
SELECT *, {{v}} AS s FROM a ANTI JOIN b USING (id)
SELECT *, {{v}} AS s FROM (SELECT id, v FROM a) q
SELECT *, {{v}} AS s FROM (a)
SELECT *, {{y}} AS s FROM (VALUES (1, 2), (3, 5)) t(x, y)
SELECT *, {{x}} AS s FROM range(5) t(x)
SELECT *, {{range}} AS s FROM range(5)
SELECT *, {{q}} AS s FROM b CROSS JOIN UNNEST([1, 2]) AS t(q)
SELECT *, {{q}} AS s FROM b, LATERAL (SELECT b.v * 2 AS q) l
SELECT *, id AS z, z + 1 AS y, {{v}} AS s FROM a
SELECT *, v + 1 AS z, {{v}} AS s FROM a WHERE z > 4
SELECT *, {{amount}} AS "Score" FROM c
SELECT *, {{v}} AS s FROM source
"""

NAMES = """
SELECT id, {{# v}} FROM a
SELECT {{# v}}, {{# w}}, {{# v}} FROM a
SELECT v, v AS v, {{v}} AS v FROM a
SELECT id, id, v, {{v}} AS s FROM a
SELECT id AS v, v AS id, {{v}} AS s FROM a
SELECT id + 1 AS v, {{v}} AS s FROM a
SELECT x.id, y.id, {{x.v}} AS s FROM a x JOIN a y ON x.id < y.id
SELECT id + 1, -v, upper(k), {{v}} AS s FROM a
SELECT 1, 'x', NULL, TRUE, DATE '2024-01-01', {{v}} AS s FROM a
SELECT k, COUNT(*), SUM(v), {{SUM(v)}} AS s FROM a GROUP BY k
SELECT CASE WHEN v > 3 THEN 1 END, v IS NULL, v::VARCHAR, {{v}} AS s FROM a
SELECT "Order", {{"Order"}} AS "select", "Mixed Case" FROM c
SELECT c."Order" AS "order", {{c."Order"}} AS "Group" FROM c
SELECT ID, {{V}} AS S FROM A
SELECT "ID", {{"V"}} AS "S" FROM "A"
SELECT _sn_v, {{v}} AS s FROM hostile
SELECT _sn__p1, v + 1 AS t, {{v}} AS s FROM hostile
SELECT _sn_v AS v, {{v}} AS _sn_v FROM hostile
SELECT hostile._sn_v + 0 AS t, {{hostile._sn_v}} AS _sn__score, {{v}} AS q FROM hostile ORDER BY _sn_v
SELECT v AS "größe", {{v}} AS "a b" FROM a
SELECT v AS "say ""hi"" x", {{v}} AS "it's" FROM a
SELECT 'anomaly_score(x)' AS t, {{v}} AS s FROM a
SELECT main.a.id, {{main.a.v}} AS s FROM main.a
SELECT a, {{v}} AS s FROM a
"""

ALIASES = """
SELECT id + 1 AS z, z * 2 AS zz, {{zz}} AS s FROM a
SELECT id, {{v}} AS s, s + 1 AS s1 FROM a
SELECT id, {{v}} AS s FROM a QUALIFY s > 0
SELECT id, {{v}} AS s FROM a ORDER BY s + 1
SELECT v AS w, {{v}} AS s FROM a ORDER BY w
SELECT v AS w, {{v}} AS s FROM a ORDER BY w + 1
SELECT v AS w, {{v}} AS s FROM a ORDER BY a.w
SELECT v AS w, {{v}} AS s FROM a QUALIFY w > 3
SELECT v AS w, {{v}} AS s FROM a WHERE w > 2
SELECT v + 1 AS z, {{v}} AS s FROM a WHERE z > 4
SELECT v + 1 AS z, {{v | | z > 4}} AS s FROM a
SELECT upper(k) AS kk, {{v | (PARTITION BY kk)}} AS s FROM a
SELECT id AS x, v AS x, {{v}} AS s FROM a ORDER BY x
SELECT b.id, {{u}} AS s FROM a JOIN b ON a.k = b.k ORDER BY id
"""

GROUPS = """
SELECT k, {{SUM(v)}} AS s FROM a GROUP BY k
SELECT k, SUM(v) AS t, {{SUM(v)}} AS s FROM a GROUP BY k HAVING SUM(v) > 5
SELECT k, SUM(v) AS t, {{t}} AS s FROM a GROUP BY 1
SELECT k, SUM(v) AS t, {{t}} AS s FROM a GROUP BY k HAVING t > 5
SELECT k AS kk, {{SUM(v)}} AS s FROM a GROUP BY kk
SELECT upper(k) AS kk, {{COUNT(*)}} AS s FROM a GROUP BY kk
SELECT upper(k) AS k, {{COUNT(*)}} AS s FROM a GROUP BY k
SELECT upper(k) AS kk, {{COUNT(*) | (PARTITION BY kk)}} AS s FROM a GROUP BY 1
SELECT k, {{SUM(v)}} AS s, COUNT(*) FROM a GROUP BY ALL
SELECT k, d, SUM(v), {{SUM(v)}} AS s FROM a GROUP BY ALL
SELECT k || 'z' AS q, {{SUM(v)}} AS s FROM a GROUP BY k || 'z'
SELECT upper(k), {{SUM(v)}} AS s FROM a GROUP BY upper(k) ORDER BY upper(k)
SELECT k, {{SUM(v)}} AS s FROM a GROUP BY k ORDER BY SUM(v), k
SELECT k, {{SUM(v)}} + COUNT(*) AS s FROM a GROUP BY k QUALIFY {{SUM(v)}} > 0 OR COUNT(*) = 2
SELECT SUM(v), {{SUM(v)}} AS s FROM a
SELECT {{SUM(v)}} AS s FROM a
SELECT k, d, {{SUM(v)}} AS s FROM a GROUP BY ROLLUP (k, d)
SELECT k, GROUPING(k), {{SUM(v)}} AS s FROM a GROUP BY GROUPING SETS ((k), ())
SELECT k, SUM(SUM(v)) OVER () AS total, {{SUM(v)}} AS s FROM a GROUP BY k
SELECT a.k, COUNT(DISTINCT b.id), {{SUM(u)}} AS s FROM a LEFT JOIN b USING (k) GROUP BY a.k
SELECT k, SUM(v) FILTER (WHERE v > 3) AS f, {{SUM(v) FILTER (WHERE v > 3)}} AS s FROM a GROUP BY k
"""

CLAUSES = """
SELECT id, {{v}} AS s FROM a ORDER BY s DESC, id LIMIT 3
SELECT id, n, {{v}} AS s FROM a ORDER BY 3 DESC NULLS LAST, 2 LIMIT 2 OFFSET 1
SELECT id, {{v}} AS s FROM a ORDER BY n LIMIT 40%
SELECT id, {{v}} AS s FROM a ORDER BY n FETCH FIRST 2 ROWS ONLY
SELECT id, {{v}} AS s FROM a ORDER BY n LIMIT (SELECT 2)
SELECT v FROM a ORDER BY {{v}} DESC, n
SELECT id, {{v}} AS s FROM a ORDER BY k NULLS FIRST, n
SELECT id, {{v}} AS s FROM a ORDER BY ALL
SELECT DISTINCT k, {{v | (PARTITION BY k)}} > 0 AS s FROM a
SELECT DISTINCT k, {{id | (PARTITION BY k)}} IS NULL AS s FROM a ORDER BY upper(k)
SELECT DISTINCT ON (k) k, v, {{v}} AS s FROM a ORDER BY k, v
SELECT DISTINCT ON (k) id, {{v}} AS s FROM a ORDER BY k, n
SELECT DISTINCT ON ({{v}} > 0) id FROM a ORDER BY {{v}} > 0, n
SELECT id FROM a QUALIFY {{v}} > 0
SELECT id, {{v}} AS s FROM a QUALIFY ROW_NUMBER() OVER (ORDER BY n) < 3
SELECT id, {{v}} AS s FROM a WHERE id > 1 QUALIFY s > 0 AND ROW_NUMBER() OVER (PARTITION BY k ORDER BY n) < 3
SELECT id, {{v | | id > 2}} AS s FROM a
SELECT id, {{v | (PARTITION BY k) | w > 2}} AS s FROM a
SELECT id, {{v | (PARTITION BY k, d)}} AS s FROM a
SELECT id, {{v | (PARTITION BY v > 4, upper(k))}} AS s FROM a
SELECT id, SUM(v) OVER w AS r, {{v | w}} AS s FROM a WINDOW w AS (PARTITION BY k)
SELECT id, SUM(v) OVER w AS r, {{v | (w)}} AS s FROM a WINDOW w AS (PARTITION BY k)
SELECT id, SUM(v) OVER (PARTITION BY k ORDER BY n) AS r, {{v}} AS s FROM a
SELECT id, {{v}} AS s FROM a TABLESAMPLE 100%
FROM a SELECT id, {{v}} AS s
FROM a SELECT id, {{v}} AS s WHERE id > 2 ORDER BY n
SELECT id, {{v | (ORDER BY n)}} AS s FROM a
SELECT id, {{v | (PARTITION BY k ORDER BY d)}} AS s FROM a
SELECT id, {{v | (ORDER BY d DESC)}} AS s, * FROM a
SELECT id, {{v | (ORDER BY n ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING)}} AS s FROM a
SELECT id, {{v | (ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) | id > 1}} AS s FROM a QUALIFY s > 0
SELECT k, d, {{SUM(v) | (PARTITION BY k ORDER BY d)}} AS s FROM a GROUP BY k, d
"""

EXPRESSIONS = """
SELECT id, CASE WHEN {{v}} > 0 THEN v ELSE id END AS c FROM a
SELECT id, CASE k WHEN 'x' THEN {{v}} ELSE w END AS c FROM a
SELECT id, COALESCE({{v}}, 0) + v AS c FROM a
SELECT id, -{{v}} AS c, {{v}} * 2 + {{id}} AS e, 10 - {{v}} * (3 - {{v}}) AS f FROM a
SELECT id, {{? v}} AS c, NOT {{? v}} AS e, {{? v}} AND v > 3 OR {{? id}} AS f FROM a
SELECT id, {{? v}} = (v > 4) AS c, {{? v}} IS TRUE AS e FROM a
SELECT id, SUM(v) OVER (PARTITION BY k) - {{v}} AS s FROM a
SELECT id, CAST({{v}} AS DECIMAL(10, 2)) AS c, {{v}}::VARCHAR AS e, TRY_CAST({{v}} AS INTEGER) AS f FROM a
SELECT id, d + INTERVAL 1 DAY * CAST({{v}} AS INTEGER) AS c FROM a
SELECT id, EXTRACT(day FROM d) + {{v}} AS c FROM a
SELECT id, {{v}} IS NULL AS c, {{v}} BETWEEN -v AND v AS e, {{v}} IS DISTINCT FROM v AS f, {{v}} IN (1, v) AS g FROM a
SELECT id, round({{v}}, 1) AS c, greatest({{v}}, v) AS e, concat(k, {{v}}) AS f, k || {{v}} AS g FROM a
SELECT id, [{{v}}, v] AS c, ({{v}}) AS e FROM a
SELECT id, {'q': {{v}}, 'z': v} AS c FROM a
SELECT id, struct_pack(q := {{v}}, v := id) AS c FROM a
SELECT id, list_transform([1, v], lambda x: x + v) AS l, {{v}} AS s FROM a
SELECT id, {{v}} IN (SELECT v - 5 FROM b) AS s FROM a
SELECT id, {{v}} NOT IN (SELECT v - 30 FROM b WHERE v > 30) AS s FROM a
SELECT id, {{v}} > (SELECT MIN(v) - 10 FROM b) AS s FROM a
SELECT id AS w, w + 1 AS w1, {{v}} > (SELECT MIN(u) - 150 FROM b WHERE b.id = a.id) AS s FROM a
SELECT id, {{v}} > 0 AND EXISTS (SELECT 1 FROM b WHERE b.id = a.id) AS s FROM a
SELECT id, {{v}} > 0 AND a.id IN (SELECT id FROM b) AS s FROM a
SELECT id FROM a QUALIFY {{v}} > 0 AND id IN (SELECT id FROM b)
SELECT id FROM a QUALIFY {{v}} > 0 OR EXISTS (SELECT 1 FROM b WHERE b.id = a.id)
SELECT id, {{v}} AS s, EXISTS (SELECT 1 FROM b WHERE b.id = a.id) AS e, (SELECT MAX(u) FROM b WHERE b.id = a.id) AS m FROM a
SELECT v, unnest([1, 2]) AS q, {{v}} AS s FROM a
SELECT random() * 0 AS r, id, {{v}} AS s FROM a
SELECT {{v + w}} AS s, {{v > 3}} AS t, {{d}} IS NULL AS e, {{CASE WHEN v > 3 THEN w END}} AS f FROM (SELECT v, w, NULL::DOUBLE AS d FROM a)
"""

SCOPES = """
SELECT id, {{v}} AS s FROM a UNION ALL SELECT id, {{v}} FROM b
SELECT id, {{v}} AS s FROM a EXCEPT SELECT id, v FROM b
SELECT id, v FROM a INTERSECT SELECT id, {{v}} + v FROM a
(SELECT id, {{v}} AS s FROM a ORDER BY s, id LIMIT 2) UNION ALL (SELECT id, {{v}} FROM b ORDER BY 2, 1 LIMIT 2)
SELECT id, {{v}} AS s FROM a UNION ALL SELECT id, {{v}} FROM b ORDER BY s, id LIMIT 3
SELECT id, {{v}} AS s FROM a UNION ALL BY NAME SELECT {{v}} AS s, id FROM b
(SELECT id, {{v}} AS s FROM a UNION SELECT id, v FROM b) EXCEPT (SELECT id, {{v}} FROM a)
WITH q AS (SELECT * FROM a) SELECT id, {{v}} AS s FROM q UNION ALL SELECT id, {{v}} FROM q WHERE id > 2
WITH source AS (SELECT * FROM a) SELECT id, {{v}} AS s FROM source
WITH scored AS (SELECT id, {{v}} AS s FROM a), baseline AS (SELECT * FROM scored WHERE s > 0) SELECT *, {{s}} AS t FROM baseline
WITH source AS (SELECT id, {{v}} AS v FROM source) SELECT id, {{v}} AS s FROM source
WITH "Scored" AS (SELECT id, {{v}} AS s FROM a) SELECT * FROM "Scored", source WHERE "Scored".id + 100 = source.id
WITH x AS (WITH y AS (SELECT * FROM a) SELECT id, {{v}} AS s FROM y) SELECT * FROM x
WITH x AS (WITH x AS (SELECT id + 1 AS id, v FROM a) SELECT id, {{v}} AS v FROM x) SELECT id, {{v}} AS s FROM x
WITH x(a1, b1) AS (SELECT id, v FROM a) SELECT a1, {{b1}} AS s FROM x
WITH x(a1, b1) AS (SELECT id, {{v}} FROM a) SELECT * FROM x
WITH x AS MATERIALIZED (SELECT id, v FROM a) SELECT *, {{v}} AS s FROM x
WITH s AS (SELECT id, {{v}} AS s FROM a) SELECT * FROM (SELECT * FROM (SELECT id, {{s}} AS t FROM s) q) r
WITH z AS (SELECT * FROM a LIMIT 2) SELECT id, {{v}} AS s FROM a
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n, {{n}} AS s FROM r
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5), q AS (SELECT n, {{n}} AS s FROM r) SELECT * FROM q
SELECT s FROM (SELECT {{v}} AS s, id FROM a) t WHERE s > 0
SELECT {{s}} AS t FROM (SELECT {{v | (PARTITION BY k)}} AS s FROM a) t
SELECT t.id, {{t.s}} AS s FROM (SELECT id, {{v}} AS s FROM a) t JOIN (SELECT id, {{v}} AS s FROM b) r ON t.id = r.id
SELECT id FROM a WHERE v IN (SELECT v FROM a QUALIFY {{v}} > 0)
SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b QUALIFY {{b.v}} > 100)
SELECT id, {{v}} AS s FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.id = a.id)
SELECT id, (SELECT MAX(s) FROM (SELECT {{v}} AS s FROM a) q) AS m FROM b
SELECT id, {{v}} AS s FROM a WHERE v > (SELECT AVG(s) FROM (SELECT {{v}} AS s FROM a) q)
SELECT * FROM (SELECT k, {{v}} AS s FROM a) PIVOT (MAX(s) FOR k IN ('x', 'y'))
SELECT id, {{v}} AS s FROM a NATURAL JOIN c
SELECT a.id, {{a.v}} AS s FROM a SEMI JOIN b USING (id)
SELECT id, {{q}} AS s FROM a, LATERAL (SELECT a.v * 2 AS q) l
SELECT a.id, {{u}} AS s FROM a, b WHERE a.id = b.id
SELECT a.id, id, {{u}} AS s FROM a FULL JOIN b USING (id)
"""

MUST_WORK = [
    line
    for block in (STARS, NAMES, ALIASES, GROUPS, CLAUSES, EXPRESSIONS, SCOPES)
    for line in block.strip().splitlines()
]

MAY_BE_REFUSED = """
SELECT COLUMNS('id|v'), {{v}} AS s FROM a
SELECT COLUMNS(*) + 1, {{id}} AS s FROM ids
SELECT COLUMNS(* EXCLUDE (k)), {{v}} AS s FROM b
SELECT * REPLACE (v + 1 AS v), {{v}} AS s FROM a
SELECT * RENAME (v AS vv), {{v}} AS s FROM a
SELECT *, {{v}} AS s FROM a NATURAL JOIN c
SELECT *, {{id}} AS s FROM ids NATURAL JOIN (SELECT id, u FROM b) q
SELECT * LIKE 'i%', {{v}} AS s FROM a
SELECT id, {{v}} > ANY (SELECT v - 30 FROM b) AS s FROM a
SELECT id, {{v}} IN (SELECT u / 100 FROM b WHERE b.id = a.id) AS s FROM a
SELECT id AS w, {{v}} * 0 + 200 IN (SELECT u FROM b WHERE u > w * 60) AS s FROM a
SELECT w AS id, d, {{v}} + 100 > ANY (SELECT u FROM b WHERE b.v > id * 20) AS s FROM a
SELECT id, d + INTERVAL (CAST({{v}} AS INTEGER)) DAY AS s FROM a
SELECT k, {{w}} AS s FROM (SELECT * FROM a LIMIT 3)
SELECT id, {{v}} AS s FROM (SELECT DISTINCT ON (k) * FROM a ORDER BY k, n)
SELECT (SELECT MAX(q.s) FROM (SELECT {{v}} AS s FROM b WHERE u > w * 50) q) AS s FROM a
SELECT id, {{v | (PARTITION BY k ORDER BY n, id)}} AS s FROM a
SELECT id, {{v}} AS s FROM a ORDER BY n LIMIT 2 BY k
SELECT k, d, SUM(v), {{SUM(v) | (PARTITION BY k)}} AS s FROM a GROUP BY k, d, ()
SELECT (SELECT {{v}} FROM b LIMIT 1) AS s FROM a
SELECT struct_extract({'q': v}, 'q') AS e, {{v}} AS s FROM a
SELECT unnest({'q': v, 'r': id}), {{v}} AS s FROM a
SELECT t.s.*, {{t.s.q}} AS sc FROM (SELECT {'q': v, 'r': id} AS s FROM a) t
SELECT id, {{v}} AS s FROM a USING SAMPLE 100%
SELECT id, {{v + CAST(random() AS INTEGER) * 0}} AS s FROM a
SELECT id, {{v}} AS s FROM query_table('a')
""".strip().splitlines()

ENGINE_REFUSES = """
SELECT *, {{u}} AS s FROM a JOIN b USING (id) JOIN c USING (v)
SELECT v, {{v}} AS s FROM a JOIN b ON a.id = b.id
SELECT nope, {{v}} AS s FROM a
SELECT id, {{nope}} AS s FROM a
SELECT id, {{v}} AS s FROM nope
SELECT k, v, {{v}} AS s FROM a GROUP BY k
SELECT k, {{v}} AS s FROM a GROUP BY k
SELECT id, {{v}} AS s FROM a ORDER BY nope
SELECT id, {{v}} AS s FROM a ORDER BY 7
SELECT id, {{v}} AS s FROM a QUALIFY nope > 1
SELECT a.id, b.id, {{u}} AS s FROM a JOIN b ON a.k = b.k ORDER BY id
SELECT id, {{v}} AS s FROM a WHERE {{v}} > 0
SELECT id, {{v}} AS s FROM a WHERE s > 0
SELECT SUM({{v}}) AS s FROM a
SELECT COUNT(*) FILTER (WHERE {{? v}}) AS s FROM a
SELECT product({{v}}) AS s FROM a
SELECT histogram({{v}}) AS s FROM a
SELECT kurtosis({{v}}) AS s FROM a
SELECT list({{v}}) AS s FROM a
SELECT mode({{v}}) AS s FROM a
SELECT bitstring_agg(CAST({{v}} AS INTEGER)) AS s FROM a
SELECT approx_quantile({{v}}, 0.5) AS s FROM a
SELECT string_agg({{v}}::VARCHAR, ',') AS s FROM a
SELECT arg_max(id, {{v}}) AS s FROM a
SELECT k, any_value({{v}}) AS s FROM a GROUP BY k
SELECT {{v}} AS s FROM a GROUP BY s
SELECT k, {{SUM(v)}} AS s FROM a GROUP BY k, {{SUM(v)}}
SELECT k, {{SUM(v)}} AS s FROM a GROUP BY k HAVING s > 0
SELECT k FROM a GROUP BY k HAVING {{SUM(v)}} > 0
SELECT k, {{SUM(v)}} AS s FROM a GROUP BY 2
SELECT a.id FROM a JOIN b ON a.id = b.id AND {{a.v}} > 0
SELECT ROW_NUMBER() OVER (ORDER BY {{v}}) AS s FROM a
SELECT id FROM a QUALIFY ROW_NUMBER() OVER (ORDER BY {{v}}) < 3
SELECT id, {{v}} AS s FROM a QUALIFY ROW_NUMBER() OVER (PARTITION BY k ORDER BY s) = 1
SELECT id, {{v | w}} AS s FROM a WINDOW w AS (PARTITION BY {{v}})
SELECT id, {{v | w}} AS s FROM a
SELECT *
SELECT *, {{1}} AS s
SELECT id, {{v}} AS s FROM a UNION ALL SELECT id FROM b
SELECT b.*, {{v}} AS s FROM a
SELECT * EXCLUDE (nope), {{v}} AS s FROM a
SELECT DISTINCT ON (nope) id, {{v}} AS s FROM a
SELECT id, {{v}} AS s FROM a LIMIT id
SELECT source.id, {{v}} AS s FROM a
SELECT scored.id, {{v}} AS s FROM a
SELECT id, {{v}} AS s FROM a WHERE source.id > 1
SELECT id, {{v}} AS s, _sn_v FROM a
SELECT id, {{v}} AS s FROM a ORDER BY _sn_v
SELECT id, {{v}} AS s FROM a QUALIFY _sn__score > 1
SELECT id, {{v}} AS s FROM a ORDER BY _sn__score
""".strip().splitlines()
"""What DuckDB refuses with the native window: with a call it is never run with another meaning."""


@pytest.mark.parametrize("template", MUST_WORK)
def test_a_shape_keeps_its_meaning_through_every_form(template: str, duck: Duck) -> None:
    """With a connection it must run; with less knowledge it may be refused, never changed."""
    outcomes = judge(template, duck, ordered="ORDER BY" in template.split(")")[-1])
    wrong = [
        str(outcome)
        for outcome in outcomes
        if outcome.defect
        or (outcome.knowledge == "live" and outcome.form == "default" and outcome.verdict != "same")
    ]
    assert not wrong, "\n".join([template, *wrong])


@pytest.mark.parametrize("template", MAY_BE_REFUSED)
def test_a_rare_shape_is_kept_or_refused_by_name(template: str, duck: Duck) -> None:
    """Never changed, and never left to the engine to fail on."""
    wrong = [str(outcome) for outcome in judge(template, duck) if outcome.defect]
    assert not wrong, "\n".join([template, *wrong])


@pytest.mark.parametrize("template", ENGINE_REFUSES)
def test_what_the_engine_refuses_stays_refused(template: str, duck: Duck) -> None:
    """By us or by the engine, and not by a crash."""
    wrong = [str(outcome) for outcome in judge(template, duck) if outcome.verdict != "both refuse"]
    assert not wrong, "\n".join([template, *wrong])
