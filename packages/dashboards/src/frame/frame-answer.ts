import type { Frame } from "./frame.ts";

/** The answer to a query: frames, or a sentence that says why there are none. An error can accompany frames. */
export interface FrameAnswer {
  readonly frames: readonly Frame[];
  readonly error?: string;
  /** HTTP status: 200, 400, 422, 502, 504. */
  readonly status: number;
}
