import { type ConfigFiles, diskFiles, glob, type Loaded, type Problem, SourceError } from "@narthex/config";
import type { ParserOptions } from "@narthex/promql";
import { type Clock, runInTimeSlices, runToEnd, type Steps } from "@narthex/runtime";
import type { GroupSpec } from "../rule-spec.ts";
import { type BehaviourEntry, MAX_ENTRIES, parseBehaviourFileInSteps } from "./behaviour-file.ts";
import { BehaviourSet, BehaviourUse } from "./behaviour-set.ts";

/**
 * Reads every behaviour file that the patterns match. The problems of all files are reported together. A pattern without
 * files causes a warning.
 * @param clock set to yield to the event loop during long work
 */
export async function loadBehaviourFiles(
  patterns: readonly string[],
  files: ConfigFiles = diskFiles,
  clock?: Clock,
): Promise<Loaded<readonly BehaviourEntry[]>> {
  const entries: BehaviourEntry[] = [];
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const seen = new Set<string>();
  for (const pattern of patterns) {
    const matches = await glob(pattern, files);
    if (matches.length === 0) warnings.push(`behaviour files: ${JSON.stringify(pattern)} matches no file`);
    for (const file of matches) {
      if (seen.has(file)) continue;
      seen.add(file);
      const loaded = await readFile(file, files, clock);
      for (const entry of loaded.ok ? loaded.value : []) entries.push(entry);
      for (const problem of loaded.ok ? [] : loaded.problems) problems.push(problem);
    }
  }
  if (entries.length > MAX_ENTRIES) {
    const { source, at } = entries[MAX_ENTRIES]!;
    const message = `there are more than ${MAX_ENTRIES} entries in all behaviour files`;
    problems.push({ file: source, ...at.self, code: "too-many", message, hint: "remove entries" });
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: entries, warnings };
}

async function readFile(
  file: string,
  files: ConfigFiles,
  clock: Clock | undefined,
): Promise<Loaded<readonly BehaviourEntry[]>> {
  try {
    const steps = parseBehaviourFileInSteps(await files.read(file), file);
    return clock === undefined ? runToEnd(steps) : await runInTimeSlices(clock, steps);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const problem = { file, line: 0, column: 0, code: "unreadable", message: error.message, hint: "" };
    return { ok: false, problems: [problem] };
  }
}

/** Rule files whose rules have their behaviours, or the problems that were found. */
export type FilesWithBehaviours =
  | {
      readonly ok: true;
      readonly files: ReadonlyMap<string, readonly GroupSpec[]>;
      readonly unused: readonly Problem[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Adds behaviours to the rules of all files. `unused` has a problem for each entry that is for no rule. A step is one rule.
 */
export function* withBehavioursInSteps(
  files: ReadonlyMap<string, readonly GroupSpec[]>,
  entries: readonly BehaviourEntry[],
  parser: ParserOptions,
): Steps<FilesWithBehaviours> {
  const use = new BehaviourUse(new BehaviourSet(entries, parser));
  const applied = new Map<string, readonly GroupSpec[]>();
  for (const [file, specs] of files) {
    const groups: GroupSpec[] = [];
    for (const spec of specs) groups.push(yield* use.applyInSteps(file, spec));
    applied.set(file, groups);
  }
  const { problems } = use;
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, files: applied, unused: yield* use.unusedInSteps() };
}

/** Does the same as withBehavioursInSteps(), in one step. */
export const withBehaviours = (
  files: ReadonlyMap<string, readonly GroupSpec[]>,
  entries: readonly BehaviourEntry[],
  parser: ParserOptions,
): FilesWithBehaviours => runToEnd(withBehavioursInSteps(files, entries, parser));
