import { readZoneNames } from "./zone-file.ts";

/** A time zone, which has an offset and an abbreviation at each time. */
export interface Zone {
  readonly name: string;
  /** Returns the offset in seconds east of UTC and the abbreviation at a Unix time in seconds. */
  at(unixSeconds: number): { readonly offset: number; readonly abbreviation: string };
}

export const UTC: Zone = { name: "UTC", at: () => ({ offset: 0, abbreviation: "UTC" }) };

/** Returns a time zone with a constant offset, for times that were parsed from a text with an offset. */
export const fixedZone = (offset: number, abbreviation: string): Zone => ({
  name: abbreviation,
  at: () => ({ offset, abbreviation }),
});

const known = new Map<string, Zone>();

/** Returns the time zone for an IANA name, "UTC", "" or "Local". Undefined if the name is unknown. */
export function loadZone(name: string): Zone | undefined {
  if (name === "" || name === "UTC") return UTC;
  const found = known.get(name);
  if (found !== undefined) return found;
  const zone = buildZone(name);
  if (zone !== undefined) known.set(name, zone);
  return zone;
}

function buildZone(name: string): Zone | undefined {
  const timeZone = name === "Local" ? Intl.DateTimeFormat().resolvedOptions().timeZone : name;
  try {
    const offsets = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
    const letters = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "short" });
    const names = readZoneNames(timeZone);
    return {
      name,
      at(unixSeconds) {
        const date = new Date(unixSeconds * 1000);
        const offset = parseOffset(zonePart(offsets, date));
        return { offset, abbreviation: names?.(unixSeconds, offset) ?? lettersOf(zonePart(letters, date), offset) };
      },
    };
  } catch {
    return undefined;
  }
}

/**
 * Returns the abbreviation of a time zone. JavaScript knows only American abbreviations; for other zones the offset is
 * returned.
 */
const lettersOf = (text: string, offset: number): string => (/^[A-Z]{2,5}$/.test(text) ? text : numericName(offset));

const zonePart = (format: Intl.DateTimeFormat, date: Date): string =>
  format.formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "";

function parseOffset(text: string): number {
  const [, sign, hours, minutes, seconds] = /([+-])(\d{2}):(\d{2})(?::(\d{2}))?/.exec(text) ?? [];
  if (hours === undefined) return 0;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
  return sign === "-" ? -size : size;
}

/**
 * Returns the name of a time zone without an abbreviation as in the zone database: its offset, such as `+03` or
 * `+0545`.
 */
function numericName(offset: number): string {
  const abs = Math.abs(offset);
  const hours = String(Math.floor(abs / 3600)).padStart(2, "0");
  const minutes = Math.floor((abs % 3600) / 60);
  return `${offset < 0 ? "-" : "+"}${hours}${minutes === 0 ? "" : String(minutes).padStart(2, "0")}`;
}
