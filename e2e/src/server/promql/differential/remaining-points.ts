import { type QueryAnswer, type SeriesJson, seriesOf } from "./query-comparison.ts";

type Answers = readonly [ours: QueryAnswer, theirs: QueryAnswer];

interface PlacedPoint {
  readonly labels: Readonly<Record<string, string>>;
  readonly time: number;
  /** Value of a float sample; undefined for a histogram. */
  readonly value: string | undefined;
  /** Count, sum and bucket counts of a histogram; empty for a float sample. */
  readonly numbers: readonly number[];
}

function* pointsOf(answer: QueryAnswer): Generator<PlacedPoint> {
  for (const { metric: labels, ...series } of seriesOf(answer)) {
    for (const [time, value] of floatsOf(series)) yield { labels, time, value, numbers: [] };
    for (const [time, { count, sum, buckets = [] }] of histogramsOf(series)) {
      yield { labels, time, value: undefined, numbers: [count, sum, ...buckets.map((one) => one[3])].map(Number) };
    }
  }
}

const floatsOf = ({ value, values = value === undefined ? [] : [value] }: Omit<SeriesJson, "metric">) => values;
const histogramsOf = ({
  histogram,
  histograms = histogram === undefined ? [] : [histogram],
}: Omit<SeriesJson, "metric">) => histograms;

/** Rounds a value to nine digits, because our server and Prometheus may differ in later digits. */
const rounded = (value: string): string => (/\d/.test(value) ? Number(value).toPrecision(9) : value);

/** Yields pairs of points, one from each answer, that have the same series and time. */
function* commonPoints([ours, theirs]: Answers): Generator<readonly [PlacedPoint, PlacedPoint]> {
  const key = ({ labels, time }: PlacedPoint): string => `${JSON.stringify(Object.entries(labels).toSorted())} ${time}`;
  const others = new Map(Array.from(pointsOf(theirs), (point) => [key(point), point]));
  for (const point of pointsOf(ours)) {
    const other = others.get(key(point));
    if (other !== undefined) yield [point, other];
  }
}

/** Returns the values of both answers as texts. A pair of points is left out if one of the two values is NaN. */
export function withoutNaN(answers: Answers): [ours: string, theirs: string] {
  const kept = [...commonPoints(answers)].filter((pair) =>
    pair.every(({ value }) => value !== undefined && value !== "NaN"),
  );
  return [0, 1].map((side) => kept.map((pair) => rounded(pair[side]!.value!)).join(" ")) as [string, string];
}

/**
 * Returns the values of both answers, sorted at each time. Two answers with different but equal-valued elements of an
 * aggregation are then equal.
 */
export const valuesByTime = (answers: Answers): [ours: string, theirs: string] =>
  byTime(answers, ({ value }) => rounded(value ?? "histogram"));

/** Returns the number of points of both answers at each time. */
export const numbersByTime = (answers: Answers): [ours: string, theirs: string] => byTime(answers, () => "any");

const INFO_LABELS = new Set(["__name__", "env", "revision", "version"]);

/** Returns the values at each time, without the labels in INFO_LABELS, which the function `info` may add or remove. */
export const withoutInfoLabels = (answers: Answers): [ours: string, theirs: string] =>
  byTime(answers, ({ labels, value, numbers }) => {
    const own = Object.entries(labels).filter(([name]) => !INFO_LABELS.has(name));
    return JSON.stringify([own.toSorted(), value === undefined ? numbers[0] : rounded(value)]);
  });

function byTime(answers: Answers, of: (point: PlacedPoint) => string): [ours: string, theirs: string] {
  return answers.map((answer) => {
    const times = new Map<number, string[]>();
    for (const point of pointsOf(answer)) times.set(point.time, [...(times.get(point.time) ?? []), of(point)]);
    return JSON.stringify([...times].toSorted(([a], [b]) => a - b).map(([time, points]) => [time, points.toSorted()]));
  }) as [string, string];
}

/** Relative accuracy at which two ratios count as equal. */
const ACCURACY = 1e-9;

/**
 * Reports whether each histogram in our answer is Prometheus' histogram multiplied by a factor of at most one. The
 * factor must be the same for all numbers of a histogram.
 */
export function areScaledDown(answers: Answers): boolean {
  for (const [{ numbers: ours }, { numbers: theirs }] of commonPoints(answers)) {
    if (ours.length !== theirs.length) return false;
    const factor = ours.length === 0 || theirs[0] === 0 ? 1 : ours[0]! / theirs[0]!;
    const isSame = (number: number, i: number): boolean =>
      Object.is(number, theirs[i]) || Math.abs(number - factor * theirs[i]!) <= ACCURACY * Math.abs(theirs[i]!);
    if (!(factor > 0 && factor <= 1 + ACCURACY) || !ours.every(isSame)) return false;
  }
  return true;
}
