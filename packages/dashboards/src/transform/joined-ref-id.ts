import type { Frame } from "../frame/frame.ts";

/** Returns the refId of a frame that a transformation combines from several: `merge-A-B`. */
export const joinedRefId = (id: string, frames: readonly Frame[]): string =>
  `${id}-${frames.map(({ refId }) => refId ?? "").join("-")}`;
