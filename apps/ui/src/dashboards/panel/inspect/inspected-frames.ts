import {
  applyFieldConfig,
  withPresent,
  comparedFrame,
  type Frame,
  interpolate,
  type Lookup,
  multiToWide,
  type Panel,
  timeFieldOf,
} from "@narthex/dashboards";
import type { Inspected } from "./fetch-inspected.ts";

export interface DataOptions {
  readonly isTransformed: boolean;
  readonly isFormatted: boolean;
}

async function inspectedFrames(
  panel: Panel,
  given: readonly Frame[],
  { isTransformed, isFormatted }: DataOptions,
  lookup: Lookup,
  zone: string,
): Promise<readonly Frame[]> {
  let frames = given;
  if (isTransformed && panel.transformations.some(({ disabled }) => !disabled)) {
    const { transformPanel } = await import("../../data/panel/transform-panel.ts");
    frames = transformPanel(panel, given, lookup, zone);
  }
  return isFormatted ? applyFieldConfig(frames, panel.fieldConfig, (text) => interpolate(text, lookup)) : frames;
}

/** Returns a panel's data with additional columns for the earlier time range of the comparison. */
export async function inspectedComparison(
  panel: Panel,
  { frames, earlier }: Pick<Inspected, "frames" | "earlier">,
  options: DataOptions,
  lookup: Lookup,
  zone: string,
): Promise<readonly Frame[]> {
  const framesOf = (given: readonly Frame[]) => inspectedFrames(panel, given, options, lookup, zone);
  const present = await framesOf(frames);
  if (earlier === undefined) return present;
  const aligned = withPresent(present, await framesOf(earlier.frames), earlier.period);
  return present.map((frame) => comparedFrame(frame, aligned));
}

/** Joins all series by time; returns undefined if there is nothing to join. */
export function joinedFrame(frames: readonly Frame[]): Frame | undefined {
  if (frames.length < 2 || !frames.every((frame) => timeFieldOf(frame) !== undefined)) return undefined;
  return multiToWide(frames);
}
