import { recordFiles } from "@narthex/config/testing";
import { formatProblem } from "@narthex/config";
import type { GeneratedGroup, GeneratedRule } from "../generated-rule.ts";
import { type LoadedServiceLevels, loadSloFiles } from "../load-slo-files.ts";
import type { ServiceLevel } from "../objective.ts";

/** Reads files of objectives from memory. */
export const loadTexts = (texts: Readonly<Record<string, string>>): Promise<LoadedServiceLevels> =>
  loadSloFiles(Object.keys(texts), { files: recordFiles(texts), version: "test" });

/** Returns the objectives of a text. Throws if the text has problems. */
export async function levelsOf(text: string): Promise<readonly ServiceLevel[]> {
  const loaded = await loadTexts({ "slo.yml": text });
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  return loaded.levels;
}

/** Returns the problems of a text, one line for each. */
export async function problemsOf(text: string): Promise<readonly string[]> {
  const loaded = await loadTexts({ "slo.yml": text });
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
}

/** Returns the rules of a group. */
export const rulesOf = (groups: readonly GeneratedGroup[], part: string): readonly GeneratedRule[] =>
  groups.find(({ name }) => name.includes(part))?.rules ?? [];
