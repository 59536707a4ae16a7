import { type FloatHistogram, wordsOf, writeStale } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { histogramOf, sameHistogram } from "@narthex/storage/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeChunk } from "../block/decode-chunk.ts";
import { BitBuffer } from "./bit-buffer.ts";
import { Xor2Writer } from "./xor2-writer.ts";
import { HistogramWriter } from "./histogram.ts";

interface Sample {
  readonly time: number;
  /** Value of the sample; undefined means a stale marker. */
  readonly value: number | undefined;
  readonly startTime: number;
}

const bitsOf = (value: number): bigint => {
  const words = wordsOf(Float64Array.of(value));
  return (BigInt(words[1]!) << 32n) | BigInt(words[0]!);
};
const STALE = 0x7ff0000000000002n;

/** A second, simple XOR2 encoder for comparison. It encodes a chunk as text with one character per bit. */
class Reference {
  text = "";
  header = 0;
  #window: [leading: number, trailing: number] | undefined;

  bits(value: bigint | number, size: number): void {
    this.text += BigInt.asUintN(size, BigInt(value)).toString(2).padStart(size, "0");
  }

  uvarint(value: bigint): void {
    for (; value >= 128n; value >>= 7n) this.bits((value & 127n) | 128n, 8);
    this.bits(value, 8);
  }

  varint(value: number): void {
    this.uvarint(value >= 0 ? BigInt(value) * 2n : BigInt(value) * -2n - 1n);
  }

  varbitInt(value: number): void {
    const buffer = new BitBuffer();
    buffer.varbitInt(value);
    const text = [...buffer.bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
    this.text += text.slice(0, buffer.position);
  }

  /**
   * @param reuse prefix for a value whose bits fit into the current window
   * @param fresh prefix for a value with a new window
   */
  change(xor: bigint, reuse: string, fresh: string): void {
    const digits = xor.toString(2).padStart(64, "0");
    const leading = Math.min(31, digits.indexOf("1"));
    const trailing = 63 - digits.lastIndexOf("1");
    const known = this.#window;
    if (known !== undefined && leading >= known[0] && trailing >= known[1]) this.text += reuse;
    else {
      this.#window = [leading, trailing];
      this.text += fresh;
      this.bits(leading, 5);
      this.bits((64 - leading - trailing) % 64, 6);
    }
    this.text += digits.slice(this.#window![0], 64 - this.#window![1]);
  }

  bytes(head: readonly number[]): Uint8Array {
    const body = this.text.padEnd(Math.ceil(this.text.length / 8) * 8, "0").match(/.{8}/g) ?? [];
    return Uint8Array.from([...head, ...body.map((byte) => Number.parseInt(byte, 2))]);
  }
}

function xor2Chunk(samples: readonly Sample[]): Uint8Array {
  const out = new Reference();
  let known = 0n;
  let startDiff = 0;
  samples.forEach(({ time, value, startTime }, i) => {
    const bits = value === undefined ? STALE : bitsOf(value);
    const before = samples[i - 1];
    const anyValue = (): void => {
      if (bits === STALE) out.text += "111";
      else if (bits === known) out.text += "0";
      else out.change(bits ^ known, "10", "110");
    };
    if (before === undefined) {
      out.varint(time);
      out.bits(bits, 64);
    } else if (i === 1) {
      out.uvarint(BigInt(time - before.time));
      anyValue();
    } else {
      const dod = time - before.time - (before.time - samples[i - 2]!.time);
      if (dod === 0 && bits === STALE) out.text += "11111";
      else if (dod === 0 && bits === known) out.text += "0";
      else if (dod === 0) {
        out.text += "10";
        out.change(bits ^ known, "0", "1");
      } else {
        const [prefix, size] =
          dod >= -4096 && dod <= 4095
            ? (["110", 13] as const)
            : dod >= -524288 && dod <= 524287
              ? (["1110", 20] as const)
              : (["11110", 64] as const);
        out.text += prefix;
        out.bits(dod, size);
        anyValue();
      }
    }
    if (bits !== STALE) known = bits;
    startDiff = writeStart(out, i, time, before?.time ?? 0, startTime, before?.startTime ?? 0, startDiff);
  });
  return out.bytes([samples.length >> 8, samples.length & 255, out.header]);
}

function writeStart(
  out: Reference,
  index: number,
  time: number,
  previousTime: number,
  startTime: number,
  previousStart: number,
  previousDiff: number,
): number {
  if (index === 0) {
    if (startTime === 0) return 0;
    out.varint(time - startTime);
    out.header = 0x80;
    return 0;
  }
  const diff = previousTime - startTime;
  if ((out.header & 127) !== 0) out.varbitInt(diff - previousDiff);
  else if (startTime !== previousStart || index === 127) {
    out.header |= index;
    out.varbitInt(diff);
  } else return previousDiff;
  return diff;
}

const STARTS = [400, 400, 900, 1000];

const value = fc.oneof(fc.constantFrom(0, 1, 2, -0, 1e300), fc.double({ noNaN: true }), fc.constant(undefined));
const step = fc.oneof(fc.constantFrom(15_000, 15_001, 14_000), fc.integer({ min: 1, max: 2 ** 40 }));
const run = fc
  .array(fc.record({ step, value, start: fc.constantFrom(0, 0, 0, 500, 123_456) }), { minLength: 1, maxLength: 140 })
  .map((steps) => {
    let time = 1_700_000_000_000;
    return steps.map(({ step: by, value: one, start }) => ({ time: (time += by), value: one, startTime: start }));
  });

test("XOR2 chunks are encoded and decoded as the format's description says", () => {
  fc.assert(
    fc.property(run, (samples) => {
      const bytes = xor2Chunk(samples);
      const into = new SampleColumns(1);
      decodeChunk({ bytes, start: 0, end: bytes.length, encoding: 4 }, -Infinity, Infinity, into);
      const starts = into.startTimestamps ?? new Float64Array(samples.length);
      expect([...starts.subarray(0, into.count)]).toEqual(samples.map(({ startTime }) => startTime));
      expect([...into.timestamps.subarray(0, into.count)]).toEqual(samples.map(({ time }) => time));
      const words = new Uint32Array(samples.length * 2);
      const values = new Float64Array(words.buffer);
      samples.forEach((sample, i) => {
        if (sample.value === undefined) writeStale(words, i);
        else values[i] = sample.value;
      });
      expect([...into.valueWords.subarray(0, into.count * 2)]).toEqual([...words]);
      const writer = new Xor2Writer();
      samples.forEach(({ time, startTime }, i) => writer.append(time, words[i * 2 + 1]!, words[i * 2]!, startTime));
      expect([...writer.buffer.bytes.subarray(0, writer.buffer.byteLength)]).toEqual([...bytes]);
    }),
  );
});

test("histogram chunks with start timestamps decode to the same histograms", () => {
  for (const integer of [true, false]) {
    for (const resetHint of ["unknown", "gauge"] as const) {
      const histograms: FloatHistogram[] = [1, 2, 3, 4].map((i) =>
        histogramOf(3, { integer, resetHint, sum: i * 1.5, count: 10 + i }),
      );
      // Encodes the same histograms without start timestamps. The expected bits are those of this second chunk, with a
      // start timestamp inserted after each sample.
      const writer = new HistogramWriter(histograms[0]!, resetHint, integer);
      const withStart = new HistogramWriter(histograms[0]!, resetHint, integer, true);
      const out = new Reference();
      let diff = 0;
      let at = 24;
      histograms.forEach((histogram, i) => {
        const time = 1_000_000 + i * 15_000;
        writer.append(time, histogram);
        const text = [...writer.buffer.bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
        out.text += text.slice(at, writer.buffer.position);
        at = writer.buffer.position;
        diff = writeStart(out, i, time, time - 15_000, STARTS[i]!, STARTS[i - 1] ?? 0, diff);
        withStart.append(time, histogram, STARTS[i]);
      });
      const bytes = out.bytes([writer.buffer.bytes[2]! & 0xc0, histograms.length, out.header]);
      expect([...withStart.buffer.bytes.subarray(0, withStart.buffer.byteLength)]).toEqual([...bytes]);
      const into = new SampleColumns(1);
      decodeChunk({ bytes, start: 0, end: bytes.length, encoding: integer ? 5 : 6 }, -Infinity, Infinity, into);
      expect(into.count).toBe(histograms.length);
      histograms.forEach((histogram, i) => {
        expect(into.timestamps[i]).toBe(1_000_000 + i * 15_000);
        expect(sameHistogram(into.histograms![i]!, histogram)).toBe(true);
        expect(into.startTimestamps![i]).toBe(STARTS[i]);
      });
      expect(into.histograms![1]!.resetHint).toBe(resetHint === "gauge" ? "gauge" : "not-reset");
    }
  }
});
