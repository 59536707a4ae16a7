import { expect, test } from "vitest";
import { createEngine } from "../engine.ts";
import { inMemory } from "../testing/in-memory.ts";

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve(), after: () => () => {} };
const queryable = inMemory([{ labels: { __name__: "m", a: "x".repeat(100) }, times: [0], values: [1] }]);

const failureOf = (text: string, maxBytes = Infinity): Promise<unknown> =>
  createEngine({ clock, maxBytes })
    .query({ queryable, text, time: 0 })
    .then(
      () => undefined,
      (error: Error) => error.message,
    );

const times = (open: string, close: string, count: number): string => `${open.repeat(count)}m${close.repeat(count)}`;

test("label_join() that doubles a value repeatedly ends with an error", async () => {
  const message = await failureOf(times("label_join(", ',"a","","a","a","a","a")', 20));
  expect(message).toBe("label_join() would make a label value of 1638400 characters, more than the 1048576 allowed");
});

test("label_replace() that doubles a value repeatedly ends with an error", async () => {
  const message = await failureOf(times("label_replace(", ',"a","$1$1","a","(.*)")', 30));
  expect(message).toMatch(/^label_replace\(\) would make a label value of \d+ characters, more than the 1048576/);
});

test("long values are counted as memory that a query holds", async () => {
  expect(await failureOf(times("label_join(", ',"a","","a","a","a","a")', 5), 100_000)).toContain(
    "query processing would hold more than 0 MiB in memory",
  );
});
