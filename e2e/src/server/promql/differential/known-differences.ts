import type { KnownDifference } from "../../../support/known-differences.ts";
import type { Difference, DifferenceKind, HistogramJson, QueryAnswer } from "./query-comparison.ts";
import { areScaledDown, numbersByTime, valuesByTime, withoutInfoLabels, withoutNaN } from "./remaining-points.ts";

/** A difference between the answers of our server and Prometheus, with the query that led to it. */
export interface AnswerDifference extends Difference {
  readonly query: string;
  readonly overRange: boolean;
  readonly answers: readonly [ours: QueryAnswer, theirs: QueryAnswer];
}

interface QueryRule {
  readonly kinds: readonly DifferenceKind[];
  readonly reason: string;
  readonly since?: string;
  readonly share: number;
  readonly applies?: (query: string, ours: string, theirs: string, overRange: boolean) => boolean;
  readonly normalise?: (difference: AnswerDifference) => readonly [ours: string, theirs: string];
}

/** Reports whether two answers are equal except for numbers whose relative difference is at most `share`. */
function isNear(ours: string, theirs: string, share: number): boolean {
  const parts = (text: string): string[] => text.split(/(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)/);
  const [a, b] = [parts(ours), parts(theirs)];
  return (
    a.length === b.length &&
    a.every((part, i) => part === b[i] || Math.abs(Number(part) - Number(b[i])) <= share * Math.abs(Number(part)))
  );
}

/**
 * Reports whether the values of both servers are only rounding errors, as in a sum of numbers that cancel out: the
 * float, or the histogram's count and sum, is close to zero.
 */
const isRemainder = (ours: string, theirs: string): boolean =>
  [ours, theirs].every((text) => {
    const numbers = Array.from(text.matchAll(/(?:"count":|"sum":|\d,)"([^"]+)"/g), (match) =>
      Math.abs(Number(match[1])),
    );
    return numbers.length > 0 && numbers.slice(0, 2).every((number) => number < 1e-9);
  });

/**
 * Reports whether two annotations differ only in their position in the query: one points at the parenthesis before an
 * argument, the other at the argument.
 */
function isInParens(query: string, ours: string, theirs: string): boolean {
  const column = (line: string): number => Number(/ \(1:(\d+)\)$/.exec(line)?.[1]) - 1;
  const [inner, outer] = [column(ours), column(theirs)];
  return outer < inner && /^[( ]+$/.test(Buffer.from(query).toString("utf8", outer, inner));
}

/**
 * Normalises the order of the elements that `sort_by_label` returns. Prometheus' order is inconsistent if numbers
 * differ only in leading zeros, or if a label is missing. Each of these cases can also change the order of other
 * elements.
 */
function naturalOrder(query: string, elements: string): string {
  const all = (JSON.parse(elements) as string[]).map((one) => new Map(JSON.parse(one) as [string, string][]));
  const labels = Array.from(query.matchAll(/, "(\w+)"/g), (match) => match[1]!);
  const decisive = labels.filter((label) => all.some((one) => one.has(label)));
  if (all.some((one) => decisive.some((label) => !one.has(label)))) return "";
  return JSON.stringify(all.map((one) => decisive.map((label) => one.get(label)!.replace(/\b0+(?=\d)/g, ""))));
}

/** Reports whether the counts of a histogram's buckets add up to much less than the count of the histogram. */
function hasTooFewCounts(text: string): boolean {
  const { count, buckets = [] } = JSON.parse(text.replace(/^.*?\} \[[^,]*,/, "").slice(0, -1)) as HistogramJson;
  return buckets.reduce((sum, [, , , inBucket]) => sum + Number(inBucket), 0) < Number(count) * 0.999;
}

const NATIVE = /latency|sizes|custom_|unknown_sum|both_kinds|clash/;
const STEEP = /\b(?:acosh?|asinh?|atanh?|cosh?|exp|ln|log2|log10|sinh?|tanh?)\(.*\(|\^|%/;

const OF_THE_VERSION: readonly QueryRule[] = [
  {
    kinds: ["status", "error"],
    reason: "3.6 refuses NaN as the parameter of topk, bottomk, limitk and limit_ratio (#16725)",
    since: "3.6",
    share: 0.004,
    applies: (_query, ours) => /(?:^|execution: )(?:Parameter|Ratio) value is NaN$/.test(ours),
  },
  {
    kinds: ["error"],
    reason: "3.6 names the largest parameter of all steps, not the first that is too large (#16725)",
    since: "3.6",
    share: 0.0005,
    applies: (_query, ours, theirs) =>
      [ours, theirs].every((error) => /Scalar value \S+ (?:over|under)flows int64$/.test(error)),
  },
  {
    kinds: ["status"],
    reason: "3.6 looks at the parameter of topk, bottomk and limitk before it looks for series (#16725)",
    since: "3.6",
    share: 0.0005,
    applies: (_query, ours, theirs) =>
      /execution: Scalar value \S+ (?:over|under)flows int64$/.test(ours) && theirs.startsWith("200 "),
  },
  {
    kinds: ["histogram"],
    reason: "3.6 does not extrapolate a histogram's rate beyond the moment its count was zero (#16828)",
    since: "3.6",
    share: 0.003,
    applies: (query) => /(?:rate|increase)\(/.test(query) && NATIVE.test(query),
    normalise: ({ answers }) => [areScaledDown(answers) ? "scaled" : "otherwise", "scaled"],
  },
  {
    kinds: ["value"],
    reason:
      "histogram_sum, _count and _avg read histograms without buckets, also if no other call is around them; rates of gauges differ by that",
    share: 0.001,
    applies: (query) => /^[a-z_]*\(*histogram_(?:sum|count|avg)\(.*(?:rate|increase)\(sizes/.test(query),
  },
  {
    kinds: ["histogram", "value", "series"],
    reason: "other operators work on a histogram's rate that is extrapolated less (#16828)",
    since: "3.6",
    share: 0.0005,
    applies: (query) => /(?:rate|increase)\((?:sizes|\()/.test(query) && NATIVE.test(query),
  },
  {
    kinds: ["value"],
    reason: "3.6 forgets what histograms in a subquery said of resets between samples that are not in it (#16879)",
    since: "3.6",
    share: 0.0005,
    applies: (query) => /(?:resets|rate|increase|delta)\(.*\[\w+:/.test(query) && NATIVE.test(query),
  },
  {
    kinds: ["warnings"],
    reason: "3.7 takes the difference of histograms, and their product with a negative number, for a gauge (#17004)",
    since: "3.7",
    share: 0.0005,
    applies: (query, ours, theirs) =>
      /[-*/]/.test(query) &&
      ((theirs === "" && ours.startsWith('PromQL warning: this native histogram metric is not a counter: ""')) ||
        (ours === "" && theirs.startsWith('PromQL warning: this native histogram metric is not a gauge: ""'))),
  },
  {
    kinds: ["warnings"],
    reason: "3.7 warns where the counters of some histograms were reset and those of others were not (#17051, #17094)",
    since: "3.7",
    share: 0.0005,
    applies: (_query, ours, theirs) =>
      theirs === "" && ours.startsWith("PromQL warning: conflicting counter resets during"),
  },
  {
    kinds: ["warnings", "infos", "series", "points"],
    reason: "3.8 adds histograms of other custom buckets (#17278)",
    since: "3.8",
    share: 0.0005,
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
    since: "3.7",
    share: 0.001,
    applies: isInParens,
  },
  {
    kinds: ["error"],
    reason: "3.7 places errors behind aggregations and calls at the operator (#16996, #17031)",
    since: "3.7",
    share: 0.0005,
    applies: (_query, ours, theirs) =>
      /parse error: (?:comparisons between scalars|label "\w+" must not occur in ON)/.test(ours) &&
      ours.replace(/\d+:\d+/, "") === theirs.replace(/\d+:\d+/, ""),
  },
  {
    kinds: ["value"],
    reason: "3.8 gives a histogram_fraction where a limit is in the first bucket (#17424)",
    since: "3.8",
    share: 0.003,
    applies: (query) => query.includes("histogram_fraction("),
    normalise: ({ answers }) => withoutNaN(answers),
  },
  {
    kinds: ["value", "histogram", "series", "points", "order"],
    reason: "a comparison or a function around histogram_fraction makes anything of its NaN (#17424)",
    since: "3.8",
    share: 0.0005,
    applies: (query) => /histogram_fraction\(.*[<>=]|\w\(.*histogram_fraction\(/.test(query),
  },
  {
    kinds: ["status"],
    reason: "3.9 refuses many-to-one matching of comparisons also where the elements are filtered out (#17668)",
    since: "3.9",
    share: 0.0005,
    applies: (query, ours, theirs) =>
      /multiple matches for labels: (?:many-to-one matching must|grouping labels must)/.test(ours) &&
      /[<>=]/.test(query) &&
      theirs.startsWith("200 "),
  },
  {
    kinds: ["status"],
    reason:
      "3.9 lets label functions and unary minus make one series of several that are never there together (#17703, #17708)",
    since: "3.9",
    share: 0.0005,
    applies: (query, ours, theirs) =>
      /label_|-/.test(query) &&
      ours.startsWith("200 ") &&
      theirs.endsWith("vector cannot contain metrics with the same labelset"),
  },
  {
    kinds: ["series"],
    reason: "3.9 lets group_left and group_right bring a name, also with bool",
    since: "3.9",
    share: 0.0005,
    applies: (query) => /bool .*group_(?:left|right) ?\([^)]*__name__/.test(query),
  },
  {
    kinds: ["error"],
    reason: "3.6 calls a letter in brackets no colon, with durations that are computed (#16777)",
    since: "3.6",
    share: 0.0005,
    applies: (_query, ours, theirs) =>
      /unexpected character: '\w', expected ':'$/.test(ours) && /unexpected colon '\w'$/.test(theirs),
  },
  {
    kinds: ["series"],
    reason: "3.12 drops a name late also where last_over_time takes a subquery that drops it (#18409)",
    since: "3.12",
    share: 0.0005,
    applies: (query, ours, theirs) =>
      /last_over_time\(.*\[\w+:/.test(query) && theirs.includes("__name__") && !ours.includes("__name__"),
  },
  {
    kinds: ["warnings"],
    reason: "3.12 warns of sorting what is sorted by labels anyway (#18498)",
    since: "3.12",
    share: 0.05,
    applies: (_query, ours, theirs) => theirs === "" && ours.startsWith("PromQL warning: sort is ineffective"),
  },
  {
    kinds: ["value"],
    reason: "3.14 lets a NaN make mad_over_time NaN (#19040)",
    since: "3.14",
    share: 0.0015,
    applies: (query) => /mad_over_time\(.*(?:odd|\{__name__)/.test(query),
    normalise: ({ answers }) => withoutNaN(answers),
  },
  {
    kinds: ["value", "series", "points", "order"],
    reason: "a comparison or a function around mad_over_time makes anything of its NaN (#19040)",
    since: "3.14",
    share: 0.0005,
    applies: (query) =>
      /\w\(.*mad_over_time\(.*(?:odd|\{__name__)|[<>=]/.test(query) && query.includes("mad_over_time("),
  },
  {
    kinds: ["value"],
    reason: "Go's assembly for amd64 takes a wrong logarithm of numbers below 2.3e-308",
    share: 0.0005,
    applies: (query, ours, theirs) =>
      /\bln\(/.test(query) && [ours, theirs].every((text) => /"-7[0-4]\d\.\d+"\]/.test(text)),
  },
  {
    kinds: ["histogram"],
    reason: "3.11 sums histograms before it divides, so that the mean of infinite ones is infinite",
    since: "3.11",
    share: 0.0005,
    applies: (query, ours, theirs) => /\bavg/.test(query) && ours.includes("Inf") && theirs.includes("NaN"),
  },
  {
    kinds: ["status"],
    reason: "info() of 3.5 refuses info series that follow each other in a range (#17135)",
    since: "3.6",
    share: 0.001,
    applies: (query, ours, theirs) =>
      query.includes("info(") && ours.startsWith("200 ") && theirs.includes("duplicate series for info metric"),
  },
  {
    kinds: ["series", "points"],
    reason: "info() of 3.5 looks for info series without the offset and the @ of the series (#17199)",
    since: "3.6",
    share: 0.0015,
    applies: (query) => /info\([^,]*(?: offset | @ )/.test(query),
  },
  {
    kinds: ["series", "points"],
    reason: "info() of 3.5 joins other info series, and keeps names; the values are the same (#17817, #17898)",
    since: "3.9",
    share: 0.006,
    applies: (query) => query.includes("info("),
    normalise: ({ answers }) => withoutInfoLabels(answers),
  },
  {
    kinds: ["status", "series", "points", "value", "error", "order", "infos", "warnings"],
    reason: "other operators work on what info() has joined otherwise, or not at all",
    since: "3.9",
    share: 0.001,
    applies: (query) => query.includes("info("),
  },
];

const UNDEFINED: readonly QueryRule[] = [
  {
    kinds: ["histogram"],
    reason: "3.5 loses buckets of a histogram that it sums: their counts are less than its count",
    share: 0.0003,
    applies: (query, _ours, theirs) => query.includes("sum") && hasTooFewCounts(theirs),
  },
  {
    kinds: ["error"],
    reason: "which of several duplicates comes first depends on the order in which storage gives series",
    share: 0.0005,
    applies: (_query, ours, theirs) =>
      [ours, theirs].every((text) => text.startsWith("found duplicate series for the match group ")),
  },
  {
    kinds: ["series", "points"],
    reason: "topk and bottomk choose any of equals in ranges, in the order of a hash table: the values are the same",
    share: 0.001,
    applies: (query, _ours, _theirs, overRange) => /(?:topk|bottomk)\b/.test(query) && overRange,
    normalise: ({ answers }) => valuesByTime(answers),
  },
  {
    kinds: ["series", "points"],
    reason: "limitk chooses any in ranges, in the order of a hash table: their number is the same",
    share: 0.001,
    applies: (query, _ours, _theirs, overRange) => /limitk\b/.test(query) && overRange,
    normalise: ({ answers }) => numbersByTime(answers),
  },
  {
    kinds: ["series", "points"],
    reason: "other operators work on what topk, bottomk and limitk chose of equals",
    share: 0.0003,
    applies: (query, _ours, _theirs, overRange) =>
      /.(?:topk|bottomk|limitk)\b/.test(query) && (overRange || /\[\w+:/.test(query)),
  },
  {
    kinds: ["value"],
    reason: "the variance of large numbers shows their order, which is that of a hash table behind operators in ranges",
    share: 0.0005,
    applies: (query, ours, theirs) => /std(?:dev|var)\b/.test(query) && isNear(ours, theirs, 1e-6),
  },
  {
    kinds: ["order"],
    reason: "labels that are absent or differ in leading zeros have no order",
    share: 0.0005,
    applies: (query, ours, theirs) =>
      query.startsWith("sort_by_label") && naturalOrder(query, ours) === naturalOrder(query, theirs),
  },
];

const NEARER_THE_TRUTH: readonly QueryRule[] = [
  {
    kinds: ["value"],
    reason: "ours is exact where the deviations are in the last digits of the values",
    share: 0.0005,
    applies: (query, ours, theirs) =>
      /std(?:dev|var)_over_time\(/.test(query) && (/cancelling|precise/.test(ours) || isNear(ours, theirs, 1e-2)),
  },
  {
    kinds: ["value", "series", "points", "status"],
    reason:
      "Prometheus forgets the offset beside an @ in timestamp(): what it finds then depends on what else the query reads",
    share: 0.0005,
    applies: (query) => /timestamp\([^()]*(?:@ (?:\S|\(\))+ offset|offset \S+ @)/.test(query),
  },
  {
    kinds: ["value"],
    reason: "the last digit of a transcendental function is free, and another function of it may be steep there",
    share: 0.0005,
    applies: (query, ours, theirs) => STEEP.test(query) && isNear(ours, theirs, 1e-8),
  },
  {
    kinds: ["value"],
    reason: "the last digit of a power is free, and what is left of it as an angle or a dividend is any",
    share: 0.0005,
    applies: (query) => /\b(?:sin|cos|tan)\(.*(?:\^|exp\()|(?:\^|exp\().*%/.test(query),
  },
  {
    kinds: ["value"],
    reason: "the last digit of a deviation is free, and where it goes down a counter was reset",
    share: 0.0005,
    applies: (query) => /(?:rate|increase|resets|changes)\(.*std(?:dev|var)_over_time\(/.test(query),
  },
  {
    kinds: ["value", "series", "points"],
    reason: "Go's hyperbolic functions overflow from 709.8 on, their results from 710.5 on",
    share: 0.0005,
    applies: (query, _ours, theirs) => /\b(?:sinh|cosh)\(/.test(query) && theirs.includes("Inf"),
  },
  {
    kinds: ["value", "histogram"],
    reason: "what rounding leaves where numbers cancel out is free",
    share: 0.0005,
    applies: (query, ours, theirs) => /-|%|delta|deriv|std/.test(query) && isRemainder(ours, theirs),
  },
  {
    kinds: ["status", "series", "points", "value"],
    reason:
      "Prometheus takes a wrong offset for an @ in a subquery with an @ whose first step is that of a subquery around it",
    share: 0.0005,
    applies: (query) => /@ .*\[\w+:\w*\][^[]* @ .*\[\w+:/.test(query),
  },
  {
    kinds: ["series"],
    reason: "a value that became a label shows its last digit, and logarithms and powers differ in it",
    share: 0.0005,
    applies: (query, ours, theirs) => query.includes("count_values") && isNear(ours, theirs, 1e-12),
  },
];

/** Rules for accepted differences between answers. */
export const KNOWN: readonly KnownDifference<AnswerDifference>[] = [
  ...OF_THE_VERSION,
  ...UNDEFINED,
  ...NEARER_THE_TRUTH,
].map(({ kinds, applies, ...rule }) => ({
  ...rule,
  applies: ({ kind, query, ours, theirs, overRange }) =>
    kinds.includes(kind) && applies?.(query, ours, theirs, overRange) !== false,
}));
