import { zstdCompressSync } from "node:zlib";
import { SnappyCompressor, SnappyReader, WireWriter } from "@narthex/bytes";
import { isStaleAt, type Labels } from "@narthex/model";
import { ManualClock } from "@narthex/runtime/testing";
import { type Appender, OUTCOME_UNKNOWN_SERIES, type SeriesRef } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { requestV1, requestV2, type TestSeries } from "../testing/write-request.ts";
import { WriteReceiver, type WriteReceiverOptions, type WriteResult } from "./write-receiver.ts";

const [V1, V2] = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"] as const;
const NOW = 1_000_000;

class Rig {
  readonly storage = new MemoryStorage();
  readonly receiver: WriteReceiver;
  /** Number of label sets that were created for the storage. */
  resolved = 0;
  /** Series references that the storage pretends to have forgotten. */
  readonly forgotten = new Set<SeriesRef>();

  constructor(options: Partial<WriteReceiverOptions> = {}) {
    const appendable = { appender: (its = {}): Appender => this.#watched(this.storage.appender(its)) };
    this.receiver = new WriteReceiver({
      appendable,
      clock: new ManualClock(NOW),
      outOfOrderWindowMs: () => 0,
      withMetadata: false,
      typeAndUnitLabels: false,
      ...options,
    });
  }

  #watched(appender: Appender): Appender {
    const { forgotten, storage } = this;
    return {
      series: (labels: Labels) => {
        this.resolved++;
        const ref = appender.series(labels);
        forgotten.delete(ref);
        return ref;
      },
      append(batch) {
        appender.append(batch);
        for (let i = 0; i < batch.count; i++) {
          if (forgotten.has(batch.refs[i]!)) batch.outcomes[i] = OUTCOME_UNKNOWN_SERIES;
        }
      },
      appendHistogram: (...its) => appender.appendHistogram(...its),
      appendExemplar: (...its) => appender.appendExemplar(...its),
      appendMetadata: (...its) => appender.appendMetadata!(...its),
      newestFloat(ref) {
        const { samples } = storage.byRef[ref - 1]!;
        return samples.values[samples.count - 1];
      },
      commit: () => appender.commit(),
      rollback: () => appender.rollback(),
    };
  }

  /** Names of the stored series with their values. */
  get stored(): Readonly<Record<string, readonly number[]>> {
    return Object.fromEntries(
      [...this.storage.series.values()]
        .filter(({ samples }) => samples.count > 0)
        .map(({ labels, samples }) => [labels.toString(), [...samples.values.subarray(0, samples.count)]]),
    );
  }
}

const series = (name: string, ...samples: readonly (readonly [number, number])[]): TestSeries => ({
  labels: [
    ["__name__", name],
    ["job", "j"],
  ],
  samples,
});

const written = ({ status, problem }: WriteResult): readonly unknown[] => [status, problem];

test.each([
  [V1, requestV1],
  [V2, requestV2],
])(
  "%s: a series that was written before is recognised by its bytes, and a forgotten one is resolved again",
  async (message, request) => {
    const rig = new Rig();
    const send = (time: number): Promise<WriteResult> =>
      rig.receiver.receive(message, request([series("a", [time, time]), series("b", [time, -time])]));
    expect(written(await send(1000))).toEqual([204, ""]);
    expect(rig.resolved).toBe(2);
    expect(written(await send(2000))).toEqual([204, ""]);
    expect(rig.resolved).toBe(2);
    expect(rig.stored).toEqual({
      '{__name__="a", job="j"}': [1000, 2000],
      '{__name__="b", job="j"}': [-1000, -2000],
    });
    rig.forgotten.add(1);
    await send(3000);
    expect(rig.resolved).toBe(3);
  },
);

test("labels may be anywhere in a series of 1.0, and a stale marker is kept", async () => {
  const rig = new Rig();
  const stale = Uint8Array.of(2, 0, 0, 0, 0, 0, 0xf0, 0x7f);
  const body = requestV1([
    {
      labels: [
        ["job", "j"],
        ["__name__", "a"],
      ],
      samples: [
        [1, 5],
        [2, stale],
      ],
      labelsLast: true,
    },
  ]);
  expect(written(await rig.receiver.receive(V1, body))).toEqual([204, ""]);
  const [{ labels, samples }] = [...rig.storage.series.values()] as [MemoryStorage["byRef"][number]];
  expect([labels.toString(), samples.count]).toEqual(['{__name__="a", job="j"}', 2]);
  expect(isStaleAt(samples.valueWords, 1)).toBe(true);
});

test.each<readonly [string, (out: WireWriter) => void, readonly number[]]>([
  ["a value and a time", (out) => (out.double(1, 7), out.int64(2, 5)), [5, 7]],
  ["a time before a value", (out) => (out.int64(2, 5), out.double(1, 7)), [5, 7]],
  ["a time alone: 0", (out) => out.int64(2, 5), [5, 0]],
  ["a value alone: 1970", (out) => out.double(1, 7), [0, 7]],
  ["nothing", () => undefined, [0, 0]],
  ["a time before 1970", (out) => (out.double(1, 7), out.int64(2, -5)), [-5, 7]],
  ["two times, of which the last counts", (out) => (out.double(1, 7), out.int64(2, 4), out.int64(2, 5)), [5, 7]],
  ["an unknown field", (out) => (out.double(1, 7), out.int64(2, 5), out.int64(9, 1)), [5, 7]],
])("1.0: a sample of %s", async (_about, write, expected) => {
  const rig = new Rig();
  const out = new WireWriter();
  out.message(1, () => {
    out.message(1, () => {
      out.string(1, "__name__");
      out.string(2, "a");
    });
    out.message(2, () => write(out));
  });
  const body = new SnappyCompressor().compress(out.written).slice();
  // Sends the request twice. The series is already known in the second request.
  for (const status of [204, 204]) expect(await rig.receiver.receive(V1, body)).toMatchObject({ status });
  const [{ samples }] = [...rig.storage.series.values()] as [MemoryStorage["byRef"][number]];
  expect([samples.count, samples.timestamps[0], samples.values[0]]).toEqual([1, ...expected]);
});

test("with 1.0 the first refused sample refuses the whole request; with 2.0 all other samples are stored", async () => {
  const all = [series("a", [1000, 1]), series("future", [NOW + 11 * 60_000, 1]), series("b", [1000, 1])];
  const first = new Rig();
  expect(written(await first.receiver.receive(V1, requestV1(all)))).toEqual([
    400,
    "out of bounds: timestamp is too far in the future",
  ]);
  expect(first.stored).toEqual({});
  const second = new Rig();
  const result = await second.receiver.receive(V2, requestV2(all));
  expect(result).toMatchObject({ status: 400, counts: { samples: 2, histograms: 0, exemplars: 0 } });
  expect(result.problem).toBe(
    'out of bounds: timestamp is too far in the future for series {__name__="future", job="j"}',
  );
  expect(Object.keys(second.stored)).toEqual(['{__name__="a", job="j"}', '{__name__="b", job="j"}']);
});

test.each([
  ["a missing symbol", [1, 2, 77, 1], "labelRefs 77 (name) = 1 (value) outside of symbols table (size 3)"],
  ["an odd number of references", [1, 2, 1], "invalid labelRefs length 3"],
])("2.0: a series with %s is reported, and the others are stored", async (_about, refs, problem) => {
  const rig = new Rig();
  const body = requestV2([series("x", [1000, 1]), { labels: [["__name__", "b"]], samples: [[1000, 2]] }], refs);
  expect(await rig.receiver.receive(V2, body)).toMatchObject({
    status: 400,
    problem: `parsing labels for series [${refs.join(" ")}]: ${problem}`,
    withInvalidLabels: 1,
  });
  expect(rig.stored).toEqual({ '{__name__="b"}': [2] });
});

test("with 2.0, a series without samples is refused", async () => {
  const rig = new Rig();
  const body = requestV2([series("empty"), series("a", [1, 1])]);
  expect(written(await rig.receiver.receive(V2, body))).toEqual([
    400,
    'TimeSeries must contain at least one sample or histogram for series {__name__="empty", job="j"}',
  ]);
  expect(rig.stored).toEqual({ '{__name__="a", job="j"}': [1] });
});

test("with 2.0, type and unit become labels, and another unit gives another series", async () => {
  const rig = new Rig({ typeAndUnitLabels: true });
  const labels = [
    ["__name__", "a"],
    ["__type__", "told by the sender"],
  ] as const;
  const send = (unit: string, time: number): Promise<WriteResult> =>
    rig.receiver.receive(V2, requestV2([{ labels, samples: [[time, time]], metadata: [1, unit] }]));
  await send("seconds", 1);
  await send("bytes", 2);
  await send("seconds", 3);
  expect(rig.stored).toEqual({
    '{__name__="a", __type__="counter", __unit__="seconds"}': [1, 3],
    '{__name__="a", __type__="counter", __unit__="bytes"}': [2],
  });
});

test("with 2.0, metadata is stored if enabled", async () => {
  const rig = new Rig({ withMetadata: true });
  await rig.receiver.receive(V2, requestV2([{ ...series("a", [1, 1]), metadata: [2, "bytes"] }]));
  expect(rig.storage.metadata.map(({ metadata }) => metadata)).toEqual([{ type: "gauge", help: "", unit: "bytes" }]);
});

/** Returns a request with a histogram of schema 9 that has two observations. */
const fineHistogram = (count: number): Uint8Array =>
  requestV1([
    {
      labels: [["__name__", "h"]],
      histogram(out) {
        out.uint64(1, count);
        out.double(3, 2);
        out.sint64(4, 9);
        out.message(11, () => {
          out.sint64(1, 1);
          out.uint64(2, 2);
        });
        out.sint64(12, 1);
        out.sint64(12, 0);
        out.int64(15, 5);
      },
    },
  ]);

test("a histogram with a finer schema than can be stored is made coarser, and one with a wrong count is refused", async () => {
  const rig = new Rig();
  const refused = [400, expect.stringMatching(/^2 observations found in buckets, but the Count field is 1: /)];
  expect(written(await rig.receiver.receive(V1, fineHistogram(1)))).toEqual(refused);
  expect(written(await rig.receiver.receive(V1, fineHistogram(2)))).toEqual([204, ""]);
  // The series is known now.
  expect(written(await rig.receiver.receive(V1, fineHistogram(1)))).toEqual(refused);
  const [{ samples }] = [...rig.storage.series.values()] as [MemoryStorage["byRef"][number]];
  expect(samples.histograms).toMatchObject([{ schema: 8, count: 2, positiveBuckets: Float64Array.of(2) }]);
});

test("a body that cannot be unpacked or is not a message stores nothing", async () => {
  const rig = new Rig();
  const whole = requestV1([series("a", [1, 1])]);
  const torn = new SnappyCompressor().compress(Uint8Array.of(0x0a, 5, 1)).slice();
  for (const message of [V1, V2]) {
    expect(written(await rig.receiver.receive(message, Uint8Array.of(255, 255)))).toEqual([
      400,
      "snappy: corrupt input",
    ]);
    expect(written(await rig.receiver.receive(message, whole.subarray(0, 9)))).toEqual([400, "snappy: corrupt input"]);
    const refused = await rig.receiver.receive(message, torn);
    expect(refused).toEqual({ status: 400, problem: "unexpected EOF", withInvalidLabels: 0 });
    // Sends a Snappy block whose header claims 4 GiB of content.
    expect(written(await rig.receiver.receive(message, Uint8Array.of(255, 255, 255, 255, 15, 0)))).toEqual([
      400,
      "snappy: decoded length 4294967295 exceeds limit 33554432",
    ]);
  }
  expect(rig.stored).toEqual({});
});

test.each<readonly [string, (out: WireWriter) => void]>([
  ["series", (out) => out.message(1, () => out.int64(1, 5))],
  ["sample", (out) => out.message(1, () => out.message(2, () => out.string(1, "7")))],
  ["metadata", (out) => out.message(3, () => out.string(1, "gauge"))],
])("1.0: a field of a %s with the wrong wire type is refused", async (_what, write) => {
  const rig = new Rig();
  const out = new WireWriter();
  write(out);
  const body = new SnappyCompressor().compress(out.written).slice();
  expect(await rig.receiver.receive(V1, body)).toMatchObject({
    status: 400,
    problem: expect.stringContaining("wrong wireType"),
  });
});

test("series without labels are skipped and counted", async () => {
  const rig = new Rig();
  const empty = new SnappyCompressor().compress(Uint8Array.of(0x0a, 0, 0x0a, 0)).slice();
  expect(await rig.receiver.receive(V1, empty)).toMatchObject({ status: 204, withInvalidLabels: 2 });
  expect(rig.stored).toEqual({});
});

test("if the storage has no room for another series, nothing of the request is stored, and the response says why", async () => {
  const rig = new Rig();
  rig.storage.maxSeries = 1;
  const body = requestV2([series("a", [1, 1]), series("b", [1, 1])]);
  expect(await rig.receiver.receive(V2, body)).toMatchObject({
    status: 500,
    counts: { samples: 0, histograms: 0, exemplars: 0 },
  });
  expect(rig.stored).toEqual({});
});

test("a message may be compressed by zstd; invalid zstd, and a message that is too large when unpacked, are refused", async () => {
  const rig = new Rig();
  const unpacked = new SnappyReader().expand(requestV1([series("a", [NOW, 1])]), 1024);
  const packed = zstdCompressSync(unpacked);
  expect(written(await rig.receiver.receive(V1, packed, "zstd"))).toEqual([204, ""]);
  expect(rig.stored).toEqual({ '{__name__="a", job="j"}': [1] });
  const bomb = zstdCompressSync(Buffer.alloc(33 * 1024 * 1024));
  expect(written(await rig.receiver.receive(V1, bomb, "zstd"))).toEqual([
    413,
    "the message has more than 33554432 bytes; send fewer samples at once",
  ]);
  expect(written(await rig.receiver.receive(V1, packed.subarray(1), "zstd"))).toEqual([400, "zstd: corrupt input"]);
});

test.each<[sent: [number, number], problem: string]>([
  [[1000, 1], ""],
  [[1000, 2], "duplicate sample for timestamp 1000; overrides not allowed: existing 1, new value 2"],
  [[999, 2], "out of order sample"],
  [[NOW + 600_000, 2], ""],
  [[NOW + 600_001, 2], "out of bounds: timestamp is too far in the future"],
])("after a sample at 1000 of 1 one at %j is answered by both versions", async (sample, problem) => {
  for (const [message, request] of [
    [V1, requestV1],
    [V2, requestV2],
  ] as const) {
    const rig = new Rig();
    expect(written(await rig.receiver.receive(message, request([series("a", [1000, 1])])))).toEqual([204, ""]);
    const whose = message === V2 && problem !== "" ? ' for series {__name__="a", job="j"}' : "";
    expect(written(await rig.receiver.receive(message, request([series("a", sample)])))).toEqual([
      problem === "" ? 204 : 400,
      problem + whose,
    ]);
  }
});

test.each([
  [[["job", "j"]], 'invalid metric name or labels, got {job="j"}'],
  [
    [
      ["__name__", "a"],
      ["b", "1"],
      ["b", "2"],
    ],
    'invalid labels for series, labels {__name__="a", b="1", b="2"}, duplicated label b',
  ],
] as const)("series with the labels %j are left out and counted, and 2.0 says why", async (labels, problem) => {
  const sent: TestSeries[] = [{ labels, samples: [[1000, 1]] }, series("good", [1000, 1])];
  const problems = [];
  for (const [message, body] of [
    [V1, requestV1(sent)],
    [V2, requestV2(sent)],
  ] as const) {
    const result = await new Rig().receiver.receive(message, body);
    problems.push([result.withInvalidLabels, result.problem]);
  }
  expect(problems).toEqual([
    [1, ""],
    [1, problem],
  ]);
});
