/** Documentation of a function or aggregation operator, for users who read a query. */
export interface Doc {
  /** Name and parameters; optional parameters are in brackets. */
  readonly signature: string;
  /** Sentences that explain the function. The first describes its result. */
  readonly sentences: readonly string[];
}

const doc = (signature: string, ...sentences: readonly string[]): Doc => ({ signature, sentences });

const extrapolated =
  "Samples are rarely exactly at the edges of the range, so the result is extrapolated to the whole range. It may be a fraction even if the values are whole numbers.";
const counters = "A falling value is treated as a reset of the counter, and increases before the reset are included.";
const gauges = "Use it for gauges only: it treats the reset of a counter as a decrease.";
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
    "Without an argument, it uses the evaluation time.",
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
      "The range should contain at least four scrapes, so that one missed scrape leaves no gap. With fewer than two samples there is no result.",
      "Compute the rate first and then aggregate, as in sum(rate(…)): a sum hides the resets of single counters.",
    ),
  ],
  [
    "irate",
    doc(
      "irate(v range-vector)",
      "Returns by how much a counter grew per second between the last two samples in the range.",
      counters,
      "It shows fast changes on a graph. It does not suit alerts, since one scrape without an increase ends the alert.",
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
      "Returns how often the value of a counter fell in the range, which is the number of resets.",
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
      "Returns the value that a series would have in t seconds if it continued along the straight line that fits the range best.",
      "predict_linear(node_filesystem_avail_bytes[6h], 86400) < 0 finds disks that are full within a day.",
      gauges,
    ),
  ],
  [
    "double_exponential_smoothing",
    doc(
      "double_exponential_smoothing(v range-vector, sf scalar, tf scalar)",
      "Returns the smoothed value of the series at the end of the range (Holt's linear method).",
      "sf is the smoothing factor and tf the trend factor, both between 0 and 1. A lower sf gives old samples more weight; a higher tf gives the trend more weight.",
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
    "If it is lower than the number of scrapes in the range, scrapes have failed.",
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
  overTimeDoc("present_over_time", "1 if it has any sample"),
  overTimeDoc(
    "ts_of_min_over_time",
    "the time of its lowest value, as Unix seconds",
    "If there are several, it is the last one.",
  ),
  overTimeDoc(
    "ts_of_max_over_time",
    "the time of its highest value, as Unix seconds",
    "If there are several, it is the last one.",
  ),
  overTimeDoc("ts_of_first_over_time", "the time of its oldest sample, as Unix seconds"),
  overTimeDoc("ts_of_last_over_time", "the time of its newest sample, as Unix seconds"),
  [
    "quantile_over_time",
    doc(
      "quantile_over_time(φ scalar, v range-vector)",
      "Returns, for every series, the φ-quantile of its values in the range: 0.5 is the median.",
      "The result is interpolated between two values. For φ below 0 it is -Inf, above 1 it is +Inf.",
    ),
  ],
  [
    "absent_over_time",
    doc(
      "absent_over_time(v range-vector)",
      "Returns one series with the value 1 if the range contains no sample at all, otherwise nothing.",
      "Its labels are those of the matchers with = in the selector. Use it for alerts on missing metrics.",
    ),
  ],
];

const histogramDocs: ReadonlyArray<readonly [string, Doc]> = [
  [
    "histogram_quantile",
    doc(
      "histogram_quantile(φ scalar, b instant-vector)",
      "Returns the φ-quantile of the observations in a histogram. For φ = 0.99, this is the value below which 99 % of the observations are.",
      "Classic histograms need their buckets with the label le: keep it when you aggregate, as in histogram_quantile(0.99, sum by (le) (rate(x_bucket[5m]))). A native histogram needs no le.",
      "The result is interpolated within a bucket, so the buckets limit its accuracy. For a quantile in the last bucket (+Inf), the result is the lower bound of that bucket.",
    ),
  ],
  [
    "histogram_quantiles",
    doc(
      "histogram_quantiles(v instant-vector, quantile_label string, φ scalar, …)",
      "Returns several quantiles of a histogram at once, each as a series of its own.",
      "The named label of each series contains its quantile. Otherwise it works like histogram_quantile().",
      "It needs the feature flag promql-experimental-functions.",
    ),
  ],
  [
    "histogram_fraction",
    doc(
      "histogram_fraction(lower scalar, upper scalar, b instant-vector)",
      "Returns the share of a histogram's observations that are between two values, from 0 to 1.",
      "histogram_fraction(0, 0.2, rate(http_request_duration_seconds[1h])) is the share of requests that took at most 200 ms.",
      "With classic buckets the result is exact only if both values are bounds of buckets.",
    ),
  ],
  [
    "histogram_count",
    doc(
      "histogram_count(v instant-vector)",
      "Returns the number of observations in every native histogram.",
      "For a rate, this is the number of observations per second.",
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
      "Estimates the standard deviation of the observations in every native histogram, as if each were in the middle of its bucket.",
    ),
  ],
  [
    "histogram_stdvar",
    doc(
      "histogram_stdvar(v instant-vector)",
      "Estimates the variance of the observations in every native histogram, as if each were in the middle of its bucket.",
    ),
  ],
];

const labelDocs: ReadonlyArray<readonly [string, Doc]> = [
  [
    "label_replace",
    doc(
      "label_replace(v instant-vector, dst string, replacement string, src string, regex string)",
      "Sets the label dst of every series whose label src matches the regular expression.",
      "The expression must match the whole value. In the replacement, $1, $2 … or ${name} are replaced by the text that its groups matched.",
      "A series that does not match is not changed. An empty replacement removes the label.",
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
      "A series matches an info metric with the same job and instance. The selector limits the labels that are added; its metric name selects another info metric.",
      "It needs the feature flag promql-experimental-functions.",
    ),
  ],
  [
    "absent",
    doc(
      "absent(v instant-vector)",
      "Returns one series with the value 1 if the argument has no series, otherwise nothing.",
      "Its labels are those of the matchers with = in the selector. Use it for alerts on missing metrics.",
    ),
  ],
];

const sortDocs: ReadonlyArray<readonly [string, Doc]> = [
  [
    "sort",
    doc(
      "sort(v instant-vector)",
      "Returns the series with the lowest value first.",
      "It affects only tables, since series on a graph have no order.",
    ),
  ],
  [
    "sort_desc",
    doc(
      "sort_desc(v instant-vector)",
      "Returns the series with the highest value first.",
      "It affects only tables, since series on a graph have no order.",
    ),
  ],
  [
    "sort_by_label",
    doc(
      "sort_by_label(v instant-vector, label string, …)",
      "Returns the series in the order of the named labels, then of all labels; numbers within values count as numbers.",
      "It affects only tables, since series on a graph have no order. It needs the feature flag promql-experimental-functions.",
    ),
  ],
  [
    "sort_by_label_desc",
    doc("sort_by_label_desc(v instant-vector, label string, …)", "Like sort_by_label(), in descending order."),
  ],
];

const typeDocs: ReadonlyArray<readonly [string, Doc]> = [
  [
    "scalar",
    doc(
      "scalar(v instant-vector)",
      "Returns the value of the only series as a number without labels.",
      "If there is not exactly one series, it is NaN.",
    ),
  ],
  [
    "vector",
    doc(
      "vector(s scalar)",
      "Returns the number as one series without labels.",
      "After “or”, it replaces a missing result: sum(x) or vector(0).",
    ),
  ],
  ["time", doc("time()", "Returns the evaluation time as Unix seconds, which on a graph is the time of each step.")],
  [
    "timestamp",
    doc(
      "timestamp(v instant-vector)",
      "Returns the time of every sample, as Unix seconds.",
      "time() - timestamp(up) is the age of the last scrape.",
    ),
  ],
  [
    "start_timestamp",
    doc(
      "start_timestamp(v instant-vector)",
      "Returns the start time of the counter or histogram of every sample, as Unix seconds, if it is stored.",
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
  mathDoc("ln", "the natural logarithm", "For 0 the result is -Inf, for a negative value NaN."),
  mathDoc("log2", "the logarithm to the base 2", "For 0 the result is -Inf, for a negative value NaN."),
  mathDoc("log10", "the logarithm to the base 10", "For 0 the result is -Inf, for a negative value NaN."),
  mathDoc("sqrt", "the square root", "For a negative value the result is NaN."),
  mathDoc("sgn", "the sign: 1, -1, or 0", "0 stays 0."),
  [
    "round",
    doc(
      "round(v instant-vector, [to_nearest scalar])",
      "Rounds every value to the nearest multiple of to_nearest, which is 1 by default. Halves are rounded up.",
      whole,
    ),
  ],
  [
    "clamp",
    doc(
      "clamp(v instant-vector, min scalar, max scalar)",
      "Replaces values below min by min, and values above max by max.",
      "If min is greater than max, there is no result.",
      whole,
    ),
  ],
  ["clamp_min", doc("clamp_min(v instant-vector, min scalar)", "Replaces values below min by min.", whole)],
  ["clamp_max", doc("clamp_max(v instant-vector, max scalar)", "Replaces values above max by max.", whole)],
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
      "Returns the average of each group.",
      "Every series has the same weight. For an average of ratios, divide the sums instead.",
    ),
  ],
  ["min", doc("min(v)", "Returns the lowest value of each group.", dropsHistograms)],
  ["max", doc("max(v)", "Returns the highest value of each group.", dropsHistograms)],
  ["count", doc("count(v)", "Counts the series of each group, whatever their values.")],
  ["group", doc("group(v)", "Returns 1 for each group, which shows only which groups exist.")],
  [
    "stddev",
    doc("stddev(v)", "Returns the population standard deviation of the values of each group.", dropsHistograms),
  ],
  ["stdvar", doc("stdvar(v)", "Returns the population variance of the values of each group.", dropsHistograms)],
  [
    "topk",
    doc(
      "topk(k, v)",
      "Keeps the k series with the highest values of each group, with all their labels.",
      "On a graph, series are selected again at each step, so more than k lines may appear.",
    ),
  ],
  [
    "bottomk",
    doc(
      "bottomk(k, v)",
      "Keeps the k series with the lowest values of each group, with all their labels.",
      "On a graph, series are selected again at each step, so more than k lines may appear.",
    ),
  ],
  [
    "quantile",
    doc(
      "quantile(φ, v)",
      "Returns the φ-quantile over the series of each group: 0.5 is the median.",
      "It is computed from the values of series, not from observations in histograms; for those see histogram_quantile().",
    ),
  ],
  [
    "count_values",
    doc(
      "count_values(label, v)",
      "Counts how many series of each group have the same value; the named label of the result contains that value.",
      'An example with versions: count_values("version", build_version).',
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
      "Keeps about the share r of the series, the same ones at each evaluation; a negative share keeps the series that the positive one would leave out.",
      "It needs the feature flag promql-experimental-functions.",
    ),
  ],
]);

export const functionDoc = (name: string): Doc | null => functionDocs.get(name) ?? null;

export const aggregationDoc = (name: string): Doc | null => aggregationDocs.get(name) ?? null;
