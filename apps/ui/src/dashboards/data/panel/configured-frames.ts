import {
  applyFieldConfig,
  fieldDisplay,
  type Frame,
  interpolate,
  type Lookup,
  type Panel,
  valueLookup,
} from "@narthex/dashboards";

/** Applies the panel's field settings to frames. A display name may contain variables of its field. */
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
