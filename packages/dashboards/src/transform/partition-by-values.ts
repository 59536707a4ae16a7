import { FieldNames } from "../display/field-name.ts";
import { compileFieldMatcher } from "../field/field-matcher.ts";
import { pickRows, textOf } from "../frame/column.ts";
import { type Field, type Frame, valueAt } from "../frame/frame.ts";
import type { Options } from "./options.ts";
import { rowGroups } from "./row-groups.ts";
import type { TransformationKind, TransformRun } from "./transformation.ts";

/** A column and one of its values, by which rows are partitioned. */
interface Part {
  readonly name: string;
  readonly value: string;
}

function frameNameOf(frame: Frame, parts: readonly Part[], naming: Options): string | undefined {
  if (naming.flagOr("asLabels", true)) return frame.name;
  const withNames = naming.flag("withNames");
  const between = naming.text("separator1") ?? "=";
  const name = parts
    .map(({ name, value }) => (withNames ? `${name}${between}${value}` : value))
    .join(naming.text("separator2") ?? " ");
  return naming.flag("append") && frame.name !== undefined && frame.name !== "" ? `${frame.name} ${name}` : name;
}

function partition(frame: Frame, keys: readonly Field[], options: Options, run: TransformRun): Frame[] {
  const naming = options.part("naming");
  const fields = options.flag("keepFields") ? frame.fields : frame.fields.filter((field) => !keys.includes(field));
  const names = new FieldNames([frame]);
  const groups = rowGroups(keys, frame.length);
  run.claim(frame.length * fields.length, groups.length * fields.length);
  return groups.map((rows): Frame => {
    const parts = keys.map((key) => {
      const { displayNameFromDS, displayName } = key.config;
      const name = displayNameFromDS ?? displayName ?? key.name;
      return { name, value: textOf(valueAt(key, rows[0]!) ?? "null") };
    });
    const own = naming.flagOr("asLabels", true)
      ? Object.fromEntries(parts.map(({ name, value }) => [name, value]))
      : {};
    const { name: _, ...rest } = frame;
    const name = frameNameOf(frame, parts, naming);
    return {
      ...rest,
      ...(name === undefined ? {} : { name }),
      length: rows.length,
      fields: fields.map((field) => {
        const picked = { ...pickRows(field, rows), labels: { ...field.labels, ...own } };
        const { displayName: shown, displayNameFromDS, ...config } = field.config;
        if (shown === undefined && displayNameFromDS === undefined) return picked;
        // Text with the partition's values, which is appended to a display name that was set. Otherwise all partitions
        // would have the same display name.
        const suffix = parts.map(({ name, value }) => `${name}="${value}"`).join(", ");
        return { ...picked, config: { ...config, displayName: `${names.nameOf(field, frame)} {${suffix}}` } };
      }),
    };
  });
}

export const partitionByValues: TransformationKind = {
  id: "partitionByValues",
  name: "Partition by values",
  description: "Split a table into a frame for each of the values of columns",
  defaultOptions: { keepFields: false },
  apply: (frames, options, run) => {
    const wanted = options.texts("fields");
    const [frame] = frames;
    if (wanted.length === 0 || frame === undefined) return frames;
    const isKey = compileFieldMatcher({ id: "byNames", options: { names: wanted } }, [frame])!;
    const keys = frame.fields.filter((field) => isKey(field, frame));
    return keys.length === 0 ? [frame] : partition(frame, keys, options, run);
  },
};
