import {
  applyFieldConfig,
  fieldDisplay,
  type Frame,
  interpolate,
  type Lookup,
  type Panel,
  valueLookup,
} from "@narthex/dashboards";

/** Frames with the panel's settings of their fields, whose display names may hold what the field itself says. */
export const configuredFrames = (
  frames: readonly Frame[],
  fieldConfig: Panel["fieldConfig"],
  lookup: Lookup,
  zone: string,
): readonly Frame[] =>
  applyFieldConfig(frames, fieldConfig, (text, field, frame) =>
    interpolate(
      text,
      valueLookup({ frame, field, displayOf: (one) => fieldDisplay(one, { theme: "light", timeZone: zone }) }, lookup),
    ),
  );
