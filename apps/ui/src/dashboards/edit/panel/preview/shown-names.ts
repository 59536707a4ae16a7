import { FieldNames, type Frame } from "@narthex/dashboards";

/** Returns the distinct display names of all fields. */
export function shownNames(frames: readonly Frame[]): readonly string[] {
  const names = new FieldNames(frames);
  return [...new Set(frames.flatMap((frame) => frame.fields.map((field) => names.nameOf(field, frame))))];
}
