import { sliceRows, withFields } from "./column.ts";
import type { Frame } from "./frame.ts";

/** Returns a frame with the rows from `from` up to `to`. Numbers are views, not copies. */
export function sliceFrame(frame: Frame, from: number, to: number): Frame {
  const start = Math.max(0, Math.min(from, frame.length));
  const end = Math.max(start, Math.min(to, frame.length));
  if (start === 0 && end === frame.length) return frame;
  return withFields(
    frame,
    frame.fields.map((field) => sliceRows(field, start, end)),
    end - start,
  );
}
