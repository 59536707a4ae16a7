import { compileFrameMatcher } from "../field/frame-matcher.ts";
import { collectFaults } from "../pattern/pattern-faults.ts";
import type { Frame } from "../frame/frame.ts";
import { withWarnings } from "../frame/frame-notices.ts";
import type { Transformation } from "../model/dashboard.ts";
import { Options } from "./options.ts";
import { runOf, type RunSettings } from "./run-transformation.ts";
import { TransformationError, type TransformationKind, type TransformRun } from "./transformation.ts";
import { findTransformation } from "./transformations.ts";

/** Settings for all transformations of a panel. */
export interface TransformContext extends RunSettings {
  /** The kind of data in the frames. Transformations for the other kind are skipped. */
  readonly topic?: "series" | "annotations";
}

/**
 * Applies a transformation to the frames that its filter selects. The result contains the transformed frames as one
 * block, at the index of the first selected frame after frame 0, otherwise at 0. The other frames stay unchanged.
 */
function apply(
  frames: readonly Frame[],
  kind: TransformationKind,
  transformation: Transformation,
  context: TransformContext,
): readonly Frame[] {
  const run = runOf(context);
  const options = new Options({ ...kind.defaultOptions, ...transformation.options }, run.interpolate);
  const { filter } = transformation;
  const isChosen =
    filter?.options === undefined || filter.options === null || filter.options === ""
      ? undefined
      : compileFrameMatcher({ id: filter.id, options: interpolated(filter.options, run) });
  if (isChosen === undefined) return kind.apply(frames, options, run);
  const others = frames.filter((frame) => !isChosen(frame));
  const result = kind.apply(frames.filter(isChosen), options, run);
  const first = frames.findIndex((frame, i) => i > 0 && !isChosen(frame));
  const index = Math.max(0, first);
  return [...result.slice(0, index), ...others, ...result.slice(index)];
}

const interpolated = (value: unknown, run: TransformRun): unknown =>
  typeof value === "string" ? run.interpolate(value) : value;

/**
 * Applies transformations in order, and returns the resulting frames. Disabled transformations are skipped. If a
 * transformation is unknown, does not suit the frames or would create too many values, the frames stay unchanged and
 * get a notice. Never throws a TransformationError.
 */
export function transformFrames(
  frames: readonly Frame[],
  transformations: readonly Transformation[],
  context: TransformContext = {},
): readonly Frame[] {
  let result = frames;
  for (const transformation of transformations) {
    if (transformation.disabled || (transformation.topic ?? "series") !== (context.topic ?? "series")) continue;
    const kind = findTransformation(transformation.id);
    if (kind === undefined) {
      const text = `The transformation "${transformation.id.slice(0, 100)}" is not known; the data is shown without it.`;
      result = withWarnings(result, [text]);
      continue;
    }
    try {
      const { result: made, faults } = collectFaults(() => apply(result, kind, transformation, context));
      result = withWarnings(
        made,
        faults.map((fault) => `The transformation "${kind.name}": ${fault}.`),
      );
    } catch (error) {
      if (!(error instanceof TransformationError)) throw error;
      result = withWarnings(result, [`The transformation "${kind.name}" was left out: ${error.message}.`]);
    }
  }
  return result;
}
