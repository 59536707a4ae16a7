import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runningPids } from "./pid-files.ts";

/**
 * Reports whether a running process uses a bundle and may still load files from it. Processes are found by their pid
 * file in the bundle, or by their command line if they cannot write to the bundle.
 */
export function isInUse(bundle: string, lines: readonly string[]): boolean {
  if (lines.some((line) => line.includes(join(bundle, "main.js")))) return true;
  return runningPids(bundle).length > 0;
}

/** Returns the command lines of the processes that this process can see. */
export function commandLines(proc = "/proc"): readonly string[] {
  if (!existsSync(join(proc, "self")))
    return (spawnSync("ps", ["-Aww", "-o", "args="], { encoding: "utf8" }).stdout ?? "").split("\n");
  return readdirSync(proc)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(join(proc, pid, "cmdline"), "utf8").replaceAll("\0", " ")];
      } catch {
        // Ignores the error: the process has ended since its id was listed.
        return [];
      }
    });
}
