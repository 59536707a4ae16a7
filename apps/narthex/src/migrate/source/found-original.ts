import type { Note } from "../note.ts";
import type { Original } from "../originals.ts";

/** Where an original was found. */
export type Origin =
  | { readonly kind: "process"; readonly pid: number; readonly comm: string; readonly gid: string | undefined }
  | {
      readonly kind: "unit";
      /** With its ending. */
      readonly name: string;
      readonly path: string;
      /** The process that it runs as; undefined where it does not run, or on another machine. */
      readonly pid: number | undefined;
      /** Files that change the unit. */
      readonly dropIns: readonly string[];
    }
  | {
      readonly kind: "compose";
      readonly file: string;
      /** Line of the service. */
      readonly line: number;
      readonly service: string;
    };

/** An original as somebody starts it. */
export interface FoundOriginal {
  readonly original: Original;
  readonly origin: Origin;
  /** Path of the program; of a container, its image. */
  readonly program: string;
  /** Its arguments, as they reach it. */
  readonly words: readonly string[];
  /** The folder that relative paths begin at. */
  readonly cwd: string;
  /** Do values of an environment file, which may be closed to others, stand among the arguments? */
  readonly hasClosedValues?: boolean;
  /** What is known of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Undefined where nobody says, or it does not matter. */
  readonly user: string | undefined;
  readonly notes: readonly Note[];
}

/** What was read of a source: the originals in it, and what was left out of it. */
export interface Findings {
  readonly originals: readonly FoundOriginal[];
  /** Sentences about what looked like an original and was not taken. */
  readonly leftOut: readonly string[];
}

export const NOTHING_FOUND: Findings = { originals: [], leftOut: [] };

/** Findings of several sources, in their order. */
export const allOf = (findings: readonly Findings[]): Findings => ({
  originals: findings.flatMap(({ originals }) => originals),
  leftOut: findings.flatMap(({ leftOut }) => leftOut),
});
