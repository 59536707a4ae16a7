import type { Frame, Notice } from "./frame.ts";

/** Adds warnings to the first frame. If the list is empty, adds an empty frame for them. */
export function withWarnings(frames: readonly Frame[], texts: readonly string[]): readonly Frame[] {
  if (texts.length === 0) return frames;
  const [first = { length: 0, fields: [] }, ...others] = frames;
  const added = texts.map((text): Notice => ({ severity: "warning", text }));
  return [{ ...first, meta: { ...first.meta, notices: [...(first.meta?.notices ?? []), ...added] } }, ...others];
}
