import type { Note } from "../note.ts";
import type { Original } from "../originals.ts";

/** Source in which an original was found. */
export type Origin =
  | { readonly kind: "process"; readonly pid: number; readonly comm: string; readonly gid: string | undefined }
  | {
      readonly kind: "unit";
      /** Name with its suffix. */
      readonly name: string;
      readonly path: string;
      /** Id of its process; undefined if it does not run, or runs on another machine. */
      readonly pid: number | undefined;
      /** Drop-in files of the unit. */
      readonly dropIns: readonly string[];
    }
  | {
      readonly kind: "compose";
      readonly file: string;
      /** Line of the service in the compose file. */
      readonly line: number;
      readonly service: string;
    };

/** An original with the arguments and the environment of its start. */
export interface FoundOriginal {
  readonly original: Original;
  readonly origin: Origin;
  /** Path of the program; for a container, its image. */
  readonly program: string;
  /** Its arguments after expansion. */
  readonly words: readonly string[];
  /** Base folder of relative paths. */
  readonly cwd: string;
  /** Whether the arguments contain values of an environment file that other users may not be able to read. */
  readonly hasClosedValues?: boolean;
  /** The known part of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Undefined if it is unknown or irrelevant. */
  readonly user: string | undefined;
  readonly notes: readonly Note[];
}

/** Result of reading a source: the originals that were found, and those that were skipped. */
export interface Findings {
  readonly originals: readonly FoundOriginal[];
  /** Sentences about skipped candidates. */
  readonly leftOut: readonly string[];
}

export const NOTHING_FOUND: Findings = { originals: [], leftOut: [] };

/** Combines the findings of several sources in order. */
export const allOf = (findings: readonly Findings[]): Findings => ({
  originals: findings.flatMap(({ originals }) => originals),
  leftOut: findings.flatMap(({ leftOut }) => leftOut),
});
