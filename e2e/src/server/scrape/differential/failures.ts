import { existsSync, readFileSync } from "node:fs";
import { neutral } from "./watch.ts";

export interface LoggedFailure {
  /** Time of the failed scrape, ms since 1970. */
  readonly time: number;
  readonly message: string;
}

interface Line {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly job_name: string;
  readonly target: string;
}

/** Reads a server's log of failed scrapes. Returns the failures by episode (target). */
export function readFailures(path: string): Map<string, LoggedFailure[]> {
  const out = new Map<string, LoggedFailure[]>();
  if (!existsSync(path)) return out;
  for (const row of readFileSync(path, "utf8").split("\n")) {
    if (row === "") continue;
    const { time, level, msg, job_name, target } = JSON.parse(row) as Line;
    const episode = /\/(?:ours|theirs)\/(\d+)$/.exec(target)?.[1];
    if (level !== "ERROR" || episode === undefined || job_name !== `j${episode}`)
      throw new Error(`failure log: ${row}`);
    if (!out.has(episode)) out.set(episode, []);
    out.get(episode)!.push({ time: Date.parse(time), message: neutral(msg) });
  }
  return out;
}
