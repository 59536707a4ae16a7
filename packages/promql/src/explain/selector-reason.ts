import { formatDuration, literalPattern, Matcher, METRIC_NAME, quote } from "@narthex/model";
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

/** A matcher that the user has probably meant. */
export interface MeantMatcher {
  /** The name of a metric or label, or the value, that is probably misspelled in the query. */
  readonly word: string;
  readonly instead: Matcher;
  readonly matcher: Matcher;
}

export interface SelectorReason {
  /** The reason as a sentence. */
  readonly text: string;
  readonly meant?: MeantMatcher;
}

/**
 * Explains why a selector found no sample: the metric does not exist, no series matches, or no matching series has
 * samples in the time range.
 */
export async function reasonOfSelector(sought: SoughtSeries, data: StoredData): Promise<SelectorReason> {
  const { matchers, range } = sought;
  const series = await data.count(matchers, ALL_TIME);
  if (series > 0) return { text: await reasonOfTime(sought, series, data) };
  const unknown = matchers.find(isMetricName);
  if (unknown !== undefined && (await data.count([unknown], ALL_TIME)) === 0) return reasonOfName(unknown, data);
  const inRange = await excludingMatchers(matchers, range, data);
  const excluding = inRange.length > 0 ? inRange : await excludingMatchers(matchers, ALL_TIME, data);
  if (excluding.length > 0) return reasonOfExcluding(sought, excluding, data);
  return reasonOfSeveral(sought, data);
}

const isMetricName = ({ name, type }: Matcher): boolean => name === METRIC_NAME && type === "=";

/** Explains an empty selection of a metric that does not exist. */
async function reasonOfName(matcher: Matcher, data: StoredData): Promise<SelectorReason> {
  const { text, meant } = await matcherReason(matcher, [], ALL_TIME, data);
  return { text: `No metric is called ${quote(matcher.value)}: ${text}.`, ...(meant && { meant }) };
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
): Promise<SelectorReason> {
  const sentences: string[] = [];
  const meant: MeantMatcher[] = [];
  for (const { matcher, others, series, range } of excluding) {
    const reason = await matcherReason(matcher, others, range, data);
    sentences.push(`without ${matcher.toString()} ${counted(series)}, ${reason.text}`);
    if (reason.meant !== undefined) meant.push(reason.meant);
  }
  const which =
    excluding.length === 1
      ? `${excluding[0]!.matcher.toString()} removes the last series`
      : "each of these removes the last series";
  const [only] = meant;
  return {
    text: `No series matches ${text}: ${which}; ${sentences.join("; ")}.`,
    ...(only !== undefined && excluding.length === 1 && { meant: only }),
  };
}

/**
 * Explains an empty selection in which each matcher alone matches some series. Names the first matcher that, combined
 * with the earlier matchers, matches no series.
 */
async function reasonOfSeveral({ text, matchers }: SoughtSeries, data: StoredData): Promise<SelectorReason> {
  const ordered = [...matchers.filter(isMetricName), ...matchers.filter((matcher) => !isMetricName(matcher))];
  const before: Matcher[] = [];
  for (const matcher of ordered) {
    const next = [...before, matcher];
    if ((await data.count(next, ALL_TIME)) === 0) {
      const given = before.length === 0 ? "" : ` of those that match ${before.join(", ")}`;
      const { text: why, meant } = await matcherReason(matcher, before, ALL_TIME, data);
      return {
        text: `No series matches ${text}: ${matcher.toString()} removes the last series${given}; ${why}.`,
        ...(meant && { meant }),
      };
    }
    before.push(matcher);
  }
  return { text: `No series matches ${text}.` };
}

/**
 * Returns a sentence about the values that a label has among the series that match `others`, and about a similar value
 * or label that the user may have meant.
 */
async function matcherReason(
  matcher: Matcher,
  others: readonly Matcher[],
  range: TimeRange,
  data: StoredData,
): Promise<SelectorReason> {
  const { name, type, value } = matcher;
  const values = await data.values(name, others, range);
  const what = name === METRIC_NAME ? "names of metrics" : `values of ${name}`;
  if (values.length === 0) return reasonOfLabel(matcher, others, range, data);
  const isSearched = type === "=" || type === "=~";
  const near = isSearched ? await nearestWord(value, values, data.yieldToEventLoop) : undefined;
  const meant =
    near === undefined || near === value
      ? undefined
      : {
          word: value,
          instead: matcher,
          matcher: new Matcher(type, name, type === "=~" ? literalPattern(near) : near),
        };
  const isNamed = values.length <= MAX_NAMED && name !== METRIC_NAME;
  if (!isNamed && meant !== undefined) return { text: `the most similar of the ${what} is ${quote(near!)}`, meant };
  const named = values.slice(0, MAX_NAMED).map(quote).join(", ");
  const more = values.length > MAX_NAMED ? ` and ${values.length - MAX_NAMED} more` : "";
  return { text: `${what} are ${named}${more}`, ...(meant && { meant }) };
}

/** Returns a sentence about a label that is in none of the series, and about a similar label. */
async function reasonOfLabel(
  matcher: Matcher,
  others: readonly Matcher[],
  range: TimeRange,
  data: StoredData,
): Promise<SelectorReason> {
  const { name, type, value } = matcher;
  if (name === METRIC_NAME) return { text: "there are no names of metrics" };
  const names = (await data.names(others, range)).filter((one) => one !== METRIC_NAME);
  const near = await nearestWord(name, names, data.yieldToEventLoop);
  if (near === undefined || near === name) return { text: `there are no values of ${name}` };
  return {
    text: `there are no values of ${name}, and the most similar label is ${near}`,
    meant: { word: name, instead: matcher, matcher: new Matcher(type, near, value) },
  };
}
