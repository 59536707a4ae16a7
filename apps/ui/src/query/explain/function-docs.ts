/** Documentation of a function or aggregation operator, for users who read a query. */
export interface Doc {
  /** Name and parameters; optional ones are in brackets. */
  readonly signature: string;
  /** Sentences; the first describes the result. */
  readonly sentences: readonly string[];
}

const doc = (signature: string, ...sentences: readonly string[]): Doc => ({ signature, sentences });

const extrapolated =
  "The samples do not lie on the edges of the range, so the result is extended to cover it: whole numbers may come out as fractions.";
const counters = "A value that falls is read as a restart of the counter, and what was counted before it is not lost.";
const gauges = "Meant for gauges: a counter that restarts would show as a fall.";
const dropsHistograms = "Native histograms are left out.";
const whole = "The metric name is dropped, all other labels stay.";

const mathDoc = (name: string, result: string, ...more: readonly string[]): readonly [string, Doc] => [
  name,
  doc(`${name}(v instant-vector)`, `Returns ${result} of every value.`, ...more, whole, dropsHistograms),
];

const overTimeDoc = (name: string, result: string, ...more: readonly string[]): readonly [string, Doc] => [
  name,
  doc(`${name}(v range-vector)`, `Returns, for every series, ${result} in the range.`, ...more),
];

const dateDoc = (name: string, result: string): readonly [string, Doc] => [
  name,
  doc(
    `${name}([v instant-vector])`,
    `Reads every value as a Unix time in seconds and returns ${result} in UTC.`,
    "Without an argument it is about the evaluation time.",
  ),
];

const counterDocs: ReadonlyArray<readonly [string, Doc]> = [
  [
    "rate",
    doc(
      "rate(v range-vector)",
      "Returns by how much a counter grew per second, averaged over the range.",
      counters,
      extrapolated,
      "The range should hold at least four scrapes, so that one missed scrape leaves no gap. With fewer than two samples there is no result.",
      "Take the rate first and aggregate after it, as in sum(rate(…)): a sum hides the restarts of single counters.",
    ),
  ],
  [
    "irate",
    doc(
      "irate(v range-vector)",
      "Returns by how much a counter grew per second between the last two samples in the range.",
      counters,
      "It follows fast changes on a graph; in an alert it is restless, as one quiet scrape ends the alert.",
    ),
  ],
  [
    "increase",
    doc(
      "increase(v range-vector)",
      "Returns by how much a counter grew over the range. It is the rate times the length of the range.",
      counters,
      extrapolated,
    ),
  ],
  [
    "resets",
    doc(
      "resets(v range-vector)",
      "Returns how often the value of a counter fell in the range, which is how often it restarted.",
    ),
  ],
  [
    "changes",
    doc("changes(v range-vector)", "Returns how often the value changed from one sample to the next in the range."),
  ],
];

const gaugeDocs: ReadonlyArray<readonly [string, Doc]> = [
  ["delta", doc("delta(v range-vector)", "Returns the last value in the range minus the first.", gauges, extrapolated)],
  ["idelta", doc("idelta(v range-vector)", "Returns the difference of the last two samples in the range.", gauges)],
  [
    "deriv",
    doc(
      "deriv(v range-vector)",
      "Returns the slope per second of the straight line that fits the samples in the range best (least squares).",
      gauges,
    ),
  ],
  [
    "predict_linear",
    doc(
      "predict_linear(v range-vector, t scalar)",
      "Returns the value that a series would have t seconds from now, if it went on along the straight line that fits the range best.",
      "predict_linear(node_filesystem_avail_bytes[6h], 86400) < 0 finds disks that are full within a day.",
      gauges,
    ),
  ],
  [
    "double_exponential_smoothing",
    doc(
      "double_exponential_smoothing(v range-vector, sf scalar, tf scalar)",
      "Returns the series smoothed, at the end of the range (Holt's linear method).",
      "sf weighs the level and tf the trend, both between 0 and 1: the lower sf, the more old samples count; the higher tf, the more a trend counts.",
      "It needs the feature flag promql-experimental-functions.",
      gauges,
    ),
  ],
];

const overTimeDocs: ReadonlyArray<readonly [string, Doc]> = [
  overTimeDoc("avg_over_time", "the average of its values"),
  overTimeDoc("min_over_time", "its lowest value"),
  overTimeDoc("max_over_time", "its highest value"),
  overTimeDoc("sum_over_time", "the sum of its values"),
  overTimeDoc(
    "count_over_time",
    "the number of its samples",
    "With fewer than the scrapes in the range, some were missed.",
  ),
  overTimeDoc("stddev_over_time", "the population standard deviation of its values", dropsHistograms),
  overTimeDoc("stdvar_over_time", "the population variance of its values", dropsHistograms),
  overTimeDoc(
    "mad_over_time",
    "the median of the distances of its values from their median",
    "It needs the feature flag promql-experimental-functions.",
  ),
  overTimeDoc(
    "last_over_time",
    "its newest sample",
    "The metric name stays. It bridges gaps that are longer than the lookback.",
  ),
  overTimeDoc(
    "first_over_time",
    "its oldest sample",
    "The metric name stays. It needs the feature flag promql-experimental-functions.",
  ),
  overTimeDoc("present_over_time", "1 where it has any sample"),
  overTimeDoc("ts_of_min_over_time", "the time of its lowest value, as Unix seconds", "Of several it is the last one."),
  overTimeDoc(
    "ts_of_max_over_time",
    "the time of its highest value, as Unix seconds",
    "Of several it is the last one.",
  ),
  overTimeDoc("ts_of_first_over_time", "the time of its oldest sample, as Unix seconds"),
  overTimeDoc("ts_of_last_over_time", "the time of its newest sample, as Unix seconds"),
  [
    "quantile_over_time",
    doc(
      "quantile_over_time(φ scalar, v range-vector)",
      "Returns, for every series, the φ-quantile of its values in the range: 0.5 is the median.",
      "Between two values it is interpolated. Below 0 the result is -Inf, above 1 it is +Inf.",
    ),
  ],
  [
    "absent_over_time",
    doc(
      "absent_over_time(v range-vector)",
      "Returns one series with the value 1 where no sample at all lies in the range, and nothing otherwise.",
      "Its labels are those that the selector asks for with =. It is made for alerts on metrics that are gone.",
    ),
  ],
];

const histogramDocs: ReadonlyArray<readonly [string, Doc]> = [
  [
    "histogram_quantile",
    doc(
      "histogram_quantile(φ scalar, b instant-vector)",
      "Returns the φ-quantile of the observations in a histogram: 0.99 is what all but 1 % of them stay below.",
      "Classic histograms need their buckets with the label le: keep it when you aggregate, as in histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m]))). A native histogram needs no le.",
      "Within a bucket it is interpolated, so the buckets limit how exact it is; a quantile in the last bucket (+Inf) is answered by the bound below it.",
    ),
  ],
  [
    "histogram_quantiles",
    doc(
      "histogram_quantiles(v instant-vector, quantile_label string, φ scalar, …)",
      "Returns several quantiles of a histogram at once, each as a series of its own.",
      "The named label of each series tells which quantile it is. Otherwise it works as histogram_quantile().",
      "It needs the feature flag promql-experimental-functions.",
    ),
  ],
  [
    "histogram_fraction",
    doc(
      "histogram_fraction(lower scalar, upper scalar, b instant-vector)",
      "Returns which share of a histogram's observations lies between two values, from 0 to 1.",
      "histogram_fraction(0, 0.2, rate(http_request_duration_seconds[1h])) is the share of requests that were answered within 200 ms.",
      "With classic buckets it is only exact where the values are bounds of buckets.",
    ),
  ],
  [
    "histogram_count",
    doc(
      "histogram_count(v instant-vector)",
      "Returns the number of observations in every native histogram.",
      "Of a rate it is the number of observations per second.",
    ),
  ],
  [
    "histogram_sum",
    doc("histogram_sum(v instant-vector)", "Returns the sum of the observations in every native histogram."),
  ],
  [
    "histogram_avg",
    doc(
      "histogram_avg(v instant-vector)",
      "Returns the average observation of every native histogram: its sum divided by its count.",
    ),
  ],
  [
    "histogram_stddev",
    doc(
      "histogram_stddev(v instant-vector)",
      "Estimates the standard deviation of the observations in every native histogram, as if each lay at the middle of its bucket.",
    ),
  ],
  [
    "histogram_stdvar",
    doc(
      "histogram_stdvar(v instant-vector)",
      "Estimates the variance of the observations in every native histogram, as if each lay at the middle of its bucket.",
    ),
  ],
];

const labelDocs: ReadonlyArray<readonly [string, Doc]> = [
  [
    "label_replace",
    doc(
      "label_replace(v instant-vector, dst string, replacement string, src string, regex string)",
      "Sets the label dst of every series whose label src matches the regular expression.",
      "The expression has to match the whole value. In the replacement $1, $2 … or ${name} stand for what its groups caught.",
      "A series that does not match stays as it is. An empty replacement removes the label.",
    ),
  ],
  [
    "label_join",
    doc(
      "label_join(v instant-vector, dst string, separator string, src string, …)",
      "Sets the label dst of every series to the values of the labels src, joined by the separator.",
    ),
  ],
  [
    "info",
    doc(
      "info(v instant-vector, [data-label-selector])",
      "Adds labels of the matching info metric, by default target_info, to every series.",
      "Series and info metric belong together when job and instance agree. The selector limits which labels are added, and its metric name which info metric.",
      "It needs the feature flag promql-experimental-functions.",
    ),
  ],
  [
    "absent",
    doc(
      "absent(v instant-vector)",
      "Returns one series with the value 1 where the argument has no series, and nothing otherwise.",
      "Its labels are those that the selector asks for with =. It is made for alerts on metrics that are gone.",
    ),
  ],
];

const sortDocs: ReadonlyArray<readonly [string, Doc]> = [
  [
    "sort",
    doc(
      "sort(v instant-vector)",
      "Returns the series with the lowest value first.",
      "Only a table has an order: on a graph it changes nothing.",
    ),
  ],
  [
    "sort_desc",
    doc(
      "sort_desc(v instant-vector)",
      "Returns the series with the highest value first.",
      "Only a table has an order: on a graph it changes nothing.",
    ),
  ],
  [
    "sort_by_label",
    doc(
      "sort_by_label(v instant-vector, label string, …)",
      "Returns the series in the order of the named labels, then of all labels; numbers within values count as numbers.",
      "Only a table has an order: on a graph it changes nothing. It needs the feature flag promql-experimental-functions.",
    ),
  ],
  [
    "sort_by_label_desc",
    doc("sort_by_label_desc(v instant-vector, label string, …)", "As sort_by_label(), the other way round."),
  ],
];

const typeDocs: ReadonlyArray<readonly [string, Doc]> = [
  [
    "scalar",
    doc(
      "scalar(v instant-vector)",
      "Returns the value of the only series as a number without labels.",
      "Where there is not exactly one series it is NaN.",
    ),
  ],
  [
    "vector",
    doc(
      "vector(s scalar)",
      "Returns the number as one series without labels.",
      "In an alert or behind “or” it stands in for a result that is missing: sum(x) or vector(0).",
    ),
  ],
  ["time", doc("time()", "Returns the evaluation time as Unix seconds, which on a graph is the time of each step.")],
  [
    "timestamp",
    doc(
      "timestamp(v instant-vector)",
      "Returns the time of every sample as Unix seconds.",
      "time() - timestamp(up) is the age of the last scrape.",
    ),
  ],
  [
    "start_timestamp",
    doc(
      "start_timestamp(v instant-vector)",
      "Returns when the counter or histogram behind every sample was started, as Unix seconds, where that is stored.",
    ),
  ],
  ["pi", doc("pi()", "Returns the number π.")],
  ["start", doc("start()", "Returns the first time of the query as Unix seconds.")],
  ["end", doc("end()", "Returns the last time of the query as Unix seconds.")],
  ["range", doc("range()", "Returns the length of the query's range in seconds; 0 for an instant query.")],
  ["step", doc("step()", "Returns the step of the query in seconds; 0 for an instant query.")],
];

const valueDocs: ReadonlyArray<readonly [string, Doc]> = [
  mathDoc("abs", "the absolute value"),
  mathDoc("ceil", "the next whole number up"),
  mathDoc("floor", "the next whole number down"),
  mathDoc("exp", "e raised to the power"),
  mathDoc("ln", "the natural logarithm", "Of 0 it is -Inf, of a negative value NaN."),
  mathDoc("log2", "the logarithm to the base 2", "Of 0 it is -Inf, of a negative value NaN."),
  mathDoc("log10", "the logarithm to the base 10", "Of 0 it is -Inf, of a negative value NaN."),
  mathDoc("sqrt", "the square root", "Of a negative value it is NaN."),
  mathDoc("sgn", "the sign: 1, -1, or 0", "0 stays 0."),
  [
    "round",
    doc(
      "round(v instant-vector, [to_nearest scalar])",
      "Rounds every value to the nearest multiple of to_nearest, which is 1 where it is left out. Halves go up.",
      whole,
    ),
  ],
  [
    "clamp",
    doc(
      "clamp(v instant-vector, min scalar, max scalar)",
      "Moves values below min up to it, and values above max down to it.",
      "Where min is greater than max there is no result.",
      whole,
    ),
  ],
  ["clamp_min", doc("clamp_min(v instant-vector, min scalar)", "Moves values below min up to it.", whole)],
  ["clamp_max", doc("clamp_max(v instant-vector, max scalar)", "Moves values above max down to it.", whole)],
  mathDoc("sin", "the sine", "Angles are in radians."),
  mathDoc("cos", "the cosine", "Angles are in radians."),
  mathDoc("tan", "the tangent", "Angles are in radians."),
  mathDoc("asin", "the arcsine, in radians,"),
  mathDoc("acos", "the arccosine, in radians,"),
  mathDoc("atan", "the arctangent, in radians,"),
  mathDoc("sinh", "the hyperbolic sine"),
  mathDoc("cosh", "the hyperbolic cosine"),
  mathDoc("tanh", "the hyperbolic tangent"),
  mathDoc("asinh", "the inverse hyperbolic sine"),
  mathDoc("acosh", "the inverse hyperbolic cosine"),
  mathDoc("atanh", "the inverse hyperbolic tangent"),
  mathDoc("deg", "the angle in degrees", "The value is read as radians."),
  mathDoc("rad", "the angle in radians", "The value is read as degrees."),
];

const dateDocs: ReadonlyArray<readonly [string, Doc]> = [
  dateDoc("minute", "the minute of the hour, 0 to 59,"),
  dateDoc("hour", "the hour of the day, 0 to 23,"),
  dateDoc("day_of_week", "the day of the week, 0 for Sunday to 6,"),
  dateDoc("day_of_month", "the day of the month, 1 to 31,"),
  dateDoc("day_of_year", "the day of the year, 1 to 366,"),
  dateDoc("days_in_month", "how many days the month has, 28 to 31,"),
  dateDoc("month", "the month, 1 for January to 12,"),
  dateDoc("year", "the year"),
];

const functionDocs: ReadonlyMap<string, Doc> = new Map([
  ...counterDocs,
  ...gaugeDocs,
  ...overTimeDocs,
  ...histogramDocs,
  ...labelDocs,
  ...sortDocs,
  ...typeDocs,
  ...valueDocs,
  ...dateDocs,
]);

const aggregationDocs: ReadonlyMap<string, Doc> = new Map([
  ["sum", doc("sum(v)", "Adds up the values of each group.")],
  [
    "avg",
    doc(
      "avg(v)",
      "Takes the average of each group.",
      "Every series weighs the same. Of ratios, divide the sums instead.",
    ),
  ],
  ["min", doc("min(v)", "Takes the lowest value of each group.", dropsHistograms)],
  ["max", doc("max(v)", "Takes the highest value of each group.", dropsHistograms)],
  ["count", doc("count(v)", "Counts the series of each group, whatever their values.")],
  ["group", doc("group(v)", "Returns 1 for each group: which groups there are, without values.")],
  ["stddev", doc("stddev(v)", "Takes the population standard deviation of the values of each group.", dropsHistograms)],
  ["stdvar", doc("stdvar(v)", "Takes the population variance of the values of each group.", dropsHistograms)],
  [
    "topk",
    doc(
      "topk(k, v)",
      "Keeps the k series with the highest values of each group, with all their labels.",
      "On a graph each step picks anew, so that more than k lines may appear.",
    ),
  ],
  [
    "bottomk",
    doc(
      "bottomk(k, v)",
      "Keeps the k series with the lowest values of each group, with all their labels.",
      "On a graph each step picks anew, so that more than k lines may appear.",
    ),
  ],
  [
    "quantile",
    doc(
      "quantile(φ, v)",
      "Takes the φ-quantile over the series of each group: 0.5 is the median.",
      "It is about values of series, not about observations; for those see histogram_quantile().",
    ),
  ],
  [
    "count_values",
    doc(
      "count_values(label, v)",
      "Counts how many series of each group have the same value; the named label of the result holds that value.",
      'Handy for versions: count_values("version", build_version).',
    ),
  ],
  [
    "limitk",
    doc(
      "limitk(k, v)",
      "Keeps k series of each group, the same ones at each evaluation.",
      "It needs the feature flag promql-experimental-functions.",
    ),
  ],
  [
    "limit_ratio",
    doc(
      "limit_ratio(r, v)",
      "Keeps about the share r of the series, the same ones at each evaluation; a negative share keeps those that the positive one would leave out.",
      "It needs the feature flag promql-experimental-functions.",
    ),
  ],
]);

/** Returns the documentation of a function; null if there is none. */
export const functionDoc = (name: string): Doc | null => functionDocs.get(name) ?? null;

/** Returns the documentation of an aggregation operator; null if there is none. */
export const aggregationDoc = (name: string): Doc | null => aggregationDocs.get(name) ?? null;
