import type { Frame, Notice } from "./frame.ts";

/** Adds warnings to the first frame, or to a new empty frame if there is none. */
export function withWarnings(frames: readonly Frame[], texts: readonly string[]): readonly Frame[] {
  if (texts.length === 0) return frames;
  const [first = { length: 0, fields: [] }, ...others] = frames;
  const added = texts.map((text): Notice => ({ severity: "warning", text }));
  return [{ ...first, meta: { ...first.meta, notices: [...(first.meta?.notices ?? []), ...added] } }, ...others];
}
