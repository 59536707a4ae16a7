import { SnappyCompressor, WireWriter } from "@narthex/bytes";
import { ManualClock } from "@narthex/runtime/testing";
import { MemoryStorage } from "@narthex/storage/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type WriteMessage, WRITE_MESSAGES } from "./write-protocol.ts";
import { WriteReceiver, type WriteResult } from "./write-receiver.ts";

const [V1, V2] = WRITE_MESSAGES;
const NOW = 1_000_000;

/** A clock that makes each step of a reader appear so long that other work must run. */
class SlowClock extends ManualClock {
  turns = 0;
  #monotonic = 0;

  override monotonic(): number {
    return (this.#monotonic += 1000);
  }

  override sleep(): Promise<void> {
    this.turns++;
    return Promise.resolve();
  }
}

class Rig {
  readonly clock = new SlowClock(NOW);
  readonly storage = new MemoryStorage();
  readonly #receiver = new WriteReceiver({
    appendable: this.storage,
    clock: this.clock,
    outOfOrderWindowMs: () => 0,
    withMetadata: false,
    typeAndUnitLabels: false,
  });

  receive(message: WriteMessage, plain: Uint8Array): Promise<WriteResult> {
    return this.#receiver.receive(message, new SnappyCompressor().compress(plain).slice());
  }
}

function message(write: (out: WireWriter) => void): Uint8Array {
  const out = new WireWriter();
  write(out);
  return out.written;
}

const times = (count: number, run: (i: number) => void): void => {
  for (let i = 0; i < count; i++) run(i);
};

const label = (out: WireWriter, name: string, value: string): void =>
  out.message(1, () => {
    out.string(1, name);
    out.string(2, value);
  });

const sample = (out: WireWriter, timestamp: number): void => out.message(2, () => out.int64(2, timestamp));

test.each([
  ["samples", (out: WireWriter) => times(50_000, () => sample(out, NOW)), 204, ""],
  [
    "exemplars",
    (out: WireWriter) => times(100_001, () => out.message(3, () => undefined)),
    413,
    "the message has more than 100000 histograms and exemplars, or 16777216 bytes of them; send fewer at once",
  ],
  [
    "histograms",
    (out: WireWriter) => times(100_001, () => out.message(4, () => undefined)),
    413,
    "the message has more than 100000 histograms and exemplars, or 16777216 bytes of them; send fewer at once",
  ],
])("a series of 1.0 with very many %s lets others run meanwhile", async (_what, write, status, problem) => {
  const rig = new Rig();
  const body = message((out) =>
    out.message(1, () => {
      label(out, "__name__", "a");
      write(out);
    }),
  );
  expect(await rig.receive(V1, body)).toMatchObject({ status, problem });
  expect(rig.clock.turns).toBeGreaterThan(150);
});

test.each([
  ["samples", 2, 50_000, 204],
  ["exemplars", 4, 100_001, 413],
  ["histograms", 3, 100_001, 413],
])("a series of 2.0 with very many %s lets others run meanwhile", async (_what, field, count, status) => {
  const rig = new Rig();
  const body = message((out) => {
    for (const symbol of ["", "__name__", "a"]) out.string(4, symbol);
    out.message(5, () => {
      out.message(1, () => [1, 2].forEach((ref) => out.varint(ref)));
      sample(out, NOW);
      times(count, () => (field === 2 ? sample(out, NOW) : out.message(field, () => undefined)));
    });
  });
  expect((await rig.receive(V2, body)).status).toBe(status);
  expect(rig.clock.turns).toBeGreaterThan(150);
});

test("millions of empty series are read in small steps", async () => {
  const rig = new Rig();
  const v1 = new Uint8Array(200_000).map((_, i) => (i % 2 === 0 ? 0x0a : 0));
  expect(await rig.receive(V1, v1)).toMatchObject({ status: 204, withInvalidLabels: 100_000 });
  expect(rig.clock.turns).toBeGreaterThan(150);
  const v2 = new Uint8Array(200_000).map((_, i) => (i % 2 === 0 ? 0x2a : 0));
  const before = rig.clock.turns;
  expect((await rig.receive(V2, v2)).status).toBe(400);
  expect(rig.clock.turns - before).toBeGreaterThan(150);
});

test("the work between two pauses is a small part of the message, whatever the message consists of", async () => {
  const manyLabels = (out: WireWriter): void =>
    times(60, (i) => out.message(1, () => times(4000, () => label(out, "", `${i}`))));
  const manyRefs = (out: WireWriter): void =>
    times(60, () => out.message(5, () => out.message(1, () => times(8192, () => out.varint(0)))));
  const unknownFields = (out: WireWriter): void => out.message(1, () => times(200_000, () => out.uint64(5, 0)));
  const histograms = (out: WireWriter): void =>
    out.message(1, () => times(30, () => out.message(4, () => times(40_000, () => out.uint64(99, 0)))));
  for (const [kind, write, least] of [
    [V1, manyLabels, 30],
    [V2, manyRefs, 30],
    [V1, unknownFields, 100],
    [V1, histograms, 30],
  ] as const) {
    const rig = new Rig();
    await rig.receive(kind, message(write));
    expect(rig.clock.turns).toBeGreaterThan(least);
  }
});

test("a series with too many labels is refused, and so is an exemplar", async () => {
  const rig = new Rig();
  const problem = "a series or an exemplar has more than 4096 labels";
  const labels = (out: WireWriter): void => times(4097, (i) => label(out, `l${i}`, "v"));
  const first = message((out) => out.message(1, () => labels(out)));
  const behind = message((out) =>
    out.message(1, () => {
      sample(out, NOW);
      labels(out);
    }),
  );
  const ofExemplar = message((out) =>
    out.message(1, () => {
      label(out, "__name__", "a");
      out.message(3, () => labels(out));
    }),
  );
  for (const body of [first, behind, ofExemplar])
    expect(await rig.receive(V1, body)).toMatchObject({ status: 413, problem });
  const refs = message((out) => out.message(5, () => out.message(1, () => times(8194, () => out.varint(0)))));
  expect(await rig.receive(V2, refs)).toMatchObject({ status: 413, problem });
  expect(rig.storage.series.size).toBe(0);
});

test("an entry of more than 128 KiB is refused", async () => {
  const rig = new Rig();
  const huge = new Uint8Array(128 * 1024 + 1);
  const problem = expect.stringContaining("has 131073 bytes; the maximum is 131072");
  for (const field of [2, 3, 4]) {
    const body = message((out) => out.message(1, () => out.bytes(field, huge)));
    expect(await rig.receive(V1, body)).toMatchObject({ status: 413, problem });
    const body2 = message((out) => out.message(5, () => out.bytes(field, huge)));
    expect(await rig.receive(V2, body2)).toMatchObject({ status: 413, problem });
  }
  expect(
    await rig.receive(
      V1,
      message((out) => out.bytes(3, huge)),
    ),
  ).toMatchObject({ status: 413, problem });
});

test("the total text for a long symbol that many series name is limited", async () => {
  const rig = new Rig();
  const body = message((out) => {
    for (const symbol of [
      "",
      "__name__",
      "v".repeat(1024 * 1024),
      "l",
      ...Array.from({ length: 200 }, (_, i) => `${i}`),
    ])
      out.string(4, symbol);
    times(200, (i) =>
      out.message(5, () => {
        out.message(1, () => [1, 4 + i, 3, 2].forEach((ref) => out.varint(ref)));
        sample(out, NOW);
      }),
    );
  });
  expect(await rig.receive(V2, body)).toMatchObject({
    status: 413,
    problem: expect.stringContaining("send fewer series at once"),
  });
  expect(Object.values(rig.storage.byRef).filter(({ samples }) => samples.count > 0)).toEqual([]);
});

test("refused samples are reported in a text of limited length", async () => {
  const rig = new Rig();
  const body = message((out) => {
    for (const symbol of ["", "__name__", "a", "l", "v".repeat(900_000)]) out.string(4, symbol);
    times(2, (i) =>
      out.message(5, () => {
        out.message(1, () => [1, 2, 3, 4].forEach((ref) => out.varint(ref)));
        sample(out, NOW);
        sample(out, NOW - 1 - i);
      }),
    );
  });
  const { status, problem } = await rig.receive(V2, body);
  expect([status, problem.length, problem.endsWith("...")]).toEqual([400, 1024 * 1024 + 4, true]);
});

const parts = fc.shuffledSubarray(
  [...Array.from({ length: 6 }, (_, i) => ({ label: i })), ...Array.from({ length: 6 }, (_, i) => ({ time: NOW + i }))],
  { minLength: 1 },
);

test("labels and samples may be in any order: the series is the same as with the labels first", async () => {
  await fc.assert(
    fc.asyncProperty(parts, fc.nat(200), async (chosen, valueLength) => {
      const write = (order: typeof chosen): Uint8Array =>
        message((out) =>
          out.message(1, () => {
            label(out, "__name__", "a");
            for (const part of order) {
              if ("label" in part) label(out, `l${part.label}`, `${part.label}`.repeat(valueLength));
              else sample(out, part.time);
            }
          }),
        );
      const shown = async (order: typeof chosen): Promise<unknown> => {
        const rig = new Rig();
        const { status, counts } = await rig.receive(V1, write(order));
        const all = [...rig.storage.series.values()];
        return [
          status,
          counts,
          all.map(({ labels, samples }) => [labels.toString(), [...samples.timestamps.subarray(0, samples.count)]]),
        ];
      };
      const labelsFirst = [...chosen.filter((part) => "label" in part), ...chosen.filter((part) => "time" in part)];
      expect(await shown(chosen)).toEqual(await shown(labelsFirst));
    }),
  );
});
