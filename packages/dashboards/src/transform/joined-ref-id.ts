import type { Frame } from "../frame/frame.ts";

/** What the one frame that a transformation makes of several answers to: `merge-A-B`. */
export const joinedRefId = (id: string, frames: readonly Frame[]): string =>
  `${id}-${frames.map(({ refId }) => refId ?? "").join("-")}`;
