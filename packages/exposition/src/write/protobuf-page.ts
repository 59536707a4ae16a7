import { WireWriter } from "@narthex/bytes";
import type { Steps } from "@narthex/runtime";
import type { MetricFamily } from "../family.ts";
import { groupingMetrics } from "./metric-group.ts";
import { hasSingleValues, writeFamily, writeFamilyHead, writeFamilyTail, writeMetric } from "./write-protobuf.ts";
import { sortedByName } from "./write-text.ts";

/** Number of metrics that are prepared or written before the task yields to other work. */
const METRICS_A_STEP = 1024;
/** Number of bytes of a value in a message. */
const VALUE_BYTES = 8;

/** Encoded families, whose bytes are reused for later pages. Only the values within the bytes are replaced. */
interface FixedPart {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** For each value, the index of its column in the input, and its position in the bytes. */
  readonly columns: Uint32Array;
  readonly places: Uint32Array;
}

/**
 * A part of a page: fixed bytes, or a MetricFamily. A MetricFamily is used if the length of the family depends on its
 * values, as for histograms; the `value` of its samples is the index of a column.
 */
type Part = FixedPart | MetricFamily;

const isFixed = (part: Part): part is FixedPart => "bytes" in part;

/**
 * Writes pages of delimited protobuf that contain the same series with new values. Families with one value for each
 * metric are encoded only once, because a value has a fixed length and can be replaced in the bytes.
 */
export class ProtobufPage {
  readonly #families: readonly MetricFamily[];
  /** Parts of the page, whose values are replaced for each page. Undefined until the first page is written. */
  #parts: readonly Part[] | undefined;

  /**
   * @param families every sample's `value` is the number of its column; families are sorted by name as in
   *   `writeProtobuf`
   */
  constructor(families: Iterable<MetricFamily>) {
    this.#families = sortedByName(families).filter(({ samples }) => samples.length > 0);
  }

  get bytes(): number {
    return (this.#parts ?? []).reduce((sum, part) => sum + (isFixed(part) ? part.bytes.length : 0), 0);
  }

  /**
   * Returns a page with these values. The bytes are valid until the next call.
   * @param times ms by column, NaN for samples without a time; omitted if no sample has a time
   */
  *writing(values: Float64Array, times?: Float64Array): Steps<Uint8Array> {
    if (times !== undefined) return yield* joined(this.#families, values, times);
    this.#parts ??= yield* layOut(this.#families);
    for (const part of this.#parts) if (isFixed(part)) yield* putValues(part, values);
    const [first, ...others] = this.#parts;
    if (first !== undefined && others.length === 0 && isFixed(first)) return first.bytes;
    return yield* joined(this.#parts, values, undefined);
  }
}

function* layOut(families: readonly MetricFamily[]): Steps<readonly Part[]> {
  const parts: Part[] = [];
  let run = new FixedRun();
  for (const family of families) {
    if (hasSingleValues(family)) yield* run.add(family);
    else {
      for (const part of yield* run.parts()) parts.push(part);
      parts.push(family);
      run = new FixedRun();
    }
  }
  for (const part of yield* run.parts()) parts.push(part);
  return parts;
}

/** Writes consecutive families that have one value for each metric. */
class FixedRun {
  /** The bytes of each family, because a single growing buffer would be copied in one step. */
  readonly #pieces: Uint8Array[] = [];
  #length = 0;
  readonly #columns: number[] = [];
  readonly #places: number[] = [];

  *add(family: MetricFamily): Steps<void> {
    const one = new WireWriter(1024);
    writeFamilyHead(one, family);
    const places: number[] = [];
    for (const group of yield* groupingMetrics(family)) {
      writeMetric(one, group, family.type);
      // In a metric without a timestamp, the value is at the end of the message.
      places.push(one.length - VALUE_BYTES);
      this.#columns.push(group.samples[0]!.value);
      if (this.#columns.length % METRICS_A_STEP === 0) yield;
    }
    writeFamilyTail(one, family);
    const head = new WireWriter(8);
    head.varint(one.length);
    for (const piece of [head.written, one.written]) {
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
    const begin = this.#length - one.length;
    for (const place of places) this.#places.push(begin + place);
  }

  *parts(): Steps<readonly FixedPart[]> {
    if (this.#length === 0) return [];
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      yield;
      bytes.set(piece, at);
      at += piece.length;
    }
    return [
      {
        bytes,
        view: new DataView(bytes.buffer),
        columns: Uint32Array.from(this.#columns),
        places: Uint32Array.from(this.#places),
      },
    ];
  }
}

function* putValues({ view, columns, places }: FixedPart, values: Float64Array): Steps<void> {
  for (let i = 0; i < columns.length; i++) {
    view.setFloat64(places[i]!, values[columns[i]!]!, true);
    if ((i + 1) % METRICS_A_STEP === 0) yield;
  }
}

/** Returns the bytes of all parts. Families of variable length are written with the current values. */
function* joined(parts: readonly Part[], values: Float64Array, times: Float64Array | undefined): Steps<Uint8Array> {
  const all = new WireWriter(64 * 1024);
  for (const part of parts) {
    yield;
    if (isFixed(part)) all.raw(part.bytes);
    else all.delimited(() => writeFamily(all, withValues(part, values, times)));
  }
  return all.written.slice();
}

function withValues(family: MetricFamily, values: Float64Array, times: Float64Array | undefined): MetricFamily {
  const samples = family.samples.map((sample) => {
    const time = times?.[sample.value] ?? Number.NaN;
    return { ...sample, value: values[sample.value]!, timestampMs: Number.isNaN(time) ? undefined : time };
  });
  return { ...family, samples };
}
