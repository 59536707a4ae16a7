import type { Difference, DifferenceKind } from "./query-comparison.ts";

/** Where 3.14, which we answer as, and 3.5, which we are compared with, differ; and where neither defines the answer. */
interface KnownDifference {
  readonly kinds: readonly DifferenceKind[];
  /** Why ours is right; a number is that of Prometheus' own change. */
  readonly reason: string;
  readonly applies: (query: string, ours: string, theirs: string, overRange: boolean) => boolean;
}

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

/** The numbers in two texts differ by at most a share of them; the rest is the same. */
function isNear(ours: string, theirs: string, share: number): boolean {
  const parts = (text: string): string[] => text.split(/(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/);
  const [a, b] = [parts(ours), parts(theirs)];
  return (
    a.length === b.length &&
    a.every((part, i) => part === b[i] || Math.abs(Number(part) - Number(b[i])) <= share * Math.abs(Number(part)))
  );
}

/** Both are what rounding left of numbers that cancel out: a value, or a histogram's count and sum, next to zero. */
const isRemainder = (ours: string, theirs: string): boolean =>
  [ours, theirs].every((text) => {
    const numbers = Array.from(text.matchAll(/(?:"count":|"sum":|\d,)"([^"]+)"/g), (match) =>
      Math.abs(Number(match[1])),
    );
    return numbers.length > 0 && numbers.slice(0, 2).every((number) => number < 1e-9);
  });

/** Does a text begin an argument in parentheses at the place of one remark, which the other remark leaves out? */
function isInParens(query: string, ours: string, theirs: string): boolean {
  const column = (line: string): number => Number(/ \(1:(\d+)\)$/.exec(line)?.[1]) - 1;
  const [inner, outer] = [column(ours), column(theirs)];
  return outer < inner && /^[( ]+$/.test(Buffer.from(query).toString("utf8", outer, inner));
}

/**
 * The order of `sort_by_label` as far as it is one: Prometheus' comparison puts numbers that differ in leading zeros each
 * before the other, and a value and its absence each behind the other, which upsets the rest.
 */
function naturalOrder(query: string, elements: string): string {
  const all = (JSON.parse(elements) as string[]).map((one) => new Map(JSON.parse(one) as [string, string][]));
  const labels = Array.from(query.matchAll(/, "(\w+)"/g), (match) => match[1]!);
  const decisive = labels.filter((label) => all.some((one) => one.has(label)));
  if (all.some((one) => decisive.some((label) => !one.has(label)))) return "";
  return JSON.stringify(all.map((one) => decisive.map((label) => one.get(label)!.replace(/\b0+(?=\d)/g, ""))));
}

const NATIVE = /latency|sizes|custom_|unknown_sum|both_kinds|clash/;
const STEEP = /\b(?:acosh?|asinh?|atanh?|cosh?|exp|ln|log2|log10|sinh?|tanh?)\(.*\(|\^|%/;

const OF_THE_VERSION: readonly KnownDifference[] = [
  {
    kinds: ["status", "error"],
    reason: "3.6 refuses NaN as the parameter of topk, bottomk, limitk and limit_ratio (#16725)",
    applies: (_query, ours) => /(?:^|execution: )(?:Parameter|Ratio) value is NaN$/.test(ours),
  },
  {
    kinds: ["error"],
    reason: "3.6 names the largest parameter of all steps, not the first that is too large (#16725)",
    applies: (_query, ours, theirs) =>
      [ours, theirs].every((error) => /Scalar value \S+ (?:over|under)flows int64$/.test(error)),
  },
  {
    kinds: ["status"],
    reason: "3.6 looks at the parameter of topk, bottomk and limitk before it looks for series (#16725)",
    applies: (_query, ours, theirs) =>
      /execution: Scalar value \S+ (?:over|under)flows int64$/.test(ours) && theirs.startsWith("200 "),
  },
  {
    kinds: ["histogram", "value", "series"],
    reason: "3.6 does not extrapolate a histogram's rate beyond the moment its count was zero (#16828)",
    applies: (query) => /(?:rate|increase)\((?:sizes|\()/.test(query) && NATIVE.test(query),
  },
  {
    kinds: ["value"],
    reason: "3.6 forgets what histograms in a subquery said of resets between samples that are not in it (#16879)",
    applies: (query) => /(?:resets|rate|increase|delta)\(.*\[\w+:/.test(query) && NATIVE.test(query),
  },
  {
    kinds: ["warnings"],
    reason: "3.7 takes the difference of histograms, and their product with a negative number, for a gauge (#17004)",
    applies: (query, ours, theirs) =>
      /[-*/]/.test(query) &&
      ((theirs === "" && ours.startsWith('PromQL warning: this native histogram metric is not a counter: ""')) ||
        (ours === "" && theirs.startsWith('PromQL warning: this native histogram metric is not a gauge: ""'))),
  },
  {
    kinds: ["warnings"],
    reason: "3.7 warns where the counters of some histograms were reset and those of others were not (#17051, #17094)",
    applies: (_query, ours, theirs) =>
      theirs === "" && ours.startsWith("PromQL warning: conflicting counter resets during"),
  },
  {
    kinds: ["warnings", "infos", "series", "points"],
    reason: "3.8 adds histograms of other custom buckets (#17278)",
    applies: (query, ours, theirs) =>
      /custom_.*[-+].*custom_/.test(query) &&
      (theirs !== "" ||
        /^PromQL (?:info: mismatched custom buckets|info: ignored histogram|info: incompatible sample types|warning: bucket label)/.test(
          ours,
        )),
  },
  {
    kinds: ["warnings", "infos"],
    reason: "3.7 takes off an argument's parentheses before it is evaluated, and remarks on what they hold (#16896)",
    applies: isInParens,
  },
  {
    kinds: ["error"],
    reason: "3.7 places errors behind aggregations and calls at the operator (#16996, #17031)",
    applies: (_query, ours, theirs) =>
      /parse error: (?:comparisons between scalars|label "\w+" must not occur in ON)/.test(ours) &&
      ours.replace(/\d+:\d+/, "") === theirs.replace(/\d+:\d+/, ""),
  },
  {
    kinds: ["value", "histogram", "series", "points", "order"],
    reason: "3.8 gives a histogram_fraction where a limit is in the first bucket (#17424)",
    applies: (query, _ours, theirs) =>
      // A comparison or a function around it makes anything of the NaN.
      query.includes("histogram_fraction(") &&
      (theirs.includes("NaN") || /histogram_fraction\(.*[<>=]|\w\(.*histogram_fraction\(/.test(query)),
  },
  {
    kinds: ["status"],
    reason: "3.9 refuses many-to-one matching of comparisons also where the elements are filtered out (#17668)",
    applies: (query, ours, theirs) =>
      /multiple matches for labels: (?:many-to-one matching must|grouping labels must)/.test(ours) &&
      /[<>=]/.test(query) &&
      theirs.startsWith("200 "),
  },
  {
    kinds: ["status"],
    reason:
      "3.9 lets label functions and unary minus make one series of several that are never there together (#17703, #17708)",
    applies: (query, ours, theirs) =>
      /label_|-/.test(query) &&
      ours.startsWith("200 ") &&
      theirs.endsWith("vector cannot contain metrics with the same labelset"),
  },
  {
    kinds: ["series"],
    reason: "3.9 lets group_left and group_right bring a name, also with bool",
    applies: (query) => /bool .*group_(?:left|right) ?\([^)]*__name__/.test(query),
  },
  {
    kinds: ["error"],
    reason: "3.6 calls a letter in brackets no colon, with durations that are computed (#16777)",
    applies: (_query, ours, theirs) =>
      /unexpected character: '\w', expected ':'$/.test(ours) && /unexpected colon '\w'$/.test(theirs),
  },
  {
    kinds: ["series"],
    reason: "3.12 drops a name late also where last_over_time takes a subquery that drops it (#18409)",
    applies: (query, ours, theirs) =>
      /last_over_time\(.*\[\w+:/.test(query) && theirs.includes("__name__") && !ours.includes("__name__"),
  },
  {
    kinds: ["warnings"],
    reason: "3.12 warns of sorting what is sorted by labels anyway (#18498)",
    applies: (_query, ours, theirs) => theirs === "" && ours.startsWith("PromQL warning: sort is ineffective"),
  },
  {
    kinds: ["value", "series", "points", "order"],
    reason: "3.14 lets a NaN make mad_over_time NaN (#19040)",
    applies: (query) => /mad_over_time\(.*(?:odd|\{__name__)/.test(query),
  },
  {
    kinds: ["value"],
    reason: "Go's assembly for amd64 takes a wrong logarithm of numbers below 2.3e-308",
    applies: (query, ours, theirs) =>
      /\bln\(/.test(query) && [ours, theirs].every((text) => /"-7[0-4]\d\.\d+"\]/.test(text)),
  },
  {
    kinds: ["histogram"],
    reason: "3.11 sums histograms before it divides, so that the mean of infinite ones is infinite",
    applies: (query, ours, theirs) => /\bavg/.test(query) && ours.includes("Inf") && theirs.includes("NaN"),
  },
  {
    kinds: ["status", "series", "points", "value", "error", "order", "infos", "warnings"],
    reason:
      "info() of 3.5 loses churning series and the offset, and joins what it should not (#17135, #17199, #17817, #17898)",
    applies: (query) => query.includes("info("),
  },
];

const UNDEFINED: readonly KnownDifference[] = [
  {
    kinds: ["error"],
    reason: "which of several duplicates comes first depends on the order in which storage gives series",
    applies: (_query, ours, theirs) =>
      [ours, theirs].every((text) => text.startsWith("found duplicate series for the match group ")),
  },
  {
    kinds: ["series", "points"],
    reason:
      "which of equals are chosen depends on their order, which is that of a hash table behind operators in ranges",
    applies: (query, _ours, _theirs, overRange) =>
      /(?:topk|bottomk|limitk)\b/.test(query) && (overRange || /\[\w+:/.test(query)),
  },
  {
    kinds: ["value"],
    reason: "the variance of large numbers shows their order, which is that of a hash table behind operators in ranges",
    applies: (query, ours, theirs) => /std(?:dev|var)\b/.test(query) && isNear(ours, theirs, 1e-6),
  },
  {
    kinds: ["order"],
    reason: "labels that are absent or differ in leading zeros have no order",
    applies: (query, ours, theirs) =>
      query.startsWith("sort_by_label") && naturalOrder(query, ours) === naturalOrder(query, theirs),
  },
];

const NEARER_THE_TRUTH: readonly KnownDifference[] = [
  {
    kinds: ["value"],
    reason: "ours is exact where the deviations are in the last digits of the values",
    applies: (query, ours, theirs) =>
      /std(?:dev|var)_over_time\(/.test(query) && (/cancelling|precise/.test(ours) || isNear(ours, theirs, 1e-2)),
  },
  {
    kinds: ["value", "series", "points", "status"],
    reason:
      "Prometheus forgets the offset beside an @ in timestamp(): what it finds then depends on what else the query reads",
    applies: (query) => /timestamp\([^()]*(?:@ (?:\S|\(\))+ offset|offset \S+ @)/.test(query),
  },
  {
    kinds: ["value"],
    reason: "the last digit of a transcendental function is free, and another function of it may be steep there",
    applies: (query, ours, theirs) => STEEP.test(query) && isNear(ours, theirs, 1e-8),
  },
  {
    kinds: ["value"],
    reason: "the last digit of a power is free, and what is left of it as an angle or a dividend is any",
    applies: (query) => /\b(?:sin|cos|tan)\(.*(?:\^|exp\()|(?:\^|exp\().*%/.test(query),
  },
  {
    kinds: ["value"],
    reason: "the last digit of a deviation is free, and where it goes down a counter was reset",
    applies: (query) => /(?:rate|increase|resets|changes)\(.*std(?:dev|var)_over_time\(/.test(query),
  },
  {
    kinds: ["value", "series", "points"],
    reason: "Go's hyperbolic functions overflow from 709.8 on, their results from 710.5 on",
    applies: (query, _ours, theirs) => /\b(?:sinh|cosh)\(/.test(query) && theirs.includes("Inf"),
  },
  {
    kinds: ["value", "histogram"],
    reason: "what rounding leaves where numbers cancel out is free",
    applies: (query, ours, theirs) => /-|%|delta|deriv|std/.test(query) && isRemainder(ours, theirs),
  },
  {
    kinds: ["status", "series", "points", "value"],
    reason:
      "Prometheus takes a wrong offset for an @ in a subquery with an @ whose first step is that of a subquery around it",
    applies: (query) => /@ .*\[\w+:\w*\][^[]* @ .*\[\w+:/.test(query),
  },
  {
    kinds: ["series"],
    reason: "a value that became a label shows its last digit, and logarithms and powers differ in it",
    applies: (query, ours, theirs) => query.includes("count_values") && isNear(ours, theirs, 1e-12),
  },
];

const KNOWN: readonly KnownDifference[] = [...OF_THE_VERSION, ...UNDEFINED, ...NEARER_THE_TRUTH];

/** The rule that a difference of a query falls under. */
export const knownDifference = (
  query: string,
  { kind, ours, theirs }: Difference,
  overRange: boolean,
): KnownDifference | undefined =>
  KNOWN.find((rule) => rule.kinds.includes(kind) && rule.applies(query, ours, theirs, overRange));
