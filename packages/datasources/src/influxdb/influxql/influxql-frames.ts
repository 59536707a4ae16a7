import type { Field, Frame, FrameMeta } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../../query-failure.ts";
import { CELLS_A_STEP, forRows, mappedColumn, numbersColumn } from "../column-steps.ts";
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

/** Makes frames. Yields undefined between two steps of a frame. */
type MadeInSteps = Generator<Frame | undefined, void, undefined>;

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
    if (frame === undefined) {
      yield;
      continue;
    }
    if (frames.length >= settings.maxFrames) {
      isCut = true;
      break;
    }
    frames.push({ ...frame, refId: settings.refId, meta });
    yield;
  }
  return { frames, isCut };
}

function* seriesFrames(series: readonly InfluxSeries[], settings: FrameSettings, text: RepeatedText): MadeInSteps {
  for (const one of series) {
    const { columns, values, name } = one;
    const time = columns.findIndex((column) => column.toLowerCase() === "time");
    if (time < 0) {
      const column = yield* listedColumn(one, settings.text);
      yield { name, length: column.length, fields: [{ name: "Value", type: "string", values: column, config: {} }] };
      continue;
    }
    const rows = yield* timedRows(values[time]!);
    const labels = { ...one.tags };
    const repeated = lengthOf(one.tags);
    for (const [at, column] of columns.entries()) {
      if (column.toLowerCase() === "time") continue;
      // Without an alias, the name contains all tags, too.
      text.take(2 * (repeated + name.length + column.length));
      const shown = nameOfSeries(one, column, settings);
      text.take(shown.length);
      const value = yield* fieldOf("Value", yield* pick(values[at]!, rows));
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

function* timedRows(cells: readonly Cell[]): Steps<TimedRows> {
  const times = new Float64Array(cells.length);
  const indexes: number[] = [];
  yield* forRows(cells.length, (row) => {
    const cell = cells[row];
    if (typeof cell !== "number") return;
    times[indexes.length] = cell;
    indexes.push(row);
  });
  return indexes.length === cells.length ? { times } : { times: times.slice(0, indexes.length), indexes };
}

function* pick(cells: readonly Cell[], { indexes }: TimedRows): Steps<readonly Cell[]> {
  return indexes === undefined ? cells : yield* mappedColumn(indexes, (row) => cells[row]!);
}

/**
 * Returns the column that listings show: the second one of `SHOW TAG VALUES`, the first one of others. The default
 * retention policy is the first.
 */
export function* listedColumn({ columns, values }: InfluxSeries, text: string): Steps<readonly (string | null)[]> {
  const isTagValues = /show\s{1,20}tag\s{1,20}values/i.test(text) && columns.length > 1;
  const listed = values[isTagValues ? 1 : 0] ?? [];
  const cells = yield* mappedColumn(listed, (cell) => (cell === null ? null : String(cell)));
  if (!/show\s{1,20}retention\s{1,20}policies/i.test(text)) return cells;
  const usual = values.at(-1)!.indexOf(true);
  return usual < 0 ? cells : [cells[usual]!, ...cells.slice(0, usual), ...cells.slice(usual + 1)];
}

/** Returns a table for each list of columns and tags. Usually all series have the same. */
function* tables(series: readonly InfluxSeries[], take: FrameSettings["take"], text: RepeatedText): MadeInSteps {
  const groups = new Map<string, InfluxSeries[]>();
  for (const one of series) {
    const key = JSON.stringify([one.columns, Object.keys(one.tags)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
    yield;
  }
  for (const group of groups.values()) {
    const tags = Object.keys(group[0]!.tags).length;
    for (const one of group) {
      const rows = one.values[0]?.length ?? 0;
      take(tags * rows);
      text.take(lengthOf(one.tags) * rows);
      yield;
    }
    const made = yield* table(group);
    yield made;
  }
}

function* table(group: readonly InfluxSeries[]): Steps<Frame> {
  const { name, columns, tags } = group[0]!;
  const length = group.reduce((sum, { values }) => sum + (values[0]?.length ?? 0), 0);
  const fields: Field[] = [];
  for (const [at, column] of columns.entries()) {
    const cells = yield* columnOfGroup(group, (one) => one.values[at]!);
    const isTime = at === 0 && column.toLowerCase() === "time";
    if (isTime) fields.push(yield* numbersColumn({ name: "Time", config: {} }, "time", cells, numberIn));
    else fields.push({ ...(yield* fieldOf(column, cells)), config: { displayName: column } });
  }
  const labels: Field[] = [];
  for (const key of Object.keys(tags)) labels.push(yield* tagField(group, key));
  return { name, length, fields: [...fields.slice(0, 1), ...labels, ...fields.slice(1)] };
}

/** Joins the cells of the series of a table. */
function* columnOfGroup(
  group: readonly InfluxSeries[],
  cellsOf: (one: InfluxSeries) => readonly Cell[],
): Steps<readonly Cell[]> {
  if (group.length === 1) return cellsOf(group[0]!);
  const joined: Cell[] = [];
  for (const one of group) {
    const cells = cellsOf(one);
    yield* forRows(cells.length, (row) => {
      joined.push(cells[row]!);
    });
  }
  return joined;
}

function* tagField(group: readonly InfluxSeries[], key: string): Steps<Field> {
  const values: string[] = [];
  for (const { tags, values: columns } of group) {
    const tag = tags[key]!;
    yield* forRows(columns[0]?.length ?? 0, () => {
      values.push(tag);
    });
  }
  return { name: key, type: "string", values, config: { displayName: key } };
}

const numberIn = (cell: Cell): number | undefined => (typeof cell === "number" ? cell : undefined);

/** Returns a field of the type of the first value that is not null. Values of other types become null. */
function* fieldOf(name: string, cells: readonly Cell[]): Steps<Field> {
  const head = { name, config: {} };
  let first = 0;
  while (first < cells.length && cells[first] === null) if (++first % CELLS_A_STEP === 0) yield;
  switch (typeof cells[first]) {
    case "string": {
      const values = yield* mappedColumn(cells, (cell) => (typeof cell === "string" ? cell : null));
      return { ...head, type: "string", values };
    }
    case "boolean": {
      const values = yield* mappedColumn(cells, (cell) => (typeof cell === "boolean" ? cell : null));
      return { ...head, type: "boolean", values };
    }
    default:
      return yield* numbersColumn(head, "number", cells, numberIn);
  }
}
