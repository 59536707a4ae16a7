import { AUTUMN, type QueryCase } from "../../sources/queries/answering-role.ts";
import type { SqlCase } from "./sql-case.ts";

/** Statements that create the tables of the cases. */
export const SETUP: readonly string[] = [
  "CREATE DATABASE shop CHARACTER SET utf8mb4",
  "USE shop",
  "SET SESSION sql_mode = ''",
  "SET time_zone = '+00:00'",
  "CREATE TABLE orders (at datetime, stamp timestamp NULL, host varchar(10), v double, n bigint)",
  "INSERT INTO orders SELECT '2024-03-31 00:00:00' + INTERVAL seq * 30 MINUTE, FROM_UNIXTIME(1711843200 + seq * 1800), IF(seq % 2 = 0, 'a', 'b'), IF(seq = 3, NULL, seq / 2), seq FROM seq_0_to_6",
  "CREATE TABLE autumn AS SELECT FROM_UNIXTIME(1729983600 + seq * 1800) AS at FROM seq_0_to_7",
  "CREATE TABLE gaps AS SELECT at, n FROM orders WHERE n IN (0, 1, 4, 5)",
  "CREATE TABLE ints (t tinyint, s smallint, m mediumint, i int, b bigint, ut tinyint unsigned, us smallint unsigned, um mediumint unsigned, ui int unsigned, ub bigint unsigned)",
  "INSERT INTO ints VALUES (-128, -32768, -8388608, -2147483648, -9007199254740991, 255, 65535, 16777215, 4294967295, 18446744073709551615), (127, 32767, 8388607, 2147483647, 9007199254740991, 0, 0, 0, 0, 0), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
  "CREATE TABLE zeros (z datetime)",
  "INSERT INTO zeros VALUES ('0000-00-00 00:00:00'), ('2024-00-10 00:00:00'), (NULL)",
  "CREATE TABLE years (y year)",
  "INSERT INTO years VALUES (1901), (2155), (NULL)",
  "CREATE TABLE kinds (e enum('x', 'y\\'z'), s set('p', 'q'))",
  "INSERT INTO kinds VALUES ('x', ''), ('y\\'z', 'p,q'), (NULL, NULL)",
  "CREATE TABLE nulls (t bigint, b double, d datetime, x text)",
  "INSERT INTO nulls VALUES (NULL, NULL, NULL, NULL)",
  "CREATE TABLE `select` (`order` int, `from` text)",
  "INSERT INTO `select` VALUES (1, NULL)",
  "CREATE FUNCTION write_order() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO orders (n) VALUES (99); RETURN 1; END",
  "CREATE PROCEDURE wide() BEGIN SET SESSION group_concat_max_len = 100000; SELECT CONCAT('CREATE TABLE wide AS SELECT ', GROUP_CONCAT(seq, ' AS c', seq ORDER BY seq)) INTO @made FROM seq_1_to_1000; EXECUTE IMMEDIATE @made; END",
  "CALL wide()",
  "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'secret'",
  "CREATE USER reader@localhost IDENTIFIED BY 'secret'",
  "GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON shop.* TO reader@'127.0.0.1'",
  "GRANT FILE ON *.* TO reader@'127.0.0.1'",
  "GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON shop.* TO reader@localhost",
  "GRANT FILE ON *.* TO reader@localhost",
];
const SERIES = "time_series";
const AUTUMN_ROWS = { range: AUTUMN };

/** Queries with macros, time zones, series and variables, and queries that the source refuses. */
export const CASES: readonly QueryCase<SqlCase>[] = [
  [
    "__time makes a Unix time named time_sec",
    "SELECT $__time(at), n FROM orders ORDER BY 1 LIMIT 1",
    ["time_sec time 2024-03-31T00:00Z", "n number 0"],
  ],
  [
    "__timeEpoch makes a Unix time named time_sec",
    "SELECT $__timeEpoch(at), n FROM orders ORDER BY n LIMIT 1",
    ["time_sec time 2024-03-31T00:00Z", "n number 0"],
  ],
  [
    "__timeFilter contains both ends of the range",
    "SELECT MIN(n) AS a, MAX(n) AS b FROM orders WHERE $__timeFilter(at)",
    ["a number 0", "b number 6"],
  ],
  [
    "__timeFilter works for a range before 1970",
    {
      sql: "SELECT COUNT(*) AS c FROM orders WHERE $__timeFilter(at)",
      range: { from: -86_400_000, to: 2_000_000_000_000 },
    },
    ["c number 7"],
  ],
  [
    "__timeFrom and __timeTo are times",
    "SELECT $__timeFrom() AS a, $__timeTo() AS b",
    ["a time 2024-03-31T00:00Z", "b time 2024-03-31T03:00Z"],
  ],
  [
    "__timeGroup groups by intervals",
    "SELECT $__timeGroup(at,'1h') AS time, COUNT(*) AS c FROM orders GROUP BY 1 ORDER BY 1",
    ["time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "c number 2 2 2 1"],
  ],
  [
    "__timeGroupAlias names the time, and takes the interval of the panel",
    {
      sql: "SELECT $__timeGroupAlias(at,$__interval), COUNT(*) AS c FROM orders GROUP BY 1 ORDER BY 1",
      intervalMs: 3_600_000,
    },
    ["time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "c number 2 2 2 1"],
  ],
  [
    "__unixEpochFilter compares whole seconds",
    "SELECT $__unixEpochFilter(1711843200) AS a, $__unixEpochFilter(1711854001) AS b",
    ["a number 1", "b number 0"],
  ],
  [
    "__unixEpochFrom and __unixEpochTo are seconds",
    "SELECT $__unixEpochFrom() AS a, $__unixEpochTo() AS b",
    ["a number 1711843200", "b number 1711854000"],
  ],
  [
    "the macros of nanoseconds are exact integers",
    "SELECT $__unixEpochNanoFrom() AS a, $__unixEpochNanoTo() AS b, $__unixEpochNanoFilter(1711843200000000000) AS c",
    ['a string "1711843200000000000"', 'b string "1711854000000000000"', "c number 1"],
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
    "an interval of half a second groups by half seconds",
    "SELECT $__timeGroupAlias(at + INTERVAL 600000 MICROSECOND,'500ms'), n FROM orders ORDER BY n LIMIT 1",
    ["time time 2024-03-31T00:00:00.500Z", "n number 0"],
  ],
  [
    "an hour that Berlin has twice is two groups of UTC",
    {
      sql: "SELECT $__timeGroupAlias(at,'1h'), COUNT(*) AS c FROM autumn WHERE $__timeFilter(at) GROUP BY 1 ORDER BY 1",
      ...AUTUMN_ROWS,
    },
    ["time time 2024-10-26T23:00Z 2024-10-27T00:00Z 2024-10-27T01:00Z 2024-10-27T02:00Z", "c number 2 2 2 2"],
  ],
  [
    "in a session of Berlin the groups of a timestamp are those of UTC",
    {
      sql: "SELECT $__timeGroupAlias(stamp,'1h'), COUNT(*) AS c FROM orders WHERE $__timeFilter(stamp) GROUP BY 1 ORDER BY 1",
      uid: "berlin",
    },
    ["time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "c number 2 2 2 1"],
  ],
  [
    "in a session of Berlin a datetime is read as the clock of Berlin, and its missing hour is the end of the gap",
    { sql: "SELECT $__timeGroupAlias(at,'1h'), COUNT(*) AS c FROM orders GROUP BY 1 ORDER BY 1", uid: "berlin" },
    ["time time 2024-03-30T23:00Z 2024-03-31T00:00Z 2024-03-31T01:00Z", "c number 2 2 3"],
  ],
  [
    "in a session of Berlin the range is times of its clock",
    { sql: "SELECT $__timeFrom() AS a, @@time_zone AS z", uid: "berlin" },
    ["a time 2024-03-31T01:00Z", 'z string "Europe/Berlin"'],
  ],
  [
    "a conversion of zones skips the hour that Berlin's clocks skip",
    "SELECT CONVERT_TZ('2024-03-31 00:59:59', '+00:00', 'Europe/Berlin') AS a, CONVERT_TZ('2024-03-31 01:00:00', '+00:00', 'Europe/Berlin') AS b",
    ["a time 2024-03-31T01:59:59Z", "b time 2024-03-31T03:00Z"],
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
    { sql: "SELECT UNIX_TIMESTAMP(at) AS time_sec, host AS metric, v FROM orders ORDER BY at LIMIT 2", format: SERIES },
    ["Time time 2024-03-31T00:00Z 2024-03-31T00:30Z", "a number 0 null", "b number null 0.5"],
  ],
  [
    "a null in a text is an empty label",
    { sql: "SELECT at AS time, CAST(NULL AS CHAR) AS host, v FROM orders ORDER BY at LIMIT 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z", "v{host=} number 0"],
  ],
  [
    "integers beyond 2^53 are values of a time series, not labels",
    { sql: "SELECT at AS time, 18446744073709551615 AS big FROM orders ORDER BY at LIMIT 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z", "big number 18446744073709552000"],
  ],
  [
    "missing intervals are filled with null",
    { sql: "SELECT $__timeGroupAlias(at,'1h',NULL), SUM(n) AS n FROM gaps GROUP BY 1 ORDER BY 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "n number 1 null 9 null"],
  ],
  [
    "missing intervals are filled with a number",
    { sql: "SELECT $__timeGroupAlias(at,'1h',-1.5), SUM(n) AS n FROM gaps GROUP BY 1 ORDER BY 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "n number 1 -1.5 9 -1.5"],
  ],
  [
    "missing intervals are filled with the value before",
    { sql: "SELECT $__timeGroupAlias(at,'1h',previous), SUM(n) AS n FROM gaps GROUP BY 1 ORDER BY 1", format: SERIES },
    ["Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z", "n number 1 1 9 9"],
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
    "no rows of a time series give no fields",
    { sql: "SELECT at AS time, v FROM orders WHERE FALSE", format: SERIES },
    [],
  ],
  [
    "a single value stands between the quotes of the query",
    { sql: "SELECT '$x' AS v", variables: { x: "O'Brien\\" } },
    ['v string "O\'Brien\\\\"'],
  ],
  [
    "several values are a list of literals",
    { sql: "SELECT COUNT(*) AS c FROM orders WHERE host IN ($x)", variables: { x: ["a", "b'", "\\"] } },
    ["c number 4"],
  ],
  [
    "sqlstring writes the literals of several values",
    { sql: "SELECT CONCAT_WS('|', ${x:sqlstring}) AS v", variables: { x: ["a'b", "c\\", "--", "/*"] } },
    ['v string "a\'b|c\\\\|--|/*"'],
  ],
  [
    "the text of All is inserted unchanged",
    {
      sql: "SELECT COUNT(*) AS c FROM orders WHERE host IN ($x)",
      variables: { x: ["SELECT host FROM orders"] },
      verbatim: ["x"],
    },
    ["c number 7"],
  ],
  [
    "a value that tries to end its literal stays in it",
    { sql: "SELECT COUNT(*) AS c FROM orders WHERE host = '$x'", variables: { x: "\\' OR 1=1 -- " } },
    ["c number 0"],
  ],
  [
    "a value with the text of a macro runs no SQL of its own",
    { sql: "SELECT '$x' AS v", variables: { x: "$__timeFrom() OR 1=1" } },
    ['v string "FROM_UNIXTIME(1711843200) OR 1=1"'],
  ],
  [
    "comments of all kinds before, in and after a statement are read",
    "-- first\n# second\n/* one */ SELECT /* ; */ 1 AS v -- last",
    ["v number 1"],
  ],
  ["a semicolon at the end changes nothing", "SELECT 1 AS v ; ", ["v number 1"]],
  [
    "several statements are refused",
    "SELECT 1; DELETE FROM orders",
    [
      "error 400: db query error: Error 1064 (42000): You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near 'DELETE FROM orders' at line 1",
    ],
  ],
  [
    "a comment that MySQL executes is refused at the beginning",
    "/*!50000 DELETE FROM orders */",
    [
      'error 400: db query error: the statement begins with "/", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "a recursive query and a window are read",
    "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3) SELECT i, SUM(i) OVER (ORDER BY i) AS s FROM r",
    ["i number 1 2 3", "s number 1 3 6"],
  ],
  [
    "a function that writes is refused by the transaction",
    "SELECT write_order()",
    [
      "error 400: db query error: query failed - the server reports ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION (1792); queries are read-only: remove what writes, locks or calls functions that write",
    ],
  ],
  [
    "INSERT is refused",
    "INSERT INTO orders (n) VALUES (1)",
    [
      'error 400: db query error: the statement begins with "INSERT", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "REPLACE is refused",
    "REPLACE INTO orders (n) VALUES (1)",
    [
      'error 400: db query error: the statement begins with "REPLACE", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "DDL is refused",
    "CREATE TABLE x (a int)",
    [
      'error 400: db query error: the statement begins with "CREATE", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "CALL is refused",
    "CALL wide()",
    [
      'error 400: db query error: the statement begins with "CALL", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "SET is refused",
    "SET SESSION TRANSACTION READ WRITE",
    [
      'error 400: db query error: the statement begins with "SET", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "INTO OUTFILE is refused",
    "SELECT 1 INTO OUTFILE '/tmp/narthex-outfile'",
    ["error 400: db query error: a data source does not write files: remove INTO OUTFILE or INTO DUMPFILE"],
  ],
  [
    "INTO OUTFILE is refused, whatever is between its words",
    "SELECT 1 INTO/**/\n OUTFILE '/tmp/narthex-outfile'",
    ["error 400: db query error: a data source does not write files: remove INTO OUTFILE or INTO DUMPFILE"],
  ],
  [
    "INTO DUMPFILE is refused",
    "SELECT 1 INTO DUMPFILE '/tmp/narthex-outfile'",
    ["error 400: db query error: a data source does not write files: remove INTO OUTFILE or INTO DUMPFILE"],
  ],
  ["a variable of the session does not reach the next query", "SELECT @left := 5 AS a", ["a number 5"]],
  ["the next query sees no variable of the one before", "SELECT @left AS a", ["a string null"]],
  [
    "LOAD_FILE reads no file, because the server permits only its folder",
    "SELECT LOAD_FILE('/etc/passwd') AS f",
    ["f string null"],
  ],
  [
    "LOAD DATA is refused",
    "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE orders",
    [
      'error 400: db query error: the statement begins with "LOAD", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "HANDLER is refused",
    "HANDLER orders OPEN",
    [
      'error 400: db query error: the statement begins with "HANDLER", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "PREPARE is refused",
    "PREPARE x FROM 'DELETE FROM orders'",
    [
      'error 400: db query error: the statement begins with "PREPARE", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "KILL is refused",
    "KILL 1",
    [
      'error 400: db query error: the statement begins with "KILL", but a data source only sends statements that read: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE, DESC, EXPLAIN',
    ],
  ],
  [
    "a lock of rows is refused by the transaction",
    "SELECT * FROM orders FOR UPDATE",
    [
      "error 400: db query error: query failed - the server reports ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION (1792); queries are read-only: remove what writes, locks or calls functions that write",
    ],
  ],
  [
    "the address of the user is not shown",
    "SELECT CURRENT_USER()",
    [
      "error 400: interpolation failed: invalid query - SHOW GRANTS, user(), session_user(), system_user() and current_user are not allowed",
    ],
  ],
  [
    "the list of processes contains only those of the user",
    "SELECT COUNT(*) > 0 AS c FROM information_schema.processlist WHERE user <> 'reader'",
    ["c number 0"],
  ],
  [
    "tables of passwords are refused by the server",
    "SELECT * FROM mysql.global_priv",
    [
      "error 400: db query error: query failed - the server reports ER_TABLEACCESS_DENIED_ERROR (1142); the user of the source needs the right to read this table",
    ],
  ],
  [
    "a NUL character is refused",
    "SELECT '\u0000'",
    ["error 400: db query error: the query contains a NUL character; remove it"],
  ],
  [
    "an unknown column is named",
    "SELECT nothing FROM orders",
    ["error 400: db query error: Error 1054 (42S22): Unknown column 'nothing' in 'SELECT'"],
  ],
  [
    "an unknown table is named",
    "SELECT * FROM nothing",
    ["error 400: db query error: Error 1146 (42S02): Table 'shop.nothing' doesn't exist"],
  ],
  [
    "an unfinished literal is named",
    "SELECT 'x",
    [
      "error 400: db query error: Error 1064 (42000): You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near ''x' at line 1",
    ],
  ],
  [
    "an error in the middle of the rows fails the query",
    "SELECT IF(seq = 50000, (SELECT 1 UNION SELECT 2), seq) AS v FROM seq_1_to_100000",
    [
      "error 400: db query error: query failed - the server reports ER_SUBQUERY_NO_1_ROW (1242); a subquery must return one row",
    ],
  ],
  [
    "SHOW, DESCRIBE and EXPLAIN are read",
    "DESCRIBE gaps",
    [
      'Field string "at" "n"',
      'Type string "datetime" "bigint(20)"',
      'Null string "YES" "YES"',
      'Key string "" ""',
      "Default string null null",
      'Extra string "" ""',
    ],
  ],
];
