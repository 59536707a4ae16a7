import { resolve } from "node:path";
import { formatProblem } from "@narthex/config";
import { loadSloFiles, printGroups, type ServiceLevel } from "@narthex/slo";
import { type BuildInfo, type Clock, type Host, runInTimeSlices, type Steps } from "@narthex/runtime";
import type { ServerFlags } from "../flags.ts";

/** Objectives that are ready to replace the current ones, with the rules that are generated from them. */
export interface PreparedObjectives {
  /** Texts of rule files, by the file of the objectives. */
  readonly ruleFiles: ReadonlyMap<string, string>;
  readonly apply: () => void;
}

/** Returns the patterns of `--rules.slo-files` as absolute paths. */
export const objectivePatterns = ({ cwd }: Pick<Host, "cwd">, flags: ServerFlags): readonly string[] =>
  flags["rules.slo-files"].map((pattern) => resolve(cwd, pattern));

/** The service level objectives of a server, which are read with the configuration. */
export class ObjectiveFiles {
  readonly #patterns: readonly string[];
  readonly #version: string;
  readonly #clock: Clock;
  #levels: readonly ServiceLevel[] = [];

  constructor(
    patterns: readonly string[],
    { build, clock }: { readonly build: Pick<BuildInfo, "narthex">; readonly clock: Clock },
  ) {
    this.#patterns = patterns;
    this.#version = `narthex-${build.narthex}`;
    this.#clock = clock;
  }

  get isUsed(): boolean {
    return this.#patterns.length > 0;
  }

  /** The objectives of the current configuration, in the order of the files. */
  get levels(): readonly ServiceLevel[] {
    return this.#levels;
  }

  /** Reads the files. Rejects with the problems of all files. */
  async prepare(): Promise<PreparedObjectives> {
    const loaded = await loadSloFiles(this.#patterns, { version: this.#version });
    if (!loaded.ok)
      throw new Error(`error loading objectives (--rules.slo-files): ${loaded.problems.map(formatProblem).join("; ")}`);
    return {
      ruleFiles: await runInTimeSlices(this.#clock, ruleFilesOf(loaded.levels)),
      apply: () => void (this.#levels = loaded.levels),
    };
  }
}

/** First line of a rule file. */
const HEAD = "groups:\n";

/** Writes the rules of the objectives as texts of rule files, by file. One step writes one objective. */
function* ruleFilesOf(levels: readonly ServiceLevel[]): Steps<ReadonlyMap<string, string>> {
  const parts = new Map<string, string[]>();
  for (const { file, groups } of levels) {
    const own = parts.get(file) ?? [HEAD];
    parts.set(file, own);
    if (groups.some(({ rules }) => rules.length > 0)) own.push(printGroups(groups).slice(HEAD.length));
    yield;
  }
  return new Map(Array.from(parts, ([file, texts]) => [file, texts.join("")]));
}
