/** Value of the URL parameter that means the period immediately before the current time range. */
export const PREVIOUS_PERIOD = "previous";

const DISTANCE = /^(?:\d{1,6}(?:ms|[smhdwMQy]))+$/;
/** Matches the parts of a distance: a number and a unit. */
export const PARTS = /(\d{1,6})(ms|[smhdwMQy])/g;

const UNIT_NAMES: Readonly<Record<string, string>> = {
  ms: "millisecond",
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  M: "month",
  Q: "quarter",
  y: "year",
};

const wordsOf = (distance: string): string =>
  [...distance.matchAll(PARTS)]
    .map(([, count, unit]) => `${Number(count)} ${UNIT_NAMES[unit!]}${Number(count) === 1 ? "" : "s"}`)
    .join(" ");

/** Reports whether a text names an earlier period: `previous`, `1d`, `1w`, `1d12h`. */
export const isEarlierPeriod = (text: string): boolean =>
  text === PREVIOUS_PERIOD || (DISTANCE.test(text) && /[1-9]/.test(text));

/** Returns the name of an earlier period in legends, or the text itself if it names no period. */
export function earlierWords(text: string): string {
  if (!isEarlierPeriod(text)) return text;
  return text === PREVIOUS_PERIOD ? "previous period" : `${wordsOf(text)} earlier`;
}
