const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const YEAR = 365 * DAY;

/**
 * Returns the format of the labels on a time axis. `increment` is the distance between labels and `span` the length of
 * the axis, both in ms.
 */
export function timeTickFormat(increment: number, span: number): string {
  if (increment < 1000) return "HH:mm:ss.SSS";
  if (increment < MINUTE) return span > DAY ? "MM/DD HH:mm:ss" : "HH:mm:ss";
  if (increment < DAY) return span > 2 * DAY ? "MM/DD HH:mm" : "HH:mm";
  if (increment < 28 * DAY) return span > YEAR ? "YYYY-MM-DD" : "MM/DD";
  return increment < YEAR ? "YYYY-MM" : "YYYY";
}
