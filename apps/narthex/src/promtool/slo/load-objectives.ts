import type { Problem } from "@narthex/config";
import { formatProblem } from "@narthex/config";
import type { ServiceLevel } from "@narthex/slo";
import type { Host } from "@narthex/runtime";
import { hostFiles } from "../host-files.ts";

/** Labels that an operand of the form `name=value` gives. */
export function labelsOf(pairs: readonly string[]): ReadonlyMap<string, string> | string {
  const labels = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) return `--label ${JSON.stringify(pair)} is not a label; write for example --label=team=web`;
    labels.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return labels;
}

/** Reads files of objectives. Prints the problems, and returns undefined if there are some. */
export async function loadObjectives(
  host: Host,
  paths: readonly string[],
  options: { readonly version: string; readonly extraLabels?: ReadonlyMap<string, string> },
): Promise<readonly ServiceLevel[] | undefined> {
  // Load the module only for these commands. The other commands then start faster.
  const { loadSloFiles } = await import("@narthex/slo");
  const loaded = await loadSloFiles(paths, { files: hostFiles(host), ...options });
  if (loaded.ok) return loaded.levels;
  host.stderr(loaded.problems.map((problem: Problem) => `${formatProblem(problem)}\n`).join(""));
  return undefined;
}
