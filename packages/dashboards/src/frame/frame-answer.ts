import type { Frame } from "./frame.ts";

/** What a query is answered with: frames, or in one sentence why there are none. Frames may come beside an error. */
export interface FrameAnswer {
  readonly frames: readonly Frame[];
  readonly error?: string;
  /** HTTP's word for it: 200, 400, 422, 502, 504. */
  readonly status: number;
}
