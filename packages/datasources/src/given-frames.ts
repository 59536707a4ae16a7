import { type Frame, FrameFormatError, type FrameLimit, frameSteps } from "@narthex/dashboards";
import { type Clock, runInTimeSlices, type Steps } from "@narthex/runtime";
import { MAX_COLUMNS } from "./column-limit.ts";
import { QueryFailure } from "./query-failure.ts";
import { LongTexts, type ValueBudget } from "./value-budget.ts";

const MAX_FRAMES = 1000;
/** Number of texts that are counted in one step. */
const TEXTS_OF_STEP = 4096;

interface Reading {
  readonly refId: string;
  /** Name of the frames in error messages. */
  readonly what: string;
  /** Cells that the frames may have. Empty cells of short columns count too. */
  readonly cells: ValueBudget;
  readonly clock: Clock;
}

/**
 * Reads frames that are part of a target, in the form of answers of `/api/ds/query`: a list of frames or a single
 * frame. Throws QueryFailure.
 */
export async function givenFrames(given: unknown, reading: Reading): Promise<readonly Frame[]> {
  const { what, clock } = reading;
  try {
    return await runInTimeSlices(clock, readFrames(Array.isArray(given) ? given : [given], reading));
  } catch (error) {
    if (error instanceof FrameFormatError) throw new QueryFailure(400, `${what} cannot be read: ${error.message}`);
    throw error;
  }
}

function* readFrames(given: readonly unknown[], { refId, what, cells }: Reading): Steps<readonly Frame[]> {
  const texts = new LongTexts(cells);
  const limit: FrameLimit = {
    take(fields, rows) {
      if (fields > MAX_COLUMNS)
        throw new QueryFailure(422, `${what} has ${fields} columns; give a frame at most ${MAX_COLUMNS} columns`);
      // A column without rows counts as a cell, because its head needs memory too.
      const taken = fields * Math.max(1, rows);
      cells.take(taken);
      texts.counted(taken);
    },
  };
  const frames: Frame[] = [];
  for (const one of given.slice(0, MAX_FRAMES)) {
    const frame = yield* frameSteps(one, limit);
    yield* takeTexts(frame, texts);
    frames.push({ ...frame, refId });
  }
  return frames;
}

/** Counts the texts of a frame and its nested frames, because many cells of an enumeration can contain one long text. */
function* takeTexts(frame: Frame, texts: LongTexts): Steps<void> {
  const pending = [frame];
  let counted = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop())
    for (const { type, values } of next.fields) {
      if (type !== "string" && type !== "frame") continue;
      for (const value of values) {
        if (++counted % TEXTS_OF_STEP === 0) yield;
        if (typeof value === "string") texts.take(value.length);
        else if (value !== null) pending.push(value);
      }
    }
}
