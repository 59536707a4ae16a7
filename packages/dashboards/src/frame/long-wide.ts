import { timesOf } from "./align-times.ts";
import { columnOf, numericColumn, pickRows, stackColumns, textOf, withFields } from "./column.ts";
import { type Field, type Frame, isNumeric, type Labels, type NumericField, timeFieldOf, valueAt } from "./frame.ts";
import { FrameFormatError } from "./frame-format-error.ts";
import { sortByTime } from "./sort-frame.ts";

const isLabel = (field: Field): boolean => field.type === "string" || field.type === "boolean";

/**
 * Assigns rows to series by their labels. Returns the number of each row's label set, and the first row of each set.
 * Rows without labels are one series.
 */
function seriesOf(frame: Frame, columns: readonly Field[]): { readonly ids: Int32Array; readonly labels: Labels[] } {
  const ids = new Int32Array(frame.length);
  const labels: Labels[] = [];
  const known = new Map<string, number>();
  for (let row = 0; row < frame.length; row++) {
    const values = columns.map((field) => valueAt(field, row));
    const key = JSON.stringify(values);
    let id = known.get(key);
    if (id === undefined) {
      known.set(key, (id = labels.length));
      labels.push(
        Object.fromEntries(columns.flatMap(({ name }, i) => (values[i] === null ? [] : [[name, textOf(values[i])]]))),
      );
    }
    ids[row] = id;
  }
  return { ids, labels };
}

/** Returns the distinct times, and the index of each row's time. Throws FrameFormatError if the times do not ascend. */
function distinctTimes(time: NumericField): { readonly steps: Int32Array; readonly times: Float64Array } {
  const all = timesOf(time);
  const steps = new Int32Array(all.length);
  const times = new Float64Array(all.length);
  let count = 0;
  for (let row = 0; row < all.length; row++) {
    const at = all[row]!;
    if (count === 0 || at !== times[count - 1]) {
      if (!(count === 0 || at > times[count - 1]!)) {
        throw new FrameFormatError(
          `row ${row} of "${time.name}" is not later than the one before: sort the rows by time`,
        );
      }
      times[count++] = at;
    }
    steps[row] = count - 1;
  }
  return { steps, times: times.slice(0, count) };
}

/** Largest number of cells that a conversion may produce. */
const MAX_CELLS = 20_000_000;

/**
 * Converts a frame with rows of several series (long) to a column for each series and numeric column (wide). Texts and
 * booleans distinguish the series. If several rows have the same series and time, the last one counts. Throws
 * FrameFormatError if there are no times, if they do not ascend, or if the result would be too large.
 */
export function longToWide(frame: Frame): Frame {
  const time = timeFieldOf(frame);
  if (time === undefined) throw new FrameFormatError("there is no column of times: select one and name it time");
  const { ids, labels } = seriesOf(frame, frame.fields.filter(isLabel));
  const { steps, times } = distinctTimes(time);
  const values = frame.fields.filter((field) => field !== time && isNumeric(field));
  if (labels.length * times.length * Math.max(values.length, 1) > MAX_CELLS) {
    throw new FrameFormatError(`${labels.length} series at ${times.length} times are too many: ask for fewer`);
  }
  const rows = labels.map(() => new Int32Array(times.length).fill(-1));
  for (let row = 0; row < frame.length; row++) rows[ids[row]!]![steps[row]!] = row;
  const fields = values.flatMap((field) =>
    labels.map((own, id): Field => ({ ...pickRows(field, rows[id]!), labels: { ...field.labels, ...own } })),
  );
  const meta = { ...frame.meta, type: "timeseries-wide" as const };
  return withFields({ ...frame, meta }, [numericColumn(time, "time", times), ...fields]);
}

const labelNames = (parts: readonly { readonly labels: Labels }[]): string[] =>
  [...new Set(parts.flatMap(({ labels }) => Object.keys(labels)))].sort();

/**
 * Builds a column for each label, with the rows of several fields. A cell is null if the row's field does not have the
 * label.
 */
function labelColumns(parts: readonly { readonly labels: Labels; readonly length: number }[]): Field[] {
  return labelNames(parts).map((name) =>
    columnOf(
      { name },
      "string",
      parts.flatMap(({ labels, length }) =>
        Array.from({ length }, () => (Object.hasOwn(labels, name) ? labels[name]! : null)),
      ),
    ),
  );
}

/**
 * Converts series to the rows of one table: time, a column for each label, the value. Table panels show vectors and
 * matrices in this form. Ignores columns that are not numeric. Returns undefined if no frame has times and numbers.
 * Throws FrameFormatError if there are too many label cells.
 */
export function seriesToTable(frames: readonly Frame[], valueName = "Value"): Frame | undefined {
  const series = frames.flatMap((frame) => {
    const time = timeFieldOf(frame);
    if (time === undefined) return [];
    return frame.fields.flatMap((field) => (field.type === "number" ? [{ time, value: field }] : []));
  });
  const [first] = series;
  if (first === undefined) return undefined;
  const parts = series.map(({ value }) => ({ labels: value.labels ?? {}, length: value.values.length }));
  const rows = parts.reduce((sum, { length }) => sum + length, 0);
  const columns = labelNames(parts).length;
  if (columns * rows > MAX_CELLS) {
    throw new FrameFormatError(`${columns} labels in ${rows} rows are too many: ask for fewer series`);
  }
  const { labels: _, ...value } = first.value;
  const { displayNameFromDS: __, ...config } = value.config;
  const head: NumericField = { ...value, name: valueName, config };
  const fields = [
    stackColumns([first.time, ...series.slice(1).map(({ time }) => time)]),
    ...labelColumns(parts),
    stackColumns([head, ...series.slice(1).map(({ value }) => value)]),
  ];
  const { refId, meta } = frames[0]!;
  return {
    ...(refId === undefined ? {} : { refId }),
    length: fields[0]!.values.length,
    fields,
    meta: { ...meta, type: "table" },
  };
}

/**
 * Converts a frame with a column for each series (wide) to rows (long): time, the labels that occur, and the values
 * under the names of their columns. Returns the frame unchanged if it has no times or numbers.
 * @param claim called with the number of cells before they are allocated; may throw to refuse them
 */
export function wideToLong(frame: Frame, claim: (cells: number) => void = () => undefined): Frame {
  const time = timeFieldOf(frame);
  if (time === undefined || !frame.fields.some(({ type }) => type === "number")) return frame;
  const groups = new Map<string, { readonly labels: Labels; readonly fields: NumericField[] }>();
  const names = new Set<string>();
  for (const field of frame.fields) {
    if (field.type !== "number") continue;
    const labels = field.labels ?? {};
    const key = JSON.stringify(Object.entries(labels).sort());
    const group = groups.get(key) ?? { labels, fields: [] };
    group.fields.push(field);
    groups.set(key, group);
    names.add(field.name);
  }
  const parts = [...groups.values()];
  const length = frame.length;
  // Counts each series even if it has no rows, by the term `length + 1`.
  claim(parts.length * (length + 1) * (1 + labelNames(parts).length + names.size));
  const missing = new Int32Array(length).fill(-1);
  const fields: Field[] = [
    stackColumns([time, ...parts.slice(1).map(() => time)]),
    ...labelColumns(parts.map(({ labels }) => ({ labels, length }))),
  ];
  for (const name of names) {
    const some = frame.fields.find((field) => field.name === name && field.type === "number")!;
    const [first, ...others] = parts.map(
      (part): Field => part.fields.find((field) => field.name === name) ?? pickRows(some, missing),
    );
    const { labels: _, ...all } = stackColumns([first!, ...others]);
    fields.push(all);
  }
  return sortByTime({
    ...frame,
    fields,
    length: length * parts.length,
    meta: { ...frame.meta, type: "timeseries-long" },
  });
}
