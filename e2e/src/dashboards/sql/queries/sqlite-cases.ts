import type { AskedQuery, QueryCase } from "../../sources/queries/answering-role.ts";
import type { SqlCase } from "./sql-case.ts";

/** Returns the query of a source whose plugin keeps the statement in another property. */
export const askedSqlite = (query: SqlCase): AskedQuery => {
  const { sql, format = "table", target, ...more } = typeof query === "string" ? { sql: query } : query;
  const timeColumns = ["time", "ts"];
  return { ...more, target: { rawQueryText: sql, queryText: sql, queryType: format, timeColumns, ...target } };
};

/** Statements that create the tables of the cases. */
export const SETUP = `
  CREATE TABLE orders (time INTEGER, host TEXT, v REAL, n INTEGER);
  INSERT INTO orders WITH RECURSIVE i(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM i WHERE n < 6)
    SELECT 1711843200 + n * 1800, iif(n % 2, 'b', 'a'), iif(n = 3, NULL, n / 2.0), n FROM i;
  CREATE TABLE gaps AS SELECT time, n FROM orders WHERE n IN (0, 1, 4, 5);
  CREATE TABLE mixed (v);
  INSERT INTO mixed VALUES (NULL), (1), (1.5), ('x'), (X'C3A9');
  CREATE TABLE texts (v);
  INSERT INTO texts VALUES (NULL), ('x'), (1), (1.5), (9007199254740993);
  CREATE TABLE "select" ("order" INTEGER, "from" TEXT, "a""b" TEXT);
  INSERT INTO "select" VALUES (1, NULL, '漢');
  CREATE VIEW seen AS SELECT max(n) AS n FROM orders;
`;
const SERIES = "time series";

export const CASES: readonly QueryCase<SqlCase>[] = [
  [
    "integers keep their value, and one beyond 2^53 makes a column of texts",
    "SELECT 1 AS a, 9007199254740991 AS b, 9007199254740993 AS c, -9223372036854775808 AS d, NULL AS e",
    [
      "a number 1",
      "b number 9007199254740991",
      'c string "9007199254740993"',
      'd string "-9223372036854775808"',
      "e number null",
    ],
  ],
  [
    "a null stays a null in a column with an integer beyond 2^53",
    "VALUES (9223372036854775807), (NULL), (1)",
    ['column1 string "9223372036854775807" null "1"'],
  ],
  [
    "floats keep infinities, and SQLite has no NaN",
    "SELECT 1.5 AS a, 9e999 AS b, -9e999 AS c, 9e999 - 9e999 AS d, 5e-324 AS e, -0.0 AS f",
    ["a number 1.5", "b number Inf", "c number -Inf", "d number null", "e number 5e-324", "f number 0"],
  ],
  [
    "a comparison is a number",
    "SELECT 1 = 1 AS a, 1 = 2 AS b, NULL = 1 AS c",
    ["a number 1", "b number 0", "c number null"],
  ],
  [
    "texts keep their characters",
    "SELECT 'é漢😀' AS v, 'it''s' AS q, char(10, 9) AS t, '' AS e",
    ['v string "é漢😀"', 'q string "it\'s"', 't string "\\n\\t"', 'e string ""'],
  ],
  [
    "a text does not end at a NUL character",
    "SELECT 'a' || char(0) || 'b' AS v, length('a' || char(0) || 'b') AS n",
    ['v string "a\\u0000b"', "n number 1"],
  ],
  [
    "bytes become texts",
    "SELECT X'C3A9' AS a, X'FF00' AS b, X'' AS c",
    ['a string "é"', 'b string "�\\u0000"', 'c string ""'],
  ],
  [
    "a column that begins with a number has numbers, and other values are null",
    "SELECT v FROM mixed",
    ["v number null 1 1.5 null null"],
  ],
  [
    "a column that begins with a text has texts",
    "SELECT v FROM texts",
    ['v string null "x" "1" "1.500000" "9007199254740993"'],
  ],
  [
    "dates of SQLite are texts",
    "SELECT date('2024-03-31') AS d, datetime(1711843200, 'unixepoch') AS t, strftime('%s', '2024-03-31') AS s",
    ['d string "2024-03-31"', 't string "2024-03-31 00:00:00"', 's string "1711843200"'],
  ],
  [
    "JSON is a text",
    "SELECT json('{\"a\": [1, null]}') AS j, json_extract('{\"n\": 9007199254740993}', '$.n') AS n",
    ['j string "{\\"a\\":[1,null]}"', 'n string "9007199254740993"'],
  ],
  ["a column of nulls has numbers", "SELECT NULL AS v", ["v number null"]],
  [
    "no rows keep the names of their fields",
    "SELECT * FROM orders WHERE 0",
    ["time time ", "host string ", "v number ", "n number "],
  ],
  [
    "columns of the same name stay apart",
    "SELECT 1 AS a, 'x' AS a, NULL AS a",
    ["a number 1", 'a string "x"', "a number null"],
  ],
  [
    "names with quotes, spaces, other scripts and words of JavaScript stay as they are",
    'SELECT 1 AS "a""b", 2 AS [a b.c], 3 AS `漢😀`, 4 AS "__proto__", 5 AS "constructor", 6',
    ['a"b number 1', "a b.c number 2", "漢😀 number 3", "__proto__ number 4", "constructor number 5", "6 number 6"],
  ],
  [
    "table and column names that are keywords are read",
    'SELECT "order", "from", "a""b" FROM "select"',
    ["order number 1", "from string null", 'a"b string "漢"'],
  ],
  ["a view is read", "SELECT n FROM seen", ["n number 6"]],
  [
    "seconds in a column of times are times",
    "SELECT time, n FROM orders LIMIT 2",
    ["time time 2024-03-31T00:00Z 2024-03-31T00:30Z", "n number 0 1"],
  ],
  [
    "fractions, texts of seconds and RFC 3339 in a column of times are times",
    "SELECT '2024-03-31T02:30:00+02:00' AS time, 1711843200.5 AS ts UNION ALL SELECT '1711843200', NULL",
    ["time time 2024-03-31T00:30Z 2024-03-31T00:00Z", "ts time 2024-03-31T00:00:00.500Z null"],
  ],
  ["a text that is no time is null", "SELECT 'noon' AS time, '' AS ts", ["time time null", "ts time null"]],
  [
    "unixEpochGroupSeconds groups seconds",
    "SELECT $__unixEpochGroupSeconds(time, 3600) AS time, count(*) AS c FROM orders GROUP BY 1",
    ["time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "c number 2 2 2 1"],
  ],
  [
    "unixEpochGroupSeconds inserts missing times",
    "SELECT $__unixEpochGroupSeconds(time, 1800, NULL) AS time, sum(n) AS n FROM gaps GROUP BY 1",
    [
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z",
      "n number 0 1 null null 4 5",
    ],
  ],
  [
    "__from and __to are the range in milliseconds",
    "SELECT $__from AS a, $__to AS b",
    ["a number 1711843200000", "b number 1711854000000"],
  ],
  [
    "__interval and __interval_ms are the interval of the panel",
    "SELECT '$__interval' AS a, $__interval_ms AS b",
    ['a string "1m"', "b number 60000"],
  ],
  [
    "a grouping by no number is named",
    "SELECT $__unixEpochGroupSeconds(time, x) FROM orders",
    ["error 400: could not convert 'x' to an integer grouping interval"],
  ],
  [
    "another filling than null is refused",
    "SELECT $__unixEpochGroupSeconds(time, 60, 0) AS time FROM orders",
    ["error 400: unsupported gap filling value of: `0`"],
  ],
  [
    "an unknown macro is named",
    "SELECT $__timeFilter(time) FROM orders",
    ['error 400: interpolation failed: unknown macro "__timeFilter"'],
  ],
  [
    "the local time of SQLite is UTC, whatever the zone of the role is",
    "SELECT datetime('2024-03-31 12:00:00', 'localtime') AS t",
    ['t string "2024-03-31 12:00:00"'],
  ],
  [
    "rows with texts become a series for each text",
    { sql: "SELECT time, host, v FROM orders", format: SERIES },
    [
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "v{host=a} number 0 null 1 null 2 null 3",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "v{host=b} number null 0.5 null null null 2.5 null",
    ],
  ],
  [
    "several numbers are several series",
    { sql: "SELECT time, v, n FROM orders LIMIT 2", format: SERIES },
    [
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z",
      "v number 0 0.5",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z",
      "n number 0 1",
    ],
  ],
  [
    "integers beyond 2^53 are values of a time series, not labels",
    { sql: "SELECT time, 9007199254740993 AS big FROM orders LIMIT 1", format: SERIES },
    ["time time 2024-03-31T00:00Z", "big number 9007199254740992"],
  ],
  [
    "a null in a text is an empty label",
    { sql: "SELECT time, iif(n = 1, 'x', NULL) AS host, n FROM orders LIMIT 2", format: SERIES },
    [
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z",
      "n{host=} number 0 null",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z",
      "n{host=x} number null 1",
    ],
  ],
  [
    "rows that descend by time are refused",
    { sql: "SELECT time, host, v FROM orders ORDER BY time DESC", format: SERIES },
    [
      "error 400: failed to convert long to wide series when converting from dataframe: long series must be sorted ascending by time to be converted; order the rows by time",
    ],
  ],
  [
    "a time series without time is refused",
    { sql: "SELECT 1 AS v", format: SERIES },
    [
      "error 400: can not convert to wide series, expected long format series input but got not a time series; name the column with the time under time columns, and select a number",
    ],
  ],
  ["no rows of a time series give no series", { sql: "SELECT time, v FROM orders WHERE 0", format: SERIES }, []],
  [
    "a single value stands between the quotes of the query",
    { sql: "SELECT '$x' AS v", variables: { x: "O'Brien\\" } },
    ['v string "O\'Brien\\\\"'],
  ],
  [
    "several values are written as in Grafana's plugin, so a list needs sqlstring",
    { sql: "SELECT count(*) AS c FROM orders WHERE host IN (${x:sqlstring})", variables: { x: ["a", "b'", "\\"] } },
    ["c number 4"],
  ],
  [
    "sqlstring writes literals of several values",
    { sql: "SELECT json_array(${x:sqlstring}) AS v", variables: { x: ["a'b", "c\\", "--", "/*"] } },
    ['v string "[\\"a\'b\\",\\"c\\\\\\\\\\",\\"--\\",\\"/*\\"]"'],
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
    { sql: "SELECT count(*) AS c FROM orders WHERE host = '$x'", variables: { x: "a' OR 1=1 --" } },
    ["c number 0"],
  ],
  [
    "comments before, in and after a statement are read",
    "-- first\n/* one */ SELECT /* ; */ 1 AS v -- last",
    ["v number 1"],
  ],
  ["a semicolon at the end changes nothing", "SELECT 1 AS v ; ", ["v number 1"]],
  ["of several statements only the first is run", "SELECT 1 AS v; DELETE FROM orders", ["v number 1"]],
  [
    "a recursive query and a window are read",
    "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT i, sum(i) OVER (ORDER BY i) AS s FROM r",
    ["i number 1 2 3", "s number 1 3 6"],
  ],
  [
    "INSERT is refused",
    "INSERT INTO orders (n) VALUES (1)",
    [
      'error 400: db query error: the statement begins with "INSERT", but a data source only sends statements that read: SELECT, WITH, VALUES, EXPLAIN',
    ],
  ],
  [
    "a change behind WITH is refused by the file",
    "WITH x AS (SELECT 1) DELETE FROM orders",
    ["error 400: attempt to write a readonly database (8)"],
  ],
  [
    "DDL is refused",
    "CREATE TABLE x (a)",
    [
      'error 400: db query error: the statement begins with "CREATE", but a data source only sends statements that read: SELECT, WITH, VALUES, EXPLAIN',
    ],
  ],
  [
    "PRAGMA is refused",
    "PRAGMA query_only = 0",
    [
      'error 400: db query error: the statement begins with "PRAGMA", but a data source only sends statements that read: SELECT, WITH, VALUES, EXPLAIN',
    ],
  ],
  [
    "EXPLAIN of a PRAGMA is refused",
    "EXPLAIN PRAGMA query_only = 0",
    [
      'error 400: db query error: EXPLAIN precedes "PRAGMA", but a data source of this kind explains only SELECT, WITH, VALUES',
    ],
  ],
  [
    "a function of a pragma that writes is refused",
    "SELECT * FROM pragma_journal_mode('delete')",
    ["error 400: SQL logic error: unknown database 'delete' (1)"],
  ],
  [
    "ATTACH is refused",
    "ATTACH '/tmp/narthex-other.db' AS other",
    [
      'error 400: db query error: the statement begins with "ATTACH", but a data source only sends statements that read: SELECT, WITH, VALUES, EXPLAIN',
    ],
  ],
  [
    "VACUUM INTO is refused",
    "VACUUM INTO '/tmp/narthex-copy.db'",
    [
      'error 400: db query error: the statement begins with "VACUUM", but a data source only sends statements that read: SELECT, WITH, VALUES, EXPLAIN',
    ],
  ],
  [
    "no function loads a library",
    "SELECT load_extension('/tmp/x.so')",
    ["error 400: SQL logic error: not authorized (1)"],
  ],
  [
    "no function reads a file",
    "SELECT readfile('/etc/passwd')",
    ["error 400: SQL logic error: no such function: readfile (1)"],
  ],
  [
    "no function writes a file",
    "SELECT writefile('/tmp/narthex-file', 'x')",
    ["error 400: SQL logic error: no such function: writefile (1)"],
  ],
  [
    "an unknown column is named",
    "SELECT unknown FROM orders",
    ["error 400: SQL logic error: no such column: unknown (1)"],
  ],
  ["an unknown table is named", "SELECT * FROM unknown", ["error 400: SQL logic error: no such table: unknown (1)"]],
  ["an unfinished literal is named", "SELECT 'x", ['error 400: SQL logic error: unrecognized token: "\'x" (1)']],
  ["a parameter of a prepared statement is null", "SELECT ? AS v, :x AS w", ["v number null", "w number null"]],
  [
    "an error in the middle of the rows fails the query",
    "SELECT json(iif(n = 5, '{', '1')) AS v FROM orders",
    ["error 400: SQL logic error: malformed JSON (1)"],
  ],
  [
    "a NUL character is refused",
    "SELECT '\u0000'",
    ["error 400: db query error: the query contains a NUL character; remove it"],
  ],
];
