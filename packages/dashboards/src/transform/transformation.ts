import type { Frame } from "../frame/frame.ts";
import type { JsonObject } from "../model/field-config.ts";
import type { Options } from "./options.ts";

/** Functions and settings for a running transformation. */
export interface TransformRun {
  /** Time zone of texts that are made from times, an IANA name. */
  readonly timeZone: string;
  /**
   * Announces cells that will be made in addition to those of the input, and columns, each of which costs as much as a
   * hundred cells. Throws TransformationError if they exceed the limit.
   */
  readonly claim: (cells: number, columns?: number) => void;
  readonly interpolate: (text: string) => string;
}

/** A kind of transformation. */
export interface TransformationKind {
  /** The id that a dashboard stores. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Ids in old dashboards. */
  readonly aliases?: readonly string[];
  readonly defaultOptions: JsonObject;
  /**
   * Returns the frames for panels and later transformations. Takes time linear in the values of input and output.
   * Throws nothing but TransformationError.
   */
  readonly apply: (frames: readonly Frame[], options: Options, run: TransformRun) => readonly Frame[];
}

/** A transformation is not possible with these options or frames. The message says why and what to do. */
export class TransformationError extends Error {
  override readonly name = "TransformationError";
}
