import { readFileSync } from "node:fs";

/**
 * Returns the abbreviation of a time zone at a time with the given offset, or undefined if the zone file does not
 * contain it.
 */
export type ZoneNames = (unixSeconds: number, offset: number) => string | undefined;

const FOLDERS = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"];

/** A period during which a time zone has one abbreviation. */
interface Period {
  readonly from: bigint;
  readonly name: string;
}

/**
 * Reads the abbreviations of a time zone (JST, MSK, LMT) from the system's zone files (TZif, RFC 9636), because
 * JavaScript lacks them. Returns undefined if no zone file with 64-bit times exists. `name` must be a zone that
 * JavaScript knows.
 */
export function readZoneNames(name: string): ZoneNames | undefined {
  for (const folder of FOLDERS) {
    try {
      return parseZoneFile(readFileSync(`${folder}/${name}`));
    } catch {
      // Ignores the error and tries the next folder, because the zone file is missing or damaged.
    }
  }
  return undefined;
}

const HEADER = 44;

/**
 * Returns the six numbers in the header of a zone file at position `at`: UT marks, standard marks, leap seconds,
 * transitions, types, name bytes.
 */
const counts = (file: Buffer, at: number): number[] =>
  [20, 24, 28, 32, 36, 40].map((place) => file.readUInt32BE(at + place));

function parseZoneFile(file: Buffer): ZoneNames | undefined {
  if (file.toString("latin1", 0, 4) !== "TZif" || file[4]! < 0x32) return undefined;
  const [utMarks = 0, standardMarks = 0, leaps = 0, shorts = 0, types = 0, letters = 0] = counts(file, 0);
  // The first block has times of 32 bits. The second block repeats the data with times of 64 bits.
  const second = HEADER + shorts * 5 + types * 6 + letters + leaps * 8 + standardMarks + utMarks;
  return parseBlock(file, second);
}

function parseBlock(file: Buffer, header: number): ZoneNames {
  const [utMarks = 0, standardMarks = 0, leaps = 0, transitions = 0, types = 0, letters = 0] = counts(file, header);
  const times = header + HEADER;
  const kinds = times + transitions * 8;
  const details = kinds + transitions;
  const names = details + types * 6;
  const nameOf = (type: number): string => {
    const start = names + file[details + type * 6 + 5]!;
    return file.toString("latin1", start, file.indexOf(0, start));
  };
  const periods: Period[] = [];
  for (let i = 0; i < transitions; i++) {
    periods.push({ from: file.readBigInt64BE(times + i * 8), name: nameOf(file[kinds + i]!) });
  }
  const footer = file.toString("latin1", names + letters + leaps * 12 + standardMarks + utMarks).trim();
  const rule = parseRule(footer);
  const first = types > 0 ? nameOf(0) : undefined;
  return (unixSeconds, offset) => {
    const at = BigInt(Math.floor(unixSeconds));
    const period = periods.findLast(({ from }) => from <= at);
    if (period === undefined) return periods.length === 0 ? (rule?.(offset) ?? first) : first;
    return period === periods.at(-1) ? (rule?.(offset) ?? period.name) : period.name;
  };
}

const RULE = /^(<[^>]+>|[A-Za-z]+)([-+]?)(\d+)(?::(\d+))?(?::(\d+))?(<[^>]+>|[A-Za-z]+)?/;

/**
 * Parses the rule of a zone file for times after its last transition, such as `CET-1CEST,M3.5.0,M10.5.0/3`. Returns a
 * function from offset to abbreviation.
 */
function parseRule(footer: string): ((offset: number) => string) | undefined {
  const found = RULE.exec(footer);
  if (found === null) return undefined;
  const [, standard = "", sign, hours, minutes = "0", seconds = "0", summer] = found;
  // Negates the offset, because POSIX rules count offsets west of Greenwich.
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  const standardOffset = sign === "-" ? size : -size;
  const bare = (name: string): string => name.replace(/[<>]/g, "");
  return (offset) => bare(offset === standardOffset || summer === undefined ? standard : summer);
}
