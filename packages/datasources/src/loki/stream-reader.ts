import type { Labels } from "@narthex/dashboards";
import { JsonCursor, JsonProblem } from "@narthex/http/answer";
import type { Steps } from "@narthex/runtime";
import { readLabels } from "../prometheus/series-reader.ts";

/** Number of lines after which the reader checks whether it must yield to other work. */
const STEP = 512;
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

/** Labels that belong to one line and not to its stream. */
interface OwnLabels {
  readonly structured: Labels;
  readonly parsed: Labels;
}

const NO_LABELS: Labels = Object.freeze(Object.create(null) as Labels);

/** Reads the streams of an answer one by one, and collects their lines up to a limit. */
export class StreamReader {
  readonly lines: LokiLine[] = [];
  readonly #most: number;
  /** Whether the answer has more lines than the limit. */
  isCut = false;

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
    let stream: Labels | undefined;
    json.expect(0x7b);
    if (json.peek() === 0x7d) json.fail();
    for (;;) {
      const key = json.string();
      json.expect(0x3a);
      if (key === "stream") stream = sorted(readLabels(json));
      else if (key === "values") yield* this.#values(json, raw);
      else json.skip();
      if (json.peek() !== 0x2c) break;
      json.expect(0x2c);
    }
    json.expect(0x7d);
    json.end();
    if (stream === undefined) throw new JsonProblem("a stream has no labels");
    const indexed = new Map<Labels, LabelType>([[stream, "I"]]);
    for (const { nanoseconds, text, own } of raw) {
      if (own === undefined) this.lines.push({ nanoseconds, text, labels: stream });
      else this.lines.push({ nanoseconds, text, ...merged([...indexed, [own.structured, "S"], [own.parsed, "P"]]) });
    }
  }

  *#values(json: JsonCursor, raw: RawLine[]): Steps<void> {
    let count = 0;
    for (let more = json.beginArray(); more; more = json.nextElement()) {
      if (this.lines.length + raw.length >= this.#most) {
        this.isCut = true;
        json.skip();
      } else raw.push(readLine(json));
      if (++count % STEP === 0) yield;
    }
  }
}

function readLine(json: JsonCursor): RawLine {
  if (!json.beginArray()) json.fail();
  const nanoseconds = json.string();
  if (!NANOSECONDS.test(nanoseconds)) throw new JsonProblem("the time of a line is not a number of nanoseconds");
  if (!json.nextElement()) json.fail();
  const text = json.string();
  if (!json.nextElement()) return { nanoseconds, text };
  const own = json.tookNull() ? undefined : readOwnLabels(json);
  if (json.nextElement()) json.fail();
  return { nanoseconds, text, ...(own !== undefined && { own }) };
}

function readOwnLabels(json: JsonCursor): OwnLabels {
  let [structured, parsed] = [NO_LABELS, NO_LABELS];
  json.object((key) => {
    if (key === "structuredMetadata") structured = json.tookNull() ? NO_LABELS : readLabels(json);
    else if (key === "parsed") parsed = json.tookNull() ? NO_LABELS : readLabels(json);
    else json.skip();
  });
  return { structured, parsed };
}

/** Joins label sets. If several contain a label, the last one applies. */
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

/** Returns labels in the order of their names, in which Grafana's server writes them. */
function sorted(labels: Labels): Labels {
  const out = Object.create(null) as Record<string, string>;
  for (const name of Object.keys(labels).sort()) out[name] = labels[name]!;
  return out;
}
