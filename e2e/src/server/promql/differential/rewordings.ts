/**
 * Annotations and errors whose wording differs between Prometheus 3.5 and our version. Both wordings are replaced by
 * the part that they have in common.
 */
const REWORDED: readonly (readonly [text: RegExp, shared: string | ((...groups: string[]) => string)])[] = [
  // Since Prometheus 3.7 (#16794) the message names the metric only with delayed name removal, and messages about
  // several metrics are merged.
  [/^(PromQL warning: bucket label "le" .*?)(?: for metric name "[^"]*")? \(\d+:\d+\)$/, "$1"],
  [
    /^(PromQL warning: vector contains a mix of classic and native histograms)(?: for metric name "[^"]*")? \(\d+:\d+\)$/,
    "$1",
  ],
  // Since Prometheus 3.7 (#16794) the message points at the histogram argument, not at the quantile.
  [/^(PromQL info: input to histogram_\w+ has NaN observations, .*?)(?: for metric name "[^"]*")? \(\d+:\d+\)$/, "$1"],
  // Since Prometheus 3.10 (#15578) the message names the buckets and the place of the first occurrence; 3.5 gives the
  // place of the last occurrence.
  [/^(PromQL info: input to histogram_quantile needed to be fixed for monotonicity \(see \S+\)).*$/, "$1"],
  // The number of omitted annotations is removed, because it may differ between the servers.
  [/^\d+ (more \w+ annotations omitted)$/, "$1"],
  // Values in messages are rounded, because they have more digits than are compared.
  [/( got |^Scalar value )(-?\d[\d.e+-]*)/, (_, before, value) => `${before}${Number(value).toPrecision(12)}`],
  // Since Prometheus 3.6 (#16777) durations may contain function calls, and the message lists these functions.
  [/number, duration, step\(\), range\(\), or "\]"$/, 'number, duration, or "]"'],
  [/number, duration, step\(\), or range\(\)$/, "number or duration"],
  [/in subquery or range selector, expected number or duration$/, "in subquery selector, expected number or duration"],
  // Since Prometheus 3.14 the message sorts its two series.
  [
    /(of the operation: \[)(\{.*\}), (\{.*\})(\];)/,
    (_, before, a, b, after) => `${before}${[a, b].toSorted().join()}${after}`,
  ],
];

/** Reduces an annotation or an error to the part that both versions have in common. */
export const reworded = (text: string): string =>
  REWORDED.reduce((so, [from, to]) => (typeof to === "string" ? so.replace(from, to) : so.replace(from, to)), text);
