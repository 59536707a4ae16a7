import type { Frame } from "../frame/frame.ts";
import { Options } from "./options.ts";
import { TransformationError, type TransformationKind, type TransformRun } from "./transformation.ts";

/** What a transformation may use and make. */
export interface RunSettings {
  /** Puts the values of variables into texts of options. */
  readonly interpolate?: (text: string) => string;
  /** For texts that are made of times, a name of the IANA; UTC. */
  readonly timeZone?: string;
  /** How many values each transformation may make; 10 million. */
  readonly maxCells?: number;
}

const MAX_CELLS = 10_000_000;
/** What a column costs besides its values. */
const CELLS_OF_COLUMN = 100;

/** What a transformation is given to run with. */
export function runOf({ maxCells: limit = MAX_CELLS, timeZone, interpolate }: RunSettings): TransformRun {
  let cells = 0;
  return {
    timeZone: timeZone ?? "UTC",
    interpolate: interpolate ?? ((text) => text),
    claim: (more, columns = 0) => {
      cells += more + CELLS_OF_COLUMN * columns;
      // Ranges without end give NaN.
      if (!(cells <= limit))
        throw new TransformationError(`more than ${limit} values would come of it: ask for less data`);
    },
  };
}

/** What a kind makes of frames. @throws {TransformationError} where it cannot be done; the message says why */
export const runTransformation = (
  kind: TransformationKind,
  frames: readonly Frame[],
  options: Readonly<Record<string, unknown>>,
  settings: RunSettings = {},
): readonly Frame[] => {
  const run = runOf(settings);
  return kind.apply(frames, new Options({ ...kind.defaultOptions, ...options }, run.interpolate), run);
};
