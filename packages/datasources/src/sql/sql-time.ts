const TIME =
  /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?(?:([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?|Z)?( BC)?$/;

/**
 * Parses a date or time that a database has written, to epoch ms. A text without offset is in UTC. Returns undefined
 * for times that have no date, such as `infinity` or `0000-00-00`.
 */
export function parseSqlTime(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", sign, ...rest] = match;
  if (month === "00" || day === "00") return undefined;
  const [offsetHours = "0", offsetMinutes = "0", offsetSeconds = "0", era] = rest;
  const date = new Date(0);
  date.setUTCFullYear(era === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, "0").slice(0, 3)));
  const offset = Number(offsetHours) * 3_600_000 + Number(offsetMinutes) * 60_000 + Number(offsetSeconds) * 1000;
  const ms = date.getTime() - (sign === "-" ? -offset : offset);
  return Number.isNaN(ms) ? undefined : ms;
}
