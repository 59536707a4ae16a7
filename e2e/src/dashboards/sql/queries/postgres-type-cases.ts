import type { QueryCase } from "../../sources/queries/answering-role.ts";
import type { SqlCase } from "./sql-case.ts";

/** Queries for the types of PostgreSQL, and for results with few or unusual columns. */
export const TYPE_CASES: readonly QueryCase<SqlCase>[] = [
  [
    "integers of all widths keep their value",
    "SELECT v.* FROM (VALUES ((-32768)::int2, 2147483647::int4, (-9007199254740991)::int8), (NULL, NULL, NULL)) v(a, b, c)",
    ["a number -32768 null", "b number 2147483647 null", "c number -9007199254740991 null"],
  ],
  [
    "a column with an integer beyond 2^53 is a column of texts",
    "SELECT v FROM (VALUES (9223372036854775807::int8), (-9223372036854775808), (1), (NULL)) t(v)",
    ['v string "9223372036854775807" "-9223372036854775808" "1" null'],
  ],
  [
    "numbers of objects and transactions are texts",
    "SELECT 4294967295::oid AS o, '1'::xid AS x",
    ['o string "4294967295"', 'x string "1"'],
  ],
  [
    "a numeric becomes the nearest number",
    "SELECT v FROM (VALUES (0.1::numeric), (12345678901234567890.123456789), ('NaN'), ('Infinity'), (NULL)) t(v)",
    ["v number 0.1 12345678901234567000 NaN Inf null"],
  ],
  [
    "floats keep NaN and infinities, also of 32 bits",
    "SELECT v, v::float4 AS w FROM (VALUES ('NaN'::float8), ('Infinity'), ('-Infinity'), (-0.0), (1.5), (NULL)) t(v)",
    ["v number NaN Inf -Inf 0 1.5 null", "w number NaN Inf -Inf 0 1.5 null"],
  ],
  [
    "the smallest and the largest float keep their value",
    "SELECT 5e-324::float8 AS least, 1.7976931348623157e308::float8 AS most",
    ["least number 5e-324", "most number 1.7976931348623157e+308"],
  ],
  ["booleans may be null", "SELECT v FROM (VALUES (true), (false), (NULL)) t(v)", ["v boolean true false null"]],
  [
    "texts of all types keep their characters",
    "SELECT 'a'::char(3) AS c, 'é漢😀'::varchar AS v, E'line\\n\\ttab' AS t, ''::text AS e, NULL::text AS n, 'x'::\"char\" AS q",
    ['c string "a  "', 'v string "é漢😀"', 't string "line\\n\\ttab"', 'e string ""', "n string null", 'q string "x"'],
  ],
  [
    "bytes become texts, and bytes that are no UTF-8 are replaced",
    "SELECT '\\xc3a9'::bytea AS a, '\\xff00'::bytea AS b, ''::bytea AS c, NULL::bytea AS d",
    ['a string "é"', 'b string "�\\u0000"', 'c string ""', "d string null"],
  ],
  [
    "dates and times without a zone are in UTC",
    "SELECT '2024-03-31'::date AS d, '2024-03-31 02:30:00.123456'::timestamp AS t, NULL::date AS n",
    ["d time 2024-03-31T00:00Z", "t time 2024-03-31T02:30:00.123Z", "n time null"],
  ],
  [
    "times with a zone keep their moment, whatever the zone is",
    "SELECT '2024-03-31 01:59:59.999 Europe/Berlin'::timestamptz AS a, '2024-10-27 02:30 +02'::timestamptz AS b, '2024-10-27 02:30 +01'::timestamptz AS c, '2024-01-01 00:00:00 +05:45'::timestamptz AS d",
    [
      "a time 2024-03-31T00:59:59.999Z",
      "b time 2024-10-27T00:30Z",
      "c time 2024-10-27T01:30Z",
      "d time 2023-12-31T18:15Z",
    ],
  ],
  [
    "infinite times and times beyond JavaScript's are null, and times before Christ are read",
    "SELECT v FROM (VALUES ('infinity'::timestamptz), ('-infinity'), ('0001-01-01 00:00:00+00'), ('4713-01-01 00:00:00+00 BC'), ('294276-12-31 23:59:59+00')) t(v)",
    ["v time null null 0001-01-01T00:00Z -004712-01-01T00:00Z null"],
  ],
  [
    "times of a day and intervals are texts",
    "SELECT '10:00:00.5'::time AS t, '10:00:00+02'::timetz AS z, '1 year 2 mons -3 days 04:05:06.7'::interval AS i",
    ['t string "10:00:00.5"', 'z string "10:00:00+02"', 'i string "1 year 2 mons -3 days +04:05:06.7"'],
  ],
  [
    "arrays are texts, also nested ones with nulls",
    "SELECT ARRAY[1,NULL,3] AS a, ARRAY['x,y','\"q\"',NULL] AS b, ARRAY[[1,2],[3,4]] AS c, '{}'::int[] AS d",
    [
      'a string "{1,NULL,3}"',
      'b string "{\\"x,y\\",\\"\\\\\\"q\\\\\\"\\",NULL}"',
      'c string "{{1,2},{3,4}}"',
      'd string "{}"',
    ],
  ],
  [
    "JSON is a text",
    'SELECT \'{"a": [1, null, "é"]}\'::json AS j, \'{"b":1,  "a":9007199254740993}\'::jsonb AS b, \'null\'::jsonb AS n',
    [
      'j string "{\\"a\\": [1, null, \\"é\\"]}"',
      'b string "{\\"a\\": 9007199254740993, \\"b\\": 1}"',
      'n string "null"',
    ],
  ],
  [
    "uuid, enum, network and bit types are texts",
    "SELECT '00000000-0000-0000-0000-00000000000A'::uuid AS u, 'sad'::mood AS m, '10.0.0.1/8'::inet AS i, '08:00:2b:01:02:03'::macaddr AS c, B'0101' AS b",
    [
      'u string "00000000-0000-0000-0000-00000000000a"',
      'm string "sad"',
      'i string "10.0.0.1/8"',
      'c string "08:00:2b:01:02:03"',
      'b string "0101"',
    ],
  ],
  [
    "ranges, geometry, records, domains and searches are written as PostgreSQL writes them",
    "SELECT int4range(1,5) AS r, point(1,2) AS p, ROW(1,'a b',NULL) AS w, 7::positive AS d, to_tsvector('english','fat cats') AS v, xmlelement(name a) AS x",
    [
      'r string "[1,5)"',
      'p string "(1,2)"',
      'w string "(1,\\"a b\\",)"',
      "d number 7",
      "v string \"'cat':2 'fat':1\"",
      'x string "<a/>"',
    ],
  ],
  [
    "money and names are texts",
    "SELECT 1234.5::money AS m, 'a'::name AS n, 'orders'::regclass AS c",
    ['m string "$1,234.50"', 'n string "a"', 'c string "orders"'],
  ],
  [
    "a column of nulls has its type",
    "SELECT NULL::int8 AS a, NULL::float8 AS b, NULL::timestamptz AS c, NULL AS d",
    ["a number null", "b number null", "c time null", "d string null"],
  ],
  ["no rows give no fields", "SELECT * FROM orders WHERE false", []],
  ["a statement without columns gives no fields", "SELECT", []],
  [
    "columns of the same name stay apart",
    "SELECT 1 AS a, 'x' AS a, NULL AS a",
    ["a number 1", 'a string "x"', "a string null"],
  ],
  [
    "names with quotes, spaces, other scripts and words of JavaScript stay as they are",
    'SELECT 1 AS "a""b", 2 AS "a b.c", 3 AS "漢😀", 4 AS "__proto__", 5 AS "constructor", 6 AS "select", 7 AS "?column?", 8',
    [
      'a"b number 1',
      "a b.c number 2",
      "漢😀 number 3",
      "__proto__ number 4",
      "constructor number 5",
      "select number 6",
      "?column? number 7",
      "?column? number 8",
    ],
  ],
  [
    "table and column names that are keywords are read",
    'SELECT "order", "from" FROM "select"',
    ["order number 1", "from string null"],
  ],
  [
    "a name is cut by the server after 63 bytes",
    "SELECT 1 AS a123456789a123456789a123456789a123456789a123456789a123456789a123456789",
    ["a123456789a123456789a123456789a123456789a123456789a123456789a12 number 1"],
  ],
];
