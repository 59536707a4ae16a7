import { type Field, type Frame, type FrameMeta, numericColumn } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../../query-failure.ts";
import type { Cell, InfluxqlAnswer, InfluxSeries } from "./influxql-answer.ts";
import type { ResultFormat } from "./influxql-target.ts";
import { nameOfSeries } from "./series-alias.ts";

interface FrameSettings {
  readonly refId: string;
  /** Text of the query that the server got. */
  readonly text: string;
  readonly alias: string;
  readonly resultFormat: ResultFormat;
  readonly intervalMs: number;
  /** Largest number of frames that are returned. */
  readonly maxFrames: number;
  /** Called before cells are created that the answer does not contain; throws if there are too many. */
  readonly take: (cells: number) => void;
}

const VISUALISATIONS: Readonly<Record<ResultFormat, string>> = { time_series: "graph", table: "table", logs: "logs" };

/** Largest number of characters of the names, labels and tags that an answer repeats in several frames or rows. */
const MAX_REPEATED = 32 * 1024 * 1024;

/** Counts characters that are in the answer of the server once, and in several frames or rows. */
class RepeatedText {
  #characters = 0;

  /** Throws QueryFailure if there are too many. */
  take(characters: number): void {
    this.#characters += characters;
    if (this.#characters > MAX_REPEATED)
      throw new QueryFailure(
        422,
        `the names and tags of the series have more than ${MAX_REPEATED} characters; select fewer columns or tags`,
      );
  }
}

const lengthOf = (tags: InfluxSeries["tags"]): number =>
  Object.entries(tags).reduce((sum, [key, value]) => sum + key.length + value.length, 0);

/** The frames of an answer. */
export interface MadeFrames {
  readonly frames: readonly Frame[];
  /** Whether there would be more frames than the limit. */
  readonly isCut: boolean;
}

/** Returns the frames of Grafana's server for an answer: a frame for each series and column, or a table. */
export function* influxqlFrames(answer: InfluxqlAnswer, settings: FrameSettings): Steps<MadeFrames> {
  const meta: FrameMeta = {
    executedQueryString: settings.text,
    preferredVisualisationType: VISUALISATIONS[settings.resultFormat],
  };
  const frames: Frame[] = [];
  let isCut = false;
  const text = new RepeatedText();
  const made =
    settings.resultFormat === "table"
      ? tables(answer.series, settings.take, text)
      : seriesFrames(answer.series, settings, text);
  for (const frame of made) {
    if (frames.length >= settings.maxFrames) {
      isCut = true;
      break;
    }
    frames.push({ ...frame, refId: settings.refId, meta });
    yield;
  }
  return { frames, isCut };
}

function* seriesFrames(series: readonly InfluxSeries[], settings: FrameSettings, text: RepeatedText): Generator<Frame> {
  for (const one of series) {
    const { columns, values, name } = one;
    const time = columns.findIndex((column) => column.toLowerCase() === "time");
    if (time < 0) {
      const column = listedColumn(one, settings.text);
      yield { name, length: column.length, fields: [{ name: "Value", type: "string", values: column, config: {} }] };
      continue;
    }
    const rows = timedRows(values[time]!);
    const labels = { ...one.tags };
    const repeated = lengthOf(one.tags);
    for (const [at, column] of columns.entries()) {
      if (column.toLowerCase() === "time") continue;
      // Without an alias, the name contains all tags, too.
      text.take(2 * (repeated + name.length + column.length));
      const shown = nameOfSeries(one, column, settings);
      text.take(shown.length);
      const value = fieldOf("Value", pick(values[at]!, rows));
      yield {
        name: shown,
        length: rows.times.length,
        fields: [
          { name: "Time", type: "time", values: rows.times, config: {} },
          { ...value, ...(Object.keys(labels).length > 0 && { labels }), config: { displayNameFromDS: shown } },
        ],
      };
    }
  }
}

/** Rows that have a time. Others are left out. */
interface TimedRows {
  readonly times: Float64Array;
  /** Indexes of the rows, if some have no time. */
  readonly indexes?: readonly number[];
}

function timedRows(cells: readonly Cell[]): TimedRows {
  if (cells.every((cell) => typeof cell === "number")) return { times: Float64Array.from(cells as number[]) };
  const indexes = [...cells.keys()].filter((row) => typeof cells[row] === "number");
  return { times: Float64Array.from(indexes, (row) => cells[row] as number), indexes };
}

const pick = (cells: readonly Cell[], { indexes }: TimedRows): readonly Cell[] =>
  indexes === undefined ? cells : indexes.map((row) => cells[row]!);

/**
 * Returns the column that listings show: the second one of `SHOW TAG VALUES`, the first one of others. The default
 * retention policy is the first.
 */
export function listedColumn({ columns, values }: InfluxSeries, text: string): readonly (string | null)[] {
  const isTagValues = /show\s{1,20}tag\s{1,20}values/i.test(text) && columns.length > 1;
  const cells = (values[isTagValues ? 1 : 0] ?? []).map((cell) => (cell === null ? null : String(cell)));
  if (!/show\s{1,20}retention\s{1,20}policies/i.test(text)) return cells;
  const usual = values.at(-1)!.indexOf(true);
  return usual < 0 ? cells : [cells[usual]!, ...cells.slice(0, usual), ...cells.slice(usual + 1)];
}

/** Returns a table for each list of columns and tags. Usually all series have the same. */
function* tables(series: readonly InfluxSeries[], take: FrameSettings["take"], text: RepeatedText): Generator<Frame> {
  const groups = new Map<string, InfluxSeries[]>();
  for (const one of series) {
    const key = JSON.stringify([one.columns, Object.keys(one.tags)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  for (const group of groups.values()) {
    const tags = Object.keys(group[0]!.tags).length;
    for (const one of group) {
      const rows = one.values[0]?.length ?? 0;
      take(tags * rows);
      text.take(lengthOf(one.tags) * rows);
    }
    yield table(group);
  }
}

function table(group: readonly InfluxSeries[]): Frame {
  const { name, columns, tags } = group[0]!;
  const length = group.reduce((sum, { values }) => sum + (values[0]?.length ?? 0), 0);
  const fields = columns.map((column, at): Field => {
    const cells = group.length === 1 ? group[0]!.values[at]! : group.flatMap(({ values }) => values[at]!);
    if (at === 0 && column.toLowerCase() === "time") return timeField(cells);
    return { ...fieldOf(column, cells), config: { displayName: column } };
  });
  const labels = Object.keys(tags).map((key): Field => ({
    name: key,
    type: "string",
    values: group.flatMap((one) => (one.values[0] ?? []).map(() => one.tags[key]!)),
    config: { displayName: key },
  }));
  return { name, length, fields: [...fields.slice(0, 1), ...labels, ...fields.slice(1)] };
}

function timeField(cells: readonly Cell[]): Field {
  const times = Float64Array.from(cells, (cell) => (typeof cell === "number" ? cell : 0));
  return numericColumn({ name: "Time" }, "time", times, nullsOf(cells, "number"));
}

const nullsOf = (cells: readonly Cell[], type: string): Uint8Array =>
  Uint8Array.from(cells, (cell) => (typeof cell === type ? 0 : 1));

/** Returns a field of the type of the first value that is not null. Values of other types become null. */
function fieldOf(name: string, cells: readonly Cell[]): Field {
  const head = { name, config: {} };
  switch (typeof cells.find((cell) => cell !== null)) {
    case "string":
      return { ...head, type: "string", values: cells.map((cell) => (typeof cell === "string" ? cell : null)) };
    case "boolean":
      return { ...head, type: "boolean", values: cells.map((cell) => (typeof cell === "boolean" ? cell : null)) };
    default: {
      const numbers = Float64Array.from(cells, (cell) => (typeof cell === "number" ? cell : 0));
      return numericColumn(head, "number", numbers, nullsOf(cells, "number"));
    }
  }
}
