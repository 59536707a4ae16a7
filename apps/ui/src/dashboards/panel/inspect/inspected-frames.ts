import {
  applyFieldConfig,
  besidePresent,
  comparedFrame,
  type Frame,
  interpolate,
  type Lookup,
  multiToWide,
  type Panel,
  timeFieldOf,
} from "@narthex/dashboards";
import type { Inspected } from "./ask-inspected.ts";

/** What is done with the answers before they are shown. */
export interface DataOptions {
  readonly isTransformed: boolean;
  readonly isFormatted: boolean;
}

/** A panel's frames as the reader of its data wants them. */
async function inspectedFrames(
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

/** A panel's frames with columns of what they were in the period that it is compared with. */
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
  const beside = besidePresent(present, await framesOf(earlier.frames), earlier.period);
  return present.map((frame) => comparedFrame(frame, beside));
}

/** All series side by side on their times; undefined where that is nothing new. */
export function joinedFrame(frames: readonly Frame[]): Frame | undefined {
  if (frames.length < 2 || !frames.every((frame) => timeFieldOf(frame) !== undefined)) return undefined;
  return multiToWide(frames);
}
