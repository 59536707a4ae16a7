import * as fc from "fast-check";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { SeriesReferences } from "./series-references.ts";

const bytesOf = (name: number): Uint8Array => new TextEncoder().encode(`series ${name}`);
const MINUTE = 60_000;

test("after any requests and pauses a series is found with its reference, or is new again after a silence", async () => {
  const request = fc.record({
    pause: fc.nat(40 * MINUTE),
    series: fc.array(fc.nat(40), { maxLength: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
      const clock = new ManualClock();
      const references = new SeriesReferences(clock);
      const known = new Map<number, { ref: number; at: number }>();
      let next = 1;
      for (const { pause, series } of requests) {
        await clock.advance(pause);
        references.begin();
        for (const name of series) {
          const bytes = bytesOf(name);
          const index = references.find(bytes, 0, bytes.length);
          const one = known.get(name);
          if (index >= 0) expect(references.ref(index)).toBe(one!.ref);
          // Expects that a series that was just written is still known.
          else if (one !== undefined) expect(clock.monotonic() - one.at).toBeGreaterThan(15 * MINUTE);
          const ref = index >= 0 ? one!.ref : next++;
          if (index < 0) references.add(bytes, 0, bytes.length, ref);
          known.set(name, { ref, at: clock.monotonic() });
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("series that are no longer written are forgotten, and their memory is released", async () => {
  const clock = new ManualClock();
  const references = new SeriesReferences(clock);
  references.begin();
  for (let name = 0; name < 10_000; name++) references.add(bytesOf(name), 0, bytesOf(name).length, name + 1);
  const full = references.byteLength;
  await clock.advance(30 * MINUTE);
  references.begin();
  expect(references.size).toBe(0);
  expect(references.byteLength).toBeLessThan(full / 10);
});

test.each([
  [3, 25, 2],
  [4, 25, 4],
  [5, 25, 5],
  [3, 24, 3],
])("of %i series of which one was silent for %i minutes, %i are known then", async (count, minutes, left) => {
  const clock = new ManualClock();
  const references = new SeriesReferences(clock);
  const write = (from: number): void => {
    for (let name = from; name < count; name++) {
      const bytes = bytesOf(name);
      if (references.find(bytes, 0, bytes.length) < 0) references.add(bytes, 0, bytes.length, name + 1);
    }
  };
  references.begin();
  write(0);
  await clock.advance(10 * MINUTE);
  references.begin();
  write(1);
  await clock.advance((minutes - 10) * MINUTE);
  references.begin();
  expect(references.size).toBe(left);
  const newest = bytesOf(count - 1);
  expect(references.ref(references.find(newest, 0, newest.length))).toBe(count);
});
