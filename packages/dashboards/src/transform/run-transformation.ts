import type { Frame } from "../frame/frame.ts";
import { Options } from "./options.ts";
import { TransformationError, type TransformationKind, type TransformRun } from "./transformation.ts";

/** The settings and limits of transformations. */
export interface RunSettings {
  /** Replaces the variables in texts of options. */
  readonly interpolate?: (text: string) => string;
  /** Zone of texts that are made from times, an IANA name. Default: UTC. */
  readonly timeZone?: string;
  /** Largest number of values that each transformation may make. Default: 10 million. */
  readonly maxCells?: number;
}

const MAX_CELLS = 10_000_000;
/** Cost of a column in addition to its values. */
const CELLS_OF_COLUMN = 100;

/** Returns the functions that a transformation may call. */
export function runOf({ maxCells: limit = MAX_CELLS, timeZone, interpolate }: RunSettings): TransformRun {
  let cells = 0;
  return {
    timeZone: timeZone ?? "UTC",
    interpolate: interpolate ?? ((text) => text),
    claim: (more, columns = 0) => {
      cells += more + CELLS_OF_COLUMN * columns;
      // Infinite ranges give NaN, which is refused too.
      if (!(cells <= limit))
        throw new TransformationError(`more than ${limit} values would come of it: ask for less data`);
    },
  };
}

/**
 * Applies a transformation to frames.
 * @throws {TransformationError} if it is not possible; the message says why
 */
export const runTransformation = (
  kind: TransformationKind,
  frames: readonly Frame[],
  options: Readonly<Record<string, unknown>>,
  settings: RunSettings = {},
): readonly Frame[] => {
  const run = runOf(settings);
  return kind.apply(frames, new Options({ ...kind.defaultOptions, ...options }, run.interpolate), run);
};
