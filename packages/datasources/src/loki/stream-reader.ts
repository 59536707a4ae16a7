import type { Labels } from "@narthex/dashboards";
import { JsonCursor, JsonProblem } from "@narthex/http/answer";
import type { Steps } from "@narthex/runtime";
import { ValueBudget } from "../value-budget.ts";

/** Number of skipped lines after which the reader checks whether it must yield to other work. */
const STEP = 512;
/** Maximum number of labels of a stream, or of one kind of a line's own labels. */
const MAX_LABELS = 10_000;
/** Maximum number of label cells of an answer. The labels of a stream count once for each of its lines. */
const MAX_LABEL_CELLS = 2_000_000;
/** Number of additional cells that a copied label counts, because a copy takes more memory than a reference. */
const COPY_CELLS = 3;
/** Number of characters of a label that count as one additional cell. */
const CELL_CHARS = 64;
const NANOSECONDS = /^-?\d{1,19}$/;

/** The source of a label: the index of the server, structured metadata, or a parser of the query. */
type LabelType = "I" | "S" | "P";

/** A log line of an answer. */
export interface LokiLine {
  /** Time in nanoseconds since the epoch as decimal text, because numbers of JavaScript are not exact enough. */
  readonly nanoseconds: string;
  readonly text: string;
  /** Lines of a stream share this object unless they have labels of their own. */
  readonly labels: Labels;
  /** Types of the labels. Absent if the server does not send them. */
  readonly types?: Readonly<Record<string, LabelType>>;
}

interface RawLine {
  readonly nanoseconds: string;
  readonly text: string;
  readonly own?: OwnLabels;
}

/** A label set, with the number of cells that it counts in a line. */
interface CountedLabels {
  readonly labels: Labels;
  readonly cells: number;
}

/** Labels that belong to one line and not to its stream. */
interface OwnLabels {
  readonly structured: Labels;
  readonly parsed: Labels;
}

const NO_LABELS: Labels = Object.freeze(Object.create(null) as Labels);

/**
 * Reads the streams of an answer one by one, and collects their lines up to a limit. The labels of a stream occur in
 * each of its lines, so a small answer may contain many labels. If there are too many, `read` throws QueryFailure.
 */
export class StreamReader {
  readonly lines: LokiLine[] = [];
  readonly #most: number;
  /** Whether the answer has more lines than the limit. */
  isCut = false;
  /** Number of cells that the labels of all lines take. */
  labelCells = 0;
  readonly #budget = new ValueBudget(
    MAX_LABEL_CELLS,
    `the lines have labels for more than ${MAX_LABEL_CELLS} cells; ask for fewer lines or labels`,
  );

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Reads an element `{"stream":{…},"values":[["nanoseconds","line"],…]}`. A value may have a third part: an object with
   * the labels of the line.
   */
  *read(bytes: Uint8Array): Steps<void> {
    const json = new JsonCursor(bytes);
    const raw: RawLine[] = [];
    let stream: CountedLabels | undefined;
    json.expect(0x7b);
    if (json.peek() === 0x7d) json.fail();
    for (;;) {
      const key = json.string();
      json.expect(0x3a);
      if (key === "stream") stream = this.#labels(json);
      else if (key === "values") yield* this.#values(json, raw);
      else json.skip();
      if (json.peek() !== 0x2c) break;
      json.expect(0x2c);
    }
    json.expect(0x7d);
    json.end();
    if (stream === undefined) throw new JsonProblem("a stream has no labels");
    const labels = sorted(stream.labels);
    for (const { nanoseconds, text, own } of raw) {
      this.#take(stream.cells);
      if (own === undefined) this.lines.push({ nanoseconds, text, labels });
      else {
        this.#budget.take(COPY_CELLS * stream.cells);
        const parts = [[labels, "I"] as const, [own.structured, "S"] as const, [own.parsed, "P"] as const];
        this.lines.push({ nanoseconds, text, ...merged(parts) });
      }
      yield;
    }
  }

  *#values(json: JsonCursor, raw: RawLine[]): Steps<void> {
    let count = 0;
    for (let more = json.beginArray(); more; more = json.nextElement()) {
      if (this.lines.length + raw.length >= this.#most) {
        this.isCut = true;
        json.skip();
      } else raw.push(this.#line(json));
      if (!this.isCut || ++count % STEP === 0) yield;
    }
  }

  #line(json: JsonCursor): RawLine {
    if (!json.beginArray()) json.fail();
    const nanoseconds = json.string();
    if (!NANOSECONDS.test(nanoseconds)) throw new JsonProblem("the time of a line is not a number of nanoseconds");
    if (!json.nextElement()) json.fail();
    const text = json.string();
    if (!json.nextElement()) return { nanoseconds, text };
    const own = json.tookNull() ? undefined : this.#ownLabels(json);
    if (json.nextElement()) json.fail();
    return { nanoseconds, text, ...(own !== undefined && { own }) };
  }

  #ownLabels(json: JsonCursor): OwnLabels {
    let [structured, parsed] = [NO_LABELS, NO_LABELS];
    const read = (): Labels => {
      if (json.tookNull()) return NO_LABELS;
      const { labels, cells } = this.#labels(json);
      this.#take(cells);
      return labels;
    };
    json.object((key) => {
      if (key === "structuredMetadata") structured = read();
      else if (key === "parsed") parsed = read();
      else json.skip();
    });
    return { structured, parsed };
  }

  #labels(json: JsonCursor): CountedLabels {
    const labels = Object.create(null) as Record<string, string>;
    let [count, cells] = [0, 0];
    json.object((name) => {
      const value = json.string();
      if (++count > MAX_LABELS) throw new JsonProblem(`a stream or line has more than ${MAX_LABELS} labels`);
      cells += 1 + Math.floor((name.length + value.length) / CELL_CHARS);
      labels[name] = value;
    });
    return { labels, cells };
  }

  #take(cells: number): void {
    this.#budget.take(cells);
    this.labelCells += cells;
  }
}

/** Joins label sets. If several sets contain a label, the value in the last set is used. */
function merged(
  parts: readonly (readonly [labels: Labels, type: LabelType])[],
): Required<Pick<LokiLine, "labels" | "types">> {
  const labels = Object.create(null) as Record<string, string>;
  const types = Object.create(null) as Record<string, LabelType>;
  for (const [part, type] of parts)
    for (const name of Object.keys(part)) {
      labels[name] = part[name]!;
      types[name] = type;
    }
  return { labels: sorted(labels), types };
}

/** Returns labels sorted by name, as Grafana's server returns them. */
function sorted(labels: Labels): Labels {
  const out = Object.create(null) as Record<string, string>;
  for (const name of Object.keys(labels).sort()) out[name] = labels[name]!;
  return out;
}
