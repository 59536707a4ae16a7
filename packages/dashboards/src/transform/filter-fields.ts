import { type FieldTest, compileFieldMatcher } from "../field/field-matcher.ts";
import type { Frame } from "../frame/frame.ts";
import type { Matcher } from "../model/field-config.ts";
import type { Options } from "./options.ts";
import type { TransformationKind } from "./transformation.ts";

/**
 * Keeps the fields that the first matcher selects and the second does not select. Removes frames that lose all of their
 * fields.
 */
export function filterFields(
  frames: readonly Frame[],
  include: Matcher | undefined,
  exclude: Matcher | undefined,
): readonly Frame[] {
  if (include === undefined && exclude === undefined) return frames;
  const compile = (matcher: Matcher | undefined): FieldTest | undefined =>
    matcher === undefined ? undefined : (compileFieldMatcher(matcher, frames) ?? (() => false));
  const isIncluded = compile(include) ?? (() => true);
  const isExcluded = compile(exclude) ?? (() => false);
  return frames.flatMap((frame) => {
    const fields = frame.fields.filter((field) => !isExcluded(field, frame) && isIncluded(field, frame));
    return fields.length === 0 ? [] : [{ ...frame, fields }];
  });
}

/**
 * Returns a matcher that selects fields by names, by a regular expression or by a variable's values. Returns undefined
 * if nothing is configured.
 */
function byName(options: Options, byVariable: boolean): Matcher | undefined {
  const variable = options.text("variable");
  if (byVariable && variable !== undefined) {
    const names = (/^\{.*\}$/.test(variable) ? variable.slice(1, -1) : variable).split(",");
    return { id: "byNames", options: { names } };
  }
  const names = options.texts("names");
  const pattern = options.text("pattern");
  if (pattern === undefined) return names.length === 0 ? undefined : { id: "byNames", options: { names } };
  return names.length === 0
    ? { id: "byRegexp", options: pattern }
    : { id: "byRegexpOrNames", options: { names, pattern } };
}

export const filterFieldsByName: TransformationKind = {
  id: "filterFieldsByName",
  name: "Filter fields by name",
  description: "Keep or remove columns by their names, by an expression or by a variable",
  defaultOptions: {},
  apply: (frames, options) => {
    const byVariable = options.flag("byVariable");
    return filterFields(
      frames,
      byName(options.part("include"), byVariable),
      byName(options.part("exclude"), byVariable),
    );
  },
};

export const filterFieldsByMatcher: TransformationKind = {
  id: "filterFields",
  name: "Filter fields",
  description: "Keep or remove columns that a matcher chooses",
  defaultOptions: {},
  apply: (frames, options) => filterFields(frames, options.matcher("include"), options.matcher("exclude")),
};
