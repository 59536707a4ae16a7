import { FieldNames } from "../display/field-name.ts";
import { compileFieldMatcher, type FieldTest } from "../field/field-matcher.ts";
import { pickRows } from "../frame/column.ts";
import type { Field, Frame } from "../frame/frame.ts";
import type { Matcher } from "../model/field-config.ts";
import { groupColumns, groupRule, type GroupRule, reducedColumns } from "./group-by.ts";
import type { Options } from "./options.ts";
import { rowGroups } from "./row-groups.ts";
import type { TransformationKind } from "./transformation.ts";

interface NestedRule extends GroupRule {
  readonly matcher: Matcher;
  readonly keepsField: boolean;
}

/**
 * Reads the role of each column from the options, in the current form or in the older form, an object by field name.
 */
function rulesOf(options: Options): NestedRule[] {
  if (options.has("rules")) {
    return options.parts("rules").flatMap((rule) => {
      const matcher = rule.matcher("matcher");
      return matcher === undefined ? [] : [{ ...groupRule(rule), matcher, keepsField: rule.flag("keepNestedField") }];
    });
  }
  const fields = options.part("fields");
  return fields.keys().map((name) => ({
    ...groupRule(fields.part(name)),
    matcher: { id: "byName", options: name },
    keepsField: false,
  }));
}

/** Reports whether a column is moved into the nested tables. */
function isNested(rule: NestedRule | undefined): boolean {
  if (rule?.operation === undefined) return true;
  return rule.operation === "aggregate" && (rule.reducers.length === 0 || rule.keepsField);
}

export const groupToNestedTable: TransformationKind = {
  id: "groupToNestedTable",
  name: "Group to nested tables",
  description: "Group rows by the values of columns, with the rows of each group as a table within its row",
  defaultOptions: { showSubframeHeaders: true, fields: {} },
  apply: (frames, options, run) => {
    const rules = rulesOf(options);
    if (!rules.some(({ operation }) => operation === "groupby")) return frames;
    const names = new FieldNames(frames);
    const tests = rules.map((rule): readonly [FieldTest, NestedRule] => [
      compileFieldMatcher(rule.matcher, frames, names) ?? (() => false),
      rule,
    ]);
    const custom = { noHeader: !options.flagOr("showSubframeHeaders", true) };
    return frames.flatMap((frame): Frame[] => {
      const columns = frame.fields.map((field) => ({
        field,
        name: names.nameOf(field, frame),
        rule: tests.find(([test]) => test(field, frame))?.[1],
      }));
      const keys = columns.filter(({ rule }) => rule?.operation === "groupby").map(({ field }) => field);
      if (keys.length === 0) return [];
      const groups = rowGroups(keys, frame.length);
      const reduced = columns.flatMap(({ field, name, rule }) =>
        rule?.operation === "aggregate" ? reducedColumns(field, name, rule.reducers, groups, run) : [],
      );
      const inner = columns.filter(({ rule }) => isNested(rule));
      run.claim(frame.length * inner.length + groups.length * (keys.length + 1), groups.length * inner.length);
      const tables = groups.map((rows): Frame => ({
        length: inner.length === 0 ? 0 : rows.length,
        fields: inner.map(({ field, name }): Field => {
          const { labels: _, ...rest } = pickRows(field, rows);
          return { ...rest, config: { ...field.config, displayName: name } };
        }),
        meta: { custom },
      }));
      return [
        {
          ...(frame.refId === undefined ? {} : { refId: frame.refId }),
          ...(options.flag("expandAllRows") ? { meta: { custom: { expandAllRows: true } } } : {}),
          length: groups.length,
          fields: [
            ...groupColumns(keys, groups),
            ...reduced,
            { name: "__nestedFrames", type: "frame", config: {}, values: tables },
          ],
        },
      ];
    });
  },
};
