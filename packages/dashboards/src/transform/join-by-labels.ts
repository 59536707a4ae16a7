import { columnOf, pickRows, stackColumns } from "../frame/column.ts";
import type { Field } from "../frame/frame.ts";
import { joinedRefId } from "./joined-ref-id.ts";
import { TransformationError, type TransformationKind } from "./transformation.ts";

/**
 * Series that become one row. Their labels are equal, except for one label; the values of this label become the names
 * of columns.
 */
interface Group {
  readonly keys: readonly (string | null)[];
  readonly columns: Map<string, Field[]>;
}

export const joinByLabels: TransformationKind = {
  id: "joinByLabels",
  name: "Join by labels",
  description: "Make a table of series: one label's values are columns, other labels tell rows apart",
  defaultOptions: {},
  apply: (frames, options, run) => {
    if (frames.length === 0) return frames;
    const value = options.text("value");
    if (value === undefined) throw new TransformationError("choose the label whose values become columns");
    const series = frames.flatMap(({ fields }) =>
      fields.filter(({ type, labels }) => type !== "time" && labels !== undefined),
    );
    const labels = new Set(series.flatMap((field) => Object.keys(field.labels!)));
    if (!labels.has(value)) throw new TransformationError(`no series has the label "${value}"`);
    const wanted = options.texts("join");
    const join = (wanted.length === 0 ? [...labels] : wanted).filter((label) => label !== value);
    const groups = new Map<string, Group>();
    const names = new Map<string, Field>();
    for (const field of series) {
      const textOf = (label: string): string | null =>
        Object.hasOwn(field.labels!, label) ? field.labels![label]! : null;
      const keys = join.map(textOf);
      const key = JSON.stringify(keys);
      const group = groups.get(key) ?? { keys, columns: new Map<string, Field[]>() };
      groups.set(key, group);
      const name = textOf(value) ?? "";
      const same = group.columns.get(name);
      if (same === undefined) group.columns.set(name, [field]);
      else same.push(field);
      if (!names.has(name)) names.set(name, field);
    }
    const all = [...groups.values()];
    const lengths = all.map(({ columns }) => {
      let most = 1;
      for (const fields of columns.values()) {
        most = Math.max(
          most,
          fields.reduce((sum, { values }) => sum + values.length, 0),
        );
      }
      return most;
    });
    const length = lengths.reduce((sum, one) => sum + one, 0);
    run.claim(length * (join.length + names.size), join.length + names.size);
    const fields = [
      ...join.map((label, i) =>
        columnOf(
          { name: label },
          "string",
          all.flatMap(({ keys }, group) => Array.from({ length: lengths[group]! }, () => keys[i])),
        ),
      ),
      ...[...names].map(([name, { type, config }]): Field => {
        const columns = all.map(({ columns }, group) => {
          const own = (columns.get(name) ?? []).filter((field) => field.type === type);
          const [head, ...others] = own;
          const column = head === undefined ? columnOf({ name, config }, type, []) : stackColumns([head, ...others]);
          return pickRows(
            column,
            Int32Array.from({ length: lengths[group]! }, (_, row) => (row < column.values.length ? row : -1)),
          );
        });
        const { labels: ___, ...stacked } = stackColumns(columns as [Field, ...Field[]]);
        return { ...stacked, name, config: {} };
      }),
    ];
    return [{ refId: joinedRefId("joinByLabels", frames), fields, length }];
  },
};
