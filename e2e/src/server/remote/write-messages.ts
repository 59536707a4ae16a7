import { WIRE_FIXED64, WireWriter } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { compress } from "snappyjs";
import type { Random } from "../../support/random.ts";
import { eventually } from "../../support/eventually.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import type { Served } from "../../support/serving.ts";

/** A request to `/api/v1/write`. */
export interface WriteCall {
  /** Description of the request, for the message of a failed comparison. */
  readonly about: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

type Pair = readonly [name: string | Uint8Array, value: string | Uint8Array];

interface Histogram {
  readonly isFloat: boolean;
  readonly schema: number;
  readonly count: number;
  readonly zeroCount: number;
  readonly spans: readonly (readonly [offset: number, length: number])[];
  readonly counts: readonly number[];
  readonly bounds: readonly number[];
  readonly sum: Uint8Array;
  readonly hint: number;
}

interface Series {
  readonly pairs: readonly Pair[];
  readonly samples: readonly (readonly [timestamp: number, value: Uint8Array])[];
  readonly histograms: readonly (readonly [timestamp: number, histogram: Histogram])[];
  readonly exemplars: readonly (readonly [timestamp: number, value: number, pairs: readonly Pair[]])[];
}

const MINUTE = 60_000;
const ODD_PAIRS: readonly (readonly Pair[])[] = [
  [["a", "b"]],
  [],
  [["__name__", ""]],
  [
    ["__name__", "dup"],
    ["a", "1"],
    ["a", "2"],
  ],
  [
    ["__name__", "dup"],
    ["a", ""],
    ["a", "2"],
  ],
  [
    ["__name__", "bad"],
    ["a", Uint8Array.of(0xff, 0x41)],
  ],
  [["__name__", Uint8Array.of(0xc3)]],
  [
    ["__name__", "m"],
    ["", "nameless"],
  ],
  [
    ["__name__", "utf"],
    ["größe", "ü 1"],
    ["a.b", '\n"\\'],
  ],
  [
    ["a", "unsorted"],
    ["__name__", "z"],
    ["B", "x"],
  ],
  [
    ["__name__", "empty"],
    ["gone", ""],
    ["kept", "v"],
  ],
  [
    ["__name__", "1digit"],
    ["a-b", "c"],
  ],
];

/** Generates random remote write requests, valid and invalid. Their times are around `now` (ms). */
export class WriteCalls {
  readonly #random: Random;
  readonly #now: number;
  readonly #oldest: number;
  readonly #times = new Set<number>();
  #clock: number;
  /** Whether all histograms of the request are float histograms. */
  #isFloat = false;
  /** Size in bytes of the symbol table at the beginning of the last remote write 2.0 message. */
  #tableBytes = 0;
  /**
   * Whether a generated message is damaged near its end. Our server creates the series before the damage, and later
   * accepts exemplars for these series even if no sample of them was accepted. The compared version reads the whole
   * message first and creates no series.
   */
  #wasDamaged = false;

  /** @param oldest earliest time of a sample, ms; for older samples, the compared version reports an internal error */
  constructor(random: Random, now: number, oldest: number) {
    this.#random = random;
    this.#oldest = oldest;
    this.#now = now;
    this.#clock = now - 30 * MINUTE;
  }

  next(): WriteCall {
    const random = this.#random;
    this.#clock += random.below(5000);
    const isFirst = random.chance(50);
    // All histograms of a request are of one kind. Later Prometheus versions accept several kinds of samples for one
    // series in a request, in order of time.
    this.#isFloat = random.chance(30);
    const series = Array.from(
      {
        length: random.weighted([
          [6, 1],
          [3, 3],
          [1, 12],
        ]),
      },
      () => this.#series(isFirst),
    );
    const plain = isFirst ? this.#first(series) : this.#second(series);
    const about = isFirst ? "1.0" : "2.0";
    const headers = {
      "content-type": isFirst
        ? "application/x-protobuf"
        : "application/x-protobuf;proto=io.prometheus.write.v2.Request",
      "content-encoding": "snappy",
    };
    const call = { about, headers, body: packed(plain) };
    if (random.chance(6)) return this.#damaged(call, plain);
    if (random.chance(92)) return call;
    return this.#odd(call, isFirst);
  }

  #odd(call: WriteCall, isFirst: boolean): WriteCall {
    const random = this.#random;
    const { about, headers } = call;
    return random.pick([
      () => ({ ...call, about: `${about}, odd headers`, headers: this.#oddHeaders(headers) }),
      // Makes the encoding unsupported. The compared Prometheus version refuses it, but still reads the body.
      () => ({
        about: `${about}, another encoding`,
        headers: { ...headers, "content-encoding": random.pick(["gzip", "zstd"]) },
        body: Uint8Array.of(255, 255),
      }),
      // Damages a 1.0 message. A 2.0 message becomes an empty body instead, because it may still be readable with a
      // flipped bit and make Prometheus panic.
      () => ({
        ...call,
        about: `${about}, damaged block`,
        body: isFirst ? this.#markedDamaged(this.#flipped(call.body)) : new Uint8Array(),
      }),
      () => ({
        ...call,
        about: `${about}, torn block`,
        // The truncated compressed body cannot be decompressed and therefore creates no series.
        body: call.body.subarray(0, random.below(call.body.length)),
      }),
      () => ({ ...call, about: `${about}, empty`, body: packed(new Uint8Array()) }),
      // A body that announces an uncompressed length of 32 MiB plus a random number, as a varint.
      () => ({ ...call, about: `${about}, too long`, body: Uint8Array.of(128 + random.below(128), 128, 128, 16, 0) }),
    ])();
  }

  #damaged(call: WriteCall, plain: Uint8Array): WriteCall {
    const random = this.#random;
    // Number of bytes that are not damaged. In a 2.0 message these are the symbols, because Prometheus panics at
    // references to missing symbols.
    const intact = call.about === "1.0" ? 0 : this.#tableBytes;
    const isTorn = intact > 0 || random.chance(50);
    const body = isTorn ? plain.subarray(0, intact + random.below(plain.length + 1 - intact)) : this.#flipped(plain);
    return { ...call, about: `${call.about}, damaged message`, body: this.#markedDamaged(packed(body)) };
  }

  #markedDamaged(body: Uint8Array): Uint8Array {
    this.#wasDamaged = true;
    return body;
  }

  #flipped(bytes: Uint8Array): Uint8Array {
    const out = bytes.slice();
    if (out.length > 0) out[this.#random.below(out.length)]! ^= 1 << this.#random.below(8);
    return out;
  }

  #oddHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const { "content-encoding": encoding = "", ...rest } = headers;
    return this.#random.pick<Readonly<Record<string, string>>>([
      { ...headers, "content-type": "text/plain" },
      { ...headers, "content-type": "application/x-protobuf; proto=prometheus.WriteRequest" },
      { ...headers, "content-type": "application/x-protobuf;proto=prometheus.WriteRequest;version=1" },
      { ...headers, "content-type": "application/x-protobuf;proto=foo" },
      { ...headers, "content-type": "application/x-protobuf;proto" },
      { ...headers, "content-type": "application/x-protobuf;a=b=c" },
      { ...headers, "content-type": " application/x-protobuf;a=b " },
      { ...headers, "content-type": "application/x-protobuf;" },
      { ...headers, "content-encoding": "SNAPPY" },
      rest,
      { "content-encoding": encoding },
    ]);
  }

  #series(isFirst: boolean): Series {
    const random = this.#random;
    const number = random.below(12);
    // Floats and histograms have different names, because later Prometheus versions order the samples of several kinds
    // in a series by time.
    const isOdd = random.chance(8);
    const name = isOdd || random.chance(80) ? `metric_${number}` : `native_${number}`;
    const pairs: readonly Pair[] = isOdd
      ? random.pick(ODD_PAIRS)
      : [
          ["__name__", name],
          ["instance", `host-${number % 3}:9100`],
          ["job", "j".repeat(1 + (number % 5) * 40)],
        ];
    const hasHistograms = name.startsWith("native");
    // Minimum number of samples. Later series have at least one, because later Prometheus versions refuse a 2.0 series
    // without samples.
    const least = isFirst ? 0 : 1;
    const samples = hasHistograms ? [] : this.#several(() => this.#value(), least);
    const histograms = hasHistograms ? this.#several(() => this.#histogram(isFirst), least) : [];
    const mayHaveExemplars = !isOdd && (!this.#wasDamaged || this.#areTaken([...samples, ...histograms]));
    return {
      pairs,
      samples,
      histograms,
      // Exemplars are omitted if labels are empty: after a refused sample, Prometheus does not find the series for its
      // exemplars.
      exemplars:
        mayHaveExemplars && random.chance(20)
          ? this.#several(() => random.below(100)).map(([time, value]) => [time, value, this.#exemplarPairs()])
          : [],
    };
  }

  /** Reports whether a series without samples would accept all values, judged by their times. */
  #areTaken(values: readonly (readonly [timestamp: number, value: unknown])[]): boolean {
    return values.length > 0 && values.every(([time]) => Math.abs(time - this.#clock) < 30 * MINUTE);
  }

  #exemplarPairs(): readonly Pair[] {
    return this.#random.pick<readonly Pair[]>([
      [["trace_id", `t${this.#random.below(5)}`]],
      [],
      [["trace_id", "x".repeat(130)]],
      [
        ["b", "2"],
        ["a", "1"],
      ],
      [["a", ""]],
    ]);
  }

  #several<T>(make: () => T, least = 0): (readonly [number, T])[] {
    const random = this.#random;
    const count = random.weighted([
      [1, least],
      [20, 1],
      [3, 2],
      [1, 5],
    ]);
    const times = Array.from({ length: count }, () => this.#taken(this.#time())).sort((a, b) => a - b);
    if (random.chance(15)) times.reverse();
    return times.map((time) => [time, make()]);
  }

  /**
   * Returns an unused time, ms. If two samples within the out-of-order window had the same time, either could be
   * stored.
   */
  #taken(time: number): number {
    if (this.#oldest === -Infinity) return time;
    let taken = time < this.#oldest ? this.#clock - this.#random.below(10 * MINUTE) : time;
    while (this.#times.has(taken)) taken++;
    this.#times.add(taken);
    return taken;
  }

  #time(): number {
    const random = this.#random;
    return random.weighted<() => number>([
      [40, () => this.#clock + random.below(1000)],
      [8, () => this.#clock - random.below(10_000)],
      [4, () => this.#clock],
      [2, () => this.#clock - random.below(20) * MINUTE],
      [1, () => this.#now - 24 * 60 * MINUTE],
      [1, () => this.#now + 60 * MINUTE],
      [1, () => 0],
      [1, () => -1],
    ])();
  }

  #value(): Uint8Array {
    const random = this.#random;
    const value = random.weighted([
      [20, random.below(5)],
      [4, random.below(1e9) / 7],
      [1, NaN],
      [1, Infinity],
      [1, -0],
      [1, 1e21],
    ]);
    if (random.chance(3)) return Uint8Array.of(2, 0, 0, 0, 0, 0, 0xf0, 0x7f);
    return double(value);
  }

  #histogram(mayBeBroken: boolean): Histogram {
    const random = this.#random;
    // All histograms of a message are of one kind. If one series of a 2.0 message is invalid, later Prometheus versions
    // still accept the other series of this message.
    const isFloat = this.#isFloat;
    const schema = random.weighted([
      [10, 0],
      [5, 3],
      [2, 8],
      [3, -53],
    ]);
    const counts = Array.from({ length: random.below(4) }, () => random.below(9));
    const zeroCount = schema === -53 ? 0 : random.below(3);
    const total = counts.reduce((sum, count) => sum + count, zeroCount);
    return {
      isFloat,
      schema,
      counts,
      zeroCount,
      count: total + (mayBeBroken && random.chance(8) ? 1 : 0),
      spans: counts.length === 0 ? [] : [[random.below(3), counts.length + (mayBeBroken && random.chance(5) ? 1 : 0)]],
      bounds: schema === -53 ? Array.from({ length: 6 }, (_, i) => (mayBeBroken && random.chance(2) ? 1 : i)) : [],
      sum: random.chance(4) ? Uint8Array.of(2, 0, 0, 0, 0, 0, 0xf0, 0x7f) : double(total * 1.5),
      hint: random.below(5),
    };
  }

  #first(series: readonly Series[]): Uint8Array {
    const out = new WireWriter();
    const random = this.#random;
    for (const { pairs, samples, exemplars, histograms } of series) {
      const labelsLast = random.chance(3);
      const labels = (): void => {
        for (const pair of pairs) out.message(1, () => writePair(out, pair));
      };
      out.message(1, () => {
        if (!labelsLast) labels();
        for (const sample of samples) out.message(2, () => writeSample(out, sample, random.chance(3)));
        for (const [timestamp, value, own] of exemplars) {
          out.message(3, () => {
            for (const pair of own) out.message(1, () => writePair(out, pair));
            out.double(2, value);
            out.int64(3, timestamp);
          });
        }
        for (const sample of histograms) out.message(4, () => writeHistogram(out, sample));
        if (labelsLast) labels();
      });
    }
    if (random.chance(10)) {
      out.message(3, () => {
        out.uint64(1, 1);
        out.string(2, "metric");
        out.string(4, "help");
      });
    }
    return out.written.slice();
  }

  #second(series: readonly Series[]): Uint8Array {
    const random = this.#random;
    const symbols: (string | Uint8Array)[] = [""];
    const symbol = (text: string | Uint8Array): number => {
      const known = symbols.indexOf(text);
      return known >= 0 ? known : symbols.push(text) - 1;
    };
    const refs = (pairs: readonly Pair[]): number[] => pairs.flatMap(([name, value]) => [symbol(name), symbol(value)]);
    const body = new WireWriter();
    for (const { pairs, samples, exemplars, histograms } of series) {
      body.message(5, () => {
        writeRefs(body, refs(pairs));
        for (const sample of samples) body.message(2, () => writeSample(body, sample, false));
        for (const sample of histograms) body.message(3, () => writeHistogram(body, sample));
        for (const [timestamp, value, own] of exemplars) {
          body.message(4, () => {
            writeRefs(body, refs(own));
            body.double(2, value);
            body.int64(3, timestamp);
          });
        }
        if (!random.chance(30)) return;
        body.message(5, () => {
          body.uint64(1, random.below(9));
          body.uint64(3, symbol("what it is"));
          body.uint64(4, symbol("seconds"));
        });
      });
    }
    const table = new WireWriter();
    for (const text of symbols) {
      if (typeof text === "string") table.string(4, text);
      else table.bytes(4, text);
    }
    this.#tableBytes = table.length;
    return new Uint8Array(Buffer.concat([table.written, body.written]));
  }
}

const packed = (bytes: Uint8Array): Uint8Array => new Uint8Array(compress(new Uint8Array(bytes)));

const double = (value: number): Uint8Array => new Uint8Array(Float64Array.of(value).buffer);

function raw(out: WireWriter, field: number, bytes: Uint8Array): void {
  out.tag(field, WIRE_FIXED64);
  out.raw(bytes);
}

function writePair(out: WireWriter, pair: Pair): void {
  for (const [i, text] of pair.entries()) {
    if (typeof text === "string") out.string(i + 1, text);
    else out.bytes(i + 1, text);
  }
}

function writeSample(out: WireWriter, [timestamp, value]: readonly [number, Uint8Array], isBackward: boolean): void {
  if (isBackward) out.int64(2, timestamp);
  raw(out, 1, value);
  if (!isBackward) out.int64(2, timestamp);
}

function writeRefs(out: WireWriter, refs: readonly number[]): void {
  out.message(1, () => {
    for (const ref of refs) out.varint(ref);
  });
}

function writeHistogram(out: WireWriter, [timestamp, histogram]: readonly [number, Histogram]): void {
  const { isFloat, schema, count, zeroCount, spans, counts, bounds, sum, hint } = histogram;
  if (isFloat) out.double(2, count);
  else out.uint64(1, count);
  raw(out, 3, sum);
  out.sint64(4, schema);
  if (schema !== -53) {
    out.double(5, 0.001);
    if (isFloat) out.double(7, zeroCount);
    else out.uint64(6, zeroCount);
  }
  for (const [offset, length] of spans) {
    out.message(11, () => {
      out.sint64(1, offset);
      out.uint64(2, length);
    });
  }
  for (const [i, one] of counts.entries()) {
    if (isFloat) out.double(13, one);
    else out.sint64(12, one - (counts[i - 1] ?? 0));
  }
  out.uint64(14, hint);
  out.int64(15, timestamp);
  for (const bound of bounds) out.double(16, bound);
}

/**
 * Writes a sample with the time `time` (ms) as the first sample of each server. If an exemplar came first, Prometheus
 * would take the exemplar's time as the time of the first sample, and refuse much older samples. Our server would
 * accept them.
 */
export async function writeFirstSample(servers: readonly { readonly base: string }[], time: number): Promise<void> {
  const labels = Labels.of({ __name__: "first" });
  for (const { base } of servers)
    await remoteWrite(base, [{ labels, timestamps: [time], values: Float64Array.of(1), histograms: [] }]);
}

/**
 * Writes a sample of yesterday and one of `now`, ms. Waits until Prometheus has written yesterday's samples to a block.
 * Afterwards Prometheus forgets a series that has no samples or only samples of yesterday; until then it would accept
 * exemplars for such a series.
 */
export async function beginToday(ours: Served, theirs: Served, now: number): Promise<void> {
  for (const time of [now - 86_400_000, now]) await writeFirstSample([ours, theirs], time);
  await eventually("yesterday is in a block", async () => {
    const page = await (await fetch(`${theirs.base}/metrics`)).text();
    if (!/^prometheus_tsdb_head_gc_duration_seconds_count [1-9]/m.test(page)) throw new Error("not yet");
  });
}
