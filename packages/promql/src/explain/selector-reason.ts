import { formatDuration, type Matcher, METRIC_NAME, quote } from "@narthex/model";
import { nearestWord } from "./nearest-word.ts";
import { ALL_TIME, MAX_SERIES, type StoredData, type TimeRange } from "./stored-data.ts";

/** Maximum number of values of a label that a sentence lists. */
const MAX_NAMED = 5;

/** A selector that has found no samples. */
export interface SoughtSeries {
  /** Text of the selector in the query. */
  readonly text: string;
  readonly matchers: readonly Matcher[];
  /**
   * The time range in which samples were searched: from the start of the first window or lookback to the last
   * evaluation time.
   */
  readonly range: TimeRange;
  /** Length in ms of the window of a range selector, or of the lookback. */
  readonly windowMs: number;
  readonly window: "lookback" | "range";
}

/**
 * Explains why a selector found no sample: either no series matches, or no matching series has samples in the time
 * range.
 */
export async function reasonOfSelector(sought: SoughtSeries, data: StoredData): Promise<string> {
  const { matchers, range } = sought;
  const series = await data.count(matchers, ALL_TIME);
  if (series > 0) return reasonOfTime(sought, series, data);
  const inRange = await excludingMatchers(matchers, range, data);
  const excluding = inRange.length > 0 ? inRange : await excludingMatchers(matchers, ALL_TIME, data);
  if (excluding.length > 0) return reasonOfExcluding(sought, excluding, data);
  return reasonOfSeveral(sought, data);
}

const counted = (count: number): string =>
  `${count === MAX_SERIES ? `${count} or more` : count} series ${count === 1 ? "matches" : "match"}`;

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** Explains an empty selection whose series have samples only at other times. */
async function reasonOfTime(sought: SoughtSeries, series: number, data: StoredData): Promise<string> {
  const { text, matchers, range, windowMs, window } = sought;
  const where = `in the ${window} of ${formatDuration(windowMs)} before ${timeOf(range.end)}`;
  const head = `${counted(series)} ${text}, but there is no sample ${where}`;
  const newest = await data.newest(matchers, range.end);
  if (newest !== undefined && newest < range.start)
    return `${head}: the newest sample is from ${timeOf(newest)}, ${formatDuration(Math.round(range.end - newest))} earlier.`;
  if (newest !== undefined)
    return `${head} or before any other step. There are samples between these times: the series were marked stale or have gaps.`;
  const oldest = await data.oldest(matchers, range.end);
  return oldest === undefined ? `${head}.` : `${head}: the first sample is from ${timeOf(oldest)}.`;
}

/** A matcher that matches no series, even if the other matchers of the selector are ignored. */
interface ExcludingMatcher {
  readonly matcher: Matcher;
  readonly others: readonly Matcher[];
  readonly series: number;
  readonly range: TimeRange;
}

/** Returns the matchers that match no series, even if the other matchers of the selector are ignored. */
async function excludingMatchers(
  matchers: readonly Matcher[],
  range: TimeRange,
  data: StoredData,
): Promise<ExcludingMatcher[]> {
  const found: ExcludingMatcher[] = [];
  if (matchers.length === 1) return found;
  for (const matcher of matchers) {
    const others = matchers.filter((one) => one !== matcher);
    const series = await data.count(others, range);
    if (series > 0) found.push({ matcher, others, series, range });
  }
  return found;
}

async function reasonOfExcluding(
  { text }: SoughtSeries,
  excluding: readonly ExcludingMatcher[],
  data: StoredData,
): Promise<string> {
  const sentences: string[] = [];
  for (const { matcher, others, series, range } of excluding) {
    const values = await data.values(matcher.name, others, range);
    sentences.push(`without ${matcher.toString()} ${counted(series)}, ${await matcherReason(matcher, values, data)}`);
  }
  const which =
    excluding.length === 1
      ? `${excluding[0]!.matcher.toString()} removes the last series`
      : "each of these removes the last series";
  return `No series matches ${text}: ${which}; ${sentences.join("; ")}.`;
}

/**
 * Explains an empty selection in which each matcher alone matches some series. Names the first matcher that, combined
 * with the earlier matchers, matches no series.
 */
async function reasonOfSeveral({ text, matchers }: SoughtSeries, data: StoredData): Promise<string> {
  const isName = ({ name, type }: Matcher): boolean => name === METRIC_NAME && type === "=";
  const ordered = [...matchers.filter(isName), ...matchers.filter((matcher) => !isName(matcher))];
  const before: Matcher[] = [];
  for (const matcher of ordered) {
    const next = [...before, matcher];
    if ((await data.count(next, ALL_TIME)) === 0) {
      const values = await data.values(matcher.name, before, ALL_TIME);
      const given = before.length === 0 ? "" : ` of those that match ${before.join(", ")}`;
      if (isName(matcher))
        return `No metric is called ${quote(matcher.value)}: ${await matcherReason(matcher, values, data)}.`;
      return `No series matches ${text}: ${matcher.toString()} removes the last series${given}; ${await matcherReason(matcher, values, data)}.`;
    }
    before.push(matcher);
  }
  return `No series matches ${text}.`;
}

/** Returns a sentence about the values that a label has, and about similar values that the user may have meant. */
async function matcherReason(
  { name, type, value }: Matcher,
  values: readonly string[],
  data: StoredData,
): Promise<string> {
  const what = name === METRIC_NAME ? "names of metrics" : `values of ${name}`;
  const [first] = values;
  if (first === undefined) return `there are no ${what}`;
  const isNamed = values.length <= MAX_NAMED && name !== METRIC_NAME;
  if (!isNamed && (type === "=" || type === "=~")) {
    const near = await nearestWord(value, values, data.yieldToEventLoop);
    if (near !== undefined && near !== value) return `the most similar of the ${what} is ${quote(near)}`;
  }
  const named = values.slice(0, MAX_NAMED).map(quote).join(", ");
  return `${what} are ${named}${values.length > MAX_NAMED ? ` and ${values.length - MAX_NAMED} more` : ""}`;
}
