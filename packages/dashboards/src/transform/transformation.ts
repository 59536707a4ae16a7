import type { Frame } from "../frame/frame.ts";
import type { JsonObject } from "../model/field-config.ts";
import type { Options } from "./options.ts";

/** Functions and settings that a transformation may use while it runs. */
export interface TransformRun {
  /** Time zone in which times are written as text, an IANA name. */
  readonly timeZone: string;
  /**
   * Counts the cells that a transformation is about to create in addition to those of its input. Each new column counts
   * as a hundred cells. Throws TransformationError if the limit is exceeded.
   */
  readonly claim: (cells: number, columns?: number) => void;
  readonly interpolate: (text: string) => string;
}

export interface TransformationKind {
  /** Id of the transformation in a dashboard's JSON. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Other ids of the transformation, which old dashboards contain. */
  readonly aliases?: readonly string[];
  readonly defaultOptions: JsonObject;
  /**
   * Returns the transformed frames. Must take time linear in the number of values of input and output. Must not throw
   * anything but TransformationError.
   */
  readonly apply: (frames: readonly Frame[], options: Options, run: TransformRun) => readonly Frame[];
}

/** Error that a transformation is not possible with these options or frames. The message says why and what to do. */
export class TransformationError extends Error {
  override readonly name = "TransformationError";
}
