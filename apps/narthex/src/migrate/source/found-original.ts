import type { Note } from "../note.ts";
import type { Original } from "../originals.ts";

/** Place in which a program was found: a process, a systemd unit or a compose file. */
export type Origin =
  | { readonly kind: "process"; readonly pid: number; readonly comm: string; readonly gid: string | undefined }
  | {
      readonly kind: "unit";
      /** Name of the unit with its suffix `.service`. */
      readonly name: string;
      readonly path: string;
      /** Id of the unit's process. Undefined if it does not run, or runs on another machine. */
      readonly pid: number | undefined;
      readonly dropIns: readonly string[];
    }
  | {
      readonly kind: "compose";
      readonly file: string;
      /** Line of the service in the compose file. */
      readonly line: number;
      readonly service: string;
    };

/** A setting of the original systemd unit that the new unit also gets. */
export interface CarriedSetting {
  readonly section: "Unit" | "Service";
  readonly name: string;
  readonly value: string;
}

/** A program that was found and can be replaced, with the arguments and environment with which it was started. */
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
  /** The known environment variables of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Other environment variables of the process. These variables are kept only if the configuration refers to them. */
  readonly otherEnv?: Readonly<Record<string, string>>;
  /** Settings of the original systemd unit that the new unit also gets. */
  readonly settings?: readonly CarriedSetting[];
  /** User that the program runs as. Undefined if the user is unknown or irrelevant. */
  readonly user: string | undefined;
  readonly notes: readonly Note[];
}

/** The programs that were found in a source, and the reasons why others were skipped. */
export interface Findings {
  readonly originals: readonly FoundOriginal[];
  /** Messages about processes and units that were skipped, with the reason. */
  readonly leftOut: readonly string[];
}

export const NOTHING_FOUND: Findings = { originals: [], leftOut: [] };

export const allOf = (findings: readonly Findings[]): Findings => ({
  originals: findings.flatMap(({ originals }) => originals),
  leftOut: findings.flatMap(({ leftOut }) => leftOut),
});
