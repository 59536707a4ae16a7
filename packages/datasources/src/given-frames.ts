import { type Frame, FrameCells, FrameFormatError, frameFromJson } from "@narthex/dashboards";
import { QueryFailure } from "./query-failure.ts";

const MAX_FRAMES = 1000;

/**
 * Frames that stand in a target itself, as `/api/ds/query` answers them: a list or one. Throws QueryFailure.
 *
 * @param what they are called in the message where they cannot be read
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
