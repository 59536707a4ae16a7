import { reworded } from "./rewordings.ts";
import type { QueryNode } from "./query-tree.ts";

type Labels = Readonly<Record<string, string>>;
/** A sample in an answer: time in seconds, and the value as text. */
type Point = readonly [number, string];
type HistogramPoint = readonly [number, HistogramJson];

/** A native histogram as the query API returns it. */
export interface HistogramJson {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [boundaries: number, lower: string, upper: string, count: string])[];
}

/** A series of an answer, in the JSON of the query API. */
export interface SeriesJson {
  readonly metric: Labels;
  readonly value?: Point;
  readonly histogram?: HistogramPoint;
  readonly values?: readonly Point[];
  readonly histograms?: readonly HistogramPoint[];
}

export interface QueryAnswer {
  readonly code: number;
  readonly body: {
    readonly status: string;
    readonly errorType?: string;
    readonly error?: string;
    readonly data?: { readonly resultType: string; readonly result: readonly SeriesJson[] | Point };
    readonly warnings?: readonly string[];
    readonly infos?: readonly string[];
  };
}

export type DifferenceKind =
  | "status"
  | "error"
  | "result type"
  | "series"
  | "order"
  | "points"
  | "value"
  | "histogram"
  | "warnings"
  | "infos";

/** A difference between the answers of our server and Prometheus. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly ours: string;
  readonly theirs: string;
}

const TOLERANCE = 1e-12;

export function differencesOf(query: QueryNode, ours: QueryAnswer, theirs: QueryAnswer): Difference[] {
  const [a, b] = [ours.body, theirs.body];
  if (ours.code !== theirs.code || a.status !== b.status || a.errorType !== b.errorType)
    return [{ kind: "status", ours: summary(ours), theirs: summary(theirs) }];
  return [
    ...(reworded(a.error ?? "") === reworded(b.error ?? "") ? [] : [difference("error", a.error, b.error)]),
    ...remarks("warnings", a.warnings, b.warnings),
    ...remarks("infos", a.infos, b.infos),
    ...dataDifferences(query, a.data, b.data),
  ];
}

const difference = (kind: DifferenceKind, ours: unknown, theirs: unknown): Difference => ({
  kind,
  ours: brief(ours),
  theirs: brief(theirs),
});

const brief = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing"));

function summary({ code, body }: QueryAnswer): string {
  if (body.status !== "success") return `${code} ${body.errorType}: ${body.error}`;
  return `${code} ${brief(body.data).slice(0, 300)}`;
}

/**
 * Compares the annotations (warnings and infos) of two answers in any order. If there are more than ten, an answer
 * contains a random ten of them and the number of the others.
 */
function remarks(
  kind: "warnings" | "infos",
  ours: readonly string[] = [],
  theirs: readonly string[] = [],
): Difference[] {
  const comparable = (list: readonly string[]): readonly string[] => {
    const rest = list.find((line) => line.endsWith("annotations omitted"));
    return rest === undefined ? [...new Set(list.map(reworded))] : [reworded(rest)];
  };
  const [a, b] = [comparable(ours), comparable(theirs)];
  const [onlyOurs, onlyTheirs] = [a.filter((line) => !b.includes(line)), b.filter((line) => !a.includes(line))];
  const pairs = onlyOurs.map((line) => [line, onlyTheirs.find((other) => placeless(other) === placeless(line)) ?? ""]);
  const unpaired = onlyTheirs.filter((line) => pairs.every(([, other]) => other !== line));
  return [
    ...pairs.map(([own, other]) => difference(kind, own, other)),
    ...unpaired.map((line) => difference(kind, "", line)),
  ];
}

/** Removes the position ` (line:column)` at the end of an annotation. */
const placeless = (line: string): string => line.replace(/ \(\d+:\d+\)$/, "");

type Data = QueryAnswer["body"]["data"];

function dataDifferences(query: QueryNode, ours: Data, theirs: Data): Difference[] {
  if (ours === undefined || theirs === undefined)
    return ours === theirs ? [] : [difference("result type", ours, theirs)];
  if (ours.resultType !== theirs.resultType) return [difference("result type", ours.resultType, theirs.resultType)];
  const [a, b] = [ours.result, theirs.result];
  if (!isSeries(a) || !isSeries(b)) return samePoint(a as Point, b as Point) ? [] : [difference("value", a, b)];
  const differences = seriesDifferences(a, b);
  return differences.some(({ kind }) => kind === "series")
    ? differences
    : [...differences, ...orderDifferences(query, ours.resultType, a, b)];
}

/** Returns the series of an answer. Empty if the answer is an error or a single value. */
export const seriesOf = ({ body }: Pick<QueryAnswer, "body">): readonly SeriesJson[] => {
  const result = body.data?.result ?? [];
  return isSeries(result) ? result : [];
};

const isSeries = (result: readonly SeriesJson[] | Point): result is readonly SeriesJson[] =>
  result.every((one) => typeof one === "object");

const keyOf = ({ metric }: SeriesJson): string =>
  JSON.stringify(Object.entries(metric).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function seriesDifferences(ours: readonly SeriesJson[], theirs: readonly SeriesJson[]): Difference[] {
  const byKey = new Map(theirs.map((series) => [keyOf(series), series]));
  const byLabels = (list: readonly SeriesJson[]): SeriesJson[] =>
    list.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const onlyOurs = byLabels(ours.filter((series) => !byKey.has(keyOf(series))));
  const keys = new Set(ours.map(keyOf));
  const onlyTheirs = byLabels(theirs.filter((series) => !keys.has(keyOf(series))));
  if (onlyOurs.length + onlyTheirs.length > 0 || ours.length !== theirs.length)
    return [difference("series", onlyOurs.slice(0, 3), onlyTheirs.slice(0, 3))];
  const found = new Map<DifferenceKind, Difference>();
  for (const series of ours) {
    const other = byKey.get(keyOf(series))!;
    for (const one of pointDifferences(series, other)) if (!found.has(one.kind)) found.set(one.kind, one);
  }
  return [...found.values()];
}

function pointDifferences(ours: SeriesJson, theirs: SeriesJson): Difference[] {
  const points = ({ value, values }: SeriesJson): readonly Point[] => values ?? (value === undefined ? [] : [value]);
  const histograms = (one: SeriesJson): readonly HistogramPoint[] =>
    one.histograms ?? (one.histogram === undefined ? [] : [one.histogram]);
  const times = (one: SeriesJson): string =>
    `${points(one)
      .map(([time]) => time)
      .join()} histograms ${histograms(one)
      .map(([time]) => time)
      .join()}`;
  const at = `${brief(ours.metric)} `;
  if (times(ours) !== times(theirs)) return [difference("points", at + times(ours), at + times(theirs))];
  const value = points(ours).findIndex((point, i) => !samePoint(point, points(theirs)[i]!));
  const histogram = histograms(ours).findIndex(([, one], i) => !sameHistogram(one, histograms(theirs)[i]![1]));
  return [
    ...(value < 0 ? [] : [difference("value", at + brief(points(ours)[value]), at + brief(points(theirs)[value]))]),
    ...(histogram < 0
      ? []
      : [difference("histogram", at + brief(histograms(ours)[histogram]), at + brief(histograms(theirs)[histogram]))]),
  ];
}

const samePoint = ([time, value]: Point, [otherTime, other]: Point): boolean =>
  time === otherTime && sameNumber(value, other);

function sameNumber(a: string, b: string): boolean {
  if (a === b) return true;
  const [x, y] = [Number(a.replace("Inf", "Infinity")), Number(b.replace("Inf", "Infinity"))];
  return Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y));
}

function sameHistogram(a: HistogramJson, b: HistogramJson): boolean {
  const [own, other] = [a.buckets ?? [], b.buckets ?? []];
  return (
    sameNumber(a.count, b.count) &&
    sameNumber(a.sum, b.sum) &&
    own.length === other.length &&
    own.every(
      ([boundaries, ...numbers], i) =>
        boundaries === other[i]![0] && numbers.every((number, n) => sameNumber(number, other[i]![n + 1] as string)),
    )
  );
}

/**
 * Compares the order of series. The order is defined for a range query, whose result is sorted, and for a query that
 * sorts in its outermost call.
 */
function orderDifferences(
  query: QueryNode,
  resultType: string,
  ours: readonly SeriesJson[],
  theirs: readonly SeriesJson[],
): Difference[] {
  const order = resultType === "matrix" ? "labels" : orderOf(query);
  if (order === undefined) return [];
  const sequence = (list: readonly SeriesJson[]): string[] =>
    list.map((one) => (order === "labels" ? keyOf(one) : (one.value?.[1] ?? "")));
  const [a, b] = [sequence(ours), sequence(theirs)];
  const same = a.every((one, i) => one === b[i] || (order === "values" && sameNumber(one, b[i] ?? "")));
  return same ? [] : [difference("order", a, b)];
}

/**
 * Returns whether the outermost call of an instant query sorts by labels or by values; undefined if it does not sort.
 * The order of elements with equal sort keys is not defined.
 */
function orderOf(query: QueryNode): "labels" | "values" | undefined {
  const first = query.parts.findIndex((part) => typeof part !== "string");
  const head = query.parts.slice(0, Math.max(first, 0)).map(String).join("");
  if (head.startsWith("sort_by_label")) return "labels";
  return /^(?:sort|sort_desc|topk|bottomk) ?\($/.test(head) ? "values" : undefined;
}
