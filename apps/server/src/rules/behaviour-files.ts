import { resolve } from "node:path";
import { formatProblem } from "@narthex/config";
import { type BehaviourEntry, loadBehaviourFiles } from "@narthex/rules";
import type { Clock, Host } from "@narthex/runtime";
import type { ServerFlags } from "../flags.ts";

/** Returns the patterns of `--rules.behaviour-files` as absolute paths. */
export const behaviourPatterns = ({ cwd }: Pick<Host, "cwd">, flags: ServerFlags): readonly string[] =>
  flags["rules.behaviour-files"].map((pattern) => resolve(cwd, pattern));

/** The behaviours of alerts of a server, which are read with the configuration. */
export class BehaviourFiles {
  readonly #patterns: readonly string[];
  readonly #clock: Clock;
  readonly #warn: (warning: string) => void;

  constructor(patterns: readonly string[], clock: Clock, warn: (warning: string) => void) {
    this.#patterns = patterns;
    this.#clock = clock;
    this.#warn = warn;
  }

  /** Reads the files. Rejects with the problems of all files. Without patterns there are no entries. */
  async read(): Promise<readonly BehaviourEntry[]> {
    if (this.#patterns.length === 0) return [];
    const loaded = await loadBehaviourFiles(this.#patterns, undefined, this.#clock);
    if (!loaded.ok) {
      const why = loaded.problems.map(formatProblem).join("; ");
      throw new Error(`error loading behaviours (--rules.behaviour-files): ${why}`);
    }
    for (const warning of loaded.warnings) this.#warn(warning);
    return loaded.value;
  }
}
