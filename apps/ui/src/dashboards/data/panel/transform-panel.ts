import { type Frame, interpolate, type Lookup, type Panel, transformFrames } from "@narthex/dashboards";

/** Applies a panel's transformations to frames. */
export const transformPanel = (
  panel: Pick<Panel, "transformations">,
  frames: readonly Frame[],
  lookup: Lookup,
  timeZone: string,
): readonly Frame[] =>
  transformFrames(frames, panel.transformations, { interpolate: (text) => interpolate(text, lookup), timeZone });
