import { AUTUMN, type QueryCase } from "../../sources/queries/answering-role.ts";
import type { SqlCase } from "./sql-case.ts";

/** Statements that create the tables of the cases. The time zone of the server is Europe/Berlin. */
export const SETUP: readonly string[] = [
  "CREATE DATABASE shop",
  "CREATE TABLE shop.orders (at DateTime, day Date, host LowCardinality(String), v Nullable(Float64), n UInt64) ENGINE = MergeTree ORDER BY at",
  "INSERT INTO shop.orders SELECT toDateTime(1711843200 + number * 1800), toDate('2024-03-31'), if(number % 2, 'b', 'a'), if(number = 3, NULL, number / 2), number FROM system.numbers LIMIT 7",
  "CREATE TABLE shop.autumn (at DateTime) ENGINE = Memory",
  "INSERT INTO shop.autumn SELECT toDateTime(1729983600 + number * 1800) FROM system.numbers LIMIT 8",
  "CREATE TABLE shop.`sel``ect` (`order` UInt8, `fr om` String) ENGINE = Memory",
  "INSERT INTO shop.`sel``ect` VALUES (1, 'x')",
];
const SERIES = "timeseries";
const AUTUMN_ROWS = { range: AUTUMN };

/** Queries of all kinds, and queries that the source refuses. */
export const CASES: readonly QueryCase<SqlCase>[] = [
  [
    "integers of 8 to 32 bits keep their value",
    "SELECT toInt8(-128) AS a, toUInt8(255) AS b, toInt16(-32768) AS c, toUInt16(65535) AS d, toInt32(-2147483648) AS e, toUInt32(4294967295) AS f",
    [
      "a number -128",
      "b number 255",
      "c number -32768",
      "d number 65535",
      "e number -2147483648",
      "f number 4294967295",
    ],
  ],
  [
    "an integer beyond 2^53 makes a column of texts",
    "SELECT v FROM (SELECT arrayJoin([toUInt64(1), toUInt64(18446744073709551615), toUInt64(0)]) AS v) ORDER BY v",
    ['v string "0" "1" "18446744073709551615"'],
  ],
  [
    "a null stays a null in a column with an integer beyond 2^53",
    "SELECT arrayJoin([toInt64(-9223372036854775807), NULL, toInt64(1)]) AS v",
    ['v string "-9223372036854775807" null "1"'],
  ],
  [
    "floats keep NaN and infinities, also of 32 bits",
    "SELECT arrayJoin([nan, inf, -inf, 1.5]) AS v, toFloat32(v) AS w",
    ["v number NaN Inf -Inf 1.5", "w number NaN Inf -Inf 1.5"],
  ],
  ["floats may be null", "SELECT arrayJoin([toFloat64(1.5), NULL]) AS v", ["v number 1.5 null"]],
  [
    "decimals become the nearest number",
    "SELECT toDecimal32('-0.1', 1) AS a, toDecimal64('12345678901234.5678', 4) AS b, toDecimal128('0.000000000000000001', 18) AS c, toNullable(toDecimal32(1, 1)) AS d",
    ["a number -0.1", "b number 12345678901234.568", "c number 1e-18", "d number 1"],
  ],
  [
    "a comparison is a number, as in ClickHouse",
    "SELECT 1 = 1 AS a, 1 = 2 AS b, NULL = 1 AS c",
    ["a number 1", "b number 0", "c string null"],
  ],
  [
    "texts keep their characters",
    "SELECT 'é漢😀' AS v, 'line\\n\\ttab\\\\' AS t, '' AS e, CAST(NULL AS Nullable(String)) AS n",
    ['v string "é漢😀"', 't string "line\\n\\ttab\\\\"', 'e string ""', "n string null"],
  ],
  [
    "bytes that are no UTF-8 are replaced, and the zeros at the end of a fixed text are not shown",
    "SELECT unhex('FF00') AS b, toFixedString('ab', 4) AS f",
    ['b string "�\\u0000"', 'f string "ab"'],
  ],
  [
    "dates and times with a zone keep their moment",
    "SELECT toDate('2024-03-31') AS d, toDateTime('2024-03-31 01:59:59', 'Europe/Berlin') AS a, toDateTime('2024-03-31 03:00:00', 'Europe/Berlin') AS b, toDateTime('2024-01-01 00:00:00', 'Asia/Kathmandu') AS c",
    ["d time 2024-03-31T00:00Z", "a time 2024-03-31T00:59:59Z", "b time 2024-03-31T01:00Z", "c time 2023-12-31T18:15Z"],
  ],
  [
    "a time without a zone has the zone of the server",
    "SELECT toDateTime('2024-07-01 12:00:00') AS t, toString(toDateTime(1711846800)) AS s",
    ["t time 2024-07-01T10:00Z", 's string "2024-03-31 03:00:00"'],
  ],
  [
    "the date zero and the last date are read",
    "SELECT toDate(0) AS a, toDateTime(0) AS b, toDateTime(4294967295) AS c, toNullable(toDate(1)) AS d",
    ["a time 1970-01-01T00:00Z", "b time 1970-01-01T00:00Z", "c time 2106-02-07T06:28:15Z", "d time 1970-01-02T00:00Z"],
  ],
  [
    "arrays, nested ones and tuples are JSON",
    "SELECT [1, NULL, 3] AS a, [['x'], []] AS b, (1, 'a', NULL) AS t, emptyArrayUInt8() AS e",
    ["a other [1,null,3]", 'b other [["x"],[]]', 't other [1,"a",null]', "e other []"],
  ],
  [
    "enumerations and uuid are texts",
    "SELECT CAST('b' AS Enum8('a' = 1, 'b' = 2)) AS e, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS u",
    ['e string "b"', 'u string "61f0c404-5cb3-11e7-907b-a6006ad3dba0"'],
  ],
  [
    "texts of low cardinality are texts",
    "SELECT host, count() AS c FROM orders GROUP BY host ORDER BY host",
    ['host string "a" "b"', "c number 4 3"],
  ],
  ["an interval is a number", "SELECT toIntervalDay(3) AS i", ["i number 3"]],
  [
    "a column of nulls is read",
    "SELECT NULL AS a, CAST(NULL AS Nullable(UInt64)) AS b, CAST(NULL AS Nullable(DateTime)) AS c",
    ["a string null", "b number null", "c time null"],
  ],
  ["no rows give no fields", "SELECT * FROM orders WHERE 0", []],
  ["columns of the same name stay apart", "SELECT 1 AS a, 1 AS a", ["a number 1", "a number 1"]],
  [
    "names with quotes, spaces, other scripts and words of JavaScript stay as they are",
    'SELECT 1 AS `a\\`b`, 2 AS "a b.c", 3 AS `漢😀`, 4 AS `__proto__`, 5 AS `constructor`, 6 AS `select`, 7',
    [
      "a`b number 1",
      "a b.c number 2",
      "漢😀 number 3",
      "__proto__ number 4",
      "constructor number 5",
      "select number 6",
      "7 number 7",
    ],
  ],
  [
    "table and column names that are keywords are read",
    "SELECT `order`, `fr om` FROM `sel``ect`",
    ["order number 1", 'fr om string "x"'],
  ],
  [
    "totals are not read as rows",
    "SELECT host, sum(n) AS n FROM orders GROUP BY host WITH TOTALS ORDER BY host",
    ['host string "a" "b"', "n number 12 9"],
  ],
  [
    "__timeFilter contains both ends of the range",
    "SELECT min(n) AS a, max(n) AS b FROM orders WHERE $__timeFilter(at)",
    ["a number 0", "b number 6"],
  ],
  [
    "__timeFilter takes an expression",
    "SELECT count() AS c FROM orders WHERE $__timeFilter(addHours(at, 1))",
    ["c number 5"],
  ],
  ["__dateFilter compares days", "SELECT count() AS c FROM orders WHERE $__dateFilter(day)", ["c number 7"]],
  [
    "__dateTimeFilter and __dt compare a day and a time",
    "SELECT countIf($__dateTimeFilter(day, at)) AS a, countIf($__dt(day, at)) AS b FROM orders",
    ["a number 7", "b number 7"],
  ],
  [
    "__fromTime and __toTime are times, with and without parentheses",
    "SELECT $__fromTime AS a, $__toTime() AS b",
    ["a time 2024-03-31T00:00Z", "b time 2024-03-31T03:00Z"],
  ],
  [
    "__timeFilter_ms needs a newer server, whose function the server names",
    "SELECT count() AS c FROM orders WHERE $__timeFilter_ms(at)",
    ["error 400: error querying the database: code: 46, message: Unknown function fromUnixTimestamp64Milli"],
  ],
  [
    "__timeInterval needs a newer server, whose function the server names",
    "SELECT $__timeInterval(at) AS t FROM orders",
    ["error 400: error querying the database: code: 46, message: Unknown function toStartOfInterval"],
  ],
  [
    "__interval_s groups by the interval of the panel",
    {
      sql: "SELECT toDateTime(intDiv(toUInt32(at), $__interval_s) * $__interval_s) AS t, count() AS c FROM orders GROUP BY t ORDER BY t",
      intervalMs: 3_600_000,
    },
    ["t time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "c number 2 2 2 1"],
  ],
  [
    "__interval and __interval_ms are the interval of the panel",
    "SELECT '$__interval' AS a, $__interval_ms AS b",
    ['a string "1m"', "b number 60000"],
  ],
  [
    "__conditionalAll filters by the values of a variable",
    { sql: "SELECT count() AS c FROM orders WHERE $__conditionalAll(host IN ($x), $x)", variables: { x: ["a"] } },
    ["c number 4"],
  ],
  [
    "an unknown macro is named",
    "SELECT $__unknown(at) FROM orders",
    ['error 400: interpolation failed: unknown macro "__unknown"'],
  ],
  [
    "a macro without its column is refused",
    "SELECT $__timeFilter() FROM orders",
    ["error 400: interpolation failed: macro __timeFilter expects 1 argument, received 0"],
  ],
  [
    "a macro with too many arguments is refused",
    "SELECT $__timeFilter(at, day) FROM orders",
    ["error 400: interpolation failed: macro __timeFilter expects 1 argument, received 2"],
  ],
  [
    "hours of Berlin skip the hour that its clocks skip",
    "SELECT formatDateTime(at, '%H:%M') AS clock, n FROM orders WHERE n < 5 ORDER BY n",
    ['clock string "01:00" "01:30" "03:00" "03:30" "04:00"', "n number 0 1 2 3 4"],
  ],
  [
    "hours of Berlin's clocks are times",
    "SELECT toStartOfHour(at) AS t, count() AS c FROM orders GROUP BY t ORDER BY t",
    ["t time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "c number 2 2 2 1"],
  ],
  [
    "an hour that Berlin has twice is two groups",
    {
      sql: "SELECT toStartOfHour(at) AS t, count() AS c FROM autumn WHERE $__timeFilter(at) GROUP BY t ORDER BY t",
      ...AUTUMN_ROWS,
    },
    ["t time 2024-10-26T23:00Z 2024-10-27T00:00Z 2024-10-27T01:00Z 2024-10-27T02:00Z", "c number 2 2 2 2"],
  ],
  [
    "a day of Berlin begins at its midnight",
    { sql: "SELECT toStartOfDay(at) AS t, count() AS c FROM autumn GROUP BY t", ...AUTUMN_ROWS },
    ["t time 2024-10-26T22:00Z", "c number 8"],
  ],
  [
    "rows with texts become a series for each text",
    { sql: "SELECT at, host, v FROM orders ORDER BY at", format: SERIES },
    [
      "at time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "v{host=a} number 0 null 1 null 2 null 3",
      "v{host=b} number null 0.5 null null null 2.5 null",
    ],
  ],
  [
    "several texts and numbers become labels and values",
    { sql: "SELECT at, host, 'x' AS dc, v, n FROM orders ORDER BY at LIMIT 2", format: SERIES },
    [
      "at time 2024-03-31T00:00Z 2024-03-31T00:30Z",
      "n{host=a,dc=x} number 0 null",
      "n{host=b,dc=x} number null 1",
      "v{host=a,dc=x} number 0 null",
      "v{host=b,dc=x} number null 0.5",
    ],
  ],
  [
    "rows without texts stay a table of times and numbers",
    { sql: "SELECT at, n FROM orders ORDER BY at LIMIT 2", format: SERIES },
    ["at time 2024-03-31T00:00Z 2024-03-31T00:30Z", "n number 0 1"],
  ],
  [
    "integers beyond 2^53 are values of a time series, not labels",
    { sql: "SELECT at, host, n + 18446744073709551600 AS big FROM orders ORDER BY at LIMIT 2", format: SERIES },
    [
      "at time 2024-03-31T00:00Z 2024-03-31T00:30Z",
      "big{host=a} number 18446744073709552000 null",
      "big{host=b} number null 18446744073709552000",
    ],
  ],
  [
    "a null in a text is an empty label",
    { sql: "SELECT at, CAST(NULL AS Nullable(String)) AS host, n FROM orders ORDER BY at LIMIT 1", format: SERIES },
    ["at time 2024-03-31T00:00Z", "n{host=} number 0"],
  ],
  [
    "rows that descend by time are refused",
    { sql: "SELECT at, host, v FROM orders ORDER BY at DESC", format: SERIES },
    [
      "error 400: failed to convert long to wide series when converting from dataframe: long series must be sorted ascending by time to be converted; order the rows by time",
    ],
  ],
  ["no rows of a time series give no fields", { sql: "SELECT at, v FROM orders WHERE 0", format: SERIES }, []],
  [
    "logs keep their columns",
    {
      sql: "SELECT at AS timestamp, host AS level, concat('line ', toString(n)) AS body FROM orders ORDER BY at LIMIT 2",
      format: "logs",
    },
    ["timestamp time 2024-03-31T00:00Z 2024-03-31T00:30Z", 'level string "a" "b"', 'body string "line 0" "line 1"'],
  ],
  [
    "a single value stands between the quotes of the query",
    { sql: "SELECT '$x' AS v", variables: { x: "O'Brien\\" } },
    ['v string "O\'Brien\\\\"'],
  ],
  [
    "several values are a list of literals",
    { sql: "SELECT count() AS c FROM orders WHERE host IN ($x)", variables: { x: ["a", "b'", "\\"] } },
    ["c number 4"],
  ],
  [
    "sqlstring writes the literals of several values",
    { sql: "SELECT [${x:sqlstring}] AS v", variables: { x: ["a'b", "c\\", "--", "/*"] } },
    ['v other ["a\'b","c\\\\","--","/*"]'],
  ],
  [
    "the text of All is inserted unchanged",
    {
      sql: "SELECT count() AS c FROM orders WHERE host IN ($x)",
      variables: { x: ["SELECT host FROM orders"] },
      verbatim: ["x"],
    },
    ["c number 7"],
  ],
  [
    "a value that tries to end its literal stays in it",
    { sql: "SELECT count() AS c FROM orders WHERE host = '$x'", variables: { x: "\\' OR 1=1 -- " } },
    ["c number 0"],
  ],
  [
    "a value with the text of a macro runs no SQL of its own",
    { sql: "SELECT '$x' AS v", variables: { x: "$__fromTime OR 1=1" } },
    ['v string "toDateTime(1711843200) OR 1=1"'],
  ],
  [
    "comments before, in and after a statement are read",
    "-- first\n/* one */ SELECT /* ; */ 1 AS v -- last",
    ["v number 1"],
  ],
  ["a semicolon at the end changes nothing", "SELECT 1 AS v ; ", ["v number 1"]],
  ["a format in the statement is replaced by the source's own", "SELECT 1 AS v FORMAT TabSeparated", ["v number 1"]],
  [
    "several statements are refused",
    "SELECT 1; SELECT 2",
    [
      "error 400: error querying the database: code: 62, message: Syntax error (Multi-statements are not allowed): failed at position 9 (end of query): ; SELECT 2.",
    ],
  ],
  [
    "INSERT is refused",
    "INSERT INTO orders (n) VALUES (1)",
    [
      'error 400: db query error: the statement begins with "INSERT", but a data source only sends statements that read: SELECT, WITH, SHOW, DESCRIBE, DESC, EXISTS, EXPLAIN',
    ],
  ],
  [
    "DDL is refused",
    "CREATE TABLE x (a UInt8) ENGINE = Memory",
    [
      'error 400: db query error: the statement begins with "CREATE", but a data source only sends statements that read: SELECT, WITH, SHOW, DESCRIBE, DESC, EXISTS, EXPLAIN',
    ],
  ],
  [
    "SET is refused",
    "SET readonly = 0",
    [
      'error 400: db query error: the statement begins with "SET", but a data source only sends statements that read: SELECT, WITH, SHOW, DESCRIBE, DESC, EXISTS, EXPLAIN',
    ],
  ],
  [
    "settings in the statement are refused",
    "SELECT 1 SETTINGS readonly = 0",
    [
      "error 400: error querying the database: code: 164, message: Cannot execute SET query in readonly mode; queries are read-only: remove SETTINGS, functions that read other servers or files, and changes",
    ],
  ],
  [
    "INTO OUTFILE is refused",
    "SELECT 1 INTO OUTFILE '/tmp/narthex-outfile'",
    ["error 400: error querying the database: code: 358, message: INTO OUTFILE is not allowed"],
  ],
  [
    "the function file reads no file",
    "SELECT * FROM file('/etc/passwd', 'TSV', 'a String')",
    [
      "error 400: error querying the database: code: 164, message: Table functions are forbidden in readonly mode; queries are read-only: remove SETTINGS, functions that read other servers or files, and changes",
    ],
  ],
  [
    "the function url asks no other server",
    "SELECT * FROM url('http://169.254.169.254/latest', 'TSV', 'a String')",
    [
      "error 400: error querying the database: code: 164, message: Table functions are forbidden in readonly mode; queries are read-only: remove SETTINGS, functions that read other servers or files, and changes",
    ],
  ],
  [
    "the function remote asks no other server",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    [
      "error 400: error querying the database: code: 164, message: Table functions are forbidden in readonly mode; queries are read-only: remove SETTINGS, functions that read other servers or files, and changes",
    ],
  ],
  [
    "the functions of other databases ask no other server",
    "SELECT * FROM mysql('127.0.0.1:3306', 'd', 't', 'u', 'p')",
    [
      "error 400: error querying the database: code: 164, message: Table functions are forbidden in readonly mode; queries are read-only: remove SETTINGS, functions that read other servers or files, and changes",
    ],
  ],
  [
    "ATTACH, DETACH, OPTIMIZE and SYSTEM are refused",
    "DETACH TABLE orders",
    [
      'error 400: db query error: the statement begins with "DETACH", but a data source only sends statements that read: SELECT, WITH, SHOW, DESCRIBE, DESC, EXISTS, EXPLAIN',
    ],
  ],
  [
    "KILL is refused",
    "KILL QUERY WHERE 1",
    [
      'error 400: db query error: the statement begins with "KILL", but a data source only sends statements that read: SELECT, WITH, SHOW, DESCRIBE, DESC, EXISTS, EXPLAIN',
    ],
  ],
  [
    "a sleep of more than three seconds is refused by the server",
    "SELECT sleep(10)",
    [
      "error 400: error querying the database: code: 160, message: The maximum sleep time is 3000000 microseconds. Requested: 10000000",
    ],
  ],
  [
    "an unknown column is named",
    "SELECT nothing FROM orders",
    ["error 400: error querying the database: code: 47, message: Unknown identifier: nothing"],
  ],
  [
    "an unknown table is named",
    "SELECT * FROM nothing",
    ["error 400: error querying the database: code: 60, message: Table shop.nothing doesn't exist."],
  ],
  [
    "an unfinished literal is named",
    "SELECT 'x",
    [
      "error 400: error querying the database: code: 62, message: Syntax error: failed at position 8: 'x. Single quoted string is not closed",
    ],
  ],
  [
    "an error in the middle of the rows fails the query",
    "SELECT throwIf(number = 90000) AS v FROM system.numbers LIMIT 100000",
    ["error 400: error querying the database: code: 395, message: Value passed to 'throwIf' function is non zero"],
  ],
  [
    "a type that cannot be shown is named",
    "SELECT sumState(n) AS s FROM orders",
    [
      "error 400: a column has the type AggregateFunction, which cannot be shown: convert it, for example with toString()",
    ],
  ],
  [
    "a NUL character is refused",
    "SELECT '\u0000'",
    ["error 400: db query error: the query contains a NUL character; remove it"],
  ],
  ["SHOW, DESCRIBE and EXISTS are read", "EXISTS TABLE orders", ["result number 1"]],
];
