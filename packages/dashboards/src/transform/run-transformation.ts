import type { Frame } from "../frame/frame.ts";
import { Options } from "./options.ts";
import { TransformationError, type TransformationKind, type TransformRun } from "./transformation.ts";

/** The settings and limits of transformations. */
export interface RunSettings {
  /** Replaces variables in the texts of options. */
  readonly interpolate?: (text: string) => string;
  /** Time zone in which times are written as text, an IANA name. Default: UTC. */
  readonly timeZone?: string;
  /** Largest number of values that each transformation may create. Default: 10 million. */
  readonly maxCells?: number;
}

const MAX_CELLS = 10_000_000;
/**
 * Number of cells that each new column costs in addition to its own values, when cells are counted against the limit.
 */
const CELLS_OF_COLUMN = 100;

/** Returns the time zone and functions for one transformation, which counts the cells that it creates. */
export function runOf({ maxCells: limit = MAX_CELLS, timeZone, interpolate }: RunSettings): TransformRun {
  let cells = 0;
  return {
    timeZone: timeZone ?? "UTC",
    interpolate: interpolate ?? ((text) => text),
    claim: (more, columns = 0) => {
      cells += more + CELLS_OF_COLUMN * columns;
      // The negated comparison also refuses NaN, which a heatmap of an infinite range requests.
      if (!(cells <= limit))
        throw new TransformationError(`the result would have more than ${limit} values: request less data`);
    },
  };
}

/**
 * Applies a transformation to frames.
 * @throws {TransformationError} if the transformation is not possible; the message contains the reason
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
