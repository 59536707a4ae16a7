import type { Frame } from "./frame.ts";

/** The answer to a query of a panel: frames, or an error message, or both. */
export interface FrameAnswer {
  readonly frames: readonly Frame[];
  readonly error?: string;
  /** HTTP status: 200, 400, 422, 502 or 504. */
  readonly status: number;
}
