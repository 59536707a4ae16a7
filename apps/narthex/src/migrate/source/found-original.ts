import type { Note } from "../note.ts";
import type { Original } from "../originals.ts";

/** The source in which an original was found: a process, a unit or a compose file. */
export type Origin =
  | { readonly kind: "process"; readonly pid: number; readonly comm: string; readonly gid: string | undefined }
  | {
      readonly kind: "unit";
      /** Name of the unit with its suffix `.service`. */
      readonly name: string;
      readonly path: string;
      /** Id of the unit's process. Undefined if it does not run, or runs on another machine. */
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

/** A setting of a unit that the unit of the role takes over. */
export interface CarriedSetting {
  readonly section: "Unit" | "Service";
  readonly name: string;
  readonly value: string;
}

/** An original that was found, with the arguments and the environment of its start. */
export interface FoundOriginal {
  readonly original: Original;
  readonly origin: Origin;
  /** Path of the program. For a container, the name of its image. */
  readonly program: string;
  /** Arguments of the program, with variables replaced. */
  readonly words: readonly string[];
  /** Folder from which relative paths are resolved. */
  readonly cwd: string;
  /** Whether the arguments contain values from an environment file that not all users may read. */
  readonly hasClosedValues?: boolean;
  /** The environment variables that are known. */
  readonly env: Readonly<Record<string, string>>;
  /** Other variables of its process, which are carried only if the configuration names them. */
  readonly otherEnv?: Readonly<Record<string, string>>;
  /** Settings of its unit that the unit of the role takes over. */
  readonly settings?: readonly CarriedSetting[];
  /** User as which it runs. Undefined if it is unknown or irrelevant. */
  readonly user: string | undefined;
  readonly notes: readonly Note[];
}

/** The originals that were found in a source, and sentences about those that were skipped. */
export interface Findings {
  readonly originals: readonly FoundOriginal[];
  /** Sentences about processes and units that were skipped, with the reason. */
  readonly leftOut: readonly string[];
}

export const NOTHING_FOUND: Findings = { originals: [], leftOut: [] };

/** Combines the findings of several sources in order. */
export const allOf = (findings: readonly Findings[]): Findings => ({
  originals: findings.flatMap(({ originals }) => originals),
  leftOut: findings.flatMap(({ leftOut }) => leftOut),
});
