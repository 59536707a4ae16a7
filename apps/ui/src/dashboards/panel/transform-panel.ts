import { type Frame, interpolate, type Lookup, type Panel, transformFrames } from "@narthex/dashboards";

/** A panel's frames after its transformations. */
export const transformPanel = (
  panel: Pick<Panel, "transformations">,
  frames: readonly Frame[],
  lookup: Lookup,
  timeZone: string,
): readonly Frame[] =>
  transformFrames(frames, panel.transformations, { interpolate: (text) => interpolate(text, lookup), timeZone });
