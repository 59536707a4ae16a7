/** One array of /proc/mdstat. */
export interface MdArray {
  readonly device: string;
  readonly state: "active" | "inactive" | "recovering" | "resync" | "check" | "reshaping";
  readonly total: number;
  readonly active: number;
  readonly failed: number;
  readonly spare: number;
  readonly blocks: number;
  readonly synced: number;
}

const count = (text: string, mark: string): number => text.split(mark).length - 1;

/** Arrays in the order of the file. A device line, a line with sizes, perhaps a bitmap, perhaps a sync in progress. */
export function parseMdStat(lines: readonly string[]): MdArray[] {
  const arrays: MdArray[] = [];
  lines.forEach((line, i) => {
    const head = /^(md\S*) : (active|inactive)/.exec(line);
    if (head === null) return;
    const sizes = lines[i + 1] ?? "";
    const sync = (lines[i + 2] ?? "").includes("bitmap") ? (lines[i + 3] ?? "") : (lines[i + 2] ?? "");
    const blocks = Number(/^\s*(\d+) blocks/.exec(sizes)?.[1] ?? 0);
    arrays.push({
      device: head[1]!,
      ...diskCounts(line, sizes),
      failed: count(line, "(F)"),
      spare: count(line, "(S)"),
      blocks,
      ...progress(head[2] as "active" | "inactive", sync, blocks),
    });
  });
  return arrays;
}

function diskCounts(line: string, sizes: string): { total: number; active: number } {
  // Striped and linear arrays have no spare: every disk listed is in use.
  if (/\b(?:raid0|linear)\b/.test(line)) return { total: count(line, "["), active: count(line, "[") };
  const ratio = line.includes("inactive") ? null : /\[(\d+)\/(\d+)\] \[[U_]+\]/.exec(sizes);
  return { total: Number(ratio?.[1] ?? 0), active: Number(ratio?.[2] ?? 0) };
}

const ACTIVITIES = [
  ["recovery", "recovering"],
  ["reshape", "reshaping"],
  ["check", "check"],
  ["resync", "resync"],
] as const;

function progress(state: "active" | "inactive", sync: string, blocks: number): Pick<MdArray, "state" | "synced"> {
  const activity = ACTIVITIES.find(([word]) => sync.includes(word));
  if (activity === undefined) return { state, synced: blocks };
  const isWaiting = /PENDING|DELAYED/.test(sync);
  return { state: activity[1], synced: isWaiting ? 0 : Number(/\((\d+)\/\d+\)/.exec(sync)?.[1] ?? 0) };
}
