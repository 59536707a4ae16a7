import { AUTUMN, type QueryCase } from "../../sources/queries/answering-role.ts";
import type { SqlCase } from "./sql-case.ts";

/** Statements that create the tables of the cases. */
export const SETUP: string =
  "CREATE TABLE orders (at timestamptz, host text, v float8, n int8); " +
  "INSERT INTO orders SELECT timestamptz '2024-03-31 00:00:00+00' + i * interval '30 min', " +
  "CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END, CASE WHEN i = 3 THEN NULL ELSE i / 2.0 END, i FROM generate_series(0, 6) i; " +
  "CREATE TABLE autumn AS SELECT timestamptz '2024-10-26 23:00:00+00' + i * interval '30 min' AS at FROM generate_series(0, 7) i; " +
  "CREATE TABLE gaps AS SELECT at, n FROM orders WHERE n IN (0, 1, 4, 5); " +
  "CREATE TYPE mood AS ENUM ('ok', 'sad'); CREATE DOMAIN positive AS int CHECK (VALUE > 0); " +
  'CREATE TABLE "select" ("order" int, "from" text); INSERT INTO "select" VALUES (1, NULL); ' +
  "CREATE FUNCTION write_order() RETURNS int LANGUAGE sql AS 'INSERT INTO orders VALUES (now(), NULL, 1, 1) RETURNING 1'; " +
  "DO $$ BEGIN EXECUTE 'CREATE TABLE wide AS SELECT ' || (SELECT string_agg(i || ' AS c' || i, ', ') FROM generate_series(1, 1600) i); END $$; " +
  "CREATE PROCEDURE clear_orders() LANGUAGE plpgsql AS 'BEGIN COMMIT; DELETE FROM orders; COMMIT; END'; " +
  "CREATE ROLE reader LOGIN PASSWORD 'secret'; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO reader; REVOKE CREATE ON SCHEMA public FROM PUBLIC";
const SERIES = "time_series";
const AUTUMN_ROWS = { range: AUTUMN };

/** Queries with macros, time zones, series and variables, and queries that the source refuses. */
export const CASES: readonly QueryCase<SqlCase>[] = [
  [
    "__time names the time of a row",
    "SELECT $__time(at), n FROM orders ORDER BY 1 LIMIT 1",
    ["time time 2024-03-31T00:00Z", "n number 0"],
  ],
  [
    "__timeEpoch makes a Unix time of a time",
    "SELECT $__timeEpoch(at), n FROM orders ORDER BY n LIMIT 1",
    ["time time 2024-03-31T00:00Z", "n number 0"],
  ],
  [
    "__timeFilter contains both ends of the range",
    "SELECT min(n) AS a, max(n) AS b FROM orders WHERE $__timeFilter(at)",
    ["a number 0", "b number 6"],
  ],
  [
    "__timeFrom and __timeTo are times in UTC",
    "SELECT $__timeFrom()::timestamptz AS a, $__timeTo()::timestamptz AS b, $__timeFrom() AS c",
    ["a time 2024-03-31T00:00Z", "b time 2024-03-31T03:00Z", 'c string "2024-03-31T00:00:00Z"'],
  ],
  [
    "__timeGroup groups by intervals, and is a time column if a comma follows",
    "SELECT $__timeGroup(at,'1h'), count(*) AS c FROM orders GROUP BY 1 ORDER BY 1",
    ["time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "c number 2 2 2 1"],
  ],
  [
    "__timeGroup without a comma has no alias",
    "SELECT count(*) AS c, $__timeGroup(at,'1h') AS g FROM orders GROUP BY 2 ORDER BY 2",
    ["c number 2 2 2 1", "g number 1711843200 1711846800 1711850400 1711854000"],
  ],
  [
    "__timeGroupAlias names the time, and takes the interval of the panel",
    {
      sql: "SELECT $__timeGroupAlias(at,$__interval), count(*) AS c FROM orders GROUP BY 1 ORDER BY 1",
      intervalMs: 3_600_000,
    },
    ["time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "c number 2 2 2 1"],
  ],
  [
    "__unixEpochFilter compares whole seconds",
    "SELECT $__unixEpochFilter(1711843200) AS a, $__unixEpochFilter(1711854001) AS b",
    ["a boolean true", "b boolean false"],
  ],
  [
    "__unixEpochFrom and __unixEpochTo are seconds",
    "SELECT $__unixEpochFrom() AS a, $__unixEpochTo() AS b",
    ["a number 1711843200", "b number 1711854000"],
  ],
  [
    "the macros of nanoseconds are exact integers",
    "SELECT $__unixEpochNanoFrom() AS a, $__unixEpochNanoTo() AS b, $__unixEpochNanoFilter(1711843200000000000) AS c",
    ['a string "1711843200000000000"', 'b string "1711854000000000000"', "c boolean true"],
  ],
  [
    "__unixEpochGroup and __unixEpochGroupAlias group numbers",
    "SELECT $__unixEpochGroup(1711843499,5m) AS a, $__unixEpochGroupAlias(1711843499,5m)",
    ["a number 1711843200", "time time 2024-03-31T00:00Z"],
  ],
  [
    "__interval and __interval_ms are the interval of the panel",
    "SELECT '$__interval' AS a, $__interval_ms AS b",
    ['a string "1m"', "b number 60000"],
  ],
  [
    "an unknown macro is named",
    "SELECT $__unknown(at) FROM orders",
    ['error 400: interpolation failed: unknown macro "__unknown"'],
  ],
  [
    "a macro without its column is refused",
    "SELECT $__timeFilter() FROM orders",
    ["error 400: interpolation failed: missing time column argument for macro __timeFilter"],
  ],
  [
    "an interval that is none is named",
    "SELECT $__timeGroup(at,'fast') FROM orders",
    ["error 400: interpolation failed: error parsing interval 'fast'"],
  ],
  [
    "a filling that is none is named",
    "SELECT $__timeGroup(at,'1h',zero) FROM orders",
    ["error 400: interpolation failed: error parsing fill value zero; write NULL, previous or a number"],
  ],
  [
    "an interval of zero is refused",
    "SELECT $__timeGroup(at,'0s') FROM orders",
    ["error 400: interpolation failed: error parsing interval '0s'"],
  ],
  [
    "hours of Berlin skip the hour that its clocks skip",
    "SELECT to_char(at AT TIME ZONE 'Europe/Berlin', 'HH24:MI') AS clock, n FROM orders WHERE at < '2024-04-01' ORDER BY at LIMIT 5",
    ['clock string "01:00" "01:30" "03:00" "03:30" "04:00"', "n number 0 1 2 3 4"],
  ],
  [
    "an hour that Berlin has twice is two groups of UTC",
    {
      sql: "SELECT $__timeGroupAlias(at,'1h'), count(*) AS c FROM autumn WHERE $__timeFilter(at) GROUP BY 1 ORDER BY 1",
      ...AUTUMN_ROWS,
    },
    ["time time 2024-10-26T23:00Z 2024-10-27T00:00Z 2024-10-27T01:00Z 2024-10-27T02:00Z", "c number 2 2 2 2"],
  ],
  [
    "an hour that Berlin has twice is one group of its clock",
    {
      sql: "SELECT date_trunc('hour', at AT TIME ZONE 'Europe/Berlin') AS time, count(*) AS c FROM autumn GROUP BY 1 ORDER BY 1",
      ...AUTUMN_ROWS,
    },
    ["time time 2024-10-27T01:00Z 2024-10-27T02:00Z 2024-10-27T03:00Z", "c number 2 4 2"],
  ],
  [
    "a time of Berlin that no clock shows, or that each clock shows twice, is one moment",
    "SELECT '2024-03-31 02:30'::timestamp AT TIME ZONE 'Europe/Berlin' AS gap, ('2024-10-27 02:30'::timestamp AT TIME ZONE 'Europe/Berlin') AS twice",
    ["gap time 2024-03-31T01:30Z", "twice time 2024-10-27T01:30Z"],
  ],
  [
    "days of Berlin are 23 and 25 hours long",
    "SELECT extract(epoch FROM ('2024-04-01'::timestamp AT TIME ZONE 'Europe/Berlin') - ('2024-03-31'::timestamp AT TIME ZONE 'Europe/Berlin')) / 3600 AS spring, extract(epoch FROM ('2024-10-28'::timestamp AT TIME ZONE 'Europe/Berlin') - ('2024-10-27'::timestamp AT TIME ZONE 'Europe/Berlin')) / 3600 AS autumn",
    ["spring number 23", "autumn number 25"],
  ],
  [
    "a column without zone is filtered in UTC",
    "SELECT count(*) AS c FROM (SELECT at AT TIME ZONE 'UTC' AS t FROM orders) o WHERE $__timeFilter(t)",
    ["c number 7"],
  ],
  [
    "rows with texts become a series for each text",
    { sql: "SELECT at AS time, host, v FROM orders ORDER BY at", format: SERIES },
    [
      "Time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "v{host=a} number 0 null 1 null 2 null 3",
      "v{host=b} number null 0.5 null null null 2.5 null",
    ],
  ],
  [
    "several texts and numbers become labels and values",
    { sql: "SELECT at AS time, host, 'x' AS dc, v, n FROM orders ORDER BY at LIMIT 2", format: SERIES },
    [
      "Time time 2024-03-31T00:00Z 2024-03-31T00:30Z",
      "n{host=a,dc=x} number 0 null",
      "n{host=b,dc=x} number null 1",
      "v{host=a,dc=x} number 0 null",
      "v{host=b,dc=x} number null 0.5",
    ],
  ],
  [
    "the column metric names its series",
    { sql: "SELECT at AS time, host AS metric, v FROM orders ORDER BY at LIMIT 2", format: SERIES },
    ["Time time 2024-03-31T00:00Z 2024-03-31T00:30Z", "a number 0 null", "b number null 0.5"],
  ],
  [
    "a null in a text is an empty label",
    { sql: "SELECT at AS time, NULL::text AS host, v FROM orders ORDER BY at LIMIT 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z", "v{host=} number 0"],
  ],
  [
    "integers beyond 2^53 are values of a time series, not labels",
    { sql: "SELECT at AS time, 9007199254740993 AS big FROM orders ORDER BY at LIMIT 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z", "big number 9007199254740992"],
  ],
  [
    "booleans of a time series are numbers",
    { sql: "SELECT at AS time, n > 3 AS big FROM orders ORDER BY at LIMIT 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z", "big number 0"],
  ],
  [
    "missing intervals are filled with null",
    { sql: "SELECT $__timeGroupAlias(at,'1h',NULL), sum(n) AS n FROM gaps GROUP BY 1 ORDER BY 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "n number 1 null 9 null"],
  ],
  [
    "missing intervals are filled with a number",
    { sql: "SELECT $__timeGroupAlias(at,'1h',-1.5), sum(n) AS n FROM gaps GROUP BY 1 ORDER BY 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "n number 1 -1.5 9 -1.5"],
  ],
  [
    "missing intervals are filled with the value before",
    { sql: "SELECT $__timeGroupAlias(at,'1h',previous), sum(n) AS n FROM gaps GROUP BY 1 ORDER BY 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "n number 1 1 9 9"],
  ],
  [
    "a filling of more rows than the limit is skipped",
    {
      sql: "SELECT $__timeGroupAlias(at,'1s',0), sum(n) AS n FROM gaps GROUP BY 1 ORDER BY 1",
      format: SERIES,
      range: { from: 0, to: 2_000_000_000_000 },
    },
    [
      "Time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z",
      "n number 0 1 4 5",
      "notice: Fill operation skipped: time range and interval would require more points than the configured row limit",
    ],
  ],
  [
    "rows that descend by time are refused",
    { sql: "SELECT at AS time, host, v FROM orders ORDER BY at DESC", format: SERIES },
    [
      "error 400: failed to convert long to wide series when converting from dataframe: long series must be sorted ascending by time to be converted; order the rows by time",
    ],
  ],
  [
    "a time series without time is refused",
    { sql: "SELECT 1 AS v", format: SERIES },
    [
      "error 400: db has no time column: time column is missing; make sure your data includes a time column for time series format or switch to a table format that doesn't require it",
    ],
  ],
  [
    "a time that is a text is refused",
    { sql: "SELECT 'noon' AS time, 1 AS v", format: SERIES },
    [
      "error 400: converting time columns failed: failed to convert time column: unable to convert data to a time field",
    ],
  ],
  [
    "a null as time is refused if rows become series",
    { sql: "SELECT NULL::timestamptz AS time, 'a' AS host, 1 AS v", format: SERIES },
    [
      "error 400: failed to convert long to wide series when converting from dataframe: can not convert to wide series, input has null time values; order the rows by time",
    ],
  ],
  [
    "numbers of seconds, milliseconds and nanoseconds are times",
    {
      sql: "SELECT 1711843200 AS time, 1 AS v UNION ALL SELECT 1711843200000, 2 UNION ALL SELECT 1711843200000000000, 3",
      format: SERIES,
    },
    ["Time time 2024-03-31T00:00Z 2024-03-31T00:00Z 2024-03-31T00:00Z", "v number 1 2 3"],
  ],
  [
    "no rows of a time series give no fields",
    { sql: "SELECT at AS time, v FROM orders WHERE false", format: SERIES },
    [],
  ],
  [
    "a single value stands between the quotes of the query",
    { sql: "SELECT '$x' AS v", variables: { x: "O'Brien\\" } },
    ['v string "O\'Brien\\\\"'],
  ],
  [
    "several values are a list of literals",
    { sql: "SELECT count(*) AS c FROM orders WHERE host IN ($x)", variables: { x: ["a", "b'", "漢"] } },
    ["c number 4"],
  ],
  [
    "sqlstring writes the literals of several values",
    { sql: "SELECT ARRAY[${x:sqlstring}] AS v", variables: { x: ["a'b", "c\\", "--", "/*"] } },
    ['v string "{a\'b,\\"c\\\\\\\\\\",--,/*}"'],
  ],
  [
    "the text of All is inserted unchanged",
    {
      sql: "SELECT count(*) AS c FROM orders WHERE host IN ($x)",
      variables: { x: ["SELECT host FROM orders"] },
      verbatim: ["x"],
    },
    ["c number 7"],
  ],
  [
    "a value that tries to end its literal stays in it",
    { sql: "SELECT count(*) AS c FROM orders WHERE host = '$x'", variables: { x: "a' OR '1'='1" } },
    ["c number 0"],
  ],
  [
    "a value with the name of a macro is a text",
    { sql: "SELECT '$x' AS v", variables: { x: "$__interval" } },
    ['v string "1m"'],
  ],
  [
    "a dollar in a literal stays",
    "SELECT '$' AS a, 'US$ (5)' AS b, $$x$$ AS c, $q$it's$q$ AS d",
    ['a string "$"', 'b string "US$ (5)"', 'c string "x"', 'd string "it\'s"'],
  ],
  [
    "comments before, in and after a statement are read",
    "-- first\n/* a /* nested */ one */ SELECT /* $1 ; */ 1 AS v -- last",
    ["v number 1"],
  ],
  ["a semicolon at the end changes nothing", "SELECT 1 AS v ; ", ["v number 1"]],
  [
    "several statements are refused",
    "SELECT 1; DELETE FROM orders",
    ["error 400: db query error: ERROR: cannot insert multiple commands into a prepared statement (SQLSTATE 42601)"],
  ],
  [
    "a recursive query, a window and a lateral join are read",
    "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT i, sum(i) OVER (ORDER BY i) AS s, l.x FROM r, LATERAL (SELECT i * 2 AS x) l",
    ["i number 1 2 3", "s number 1 3 6", "x number 2 4 6"],
  ],
  [
    "a function that writes is refused by the transaction",
    "SELECT write_order()",
    ["error 400: db query error: ERROR: cannot execute INSERT in a read-only transaction (SQLSTATE 25006)"],
  ],
  [
    "INSERT is refused",
    "INSERT INTO orders VALUES (now(), 'x', 1, 1)",
    [
      'error 400: db query error: the statement begins with "INSERT", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN, CALL',
    ],
  ],
  [
    "DDL is refused",
    "CREATE TABLE x (a int)",
    [
      'error 400: db query error: the statement begins with "CREATE", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN, CALL',
    ],
  ],
  [
    "SELECT INTO is refused by the transaction",
    "SELECT * INTO copied FROM orders",
    ["error 400: db query error: ERROR: cannot execute SELECT INTO in a read-only transaction (SQLSTATE 25006)"],
  ],
  [
    "SET is refused",
    "SET transaction_read_only = off",
    [
      'error 400: db query error: the statement begins with "SET", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN, CALL',
    ],
  ],
  [
    "DO is refused",
    "DO $$ BEGIN DELETE FROM orders; END $$",
    [
      'error 400: db query error: the statement begins with "DO", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN, CALL',
    ],
  ],
  [
    "COPY to a program is refused",
    "COPY (SELECT 1) TO PROGRAM 'touch /tmp/x'",
    [
      'error 400: db query error: the statement begins with "COPY", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN, CALL',
    ],
  ],
  [
    "a file of the server cannot be read by a user without the right",
    "SELECT pg_read_file('/etc/passwd')",
    ["error 400: db query error: ERROR: permission denied for function pg_read_file (SQLSTATE 42501)"],
  ],
  [
    "large objects cannot be imported by a user without the right",
    "SELECT lo_import('/etc/passwd')",
    ["error 400: db query error: ERROR: permission denied for function lo_import (SQLSTATE 42501)"],
  ],
  [
    "a backend of another user cannot be ended",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'narthex' LIMIT 1",
    ["error 400: db query error: ERROR: must be a superuser to terminate superuser process (SQLSTATE 42501)"],
  ],
  [
    "NOTIFY and LISTEN are refused",
    "NOTIFY x",
    [
      'error 400: db query error: the statement begins with "NOTIFY", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN, CALL',
    ],
  ],
  [
    "PREPARE is refused",
    "PREPARE x AS DELETE FROM orders",
    [
      'error 400: db query error: the statement begins with "PREPARE", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN, CALL',
    ],
  ],
  [
    "a parameter of a prepared statement has no value",
    "SELECT $1::int AS v",
    [
      'error 400: db query error: ERROR: bind message supplies 0 parameters, but prepared statement "" requires 1 (SQLSTATE 08P01); write a value instead of a parameter such as $1',
    ],
  ],
  [
    "a NUL character is refused",
    "SELECT '\u0000'",
    ["error 400: db query error: the query contains a NUL character; remove it"],
  ],
  ["half a surrogate pair becomes the replacement character", "SELECT '\ud83d' AS v", ['v string "�"']],
  [
    "an unknown column is named",
    "SELECT nothing FROM orders",
    ['error 400: db query error: ERROR: column "nothing" does not exist (SQLSTATE 42703)'],
  ],
  [
    "an unfinished literal is named",
    "SELECT 'x",
    ['error 400: db query error: ERROR: unterminated quoted string at or near "\'x" (SQLSTATE 42601)'],
  ],
  [
    "an error in the middle of the rows fails the query",
    "SELECT 1 / (3 - i) AS v FROM generate_series(1, 100000) i",
    ["error 400: db query error: ERROR: division by zero (SQLSTATE 22012)"],
  ],
  [
    "a table without rows has no series",
    { sql: "SELECT at AS time, host, v FROM orders WHERE host = 'c'", format: SERIES },
    [],
  ],
  [
    "a value with the text of a macro runs no SQL of its own",
    { sql: "SELECT '$x' AS v", variables: { x: "$__timeFrom() OR (SELECT true) --" } },
    ['error 400: db query error: ERROR: syntax error at or near "2024" (SQLSTATE 42601)'],
  ],
  [
    "a hidden SET in a common table expression is refused",
    "WITH x AS (SELECT 1) SET a = 1",
    ['error 400: db query error: ERROR: syntax error at or near "SET" (SQLSTATE 42601)'],
  ],
  [
    "a setting of the session cannot be made writable",
    "SELECT set_config('transaction_read_only', 'off', true)",
    ["error 400: db query error: ERROR: transaction read-write mode must be set before any query (SQLSTATE 25001)"],
  ],
  [
    "a lock of a table is refused",
    "LOCK TABLE orders",
    [
      'error 400: db query error: the statement begins with "LOCK", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, EXPLAIN, CALL',
    ],
  ],
  ["an advisory lock ends with its query", "SELECT pg_try_advisory_lock(7) AS got", ["got boolean true"]],
  [
    "the next query gets the lock, because the one before it has ended",
    "SELECT pg_try_advisory_lock(7) AS got",
    ["got boolean true"],
  ],
  [
    "CALL of a procedure that commits and writes is refused",
    "CALL clear_orders()",
    ["error 400: db query error: ERROR: invalid transaction termination (SQLSTATE 2D000)"],
  ],
  [
    "EXPLAIN ANALYZE of a change is refused",
    "EXPLAIN ANALYZE DELETE FROM orders",
    ["error 400: db query error: ERROR: cannot execute DELETE in a read-only transaction (SQLSTATE 25006)"],
  ],
  ["VALUES, TABLE and SHOW are read", "TABLE gaps LIMIT 1", ["at time 2024-03-31T00:00Z", "n number 0"]],
];
