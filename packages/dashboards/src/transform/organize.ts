import { FieldNames } from "../display/field-name.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { filterFields } from "./filter-fields.ts";
import type { Options } from "./options.ts";
import type { TransformationKind } from "./transformation.ts";

/** Sorts columns by the indexes that the options assign to their names. Columns without an index come last. */
function byIndex(frames: readonly Frame[], indexes: Options): readonly Frame[] {
  if (indexes.keys().length === 0) return frames;
  const names = new FieldNames(frames);
  return frames.map((frame) => {
    const indexOf = (field: Field): number => {
      const index = indexes.raw(names.nameOf(field, frame));
      return Number.isInteger(index) ? (index as number) : Number.MAX_SAFE_INTEGER;
    };
    return { ...frame, fields: frame.fields.toSorted((a, b) => indexOf(a) - indexOf(b)) };
  });
}

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** Sorts columns by their names or labels. Time columns come first. */
function byNameOrLabel(frames: readonly Frame[], orders: readonly Options[]): readonly Frame[] {
  const names = new FieldNames(frames);
  return frames.map((frame) => {
    const time = frame.fields.find(({ type }) => type === "time");
    const textsOf = new Map(
      frame.fields.map((field) => [
        field,
        orders.map((order) => {
          if (order.text("type") === "name") return names.nameOf(field, frame);
          const label = order.text("name") ?? "";
          return field.labels !== undefined && Object.hasOwn(field.labels, label) ? field.labels[label]! : "";
        }),
      ]),
    );
    const compare = (a: Field, b: Field): number => {
      if (a === time || b === time) return Number(b === time) - Number(a === time);
      const [left, right] = [textsOf.get(a)!, textsOf.get(b)!];
      for (const [i, order] of orders.entries()) {
        const difference = collator.compare(left[i]!, right[i]!) * (order.flag("desc") ? -1 : 1);
        if (difference !== 0) return difference;
      }
      return 0;
    };
    return { ...frame, fields: frame.fields.toSorted(compare) };
  });
}

/** Sorts columns by the order that the user set, or automatically by name or label. */
function order(frames: readonly Frame[], options: Options): readonly Frame[] {
  return options.text("orderByMode") === "auto"
    ? byNameOrLabel(frames, options.parts("orderBy"))
    : byIndex(frames, options.part("indexByName"));
}

/** Sets the displayed names of columns. */
function rename(frames: readonly Frame[], byName: Options): readonly Frame[] {
  if (byName.keys().length === 0) return frames;
  return frames.map((frame) => {
    const names = new FieldNames([frame]);
    return {
      ...frame,
      fields: frame.fields.map((field) => {
        const displayName = byName.text(names.nameOf(field, frame));
        return displayName === undefined ? field : { ...field, config: { ...field.config, displayName } };
      }),
    };
  });
}

const chosen = (options: Options): string[] => options.keys().filter((name) => Boolean(options.raw(name)));

export const organize: TransformationKind = {
  id: "organize",
  name: "Organize fields by name",
  description: "Rename, reorder and hide columns",
  defaultOptions: { excludeByName: {}, indexByName: {}, renameByName: {}, includeByName: {} },
  apply: (frames, options) => {
    const included = chosen(options.part("includeByName"));
    const excluded = chosen(options.part("excludeByName"));
    const byNames = (names: string[]) => (names.length === 0 ? undefined : { id: "byNames", options: { names } });
    const kept = filterFields(frames, byNames(included), byNames(excluded));
    return rename(order(kept, options), options.part("renameByName"));
  },
};

export const orderFields: TransformationKind = {
  id: "order",
  name: "Order fields by name",
  description: "Reorder columns",
  defaultOptions: { indexByName: {} },
  apply: order,
};

export const renameFields: TransformationKind = {
  id: "rename",
  name: "Rename fields by name",
  description: "Give columns other names",
  defaultOptions: { renameByName: {} },
  apply: (frames, options) => rename(frames, options.part("renameByName")),
};
