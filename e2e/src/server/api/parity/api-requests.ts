/** A request below /api/v1/. The answer depends only on the request, not on stored data or the time. */
export interface ApiRequest {
  readonly path: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const fields = (path: string, values: Readonly<Record<string, string>>): ApiRequest => ({
  path: `${path}?${new URLSearchParams(values).toString()}`,
});

const TIMES = [
  ["0", "-1", "1.0005", "1.00049", "-1.0005", "1e3", ".5", "5.", "1e", "0x10", "0b1", "abc", " 1", "1 ", "1,5", "١"],
  ["2020-01-01T00:00:00Z"],
  ["2020-01-01T00:00:00.123456789Z"],
  ["2020-01-01T00:00:00,5Z"],
  ["2020-01-01T00:00:00+01:00"],
  ["2020-02-29T12:00:00-23:30"],
  ["2020-01-01t00:00:00z"],
  ["2020-01-01T00:00:00", "2020-01-01", "2020-13-01T00:00:00Z", "2020-02-30T00:00:00Z", "2019-02-29T00:00:00Z"],
  ["2020-01-01T24:00:00Z", "2020-01-01T23:59:60Z", 'a"b\n'],
].flat();

const DURATIONS = [
  ["5m", "1h30m", "1d", "1w", "1y", "5", "1e3", "1.5", "abc", "1.5h", "1m5", "5 m", "m", "1m1m", "1µs", "300y"],
  ["1e400", "1e30", "Inf", "0x5", "9223372036", "9223372037", "-9223372037"],
].flat();
/** Durations that are zero, negative or NaN. As a timeout, such a duration would end the query at once. */
const SMALL_DURATIONS = ["0", "-1", "-5m", "0s", "NaN"];

const LIMITS = [
  ["0", "1", "2", "-1", "+1", "-0", "007", "1.5", "abc", "1e3", " 1", "0x1", "1_0", ""],
  ["9223372036854775807", "9223372036854775808", "99999999999999999999", "-99999999999999999999"],
].flat();

/** Values of the parameters start, end and step of a range query, separated by blanks. */
const STEPS = [
  "0 11000 1",
  "0 11001 1",
  "0 11000.999 1",
  "0 110000 10",
  "0 11 0.001",
  "0 11.001 0.001",
  "0 1.1 0.1",
  "1.5 1.5 0.5",
  "0 0.005 0.0015",
  "0 1 3600",
].map((words) => words.split(" ") as [string, string, string]);

const EXPRESSIONS = [
  ["1", '"a"', "time()", "vector(1)", "scalar(vector(1))", "1 > bool 2", "1 > 2", "NaN", "-Inf", "0x1f", "1e21"],
  ["1e-7", "1e-6", "-0", "123456789012345678901234567890", "'x\\u2028<&>'", '"\\xff"', "pi()", "day_of_week()"],
  ["nope", "nope[5m]", "(nope[5m])", "nope[5m:1m]", "absent(nope{a='b'})", "nope @ start()", "nope offset -5m"],
  ["", "   ", "#c", "m{", "sum(m", "foo(1)", "m and on() k", "group_left", "rate(m)", "sum", "m[1m]+1", "m[0s]"],
  ['label_replace(vector(1),"a","b","c","(")', 'm{n=~"("}', '{n=""}', "{}", '"a" + 1', 'vector("a")', "time(1)"],
  ["time", "m ==bool 3", "!m", 'label_join(vector(1),"a")', "count_values('1', vector(1))", "1 1"],
].flat();

/** Requests with valid and invalid parameters of the query endpoints. */
export const PARAMETERS: readonly ApiRequest[] = [
  ...TIMES.flatMap((time) => [
    fields("query", { query: "vector(1)", time }),
    fields("query_range", { query: "1", start: time, end: time, step: "1" }),
    fields("labels", { start: time, "match[]": "nope" }),
  ]),
  ...[...DURATIONS, ...SMALL_DURATIONS].flatMap((duration) => [
    fields("query", { query: "vector(1)", time: "0", lookback_delta: duration }),
    fields("query_range", { query: "1", start: "0", end: "60", step: duration }),
  ]),
  ...DURATIONS.map((timeout) => fields("query", { query: "1", time: "0", timeout })),
  ...LIMITS.flatMap((limit) => [
    fields("query", { query: "vector(1) or label_replace(vector(2), 'a', 'b', '', '')", time: "0", limit }),
    fields("query_range", { query: "vector(1)", start: "0", end: "0", step: "1", limit }),
    fields("query", { query: "1", time: "0", limit }),
    fields("labels", { "match[]": "requests_total", limit }),
    fields("label/code/values", { "match[]": "requests_total", limit }),
    fields("label/code/values", { "match[]": "nope", limit }),
    // Uses two selectors: with one selector, Prometheus returns series in the order of their creation.
    { path: `series?match[]=requests_total&match[]=temperature&limit=${encodeURIComponent(limit)}` },
  ]),
  ...STEPS.map(([start, end, step]) => fields("query_range", { query: "count(vector(1))", start, end, step })),
  ...EXPRESSIONS.flatMap((query) => [
    fields("query", { query, time: "0" }),
    fields("query_range", { query, start: "0", end: "30", step: "15" }),
    fields("query_exemplars", { query, start: "0", end: "1" }),
  ]),
  ...["query", "query_range", "query_range?query=1", "query_range?query=1&start=0", "query_exemplars"].map((path) => ({
    path,
  })),
  ...[
    "match[]=nope&start=5&end=1",
    "start=abc",
    "end=abc",
    "match[]=",
    "match[]=m%7B",
    "match[]=m[5m]",
    "match[]=m&match[]=%7B%7D",
  ]
    .flatMap((query) => [`labels?${query}`, `label/n/values?${query}`, `series?match[]=nope&${query}`])
    .map((path) => ({ path })),
  ...["U__a_2e_b", "U__", "U___", "U__a__b", "U__a_zz_", "U__a_110000_", "U__a_d800_", "a-b", "ü", "1a", "a%20b"].map(
    (name) => ({ path: `label/${name}/values` }),
  ),
];

const form = (path: string, body: string, type = "application/x-www-form-urlencoded"): ApiRequest => ({
  path,
  method: "POST",
  body,
  headers: { "content-type": type },
});

/** A multipart form whose first part has a malformed name. */
const MULTIPART_NAME =
  '--b\r\nContent-Disposition: form-data; name="q"\\"\r\n\r\n<&>\r\n' +
  '--b\r\nContent-Disposition: form-data; name="query"\r\n\r\n \r\n--b--\r\n';

const MULTIPART =
  '--b\r\nContent-Disposition: form-data; name="query"\r\n\r\n1+1\r\n' +
  '--b\r\nContent-Disposition: form-data; name="time"\r\n\r\n0\r\n--b--\r\n';

/** Requests that test forms, methods and headers. */
export const HTTP_REQUESTS: readonly ApiRequest[] = [
  form("query", "query=1&time=0", "application/x-www-form-urlencoded; charset=utf-8"),
  form("query?query=2&time=0", "query=1"),
  form("query?time=5", "query=1"),
  form("query", MULTIPART, "multipart/form-data; boundary=b"),
  form("query", MULTIPART_NAME, "multipart/form-data; boundary=b"),
  form("query", "x", "multipart/form-data; boundary=b"),
  form("query", "x", "multipart/form-data"),
  form("query", "query=1&time=0", "text/plain"),
  form("query", '{"query":"1"}', "application/json"),
  form("query?query=1&time=0", "{", "application/json"),
  form("query?query=1&time=0", "", "application/json"),
  form("query", "query=%zz&time=0"),
  form("query", "query=1;time=0"),
  form("query", ""),
  form("query_range", "query=1&start=0&end=1&step=1"),
  form("query_exemplars", "query=nope&start=0&end=1"),
  form("series", "match[]=nope"),
  form("series", "%zz=1"),
  form("series?match[]=nope", "%zz=1"),
  form("labels", "match[]=requests_total&limit=1"),
  form("label/n/values", "match[]=m"),
  { path: "query?query=1&time=0&x;y" },
  { path: "query?query=%zz&time=0" },
  { path: "query?query=1&query=2&time=0&time=1" },
  ...["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"].flatMap((method) =>
    ["query?query=1&time=0", "query_range", "series?match[]=nope", "labels", "label/n/values", "query_exemplars"].map(
      (path) => ({ path, method }),
    ),
  ),
  ...["", "*/*", "application/json;q=0", "text/plain", "application/xml", "garbage;;", "application/x-protobuf"].map(
    (accept) => ({ path: "query?query=1&time=0", headers: { accept } }),
  ),
  { path: "query?query=1&time=0", headers: { origin: "" } },
  ...["gzip;q=0", "br"].map((encoding) => ({
    path: "query?query=1&time=0",
    headers: { "accept-encoding": encoding },
  })),
];
