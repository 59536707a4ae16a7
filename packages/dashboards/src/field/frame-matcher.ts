import type { Frame } from "../frame/frame.ts";
import type { Matcher } from "../model/field-config.ts";
import { compileUserPattern } from "../pattern/user-pattern.ts";

/** Function that reports whether a matcher selects a frame. */
export type FrameTest = (frame: Frame) => boolean;

function byRefId(pattern: string): FrameTest {
  if (pattern.startsWith("/")) {
    const compiled = compileUserPattern(pattern);
    return (frame) => compiled?.test(frame.refId ?? "") ?? frame.refId === pattern;
  }
  const ids = new Set(pattern.split("|"));
  return (frame) => ids.has(frame.refId ?? "");
}

/**
 * Compiles a matcher of frames: `byRefId` (`A|B`, `/expression/`), `byName`. Returns undefined for an unknown matcher.
 */
export function compileFrameMatcher({ id, options }: Matcher): FrameTest | undefined {
  if (typeof options !== "string") return id === "byRefId" || id === "byName" ? () => false : undefined;
  if (id === "byRefId") return byRefId(options);
  if (id !== "byName") return undefined;
  const compiled = compileUserPattern(options);
  return (frame) => compiled?.test(frame.name ?? "") === true;
}
