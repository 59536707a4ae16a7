import type { Frame, JsonObject } from "@narthex/dashboards";
import { valueAt } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import type { Annotation, VariableValue } from "../data-source.ts";
import { objectAt, textAt } from "../json-values.ts";
import { cellText } from "../sql/cell-text.ts";
import { MAX_ANNOTATIONS, MAX_OPTIONS } from "../sql/sql-answers.ts";
import { forRows } from "./column-steps.ts";
import type { Cell, InfluxSeries } from "./influxql/influxql-answer.ts";
import { listedColumn } from "./influxql/influxql-frames.ts";

/** Returns the text of a variable's query, which is a text in old dashboards and an object in newer ones. */
export function variableText(query: string | JsonObject): string {
  if (typeof query === "string") return query;
  const inner = objectAt(query, "query");
  return inner === undefined ? textAt(query, "query") : textAt(inner, "query");
}

/** Returns the options of a variable: the column of a listing, or all columns of other queries except times. */
export function* seriesOptions(series: readonly InfluxSeries[], text: string): Steps<readonly VariableValue[]> {
  const options = new Map<string, VariableValue>();
  const add = (values: readonly Cell[]): Steps<void> =>
    forRows(values.length, (row) => {
      const value = values[row]!;
      if (value === null || options.size >= MAX_OPTIONS) return;
      const written = String(value);
      options.set(written, { text: written, value: written });
    });
  for (const one of series) {
    const isTimed = one.columns.some((column) => column.toLowerCase() === "time");
    if (!isTimed) yield* add(yield* listedColumn(one, text));
    else
      for (const [at, column] of one.columns.entries())
        if (column.toLowerCase() !== "time") yield* add(one.values[at]!);
    if (options.size >= MAX_OPTIONS) break;
  }
  return [...options.values()];
}

/** Returns the options of a variable with a query in Flux: the column `_value`, or the fields of series. */
export function* frameOptions(frames: readonly Frame[]): Steps<readonly VariableValue[]> {
  const options = new Map<string, VariableValue>();
  for (const { fields, length } of frames) {
    const field = fields.find(({ name }) => name === "_value") ?? fields.find(({ type }) => type === "string");
    if (field === undefined) continue;
    yield* forRows(length, (row) => {
      if (options.size >= MAX_OPTIONS) return;
      const text = cellText(field, row);
      if (text !== null && text !== "") options.set(text, { text, value: text });
    });
    if (options.size >= MAX_OPTIONS) break;
  }
  return [...options.values()];
}

/** The columns from which the parts of an annotation are read. */
interface AnnotationColumns {
  readonly text: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly timeEnd: string;
}

/** Reads the text and the columns of an annotation's query. Newer dashboards may have them in `target`. */
export function annotationQuery(query: JsonObject): { readonly text: string; readonly columns: AnnotationColumns } {
  const target = objectAt(query, "target") ?? {};
  const read = (key: string): string => textAt(query, key) || textAt(target, key);
  return {
    text: read("query"),
    columns: {
      text: read("textColumn"),
      title: read("titleColumn"),
      timeEnd: read("timeEndColumn"),
      tags: read("tagsColumn")
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== ""),
    },
  };
}

/** Returns an annotation for each row. Without a column for the text, the first column that is no time is the text. */
export function seriesAnnotations(series: readonly InfluxSeries[], columns: AnnotationColumns): readonly Annotation[] {
  const annotations: Annotation[] = [];
  for (const one of series) {
    const column = (name: string): readonly Cell[] | undefined =>
      name === "" ? undefined : one.values[one.columns.indexOf(name)];
    const times = column("time");
    if (times === undefined) continue;
    const first = one.columns.find((name) => name !== "time") ?? "";
    const isGiven = columns.text !== "" || columns.title !== "";
    const [text, title, timeEnd] = [
      column(isGiven ? columns.text : first),
      column(columns.title),
      column(columns.timeEnd),
    ];
    const tags = columns.tags.map(column);
    for (const [row, time] of times.entries()) {
      if (annotations.length >= MAX_ANNOTATIONS) return annotations;
      if (typeof time !== "number") continue;
      const end = Number(timeEnd?.[row] ?? 0);
      annotations.push({
        time,
        ...(end > time && { timeEnd: Math.floor(end) }),
        title: shown(title?.[row]),
        text: shown(text?.[row]),
        tags: tagsIn(tags.map((values) => shown(values?.[row]))),
      });
    }
  }
  return annotations;
}

const shown = (cell: Cell | undefined): string => (cell === null || cell === undefined ? "" : String(cell));

/** Each text may contain several tags, separated by commas. */
const tagsIn = (texts: readonly string[]): readonly string[] =>
  texts
    .join(",")
    .split(",")
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");

/** Returns the annotations of frames that a query in Flux has returned: a time, and texts. */
export function frameAnnotations(frames: readonly Frame[], columns: AnnotationColumns): readonly Annotation[] {
  const annotations: Annotation[] = [];
  for (const frame of frames) {
    const time = frame.fields.find(({ type }) => type === "time");
    if (time === undefined) continue;
    const field = (name: string) => frame.fields.find((one) => one.name === name);
    const value = field(columns.text) ?? frame.fields.find(({ name, type }) => type === "string" && name !== "result");
    const [title, timeEnd] = [field(columns.title), field(columns.timeEnd)];
    for (let row = 0; row < frame.length && annotations.length < MAX_ANNOTATIONS; row++) {
      const at = valueAt(time, row);
      if (typeof at !== "number") continue;
      const end = timeEnd === undefined ? 0 : Number(valueAt(timeEnd, row));
      const text = (one: typeof value): string => (one === undefined ? "" : (cellText(one, row) ?? ""));
      const tags = tagsIn(columns.tags.map((name) => text(field(name))));
      annotations.push({ time: at, ...(end > at && { timeEnd: end }), title: text(title), text: text(value), tags });
    }
  }
  return annotations;
}
