import { resolve } from "node:path";
import { formatProblem } from "@narthex/config";
import { loadSloFiles, printGroups, type ServiceLevel } from "@narthex/slo";
import type { BuildInfo, Host } from "@narthex/runtime";
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
  #levels: readonly ServiceLevel[] = [];

  constructor(patterns: readonly string[], { narthex }: Pick<BuildInfo, "narthex">) {
    this.#patterns = patterns;
    this.#version = `narthex-${narthex}`;
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
    const groups = Map.groupBy(loaded.levels, ({ file }) => file);
    return {
      ruleFiles: new Map(
        Array.from(groups, ([file, levels]) => [file, printGroups(levels.flatMap((level) => level.groups))]),
      ),
      apply: () => void (this.#levels = loaded.levels),
    };
  }
}
