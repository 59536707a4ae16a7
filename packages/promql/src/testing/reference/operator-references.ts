import {
  combine,
  countOf,
  isHistogram,
  type Plain,
  type PlainElement,
  type PlainHistogram,
  scaled,
  total,
  without,
  withoutName,
} from "./plain.ts";
import { best, quantile, variance } from "./range-references.ts";

type Labels = PlainElement["labels"];

/** Reference implementation of an aggregation for one group. Returns undefined if there is no result. */
export type FoldReference = (values: readonly Plain[], parameter: number) => Plain | undefined;

const numbers = (values: readonly Plain[]): number[] => values.filter((value) => !isHistogram(value)) as number[];

/** Makes a reference implementation of an aggregation that ignores histograms. A group without floats has no result. */
const ofFloats =
  (compute: (values: readonly number[], parameter: number) => number): FoldReference =>
  (values, parameter) => {
    const floats = numbers(values);
    return floats.length === 0 ? undefined : compute(floats, parameter);
  };

/** Makes a reference implementation of an aggregation for floats or histograms. A group with both has no result. */
const unmixed =
  (
    floats: (values: readonly number[]) => number,
    histograms: (values: readonly PlainHistogram[]) => Plain,
  ): FoldReference =>
  (values) => {
    const found = numbers(values);
    if (found.length === values.length) return floats(found);
    return found.length > 0 ? undefined : histograms(values as readonly PlainHistogram[]);
  };

const sumOf = (values: readonly PlainHistogram[]): PlainHistogram =>
  values.reduce((a, b) => combine(a, b, (x, y) => x + y));

/** Reference implementations of aggregations that return one element for a group. */
export const FOLD_REFERENCES: Readonly<Record<string, FoldReference>> = {
  sum: unmixed(total, sumOf),
  avg: unmixed(
    (values) => total(values) / values.length,
    (values) => scaled(sumOf(values), 1 / values.length),
  ),
  count: (values) => values.length,
  group: () => 1,
  min: ofFloats((values) => best(values, Math.min)),
  max: ofFloats((values) => best(values, Math.max)),
  stdvar: ofFloats(variance),
  stddev: ofFloats((values) => Math.sqrt(variance(values))),
  quantile: ofFloats((values, q) => quantile(q, values)),
};

/**
 * Reference implementation of an aggregation such as topk, which keeps some elements of a group. If several choices are
 * correct, the elements have equal values.
 */
export type ChoiceReference = (group: readonly PlainElement[], parameter: number) => readonly PlainElement[];

const extreme =
  (sign: number): ChoiceReference =>
  (group, k) =>
    group
      .filter(({ value }) => !isHistogram(value))
      .toSorted((one, other) => {
        const [a, b] = [one.value as number, other.value as number];
        if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
        return a === b ? 0 : sign * (a < b ? -1 : 1);
      })
      .slice(0, Math.max(0, Math.trunc(k)));

/** Reference implementations of aggregations that return some elements of a group unchanged. */
export const CHOICE_REFERENCES: Readonly<Record<string, ChoiceReference>> = {
  topk: extreme(-1),
  bottomk: extreme(1),
  limitk: (group, k) => group.slice(0, Math.max(0, Math.trunc(k))),
};

/** Returns the text that count_values creates for a value. */
export const valueText = (value: Plain): string => {
  if (isHistogram(value)) {
    const parts = value.buckets.flatMap((count, i) => (count === 0 ? [] : [`(${2 ** (i - 1)},${2 ** i}]:${count}`]));
    return `{count:${countOf(value)}, sum:${value.sum}${parts.map((part) => `, ${part}`).join("")}}`;
  }
  return Number.isFinite(value) ? String(value) : Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
};

/** Groups elements by the labels of an aggregation clause, in the order of their first occurrence. */
export function grouped(
  elements: readonly PlainElement[],
  names: readonly string[],
  excluding: boolean,
): { labels: Labels; group: PlainElement[] }[] {
  const groups = new Map<string, { labels: Labels; group: PlainElement[] }>();
  for (const element of elements) {
    const labels = excluding
      ? without(element.labels, "__name__", ...names)
      : Object.fromEntries(Object.entries(element.labels).filter(([name]) => names.includes(name)));
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { labels, group: [element] });
    else known.group.push(element);
  }
  return [...groups.values()];
}

const compared =
  (test: (a: number, b: number) => boolean): BinaryReference =>
  (a, b) =>
    isHistogram(a) || isHistogram(b) ? undefined : test(a, b);

const numeric =
  (compute: (a: number, b: number) => number): BinaryReference =>
  (a, b) =>
    isHistogram(a) || isHistogram(b) ? undefined : compute(a, b);

const both =
  (sign: 1 | -1): BinaryReference =>
  (a, b) => {
    if (isHistogram(a) && isHistogram(b)) return combine(a, b, (x, y) => x + sign * y);
    return isHistogram(a) || isHistogram(b) ? undefined : a + sign * b;
  };

const equal = (a: PlainHistogram, b: PlainHistogram): boolean =>
  a.sum === b.sum && a.buckets.every((count, i) => count === b.buckets[i]);

const equality =
  (wanted: boolean): BinaryReference =>
  (a, b) => {
    if (isHistogram(a) && isHistogram(b)) return equal(a, b) === wanted;
    return isHistogram(a) || isHistogram(b) ? undefined : (a === b) === wanted;
  };

/**
 * Removes the observations of a histogram on one side of a value. The bucket that contains the value is split on a
 * logarithmic scale.
 */
const trimmed =
  (keepsBelow: boolean): BinaryReference =>
  (a, b) => {
    if (!isHistogram(a) || isHistogram(b)) return undefined;
    const shares = a.buckets.map((_, i) => {
      const below = Math.min(1, Math.max(0, b > 0 ? Math.log2(b / 2 ** (i - 1)) : 0));
      if (Number.isNaN(b)) return 0;
      return keepsBelow ? below : 1 - below;
    });
    const buckets = a.buckets.map((count, i) => count * shares[i]!);
    if (buckets.every((count, i) => count === a.buckets[i])) return a;
    const middle = (i: number): number => {
      const [low, high] = [2 ** (i - 1), 2 ** i];
      const inside = b > low && b < high;
      return Math.sqrt((inside && !keepsBelow ? b : low) * (inside && keepsBelow ? b : high));
    };
    return { buckets, sum: total(buckets.map((count, i) => (count === 0 ? 0 : count * middle(i)))) };
  };

/**
 * Reference implementation of a binary operator for two values. Returns a boolean for a comparison, and undefined if
 * the operator does not accept the values.
 */
export type BinaryReference = (a: Plain, b: Plain) => Plain | boolean | undefined;

export const BINARY_REFERENCES: Readonly<Record<string, BinaryReference>> = {
  "+": both(1),
  "-": both(-1),
  "*": (a, b) => {
    if (isHistogram(a)) return isHistogram(b) ? undefined : scaled(a, b);
    return isHistogram(b) ? scaled(b, a) : a * b;
  },
  "/": (a, b) => {
    if (isHistogram(b)) return undefined;
    if (!isHistogram(a)) return a / b;
    return b === 0 ? { buckets: [0, 0, 0, 0], sum: a.sum / b } : scaled(a, 1 / b);
  },
  "%": numeric((a, b) => a % b),
  "^": numeric((a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b)),
  atan2: numeric(Math.atan2),
  "==": equality(true),
  "!=": equality(false),
  "<": compared((a, b) => a < b),
  "<=": compared((a, b) => a <= b),
  ">": compared((a, b) => a > b),
  ">=": compared((a, b) => a >= b),
  "</": trimmed(true),
  ">/": trimmed(false),
};

const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);
const KEEPS_NAME = new Set([...COMPARISONS, "</", ">/"]);

/** Vector matching for tests: `on` or `ignoring` labels, and one-to-one or many-to-one. */
export interface PlainMatching {
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly grouped: boolean;
  /** Whether the "many" side is the right side, for many-to-one matches. */
  readonly manyRight?: boolean;
  readonly include: readonly string[];
  /** Values for a missing element of the "many" side and of the "one" side. */
  readonly fillLeft?: number;
  readonly fillRight?: number;
  readonly bool: boolean;
}

const matchingLabels = ({ labels }: PlainElement, { on, labels: names }: PlainMatching): Labels =>
  on
    ? Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name)))
    : without(labels, "__name__", ...names);

export const keyOf = (element: PlainElement, matching: PlainMatching): string =>
  JSON.stringify(Object.entries(matchingLabels(element, matching)).sort(([a], [b]) => (a < b ? -1 : 1)));

function labelsOfPair(op: string, many: PlainElement, one: PlainElement | undefined, matching: PlainMatching): Labels {
  let labels = !KEEPS_NAME.has(op) || matching.bool ? withoutName(many.labels) : many.labels;
  if (!matching.grouped) {
    return matching.on
      ? Object.fromEntries(Object.entries(labels).filter(([name]) => matching.labels.includes(name)))
      : without(labels, ...matching.labels);
  }
  for (const name of matching.include) {
    const copied = one?.labels[name];
    labels = copied === undefined ? without(labels, name) : { ...labels, [name]: copied };
  }
  return labels;
}

/**
 * Reference implementation of a binary operator on two vectors, which tries every pair. Returns undefined if the match
 * is not allowed.
 */
export function joined(
  op: string,
  lhs: readonly PlainElement[],
  rhs: readonly PlainElement[],
  matching: PlainMatching,
): PlainElement[] | undefined {
  const { fillLeft, fillRight, manyRight = false } = matching;
  const [left, right] = manyRight ? [rhs, lhs] : [lhs, rhs];
  const fills = fillLeft !== undefined || fillRight !== undefined;
  if ((left.length === 0 && right.length === 0) || (!fills && (left.length === 0 || right.length === 0))) return [];
  const keys = right.map((element) => keyOf(element, matching));
  if (new Set(keys).size < keys.length) return undefined;
  const result: PlainElement[] = [];
  const claimed = new Set<string>();
  const matched = new Set<string>();
  /**
   * Adds the result for a pair of elements. Returns false if the match is ambiguous. A pair that the operator refuses
   * does not count as a match.
   */
  const put = (key: string, labels: Labels, many: Plain, one: Plain): boolean => {
    const [first, second] = manyRight ? [one, many] : [many, one];
    const value = BINARY_REFERENCES[op]!(first, second);
    if (value === undefined) return true;
    const claim = matching.grouped ? key + JSON.stringify(Object.entries(labels).sort()) : key;
    if (claimed.has(claim)) return false;
    claimed.add(claim);
    matched.add(key);
    if (typeof value !== "boolean") result.push({ labels, value });
    else if (matching.bool) result.push({ labels, value: Number(value) });
    else if (value) result.push({ labels, value: first });
    return true;
  };
  for (const element of left) {
    const key = keyOf(element, matching);
    const partner = right[keys.indexOf(key)];
    const value = partner?.value ?? fillRight;
    if (value === undefined) continue;
    const one = partner ?? { labels: matchingLabels(element, matching), value };
    if (!put(key, labelsOfPair(op, element, one, matching), element.value, value)) return undefined;
  }
  if (fillLeft === undefined) return result;
  for (const element of right) {
    const key = keyOf(element, matching);
    if (matched.has(key)) continue;
    const many = { labels: matchingLabels(element, matching), value: fillLeft };
    if (!put(key, labelsOfPair(op, many, element, matching), fillLeft, element.value)) return undefined;
  }
  return result;
}
