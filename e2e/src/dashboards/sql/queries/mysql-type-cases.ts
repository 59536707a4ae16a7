import type { QueryCase } from "../../sources/queries/answering-role.ts";
import type { SqlCase } from "./sql-case.ts";

/** Queries for the types of MariaDB, and for results with few or unusual columns. */
export const TYPE_CASES: readonly QueryCase<SqlCase>[] = [
  [
    "integers of all widths keep their value",
    "SELECT t, s, m, i, b FROM ints ORDER BY i",
    [
      "t number null -128 127",
      "s number null -32768 32767",
      "m number null -8388608 8388607",
      "i number null -2147483648 2147483647",
      "b number null -9007199254740991 9007199254740991",
    ],
  ],
  [
    "unsigned integers keep their value, and one beyond 2^53 makes a column of texts",
    "SELECT ut, us, um, ui, ub FROM ints ORDER BY i",
    [
      "ut number null 255 0",
      "us number null 65535 0",
      "um number null 16777215 0",
      "ui number null 4294967295 0",
      'ub string null "18446744073709551615" "0"',
    ],
  ],
  [
    "decimals become the nearest number",
    "SELECT CAST(0.1 AS DECIMAL(3,1)) AS a, CAST('12345678901234567890.123456789' AS DECIMAL(40,9)) AS b, CAST(NULL AS DECIMAL(3,1)) AS c",
    ["a number 0.1", "b number 12345678901234567000", "c number null"],
  ],
  [
    "floats keep their value, and a division by zero is null",
    "SELECT CAST(1.5 AS FLOAT) AS f, 5e-324 AS s, 1.7976931348623157e308 AS m, -0e0 AS z, 1e0 / 0 AS n",
    ["f number 1.5", "s number 5e-324", "m number 1.7976931348623157e+308", "z number 0", "n number null"],
  ],
  [
    "booleans are numbers, as in MySQL",
    "SELECT TRUE AS t, FALSE AS f, NULL AS n, 1 = 1 AS c",
    ["t number 1", "f number 0", "n string null", "c number 1"],
  ],
  ["bits are bytes", "SELECT b'1000001' AS a, CAST(b'1' AS UNSIGNED) AS n", ['a string "A"', "n number 1"]],
  [
    "texts of all types keep their characters",
    "SELECT 'é漢😀' AS v, 'line\\n\\ttab\\\\' AS t, '' AS e, CAST('ab' AS CHAR(5)) AS c, _latin1 X'E9' AS l",
    ['v string "é漢😀"', 't string "line\\n\\ttab\\\\"', 'e string ""', 'c string "ab"', 'l string "é"'],
  ],
  [
    "bytes become texts, and bytes that are no UTF-8 are replaced",
    "SELECT X'C3A9' AS a, X'FF00' AS b, CAST('x' AS BINARY(3)) AS c, UNHEX('') AS d",
    ['a string "é"', 'b string "�\\u0000"', 'c string "x\\u0000\\u0000"', 'd string ""'],
  ],
  [
    "dates and times are in UTC",
    "SELECT CAST('2024-03-31' AS DATE) AS d, CAST('2024-03-31 02:30:00.123456' AS DATETIME(6)) AS t, TIMESTAMP('2024-03-31 02:30:00') AS s",
    ["d time 2024-03-31T00:00Z", "t time 2024-03-31T02:30:00.123Z", "s time 2024-03-31T02:30Z"],
  ],
  ["the date zero, and dates with a month or day of zero, are null", "SELECT z FROM zeros", ["z time null null null"]],
  [
    "the first and the last date are read",
    "SELECT CAST('1000-01-01' AS DATE) AS a, CAST('9999-12-31 23:59:59' AS DATETIME) AS b",
    ["a time 1000-01-01T00:00Z", "b time 9999-12-31T23:59:59Z"],
  ],
  [
    "times of a day are texts, also beyond a day and below zero",
    "SELECT CAST('838:59:59' AS TIME) AS a, CAST('-10:00:00.5' AS TIME(1)) AS b",
    ['a string "838:59:59"', 'b string "-10:00:00.5"'],
  ],
  ["a year is a number", "SELECT y FROM years ORDER BY y", ["y number null 1901 2155"]],
  [
    "enumerations and sets are texts",
    "SELECT e, s FROM kinds ORDER BY e",
    ['e string null "x" "y\'z"', 's string null "" "p,q"'],
  ],
  [
    "JSON is a text",
    "SELECT JSON_OBJECT('a', JSON_ARRAY(1, NULL, 'é')) AS j, JSON_EXTRACT('{\"n\": 9007199254740993}', '$.n') AS n",
    ['j string "{\\"a\\": [1, null, \\"é\\"]}"', 'n string "9007199254740993"'],
  ],
  [
    "uuid, addresses and geometry are written as texts",
    "SELECT CAST('123e4567-e89b-12d3-a456-426655440000' AS UUID) AS u, CAST('::1' AS INET6) AS i, ST_AsText(POINT(1, 2)) AS p",
    ['u string "123e4567-e89b-12d3-a456-426655440000"', 'i string "::1"', 'p string "POINT(1 2)"'],
  ],
  [
    "a column of nulls has its type",
    "SELECT t, b, d, x FROM nulls",
    ["t number null", "b number null", "d time null", "x string null"],
  ],
  ["no rows give no fields", "SELECT * FROM orders WHERE FALSE", []],
  [
    "columns of the same name stay apart",
    "SELECT 1 AS a, 'x' AS a, NULL AS a",
    ["a number 1", 'a string "x"', "a string null"],
  ],
  [
    "names with quotes, spaces, other scripts and words of JavaScript stay as they are",
    "SELECT 1 AS `a``b`, 2 AS `a b.c`, 3 AS `漢`, 4 AS `__proto__`, 5 AS `constructor`, 6 AS `select`, 7 AS 'single', 8",
    [
      "a`b number 1",
      "a b.c number 2",
      "漢 number 3",
      "__proto__ number 4",
      "constructor number 5",
      "select number 6",
      "single number 7",
      "8 number 8",
    ],
  ],
  [
    "table and column names that are keywords are read",
    "SELECT `order`, `from` FROM `select`",
    ["order number 1", "from string null"],
  ],
  ["double quotes are literals", 'SELECT "a\'b" AS v', ['v string "a\'b"']],
];
