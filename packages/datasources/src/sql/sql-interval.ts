const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const PART = /(\d{1,12}(?:\.\d{1,9})?)(ns|us|µs|ms|[smhdw])/y;
const CALENDAR = /^(\d{1,6})([My])$/;

/**
 * Parses the interval of a macro to ms: `5m`, `1h30m`, `1d`; months and years are counted back from `now`. Returns
 * undefined for a text that is not an interval, and for an interval of 0.
 * @param now epoch ms
 */
export function parseSqlInterval(text: string, now: number): number | undefined {
  const calendar = CALENDAR.exec(text);
  if (calendar !== null) return positive(calendarMs(Number(calendar[1]), calendar[2] === "y" ? 12 : 1, now));
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (match === null) return undefined;
    total += Number(match[1]) * UNIT_MS[match[2]!]!;
  }
  return positive(total);
}

function calendarMs(count: number, months: number, now: number): number {
  const then = new Date(now);
  then.setUTCMonth(then.getUTCMonth() - count * months);
  return now - then.getTime();
}

const positive = (ms: number): number | undefined => (Number.isFinite(ms) && ms > 0 ? ms : undefined);
