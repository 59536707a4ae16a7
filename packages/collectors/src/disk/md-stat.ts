import { floatOf, signedOf } from "../host-files/kernel-number.ts";
import { fieldsOf } from "../host-files/kernel-text.ts";

/** One array of /proc/mdstat. */
export interface MdArray {
  readonly device: string;
  /** State of the array as in the file (active, inactive, broken …), or the kind of a sync in progress. */
  readonly state: string;
  readonly total: number;
  readonly active: number;
  readonly failed: number;
  readonly spare: number;
  readonly blocks: number;
  readonly synced: number;
}

const count = (text: string, mark: string): number => text.split(mark).length - 1;

/** Smallest number of lines of one array: a device line, a line of sizes, and an empty line or a progress line. */
const LINES_PER_ARRAY = 3;

/** Matches lines that do not describe an array. */
const OTHER_LINE = /^(?:\s|unused|Personalities\b|$)/;

/**
 * Returns arrays in the order of the file. An array has a device line, a line of sizes, and optional lines for a bitmap and
 * a sync in progress. Throws on any other line.
 */
export function parseMdStat(lines: readonly string[]): MdArray[] {
  const arrays: MdArray[] = [];
  lines.forEach((line, i) => {
    if (OTHER_LINE.test(line)) return;
    const [device, , state] = fieldsOf(line);
    if (state === undefined) throw new Error(`mdstat: malformed line "${line}"`);
    if (lines.length < i + LINES_PER_ARRAY) throw new Error(`mdstat: too few lines about ${device!}`);
    const sizes = lines[i + 1] ?? "";
    const blocks = /^\s*(\d+)/.exec(sizes)?.[1];
    if (blocks === undefined) throw new Error(`mdstat: no size of ${device!} in "${sizes}"`);
    const sync = (lines[i + 2] ?? "").includes("bitmap") ? (lines[i + 3] ?? "") : (lines[i + 2] ?? "");
    arrays.push({
      device: device!,
      ...diskCounts(line, sizes),
      failed: count(line, "(F)"),
      spare: count(line, "(S)"),
      blocks: signedOf(blocks, "mdstat: blocks"),
      ...progress(state, sync, Number(blocks)),
    });
  });
  return arrays;
}

function diskCounts(line: string, sizes: string): { total: number; active: number } {
  // Counts every listed disk as active, because striped and linear arrays have no spare disks.
  if (/raid0|linear/.test(line)) return { total: count(line, "["), active: count(line, "[") };
  if (line.includes("inactive")) return { total: 0, active: 0 };
  const ratio = /\d+ blocks .*\[(\d+)\/(\d+)\] \[[U_]+\]/.exec(sizes);
  if (ratio === null) throw new Error(`mdstat: no count of disks in "${sizes}"`);
  return { total: signedOf(ratio[1], "mdstat: disks"), active: signedOf(ratio[2], "mdstat: disks") };
}

const ACTIVITIES = [
  ["recovery", "recovering"],
  ["reshape", "reshaping"],
  ["check", "check"],
  ["resync", "resync"],
] as const;

function progress(state: string, sync: string, blocks: number): Pick<MdArray, "state" | "synced"> {
  const activity = ACTIVITIES.find(([word]) => sync.includes(word));
  if (activity === undefined) return { state, synced: blocks };
  if (/PENDING|DELAYED/.test(sync)) return { state: activity[1], synced: 0 };
  const synced = /\((\d+)\/\d+\)/.exec(sync)?.[1];
  const rates = [/= (.+)%/, /finish=(.+)min/, /speed=(.+)[A-Z]/].map((pattern) => pattern.exec(sync)?.[1]?.trim());
  if (synced === undefined || rates.includes(undefined)) throw new Error(`mdstat: no blocks in "${sync}"`);
  for (const rate of rates) floatOf(rate, "mdstat: a sync in progress");
  return { state: activity[1], synced: signedOf(synced, "mdstat: blocks in sync") };
}
