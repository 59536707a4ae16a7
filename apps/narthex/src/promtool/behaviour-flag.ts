import { formatProblem } from "@narthex/config";
import type { BehaviourEntry } from "@narthex/rules";
import { flagKinds, type Host } from "@narthex/runtime";
import { hostFiles } from "./host-files.ts";

export const behaviourFlag = {
  "behaviour-files": flagKinds.list(
    [],
    "File with behaviours of alerts, as --rules.behaviour-files of the server. May be repeated. (Narthex only.)",
  ),
};

/** Reads behaviour files. If a file has a problem, prints all problems and returns undefined. */
export async function readBehaviours(
  host: Host,
  patterns: readonly string[],
): Promise<readonly BehaviourEntry[] | undefined> {
  if (patterns.length === 0) return [];
  const { loadBehaviourFiles } = await import("@narthex/rules");
  const loaded = await loadBehaviourFiles(patterns, hostFiles(host));
  const lines = loaded.ok ? loaded.warnings.map((text) => `WARNING: ${text}`) : loaded.problems.map(formatProblem);
  for (const line of lines) host.stderr(`${line}\n`);
  return loaded.ok ? loaded.value : undefined;
}
