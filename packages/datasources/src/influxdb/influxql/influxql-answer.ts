import { JsonCursor, JsonProblem } from "@narthex/http/answer";
import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../../query-failure.ts";

const [QUOTE, OPEN_OBJECT, CLOSE_OBJECT, COMMA, COLON] = [0x22, 0x7b, 0x7d, 0x2c, 0x3a];
const [LETTER_F, LETTER_T] = [0x66, 0x74];
/** Largest number of columns, and of tags, of a series. */
const MAX_COLUMNS = 10_000;
/** Largest number of results, which is the number of statements in a query. */
const MAX_RESULTS = 1000;
/** Largest number of keys of an object, except tags. */
const MAX_KEYS = 1000;
/** Number of characters of a server's message that is shown. */
const MAX_MESSAGE = 1000;
/** Cells that a series takes in addition to its values. */
const SERIES_CELLS = 10;

/** A value of an answer. Numbers beyond 2^53 are rounded, as in Grafana. */
export type Cell = number | string | boolean | null;

/** A series of an answer. A query that groups by tags returns a series for each group. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  /** The values of each column. */
  readonly values: readonly (readonly Cell[])[];
}

export interface InfluxqlAnswer {
  readonly series: readonly InfluxSeries[];
  /** Whether the answer has more series than the limit. The others are not read. */
  readonly isCut: boolean;
  /** Whether the server has left out rows, because its own limit was reached. */
  readonly isPartial: boolean;
  readonly messages: readonly string[];
}

interface Limits {
  readonly maxSeries: number;
  /** Called before cells are created; throws if there are too many. */
  readonly take: (cells: number) => void;
}

/** Reads the body of an answer. Throws QueryFailure with the server's message if a statement has failed. */
export function* readInfluxqlAnswer(bytes: Uint8Array, limits: Limits): Steps<InfluxqlAnswer> {
  const reader = new AnswerReader(bytes, limits);
  yield* reader.read();
  return reader;
}

class AnswerReader implements InfluxqlAnswer {
  readonly series: InfluxSeries[] = [];
  readonly messages: string[] = [];
  isCut = false;
  isPartial = false;
  readonly #json: JsonCursor;
  readonly #limits: Limits;

  constructor(bytes: Uint8Array, limits: Limits) {
    this.#json = new JsonCursor(bytes);
    this.#limits = limits;
  }

  *read(): Steps<void> {
    const json = this.#json;
    let hasResults = false;
    for (const key of this.#keys()) {
      if (key === "results") {
        hasResults = true;
        let count = 0;
        if (json.tookNull()) continue;
        for (let more = json.beginArray(); more; more = json.nextElement()) {
          if (++count > MAX_RESULTS) throw new JsonProblem(`the answer has more than ${MAX_RESULTS} results`);
          yield* this.#result();
        }
      } else if (key === "error") throw refused(json.string());
      else yield* json.skipInSteps();
    }
    json.end();
    if (!hasResults) throw new JsonProblem("the answer has no results");
  }

  *#result(): Steps<void> {
    const json = this.#json;
    for (const key of this.#keys()) {
      if (key === "error") throw refused(json.string());
      if (key === "partial") yield* this.#readPartial();
      else if (key === "series" && !json.tookNull())
        for (let more = json.beginArray(); more; more = json.nextElement()) yield* this.#oneSeries();
      else if (key === "messages" && !json.tookNull())
        for (let more = json.beginArray(); more; more = json.nextElement()) yield* this.#message();
      else if (key !== "series" && key !== "messages") yield* json.skipInSteps();
    }
  }

  *#oneSeries(): Steps<void> {
    const json = this.#json;
    if (this.series.length >= this.#limits.maxSeries) {
      this.isCut = true;
      yield* json.skipInSteps();
      return;
    }
    let name = "";
    const tags = Object.create(null) as Record<string, string>;
    const columns: string[] = [];
    let values: Cell[][] = [];
    this.#limits.take(SERIES_CELLS);
    for (const key of this.#keys()) {
      if (key === "name") name = json.string();
      else if (key === "tags" && !json.tookNull()) this.#tags(tags);
      else if (key === "columns") {
        for (let more = json.beginArray(); more; more = json.nextElement()) {
          if (columns.push(json.string()) > MAX_COLUMNS)
            throw new JsonProblem(`a series has more than ${MAX_COLUMNS} columns`);
        }
        this.#limits.take(columns.length * SERIES_CELLS);
        values = columns.map(() => []);
      } else if (key === "values" && !json.tookNull()) yield* this.#rows(values);
      else if (key === "partial") yield* this.#readPartial();
      else if (key !== "tags" && key !== "values") yield* json.skipInSteps();
    }
    this.series.push({ name, tags, columns, values });
    yield;
  }

  *#rows(values: readonly Cell[][]): Steps<void> {
    const json = this.#json;
    for (let more = json.beginArray(); more; more = json.nextElement()) {
      this.#limits.take(values.length);
      let column = 0;
      for (let next = json.beginArray(); next; next = json.nextElement()) {
        if (column >= values.length) throw new JsonProblem("a row has more values than the series has columns");
        values[column++]!.push(this.#cell());
      }
      while (column < values.length) values[column++]!.push(null);
      yield;
    }
  }

  #cell(): Cell {
    const json = this.#json;
    const next = json.peek();
    if (next === QUOTE) return json.string();
    if (next === LETTER_T || next === LETTER_F) {
      json.skip();
      return next === LETTER_T;
    }
    return json.tookNull() ? null : json.number();
  }

  #tags(tags: Record<string, string>): void {
    let count = 0;
    this.#json.object((key) => {
      if (++count > MAX_COLUMNS) throw new JsonProblem(`a series has more than ${MAX_COLUMNS} tags`);
      tags[key] = this.#json.string();
    });
    this.#limits.take(count * SERIES_CELLS);
  }

  *#readPartial(): Steps<void> {
    if (this.#json.peek() === LETTER_T) this.isPartial = true;
    yield* this.#json.skipInSteps();
  }

  *#message(): Steps<void> {
    const json = this.#json;
    for (const key of this.#keys()) {
      if (key !== "text") {
        yield* json.skipInSteps();
        continue;
      }
      const text = json.string();
      if (this.messages.length < MAX_RESULTS) this.messages.push(text.slice(0, MAX_MESSAGE));
    }
    yield;
  }

  /** Iterates over the keys of an object, of which there are few. The caller must read the value of each key. */
  *#keys(): Generator<string> {
    const json = this.#json;
    json.expect(OPEN_OBJECT);
    if (json.peek() !== CLOSE_OBJECT)
      for (let count = 0; ; count++) {
        if (count >= MAX_KEYS) throw new JsonProblem(`an object has more than ${MAX_KEYS} keys`);
        const key = json.string();
        json.expect(COLON);
        yield key;
        if (json.peek() !== COMMA) break;
        json.expect(COMMA);
      }
    json.expect(CLOSE_OBJECT);
  }
}

const refused = (message: string): QueryFailure =>
  new QueryFailure(400, `InfluxDB returned error: ${message.replaceAll(/\s+/g, " ").slice(0, MAX_MESSAGE)}`);
