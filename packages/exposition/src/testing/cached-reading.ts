import { ENTRY_END, ENTRY_HISTOGRAM, ENTRY_SERIES, ENTRY_TYPE, type EntryKind, type EntryReader } from "../entries.ts";
import { LineCache } from "../line-cache/line-cache.ts";
import { ExpositionError } from "../problem.ts";

const decoder = new TextDecoder();

const words = new BigUint64Array(1);
const bitsOf = (value: number): string => {
  new Float64Array(words.buffer)[0] = value;
  return words[0]!.toString(16);
};

/** Returns the entries of a body, one line of text each, followed by the error that ends the body. */
export function readPlain(reader: EntryReader): string[] {
  const out: string[] = [];
  try {
    for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) out.push(entry(kind, reader));
  } catch (error) {
    out.push(problem(error));
  }
  return out;
}

function entry(kind: EntryKind, reader: EntryReader): string {
  if (kind === ENTRY_TYPE) return `${kind} ${reader.familyName()} ${reader.type}`;
  if (kind !== ENTRY_SERIES && kind !== ENTRY_HISTOGRAM) return `${kind} ${reader.familyName()} ${reader.text()}`;
  const key = decoder.decode(reader.seriesBytes.subarray(reader.seriesStart, reader.seriesEnd));
  const exemplars = JSON.stringify(reader.exemplars());
  if (kind === ENTRY_HISTOGRAM) return `${key} ${JSON.stringify(reader.histogram())} ${reader.timestamp} ${exemplars}`;
  return sample(key, reader.value, reader.timestamp, exemplars);
}

const sample = (key: string, value: number, time: number, exemplars = "[]"): string =>
  `${key} ${bitsOf(value)} ${time} ${exemplars}`;

function problem(error: unknown): string {
  if (error instanceof ExpositionError) return `${error.offset}: ${error.message}`;
  throw error;
}

/** Reads a body as a scrape does. Known lines are taken together; `accept` returns how many of them are taken. */
export class CachedReading {
  readonly cache = new LineCache();
  /** Number of entries that were read one by one. */
  singly = 0;
  #keys: string[] = [];
  /** Metadata entries before a line, by generation and number of the preamble. */
  readonly #preambles = new Map<string, readonly string[]>();

  read(reader: EntryReader, accept: (count: number) => number = (count) => count): string[] {
    const out: string[] = [];
    const { cache } = this;
    cache.begin();
    this.singly = 0;
    let preamble: string[] = [];
    let type = "unknown";
    try {
      for (;;) {
        const known = reader.peekKnown?.();
        const count = Math.min(known?.count ?? 0, accept(known?.count ?? 0));
        if (known !== undefined && count > 0) {
          reader.passKnown!(count);
          const preambleLines = new Set(known.preambleLines.subarray(0, known.preambleLineCount));
          for (let i = 0; i < count; i++) {
            const index = known.first + i;
            if (preambleLines.has(i)) out.push(...this.#preambles.get(this.#preambleOf(index))!);
            out.push(sample(this.#keys[index]!, known.values[i]!, known.times[i]!));
          }
          type =
            out
              .findLast((line) => line.startsWith(`${ENTRY_TYPE} `))
              ?.split(" ")
              .at(-1) ?? "unknown";
          continue;
        }
        this.singly++;
        const kind = reader.next();
        if (kind === ENTRY_END) return out;
        const text = entry(kind, reader);
        if (kind === ENTRY_TYPE) type = reader.type;
        if (reader.peekKnown !== undefined && reader.type !== type)
          throw new Error(`type ${reader.type} instead of ${type}`);
        out.push(text);
        if (kind !== ENTRY_SERIES && kind !== ENTRY_HISTOGRAM) preamble.push(text);
        else {
          const index = cache.take(reader);
          this.#keys[index] = decoder.decode(reader.seriesBytes.subarray(reader.seriesStart, reader.seriesEnd));
          this.#preambles.set(this.#preambleOf(index), preamble);
          preamble = [];
        }
      }
    } catch (error) {
      out.push(problem(error));
      return out;
    }
  }

  /**
   * Removes every third series from the cache, and renumbers the remaining series in the order of the last exposition.
   */
  reorder(): void {
    const order = this.cache.reorder((index) => index % 3 !== 0);
    const keys = Array.from(order, (index) => this.#keys[index]!);
    this.#keys.splice(0, this.#keys.length, ...keys);
  }

  #preambleOf(index: number): string {
    return `${this.cache.preambleGeneration} ${this.cache.preambleOf(index)}`;
  }
}
