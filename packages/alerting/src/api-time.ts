const TIME = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(Z|z|[+-]\d{2}:?\d{2})?)?$/;

/** Unix ms (to the microsecond) of an RFC 3339 text, NaN for the zero time, undefined for no time at all. */
export function parseApiTime(text: string): number | undefined {
  if (text === "") return NaN;
  const found = TIME.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = found;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  if (Number(month) > 12 || date.getUTCDate() !== Number(day) || Number(hour) > 23) return undefined;
  const ms = date.getTime() - zoneMs(zone) + Number(fraction.slice(0, 6).padEnd(6, "0")) / 1000;
  return ms <= ZERO_TIME_MS ? NaN : ms;
}

/** 0001-01-01T00:00:00Z, which stands for "not given". */
const ZERO_TIME_MS = -62_135_596_800_000;

function zoneMs(zone: string): number {
  if (zone.toUpperCase() === "Z") return 0;
  const digits = zone.slice(1).replace(":", "");
  const size = (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
  return zone.startsWith("-") ? -size : size;
}

/** RFC 3339 in UTC with three decimals; NaN is the zero time. */
export const printApiTime = (ms: number): string =>
  Number.isNaN(ms) ? "0001-01-01T00:00:00.000Z" : new Date(Math.floor(ms)).toISOString();
