import { WireWriter } from "@narthex/bytes";
import { ManualClock } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteRun } from "./byte-run.ts";
import { DeltaToCumulative } from "./delta-to-cumulative.ts";

/** Returns encoded attributes with one KeyValue message that consists of the byte `content`. */
function attributesOf(content: number): ByteRun {
  const out = new WireWriter();
  out.bytes(7, Uint8Array.of(content));
  const run = new ByteRun();
  run.reset(out.written, new DataView(out.written.buffer));
  run.add(out.written, 0, out.written.length);
  return run;
}

interface Point {
  readonly metric: number;
  readonly stream: number;
  readonly time: number;
  readonly value: number;
}

/** Adds the data points of one request to their streams. Returns the resulting sums. */
function send(deltas: DeltaToCumulative, points: readonly Point[]): (number | undefined)[] {
  deltas.begin();
  return points.map(({ metric, stream, time, value }) => {
    const delta = { start: 0n, time: BigInt(time), flags: 0, value, isInteger: true };
    return deltas.metric([Uint8Array.of(metric)]).number(attributesOf(stream), delta)?.value;
  });
}

const requests = fc.array(
  fc.record({
    isKept: fc.boolean(),
    points: fc.array(
      fc.record({
        metric: fc.integer({ min: 0, max: 2 }),
        stream: fc.integer({ min: 0, max: 2 }),
        time: fc.integer({ min: 0, max: 20 }),
        value: fc.integer({ min: 1, max: 9 }),
      }),
      { maxLength: 8 },
    ),
  }),
  { maxLength: 12 },
);

test("sums are those of the requests that were kept, whatever requests between them were taken back", () => {
  fc.assert(
    fc.property(requests, (sent) => {
      const clock = new ManualClock(0);
      const [deltas, onlyKept] = [new DeltaToCumulative(clock), new DeltaToCumulative(clock)];
      for (const { isKept, points } of sent) {
        const sums = send(deltas, points);
        if (isKept) {
          deltas.keep();
          expect(sums).toEqual(send(onlyKept, points));
          onlyKept.keep();
        } else {
          const steps = deltas.takeBack();
          while (steps.next().done !== true);
        }
      }
    }),
  );
});

test("very many sums are taken back in steps", () => {
  const deltas = new DeltaToCumulative(new ManualClock(0));
  deltas.begin();
  for (let i = 0; i < 10_000; i++) {
    const name = Uint8Array.of(i % 256, i / 256);
    deltas.metric([name]).number(attributesOf(0), { start: 0n, time: 1n, flags: 0, value: 1, isInteger: true });
  }
  const steps = deltas.takeBack();
  let pauses = 0;
  while (steps.next().done !== true) pauses++;
  expect(pauses).toBe(4);
});

test("a request that is refused does not prevent a silent stream from being forgotten", async () => {
  const clock = new ManualClock(0);
  const deltas = new DeltaToCumulative(clock);
  const point = (time: number): Point => ({ metric: 0, stream: 0, time, value: 1 });
  const sent = (time: number) => send(deltas, [point(time)])[0];
  expect(sent(1)).toBe(1);
  deltas.keep();
  for (let minutes = 0; minutes < 6; minutes++) {
    await clock.advance(60_000);
    // Sends a second point that is older than the sum and does not change it.
    send(deltas, [point(2 + minutes), point(0)]);
    const steps = deltas.takeBack();
    while (steps.next().done !== true);
  }
  expect(sent(20)).toBe(1);
});
