import {
  applyFieldConfig,
  type Frame,
  interpolate,
  type Lookup,
  multiToWide,
  type Panel,
  timeFieldOf,
} from "@narthex/dashboards";

/** What is done with the answers before they are shown. */
export interface DataOptions {
  readonly isTransformed: boolean;
  readonly isFormatted: boolean;
}

/** A panel's frames as the reader of its data wants them. */
export async function inspectedFrames(
  panel: Panel,
  given: readonly Frame[],
  { isTransformed, isFormatted }: DataOptions,
  lookup: Lookup,
  zone: string,
): Promise<readonly Frame[]> {
  let frames = given;
  if (isTransformed && panel.transformations.some(({ disabled }) => !disabled)) {
    const { transformPanel } = await import("../transform-panel.ts");
    frames = transformPanel(panel, given, lookup, zone);
  }
  return isFormatted ? applyFieldConfig(frames, panel.fieldConfig, (text) => interpolate(text, lookup)) : frames;
}

/** All series side by side on their times; undefined where that is nothing new. */
export function joinedFrame(frames: readonly Frame[]): Frame | undefined {
  if (frames.length < 2 || !frames.every((frame) => timeFieldOf(frame) !== undefined)) return undefined;
  return multiToWide(frames);
}
