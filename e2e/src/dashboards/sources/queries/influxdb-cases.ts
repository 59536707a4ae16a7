import { AUTUMN, type AskedQuery, type QueryCase, SPRING } from "./answering-role.ts";

/** A text of InfluxQL, and how it is asked. Default format: time series. */
export type InfluxCase = string | (Omit<AskedQuery, "target"> & { readonly query?: string; readonly target?: object });

/** Returns the query of a source for a text of InfluxQL, or for a target of the query builder. */
export const askedInflux = (one: InfluxCase): AskedQuery => {
  const { query, target, ...more } = typeof one === "string" ? { query: one } : one;
  return { ...more, target: { ...(query !== undefined && { rawQuery: true, query }), ...target } };
};

const SPRING_POINTS = Array.from({ length: 7 }, (_, at) => {
  const value = at === 3 ? "" : `v=${at / 2},`;
  return `orders,host=${at % 2 === 0 ? "a" : "b"},dc=x ${value}n=${at}i ${SPRING.from + at * 1_800_000}`;
});

/** Points in the line protocol, with times in ms. */
export const POINTS: readonly string[] = [
  ...SPRING_POINTS,
  ...Array.from({ length: 8 }, (_, at) => `autumn n=${at}i ${AUTUMN.from + at * 1_800_000}`),
  ...[0, 1, 4, 5].map((at) => `gaps n=${at}i ${SPRING.from + at * 1_800_000}`),
  String.raw`types,kind=k f=1.5,i=9007199254740993i,b=true,s="it's \"é\" 漢😀 \\" ${SPRING.from}`,
  `types,kind=k f=-1e300,i=-9223372036854775808i,b=false,s="" ${SPRING.from + 1}`,
  `types,kind=k f=5e-324 ${SPRING.from + 2}`,
  String.raw`we\ ird.na\,me,a\ b=c\,d\=e,from=漢 select=1,v"w=2 ${SPRING.from}`,
  `logs,level=error line="disk full",id=1i ${SPRING.from}`,
  `logs,level=info line="é" ${SPRING.from + 1}`,
];

const TABLE = { resultFormat: "table" };
const HOUR = { intervalMs: 3_600_000 };

export const CASES: readonly QueryCase<InfluxCase>[] = [
  [
    "floats, integers, booleans and texts are read, and missing fields are null",
    { query: "SELECT f, b, s FROM types WHERE $timeFilter", target: TABLE },
    [
      "series types",
      "Time time 2024-03-31T00:00Z 2024-03-31T00:00:00.001Z 2024-03-31T00:00:00.002Z",
      "f number 1.5 -1e+300 5e-324",
      "b boolean true false null",
      's string "it\'s \\"é\\" 漢😀 \\\\" "" null',
    ],
  ],
  [
    "integers beyond 2^53 are rounded, as in Grafana",
    { query: "SELECT i FROM types WHERE $timeFilter", target: TABLE },
    [
      "series types",
      "Time time 2024-03-31T00:00Z 2024-03-31T00:00:00.001Z",
      "i number 9007199254740992 -9223372036854776000",
    ],
  ],
  [
    "a field of texts is a series of texts",
    "SELECT s FROM types WHERE $timeFilter",
    [
      "series types.s",
      "Time time 2024-03-31T00:00Z 2024-03-31T00:00:00.001Z",
      'Value string "it\'s \\"é\\" 漢😀 \\\\" ""',
    ],
  ],
  [
    "tags are texts in a table",
    { query: "SELECT n, host, dc FROM orders WHERE $timeFilter LIMIT 2", target: TABLE },
    [
      "series orders",
      "Time time 2024-03-31T00:00Z 2024-03-31T00:30Z",
      "n number 0 1",
      'host string "a" "b"',
      'dc string "x" "x"',
    ],
  ],
  [
    "a series for each tag has the tag as a label",
    "SELECT v FROM orders WHERE $timeFilter GROUP BY host",
    [
      "series orders.v { host: a }",
      "Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "Value{host=a} number 0 1 2 3",
      "series orders.v { host: b }",
      "Time time 2024-03-31T00:30Z 2024-03-31T02:30Z",
      "Value{host=b} number 0.5 2.5",
    ],
  ],
  [
    "a group of all tags has all labels",
    "SELECT last(n) FROM orders WHERE $timeFilter GROUP BY *",
    [
      "series orders.last { dc: x, host: a }",
      "Time time 2024-03-31T03:00Z",
      "Value{dc=x,host=a} number 6",
      "series orders.last { dc: x, host: b }",
      "Time time 2024-03-31T02:30Z",
      "Value{dc=x,host=b} number 5",
    ],
  ],
  [
    "several fields are several series",
    "SELECT v, n FROM orders WHERE $timeFilter LIMIT 1",
    [
      "series orders.v",
      "Time time 2024-03-31T00:00Z",
      "Value number 0",
      "series orders.n",
      "Time time 2024-03-31T00:00Z",
      "Value number 0",
    ],
  ],
  [
    "names with quotes, spaces, commas, other scripts and keywords are read",
    { query: String.raw`SELECT "select", "v\"w", "a b", "from" FROM "we ird.na,me" WHERE $timeFilter`, target: TABLE },
    [
      "series we ird.na,me",
      "Time time 2024-03-31T00:00Z",
      "select number 1",
      'v"w number 2',
      'a b string "c,d=e"',
      'from string "漢"',
    ],
  ],
  [
    "an alias replaces the name of a column",
    'SELECT v AS "é.v" FROM orders WHERE $timeFilter LIMIT 1',
    ["series orders.é.v", "Time time 2024-03-31T00:00Z", "Value number 0"],
  ],
  [
    "columns of the same name get numbers from the server",
    { query: "SELECT n, n FROM orders WHERE $timeFilter LIMIT 1", target: TABLE },
    ["series orders", "Time time 2024-03-31T00:00Z", "n number 0", "n_1 number 0"],
  ],
  [
    "logs have their columns",
    { query: "SELECT line, level, id FROM logs WHERE $timeFilter", target: { resultFormat: "logs" } },
    [
      "series logs.line",
      "Time time 2024-03-31T00:00Z 2024-03-31T00:00:00.001Z",
      'Value string "disk full" "é"',
      "series logs.level",
      "Time time 2024-03-31T00:00Z 2024-03-31T00:00:00.001Z",
      'Value string "error" "info"',
      "series logs.id",
      "Time time 2024-03-31T00:00Z 2024-03-31T00:00:00.001Z",
      "Value number 1 null",
    ],
  ],
  ["no points give no series", "SELECT v FROM orders WHERE $timeFilter AND host = 'c'", []],
  ["an unknown measurement gives no series", "SELECT v FROM nothing WHERE $timeFilter", []],
  [
    "timeFilter contains both ends of the range",
    "SELECT count(n) FROM orders WHERE $timeFilter",
    ["series orders.count", "Time time 2024-03-31T00:00Z", "Value number 7"],
  ],
  [
    "an unknown macro is named by the server",
    "SELECT count(n) FROM orders WHERE $__timeFilter",
    ["error 400: InfluxDB returned error: error parsing query: missing parameter: __timeFilter"],
  ],
  [
    "interval groups by the interval of the panel",
    { query: "SELECT count(n) FROM orders WHERE $timeFilter GROUP BY time($interval)", ...HOUR },
    [
      "series orders.count",
      "Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "Value number 2 2 2 1",
    ],
  ],
  [
    "__interval groups by the interval of the panel",
    { query: "SELECT count(n) FROM orders WHERE $timeFilter GROUP BY time($__interval)", ...HOUR },
    [
      "series orders.count",
      "Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "Value number 2 2 2 1",
    ],
  ],
  [
    "__interval_ms is a number of milliseconds",
    { query: "SELECT count(n) * $__interval_ms FROM orders WHERE $timeFilter", ...HOUR },
    ["series orders.count", "Time time 2024-03-31T00:00Z", "Value number 25200000"],
  ],
  [
    "missing intervals are filled with null",
    { query: "SELECT sum(n) FROM gaps WHERE $timeFilter GROUP BY time($__interval) fill(null)", ...HOUR },
    [
      "series gaps.sum",
      "Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "Value number 1 null 9 null",
    ],
  ],
  [
    "missing intervals are left out",
    { query: "SELECT sum(n) FROM gaps WHERE $timeFilter GROUP BY time($__interval) fill(none)", ...HOUR },
    ["series gaps.sum", "Time time 2024-03-31T00:00Z 2024-03-31T02:00Z", "Value number 1 9"],
  ],
  [
    "missing intervals are filled with the value before",
    { query: "SELECT sum(n) FROM gaps WHERE $timeFilter GROUP BY time($__interval) fill(previous)", ...HOUR },
    [
      "series gaps.sum",
      "Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "Value number 1 1 9 9",
    ],
  ],
  [
    "missing intervals are filled with a number",
    { query: "SELECT sum(n) FROM gaps WHERE $timeFilter GROUP BY time($__interval) fill(-1)", ...HOUR },
    [
      "series gaps.sum",
      "Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "Value number 1 -1 9 -1",
    ],
  ],
  [
    "missing intervals are filled along a line",
    { query: "SELECT sum(n) FROM gaps WHERE $timeFilter GROUP BY time($__interval) fill(linear)", ...HOUR },
    [
      "series gaps.sum",
      "Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "Value number 1 5 9 null",
    ],
  ],
  [
    "hours of a zone with a doubled hour are hours",
    { query: "SELECT count(n) FROM autumn WHERE $timeFilter GROUP BY time(1h) tz('Europe/Berlin')", range: AUTUMN },
    [
      "series autumn.count",
      "Time time 2024-10-26T23:00Z 2024-10-27T00:00Z 2024-10-27T01:00Z 2024-10-27T02:00Z 2024-10-27T03:00Z",
      "Value number 2 2 2 2 0",
    ],
  ],
  [
    "a day of Berlin begins at its midnight, although it has 25 hours",
    { query: "SELECT count(n) FROM autumn WHERE $timeFilter GROUP BY time(1d) tz('Europe/Berlin')", range: AUTUMN },
    ["series autumn.count", "Time time 2024-10-26T22:00Z", "Value number 8"],
  ],
  [
    "a day of UTC begins at the midnight of UTC",
    { query: "SELECT count(n) FROM autumn WHERE $timeFilter GROUP BY time(1d)", range: AUTUMN },
    ["series autumn.count", "Time time 2024-10-26T00:00Z 2024-10-27T00:00Z", "Value number 2 6"],
  ],
  [
    "hours of a zone with a missing hour are hours",
    { query: "SELECT count(n) FROM orders WHERE $timeFilter GROUP BY time(1h) tz('Europe/Berlin')" },
    [
      "series orders.count",
      "Time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "Value number 2 2 2 1",
    ],
  ],
  [
    "an offset moves the groups",
    { query: "SELECT count(n) FROM orders WHERE $timeFilter GROUP BY time(2h, 1h)" },
    ["series orders.count", "Time time 2024-03-30T23:00Z 2024-03-31T01:00Z 2024-03-31T03:00Z", "Value number 2 4 1"],
  ],
  [
    "an alias is filled with measurement, column and tags",
    {
      query: "SELECT mean(v) FROM orders WHERE $timeFilter GROUP BY host",
      target: { alias: "$m $col $tag_host [[tag_dc]] $0" },
    },
    [
      "series orders mean a [[tag_dc]] orders",
      "Time time 2024-03-31T00:00Z",
      "Value{host=a} number 1.5",
      "series orders mean b [[tag_dc]] orders",
      "Time time 2024-03-31T00:00Z",
      "Value{host=b} number 1.5",
    ],
  ],
  [
    "the builder writes a statement with tags, groups and filling",
    {
      target: {
        measurement: "orders",
        select: [
          [
            { type: "field", params: ["n"] },
            { type: "sum", params: [] },
          ],
        ],
        tags: [{ key: "host", operator: "=", value: "a" }],
        groupBy: [
          { type: "time", params: ["2h"] },
          { type: "fill", params: ["0"] },
        ],
      },
    },
    ["series orders.sum", "Time time 2024-03-31T00:00Z 2024-03-31T02:00Z", "Value number 2 10"],
  ],
  [
    "the builder quotes values that try to end their literal",
    {
      target: {
        measurement: "orders",
        select: [
          [
            { type: "field", params: ["n"] },
            { type: "count", params: [] },
          ],
        ],
        tags: [{ key: "host", operator: "=", value: "a' OR 'x'='x" }],
        groupBy: [],
      },
    },
    [],
  ],
  [
    "the builder takes a regular expression",
    {
      target: {
        measurement: "/^ord/",
        select: [
          [
            { type: "field", params: ["n"] },
            { type: "max", params: [] },
          ],
        ],
        tags: [{ key: "host", operator: "=~", value: "/^(a|b)$/" }],
        groupBy: [],
      },
    },
    ["series orders.max", "Time time 2024-03-31T03:00Z", "Value number 6"],
  ],
  [
    "arithmetic, derivative and percentiles are computed",
    "SELECT derivative(max(n), 1h) * 2, percentile(v, 50) FROM orders WHERE $timeFilter GROUP BY time(2h)",
    [
      "series orders.derivative",
      "Time time 2024-03-31T00:00Z 2024-03-31T02:00Z",
      "Value number null 3",
      "series orders.percentile",
      "Time time 2024-03-31T00:00Z 2024-03-31T02:00Z",
      "Value number 0.5 2.5",
    ],
  ],
  [
    "a query over a query is read",
    "SELECT max(s) FROM (SELECT sum(n) AS s FROM orders WHERE $timeFilter GROUP BY time(1h))",
    ["series orders.max", "Time time 2024-03-31T02:00Z", "Value number 9"],
  ],
  [
    "rows that descend by time are read as they are",
    { query: "SELECT n FROM orders WHERE $timeFilter ORDER BY time DESC LIMIT 2" },
    ["series orders.n", "Time time 2024-03-31T03:00Z 2024-03-31T02:30Z", "Value number 6 5"],
  ],
  [
    "several statements are several series",
    "SELECT max(n) FROM orders; SELECT min(n) FROM orders",
    [
      "series orders.max",
      "Time time 2024-03-31T03:00Z",
      "Value number 6",
      "series orders.min",
      "Time time 2024-03-31T00:00Z",
      "Value number 0",
    ],
  ],
  [
    "a comment is read",
    "SELECT max(n) FROM orders -- it's a comment",
    ["series orders.max", "Time time 2024-03-31T03:00Z", "Value number 6"],
  ],
  [
    "a listing of tag values is a table",
    "SHOW TAG VALUES FROM orders WITH KEY = host",
    ["series orders", 'Value string "a" "b"'],
  ],
  [
    "a listing of fields has their types",
    "SHOW FIELD KEYS FROM types",
    ["series types", 'Value string "b" "f" "i" "s"'],
  ],
  [
    "a listing of measurements takes a regular expression",
    "SHOW MEASUREMENTS WITH MEASUREMENT =~ /^a/",
    ["series measurements", 'Value string "autumn"'],
  ],
  [
    "a single value stands between the quotes of the query",
    { query: "SELECT count(n) FROM orders WHERE host = '$x'", variables: { x: "a" } },
    ["series orders.count", "Time time 1970-01-01T00:00Z", "Value number 4"],
  ],
  [
    "several values are alternatives of a regular expression",
    { query: "SELECT count(n) FROM orders WHERE host =~ /^$x$/", variables: { x: ["a", "b.", "(", "/"] } },
    ["series orders.count", "Time time 1970-01-01T00:00Z", "Value number 4"],
  ],
  [
    "the text of All is inserted unchanged",
    { query: "SELECT count(n) FROM orders WHERE host =~ /^$x$/", variables: { x: [".*"] }, verbatim: ["x"] },
    ["series orders.count", "Time time 1970-01-01T00:00Z", "Value number 7"],
  ],
  [
    "a value that tries to end its literal stays in it",
    { query: "SELECT count(n) FROM orders WHERE host = '$x'", variables: { x: "a' OR host = 'b" } },
    [],
  ],
  [
    "a value that ends with a backslash stays in its literal",
    { query: "SELECT count(n) FROM orders WHERE host = '$x' OR dc = 'x'", variables: { x: "a\\" } },
    ["series orders.count", "Time time 1970-01-01T00:00Z", "Value number 7"],
  ],
  [
    "a value with the text of a macro runs no statement of its own",
    {
      query: "SELECT count(n) FROM orders WHERE host = '$x'",
      variables: { x: "$timeFilter; DROP MEASUREMENT orders" },
    },
    [],
  ],
  [
    "a value of a regular expression cannot end it",
    { query: "SELECT count(n) FROM orders WHERE host =~ /^$x$/", variables: { x: "a/; DROP MEASUREMENT orders --" } },
    [],
  ],
  [
    "SELECT INTO is refused",
    "SELECT n INTO copied FROM orders",
    ["error 400: the query writes with INTO; data sources only read, so remove the INTO clause"],
  ],
  [
    "SELECT INTO is refused behind a comment",
    "SELECT n /* x */ iNtO copied FROM orders",
    ["error 400: the query writes with INTO; data sources only read, so remove the INTO clause"],
  ],
  [
    "DROP is refused",
    "DROP MEASUREMENT orders",
    ['error 400: the query contains a statement that begins with "DROP"; write SELECT, SHOW or EXPLAIN'],
  ],
  [
    "DROP behind another statement is refused",
    "SHOW MEASUREMENTS; DROP MEASUREMENT orders",
    ['error 400: the query contains a statement that begins with "DROP"; write SELECT, SHOW or EXPLAIN'],
  ],
  [
    "DELETE is refused",
    "DELETE FROM orders",
    ['error 400: the query contains a statement that begins with "DELETE"; write SELECT, SHOW or EXPLAIN'],
  ],
  [
    "CREATE, ALTER and GRANT are refused",
    "CREATE DATABASE other",
    ['error 400: the query contains a statement that begins with "CREATE"; write SELECT, SHOW or EXPLAIN'],
  ],
  [
    "KILL is refused",
    "KILL QUERY 1",
    ['error 400: the query contains a statement that begins with "KILL"; write SELECT, SHOW or EXPLAIN'],
  ],
  [
    "SET PASSWORD is refused",
    "SET PASSWORD FOR x = 'y'",
    ['error 400: the query contains a statement that begins with "SET"; write SELECT, SHOW or EXPLAIN'],
  ],
  [
    "an unknown function is named",
    "SELECT nothing(n) FROM orders",
    ["error 400: InfluxDB returned error: undefined function nothing()"],
  ],
  [
    "an unfinished literal is named",
    "SELECT n FROM orders WHERE host = 'a",
    [
      "error 400: InfluxDB returned error: error parsing query: found a, expected identifier, string, number, bool at line 1, char 34",
    ],
  ],
  [
    "an invalid regular expression is named",
    "SELECT n FROM orders WHERE host =~ /(/",
    [
      "error 400: InfluxDB returned error: error parsing query: error parsing regexp: missing closing ): `(` at line 1, char 35",
    ],
  ],
  [
    "an unknown zone is named",
    "SELECT n FROM orders tz('Mars/Base')",
    ["error 400: InfluxDB returned error: error parsing query: unable to find time zone Mars/Base"],
  ],
  [
    "a NUL character is refused",
    "SELECT n FROM orders WHERE host = '\u0000'",
    [
      "error 400: InfluxDB returned error: error parsing query: found BADSTRING, expected identifier, string, number, bool at line 1, char 34",
    ],
  ],
  [
    "an unknown retention policy is named",
    'SELECT n FROM "none"."orders"',
    ["error 400: InfluxDB returned error: retention policy not found: none"],
  ],
];
