import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { readEvents, readFound, readSeries } from "./read-graphite.ts";

const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

function countSteps(steps: Iterable<unknown>): number {
  let count = 0;
  for (const _ of steps) count++;
  return count;
}

test("long values that are not needed are skipped in short steps", () => {
  const long = Array.from({ length: 100_000 }, () => "x");
  expect(countSteps(readFound(bytesOf([{ more: long }]), 10))).toBeGreaterThan(20);
  expect(countSteps(readEvents(bytesOf([{ when: 1, more: long }]), 10))).toBeGreaterThan(20);
  expect(countSteps(readEvents(bytesOf([{ when: 1, what: long }]), 10))).toBeGreaterThan(20);
  expect(countSteps(readEvents(bytesOf([{ when: 1, tags: long }]), 10))).toBeGreaterThan(20);
  expect(countSteps(readSeries(bytesOf([{ more: long }]), () => undefined))).toBeGreaterThan(20);
});

test("an element with more than a thousand keys is refused", () => {
  const element = (keys: number) =>
    bytesOf([Object.fromEntries(Array.from({ length: keys }, (_, at) => [at === 0 ? "text" : `k${at}`, "m"]))]);
  expect(runToEnd(readFound(element(1000), 10))).toEqual(["m"]);
  expect(() => runToEnd(readFound(element(1001), 10))).toThrow("an object has more than 1000 keys");
  expect(() => runToEnd(readEvents(element(1001), 10))).toThrow("an object has more than 1000 keys");
  expect(() => runToEnd(readSeries(element(1001), () => undefined))).toThrow("an object has more than 1000 keys");
});
