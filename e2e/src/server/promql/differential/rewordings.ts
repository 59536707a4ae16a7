/** Messages that differ between versions, each with the common part of both. */
const REWORDED: readonly (readonly [text: RegExp, shared: string | ((...groups: string[]) => string)])[] = [
  // 3.7 (#16794) names the metric only with delayed name removal; messages about several metrics are then merged.
  [/^(PromQL warning: bucket label "le" .*?)(?: for metric name "[^"]*")? \(\d+:\d+\)$/, "$1"],
  [
    /^(PromQL warning: vector contains a mix of classic and native histograms)(?: for metric name "[^"]*")? \(\d+:\d+\)$/,
    "$1",
  ],
  // 3.7 (#16794) points at the histogram, not the quantile.
  [/^(PromQL info: input to histogram_\w+ has NaN observations, .*?)(?: for metric name "[^"]*")? \(\d+:\d+\)$/, "$1"],
  // 3.10 (#15578) names the buckets and the place of the first message, 3.5 the place of the last one.
  [/^(PromQL info: input to histogram_quantile needed to be fixed for monotonicity \(see \S+\)).*$/, "$1"],
  // If there are more than ten annotations, the others are counted.
  [/^\d+ (more \w+ annotations omitted)$/, "$1"],
  // A value in a message has more digits than are compared.
  [/( got |^Scalar value )(-?\d[\d.e+-]*)/, (_, before, value) => `${before}${Number(value).toPrecision(12)}`],
  // 3.6 (#16777) has calls in durations, and names them.
  [/number, duration, step\(\), range\(\), or "\]"$/, 'number, duration, or "]"'],
  [/number, duration, step\(\), or range\(\)$/, "number or duration"],
  [/in subquery or range selector, expected number or duration$/, "in subquery selector, expected number or duration"],
  // 3.14 sorts the two series.
  [
    /(of the operation: \[)(\{.*\}), (\{.*\})(\];)/,
    (_, before, a, b, after) => `${before}${[a, b].toSorted().join()}${after}`,
  ],
];

/** Reduces an annotation or an error to the common part of both versions. */
export const reworded = (text: string): string =>
  REWORDED.reduce((so, [from, to]) => (typeof to === "string" ? so.replace(from, to) : so.replace(from, to)), text);
