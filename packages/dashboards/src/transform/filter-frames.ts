import { compileFrameMatcher, type FrameTest } from "../field/frame-matcher.ts";
import type { Frame } from "../frame/frame.ts";
import type { Matcher } from "../model/field-config.ts";
import type { TransformationKind } from "./transformation.ts";

function filterFrames(
  frames: readonly Frame[],
  include: Matcher | undefined,
  exclude: Matcher | undefined,
): readonly Frame[] {
  const compile = (matcher: Matcher | undefined): FrameTest | undefined =>
    matcher === undefined ? undefined : (compileFrameMatcher(matcher) ?? (() => false));
  const isIncluded = compile(include) ?? (() => true);
  const isExcluded = compile(exclude) ?? (() => false);
  return frames.filter((frame) => !isExcluded(frame) && isIncluded(frame));
}

const byRefId = (refId: string | undefined): Matcher | undefined =>
  refId === undefined ? undefined : { id: "byRefId", options: refId };

export const filterByRefId: TransformationKind = {
  id: "filterByRefId",
  name: "Filter data by query refId",
  description: "Keep or remove the answers of some queries",
  aliases: ["filterFieldsByRefId"],
  defaultOptions: {},
  apply: (frames, options) => filterFrames(frames, byRefId(options.text("include")), byRefId(options.text("exclude"))),
};

export const filterFramesByMatcher: TransformationKind = {
  id: "filterFrames",
  name: "Filter frames",
  description: "Keep or remove answers that a matcher chooses",
  defaultOptions: {},
  apply: (frames, options) => filterFrames(frames, options.matcher("include"), options.matcher("exclude")),
};
