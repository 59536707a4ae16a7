import fc from "fast-check";

/** A script that loads series of all kinds for random queries. */
export const SERIES = `load 20s
c_total{i="a", j="x"} 0+7x12 3+5x20
c_total{i="b", j="x"} 5+3x30
c_total{i="c", j="y"} _x10 1+2x9 stale _x3 4+4x10
g{i="a"} 5 3 NaN 8 2 stale _x3 7 1 -2x20
g{i="b"} 1-2x30
h{i="a"} {{count:4 sum:5 buckets:[1 2 1]}}+{{count:4 sum:5 buckets:[1 2 1]}}x10 {{count:3 sum:2 buckets:[1 1 1]}}x20
h{i="b"} {{schema:1 count:6 sum:-5 z_bucket:1 z_bucket_w:0.1 buckets:[1 2 1] n_buckets:[0 1]}}+{{schema:1 count:4 sum:5 buckets:[1 2 1]}}x30
h{i="g"} {{count:4 sum:5 buckets:[1 2 1] counter_reset_hint:gauge}}x30
n{i="a"} {{schema:-53 count:6 sum:9 custom_values:[1 2 5] buckets:[1 2 1 2]}}+{{schema:-53 count:4 sum:5 custom_values:[1 2 5] buckets:[1 2 1]}}x30
n{i="b"} {{schema:-53 count:4 sum:9 custom_values:[1 5] buckets:[1 2 1]}}+{{schema:-53 count:3 sum:5 custom_values:[1 5] buckets:[1 2]}}x30
mix{i="a"} 1+1x9 {{count:4 sum:5 buckets:[1 2 1]}}x20
b_bucket{i="a", le="0.5"} 1+1x30
b_bucket{i="a", le="2"} 3+2x30
b_bucket{i="a", le="+Inf"} 4+3x30
w{instance="x", job="y", i="a"} 3+1x30
target_info{instance="x", job="y", v="1"} 1x15 stale
target_info{instance="x", job="y", v="2"} _x16 1x14`;

const text = (...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part))).map((all) => all.join(""));
const one = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const names = (list: string): fc.Arbitrary<string> => one(...list.split(" "));

const metric = one("c_total", "g", "h", "n", "mix", "b_bucket", "w", 'h{i="a"}', '{__name__=~"h|n"}', 'n{i="b"}');
const modifiers = one(
  "",
  "",
  "",
  "",
  " offset 40s",
  " offset -30s",
  " @ 200",
  " @ 333 offset 1m",
  " offset min_of(20s, 1m)",
);
const duration = one("1m", "2m", "5m", "30s", "90s", "(1m + 30s)");
const literal = one("0", "1", "2", "-1", "0.5", "NaN");
const number = fc.oneof({ weight: 6, arbitrary: literal }, one("Inf", 'scalar(g{i="b"})'));
const grouping = one("", "by (i)", "without (j)", "by (__name__)");
const matching = one(
  "",
  "on (i)",
  "ignoring (j)",
  "on (i) group_left ()",
  "on (i) group_right (j)",
  "on (i) fill (3)",
  "on (i) group_left fill_right (2)",
);
const operator = names("+ - * / ^ % atan2 > <= == != >bool ==bool </ >/");
const OVER_TIME = `irate idelta deriv avg_over_time sum_over_time count_over_time first_over_time last_over_time
max_over_time min_over_time stddev_over_time mad_over_time ts_of_last_over_time ts_of_max_over_time absent_over_time`;

/** Random queries over SERIES. They use the whole language, and the newest parts most often. */
export const { vector: randomQuery } = fc.letrec<{ vector: string; plain: string; range: string }>((tie) => {
  const range = (modifier: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 4, arbitrary: text(metric, "[", duration, "]", modifier, modifiers) },
      { weight: 1, arbitrary: text("(", tie("vector"), ")[", duration, ":", one("", "30s", "17s"), "]", modifiers) },
    );
  const vector = tie("vector");
  return {
    plain: text(metric, one("", "", "", " smoothed"), modifiers),
    range: range(fc.constant("")),
    vector: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      tie("plain"),
      text(names("rate increase delta"), "(", range(one("", " anchored", " smoothed")), ")"),
      text(names("changes resets"), "(", range(one("", " anchored")), ")"),
      text(names(OVER_TIME.replaceAll("\n", " ")), "(", tie("range"), ")"),
      text("quantile_over_time(", number, ", ", tie("range"), ")"),
      text(names("sum avg count min max group stddev stdvar"), " ", grouping, "(", vector, ")"),
      // Uses a literal as parameter, because an aggregation with `@` uses the parameter of the first evaluation time,
      // as in Prometheus.
      text(names("topk bottomk quantile"), "(", literal, ", ", vector, ") > -1e300"),
      text("(", vector, ") ", operator, " ", matching, " (", vector, ")"),
      text("(", vector, ") ", operator, " ", number),
      text("(", vector, ") ", names("and or unless"), one("", " on (i)"), " (", vector, ")"),
      text(names("histogram_count histogram_avg histogram_stddev abs - info absent"), "(", vector, ")"),
      text("histogram_quantile(", number, ", ", vector, ")"),
      text("histogram_quantiles(", vector, ', "q", 0.1, ', number, ")"),
      text("histogram_fraction(", number, ", ", number, ", ", vector, ")"),
      text(names("sort sort_desc"), "(", vector, ")"),
      text('count_values("v", ', vector, ")"),
      text("label_replace(", vector, ', "__name__", "x_$1", "i", "(.*)")'),
    ),
  };
});
