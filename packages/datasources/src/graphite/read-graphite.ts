import type { Labels } from "@narthex/dashboards";
import { JsonCursor, JsonProblem } from "@narthex/http/answer";
import type { Steps } from "@narthex/runtime";
import { GrowingColumns } from "../prometheus/growing-columns.ts";
import { QueryFailure } from "../query-failure.ts";

const [QUOTE, OPEN_OBJECT, CLOSE_OBJECT, COMMA, COLON] = [0x22, 0x7b, 0x7d, 0x2c, 0x3a];
/** Largest number of series of an answer, and of tags of a series. */
const MAX_SERIES = 50_000;
const MAX_TAGS = 1000;
/** Largest number of keys of an element of an answer. */
const MAX_KEYS = 1000;
/** Cells that a series, and each of its tags, takes in addition to its points. */
const SERIES_CELLS = 20;
const STEP = 1024;
const [TIME, VALUE, NULL] = [0, 1, 2];

/** A series of an answer of `/render`. */
export interface GraphiteSeries {
  readonly target: string;
  readonly tags: Labels;
  /** Times, epoch ms. */
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** One byte for each point: 1 if it has no value. */
  readonly nulls: Uint8Array;
}

/** An event that was sent to Graphite. */
export interface GraphiteEvent {
  readonly when: number;
  readonly what: string;
  readonly data: string;
  readonly tags: readonly string[];
}

/**
 * Reads the answer of `/render`. Throws QueryFailure or JsonProblem.
 * @param take called before cells are created; throws if there are too many
 */
export function* readSeries(bytes: Uint8Array, take: (cells: number) => void): Steps<readonly GraphiteSeries[]> {
  const json = new JsonCursor(bytes);
  const series: GraphiteSeries[] = [];
  const columns = new GrowingColumns(3);
  for (let more = json.beginArray(); more; more = json.nextElement()) {
    if (series.length >= MAX_SERIES)
      throw new QueryFailure(422, `the query returns more than ${MAX_SERIES} series; choose fewer`);
    take(SERIES_CELLS);
    columns.reset();
    let target = "";
    let tags: Labels = {};
    for (const key of keysOf(json)) {
      if (key === "target") target = json.string();
      else if (key === "tags" && json.peek() === OPEN_OBJECT) tags = readTags(json, take);
      else if (key === "datapoints" && !json.tookNull()) yield* readPoints(json, columns, take);
      else if (key !== "datapoints") yield* json.skipInSteps();
    }
    const nulls = Uint8Array.from(columns.take(NULL));
    series.push({ target, tags, times: columns.take(TIME), values: columns.take(VALUE), nulls });
    yield;
  }
  json.end();
  return series;
}

function* readPoints(json: JsonCursor, columns: GrowingColumns, take: (cells: number) => void): Steps<void> {
  for (let more = json.beginArray(); more; more = json.nextElement()) {
    take(2);
    if (!json.beginArray()) json.fail();
    const isNull = json.tookNull();
    const value = isNull ? 0 : json.number();
    if (!json.nextElement()) json.fail();
    const row = columns.add();
    columns.set(TIME, row, json.number() * 1000);
    columns.set(VALUE, row, value);
    columns.set(NULL, row, isNull ? 1 : 0);
    if (json.nextElement()) json.fail();
    if (columns.count % STEP === 0) yield;
  }
}

/** Reads tags. Values that are no texts are written as JSON, because the server sends some as numbers. */
function readTags(json: JsonCursor, take: (cells: number) => void): Labels {
  const tags = Object.create(null) as Record<string, string>;
  let count = 0;
  json.object((name) => {
    if (++count > MAX_TAGS) throw new JsonProblem(`a series has more than ${MAX_TAGS} tags`);
    take(SERIES_CELLS);
    if (json.peek() === QUOTE) tags[name] = json.string();
    else if (!json.tookNull()) tags[name] = String(json.number());
  });
  return tags;
}

/** Reads a list of texts. Elements that are no texts are left out. */
export function* readTexts(bytes: Uint8Array, most: number, under?: string): Steps<readonly string[]> {
  const json = new JsonCursor(bytes);
  const texts: string[] = [];
  function* read(): Steps<void> {
    for (let more = json.beginArray(); more; more = json.nextElement()) {
      if (json.peek() !== QUOTE || texts.length >= most) yield* json.skipInSteps();
      else texts.push(json.string());
      yield;
    }
  }
  if (under === undefined) yield* read();
  else
    for (const key of keysOf(json))
      if (key === under && !json.tookNull()) yield* read();
      else if (key !== under) yield* json.skipInSteps();
  json.end();
  return texts;
}

/** Reads the keys of an object. */
export function* readKeys(bytes: Uint8Array, most: number): Steps<readonly string[]> {
  const json = new JsonCursor(bytes);
  const keys: string[] = [];
  for (const key of keysOf(json, Infinity)) {
    if (keys.length < most) keys.push(key);
    yield* json.skipInSteps();
  }
  json.end();
  return keys;
}

/** Reads the `text` of each element of a list of objects. */
export function* readFound(bytes: Uint8Array, most: number): Steps<readonly string[]> {
  const json = new JsonCursor(bytes);
  const texts: string[] = [];
  for (let more = json.beginArray(); more; more = json.nextElement()) {
    let text: string | undefined;
    for (const key of keysOf(json))
      if (key === "text" && json.peek() === QUOTE) text = json.string();
      else yield* json.skipInSteps();
    if (text !== undefined && texts.length < most) texts.push(text);
    yield;
  }
  json.end();
  return texts;
}

/** Reads events. Old servers send tags as a text with spaces or commas. */
export function* readEvents(bytes: Uint8Array, most: number): Steps<readonly GraphiteEvent[]> {
  const json = new JsonCursor(bytes);
  const events: GraphiteEvent[] = [];
  for (let more = json.beginArray(); more; more = json.nextElement()) {
    let [when, what, data] = [Number.NaN, "", ""];
    let tags: readonly string[] = [];
    for (const key of keysOf(json)) {
      if (key === "when") when = json.number();
      else if (key === "what") what = yield* readText(json);
      else if (key === "data") data = yield* readText(json);
      else if (key !== "tags") yield* json.skipInSteps();
      else if (json.peek() === QUOTE) tags = splitTags(json.string());
      else if (!json.tookNull()) tags = yield* readList(json);
    }
    if (Number.isFinite(when) && events.length < most) events.push({ when, what, data, tags });
    yield;
  }
  json.end();
  return events;
}

/** Reads a text. Another value is an empty text. */
function* readText(json: JsonCursor): Steps<string> {
  if (json.peek() === QUOTE) return json.string();
  yield* json.skipInSteps();
  return "";
}

function* readList(json: JsonCursor): Steps<readonly string[]> {
  const tags: string[] = [];
  for (let more = json.beginArray(); more; more = json.nextElement())
    if (json.peek() !== QUOTE || tags.length >= MAX_TAGS) yield* json.skipInSteps();
    else tags.push(json.string());
  return tags;
}

export const splitTags = (text: string): readonly string[] =>
  text.split(text.includes(",") ? "," : " ", MAX_TAGS).flatMap((tag) => (tag.trim() === "" ? [] : [tag.trim()]));

/** Iterates over the keys of an object. The caller must read the value of each key. */
function* keysOf(json: JsonCursor, most = MAX_KEYS): Generator<string> {
  json.expect(OPEN_OBJECT);
  if (json.peek() !== CLOSE_OBJECT)
    for (let count = 0; ; count++) {
      if (count >= most) throw new JsonProblem(`an object has more than ${most} keys`);
      const key = json.string();
      json.expect(COLON);
      yield key;
      if (json.peek() !== COMMA) break;
      json.expect(COMMA);
    }
  json.expect(CLOSE_OBJECT);
}
