import { type Frame, FrameCells, FrameFormatError, frameFromJson } from "@narthex/dashboards";
import { QueryFailure } from "./query-failure.ts";

const MAX_FRAMES = 1000;

/**
 * Reads frames that are part of a target, in the form of answers of `/api/ds/query`: a list of frames or a single
 * frame. Throws QueryFailure.
 * @param what name of the frames in error messages
 */
export function givenFrames(given: unknown, refId: string, what: string): readonly Frame[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  try {
    const cells = new FrameCells();
    return list.slice(0, MAX_FRAMES).map((one) => ({ ...frameFromJson(one, cells), refId }));
  } catch (error) {
    if (error instanceof FrameFormatError) throw new QueryFailure(400, `${what} cannot be read: ${error.message}`);
    throw error;
  }
}
