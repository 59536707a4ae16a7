/** Texts that say the same in other words: the words of either are brought to the ones they share. */
const REWORDED: readonly (readonly [text: RegExp, shared: string | ((...groups: string[]) => string)])[] = [
  // 3.7 (#16794) names the metric only where names are removed late; what was told of several metrics is told once.
  [/^(PromQL warning: bucket label "le" .*?)(?: for metric name "[^"]*")? \(\d+:\d+\)$/, "$1"],
  [
    /^(PromQL warning: vector contains a mix of classic and native histograms)(?: for metric name "[^"]*")? \(\d+:\d+\)$/,
    "$1",
  ],
  // 3.7 (#16794) points at the histogram, not the quantile.
  [/^(PromQL info: input to histogram_\w+ has NaN observations, .*?)(?: for metric name "[^"]*")? \(\d+:\d+\)$/, "$1"],
  // 3.10 (#15578) tells which buckets, and the place of the first remark, 3.5 that of the last.
  [/^(PromQL info: input to histogram_quantile needed to be fixed for monotonicity \(see \S+\)).*$/, "$1"],
  // Of more than ten remarks the rest is counted.
  [/^\d+ (more \w+ annotations omitted)$/, "$1"],
  // A value in a text has more digits than are compared.
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

/** A remark or an error in the words both versions share. */
export const reworded = (text: string): string =>
  REWORDED.reduce((so, [from, to]) => (typeof to === "string" ? so.replace(from, to) : so.replace(from, to)), text);
