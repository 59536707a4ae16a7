/** Returns values of a time parameter: times in and around the stored data in seconds, and texts that are not times. */
export const times = (start: number, end: number): readonly string[] =>
  [
    [start, start + 600, start + 3600.5, start + 7200, end - 900, end - 0.001, end, end + 60].flatMap((at) => [
      String(at),
      String(at),
      at.toFixed(3),
      new Date(at * 1000).toISOString(),
    ]),
    ["0", "-1", "1e9", "9223372036854775", "9223372036854776", "-9223372036854775.5", "NaN", "Inf", "abc", "", " 1"],
    ["2019-04-15T00:00:00Z", "2019-04-15T01:00:00+01:00", "2019-04-15", "0001-01-01T00:00:00Z"],
    ["292273086-05-16T16:47:06Z", "-292273086-05-16T16:47:06Z"],
  ].flat();

export const DURATIONS: readonly string[] = [
  ["60", "300", "1m", "5m", "1h", "15", "30s", "90.5", "1h30m", "1d", "0.5", "1e2"],
  ["0", "-1", "", "x", "1.5h", "5m5m", "NaN", "Inf", "1e20", "0.0005", "300y", "1ms"],
].flat();

/** Values of the `timeout` parameter: long enough for any query of this test, or already exceeded. */
export const TIMEOUTS: readonly string[] = [
  "60",
  "5m",
  "1h30m",
  "1e2",
  "1d",
  "0",
  "-1",
  "",
  "x",
  "1e20",
  "300y",
  "5m5m",
];

export const LIMITS: readonly string[] = [
  ["0", "1", "2", "5", "100", "10000", "10001"],
  ["-1", "x", "", "1.5", "+3", "9223372036854775807", "9223372036854775808", "0x1"],
].flat();

export const BOOLEANS: readonly string[] = ["true", "false", "1", "0", "T", "F", "", "yes", "TRUE", "tRue"];

export const STATES: readonly string[] = ["active", "dropped", "any", "", "Active", "foo"];

export const WORDS: readonly string[] = [
  ["requests_total", "nope", "job", "", "a b", "<&>", 'q"\\', "ü", "\u0000", "one", "%", "+", ";", "t"],
].flat();

/** Label names as they are escaped in a URL path. */
export const LABEL_NAMES: readonly string[] = [
  ["__name__", "job", "instance", "code", "le", "room", "kind", "nope", "%C3%A9tage", "U__a_2e_b", "a.b", "a%2Eb"],
  ["U__", "U___x", "U____x", "U__a_zz_", "%20", "a%2Fb", "%FF", "%22", "__meta", "U__%C3%A9tage", "U___C3_tage"],
].flat();

export const SELECTORS: readonly string[] = [
  ["requests_total", 'requests_total{code="200"}', '{job="api"}', '{__name__=~"requests.*|queue"}', "temperature"],
  ['{"températures.°C"}', '{room!="attic",__name__="temperature"}', "nope", 'odd{kind=~"n.*"}', "sparse", "flapping"],
  ['{__name__=~".+",le="1"}', 'duration_seconds_bucket{le!~"0.*"}', '{env="prod"}', "requests_total{}"],
  ["", "{}", '{a=""}', '{__name__=~".*"}', '{x!="y"}', "requests_total[5m]", "requests_total offset 5m", "1", "up{"],
  ['requests_total{code="200"', '{job=~"("}', "sum(requests_total)", "requests_total @ 0", "{a='b',}", "{,}", "{a=b}"],
].flat();

export const EXPRESSIONS: readonly string[] = [
  ["requests_total", 'requests_total{code="200"}', "temperature", "queue", "odd", "limit", "sparse", "build_info"],
  ["sum(requests_total)", "sum by (code) (rate(requests_total[5m]))", "avg without (instance) (temperature)"],
  ["topk(2, temperature)", "count_values('v', queue)", "quantile(0.9, temperature)", "sort_desc(queue)", "sort(limit)"],
  ["histogram_quantile(0.9, sum by (le) (rate(duration_seconds_bucket[10m])))", "requests_total offset 1h"],
  ["max_over_time(temperature[30m:5m])", "absent(nope)", "absent_over_time(nope{a='b'}[5m])", "requests_total @ end()"],
  ["errors_total / on(instance) group_left requests_total", "limit > bool 5", "limit and queue", "-temperature"],
  ["label_replace(limit, 'x', '<$1>', 'instance', '(.*):80')", "requests_total[1m]", '"te<x>t &"', "1", "1e21", "1/0"],
  ["time()", "vector(1)", "scalar(limit)", "vector(time())", "pi()", "NaN", "-Inf", "0x1F", "1 + 2 * 3 ^ 2 % 4"],
  ["histogram_quantile(2, damaged_bucket)", "rate(temperature[5m])", "increase(limit[5m])", "rate(requests_total)"],
  ["requests_total / requests_total{code='200'}", "limit * on() queue", "{__name__=~'requests.*'}", "nope"],
  ["", " ", "sum(", "foo(1)", "requests_total{", "1 +", "requests_total[5m", "'a", "\u0000", "a b", "sum by (a) b"],
  ["requests_total{code=~'('}", "{}", "rate(1)", "1 == 2", "requests_total[5m:]", "((1", "# comment", "max(x[5m])"],
  ['{"a.b"}', "'températures.°C'", '{"températures.°C", étage="ü"}', "bottomk(1, odd)", "stddev(temperature)"],
  [
    "clamp(temperature, -5, 5)",
    "day_of_week(moment)",
    "deriv(temperature[10m])",
    "changes(flapping[20m])",
    "limitk(1, x)",
  ],
].flat();

/** Headers of clients, with valid and unusual values. */
export const HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  [
    "accept-encoding",
    ["gzip", "deflate", "gzip, deflate, br", "identity", "*", "gzip;q=0", "br", "deflate, gzip", "GZIP"],
  ],
  ["origin", ["http://example.org", "null", "", "https://a.b:3000", "x"]],
  ["accept", ["application/json", "text/html", "*/*", "application/xml", "text/plain;version=0.0.4", ";;"]],
  ["if-none-match", ['"x"', "*"]],
  ["if-modified-since", ["Tue, 01 Jan 2999 00:00:00 GMT", "x"]],
  ["range", ["bytes=0-3", "bytes=x"]],
  ["user-agent", ["curl/8", ""]],
  ["x-http-method-override", ["POST"]],
  ["authorization", ["Basic eDp5", "Bearer x"]],
  ["cache-control", ["no-cache"]],
  ["access-control-request-method", ["POST"]],
  ["x-forwarded-for", ["1.2.3.4"]],
];
