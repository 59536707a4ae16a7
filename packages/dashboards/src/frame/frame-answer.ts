import type { Frame } from "./frame.ts";

/** The answer to a panel's query: frames, an error message, or both. */
export interface FrameAnswer {
  readonly frames: readonly Frame[];
  readonly error?: string;
  /** HTTP status: 200, 400, 422, 502 or 504. */
  readonly status: number;
}
