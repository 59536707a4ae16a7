import type { Frame } from "../frame/frame.ts";
import type { JsonObject } from "../model/field-config.ts";
import type { Options } from "./options.ts";

/** What transformations may ask while they run. */
export interface TransformRun {
  /** Time zone of texts that are made of times, a name of the IANA. */
  readonly timeZone: string;
  /**
   * Announces cells that are about to be made beyond as many as came in, and columns, each of which costs as much as a
   * hundred cells. Throws TransformationError where they are more than may be.
   */
  readonly claim: (cells: number, columns?: number) => void;
  readonly interpolate: (text: string) => string;
}

/** One kind of transformation. */
export interface TransformationKind {
  /** As it stands in a dashboard. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Ids of old dashboards. */
  readonly aliases?: readonly string[];
  readonly defaultOptions: JsonObject;
  /**
   * The frames that panels and later transformations get. Takes time in proportion to the values that go in and come
   * out. Throws nothing but TransformationError.
   */
  readonly apply: (frames: readonly Frame[], options: Options, run: TransformRun) => readonly Frame[];
}

/** A transformation cannot be done with these options or frames; the message says why and what to do. */
export class TransformationError extends Error {
  override readonly name = "TransformationError";
}
