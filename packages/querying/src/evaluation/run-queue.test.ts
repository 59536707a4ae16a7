import { expect, test } from "vitest";
import type { Purpose } from "./memory-account.ts";
import { RunQueue } from "./run-queue.ts";

/** Returns the names of jobs in the order in which they run, until each job has run `turns` times. */
async function turnsOf(jobs: readonly (readonly [string, Purpose])[], turns: number): Promise<string[]> {
  const queue = new RunQueue();
  const order: string[] = [];
  await Promise.all(
    jobs.map(async ([name, purpose]) => {
      for (let i = 0; i < turns; i++) {
        await queue.next(purpose);
        order.push(name);
      }
    }),
  );
  return order;
}

test("jobs take turns in the order in which they arrived", async () => {
  const order = await turnsOf(
    ["a", "b", "c"].map((name) => [name, "queries"] as const),
    3,
  );
  expect(order.join("")).toBe("abcabcabc");
});

test("rules get every other turn, whatever the number of queries", async () => {
  const queries = ["a", "b", "c", "d"].map((name) => [name, "queries"] as const);
  const order = await turnsOf([...queries, ["R", "rules"]], 3);
  expect(order.join("")).toBe("RaRbRcdabcdabcd");
});

test("other work of the thread runs between two turns of a job", async () => {
  const queue = new RunQueue();
  const order: string[] = [];
  const job = (async () => {
    for (let i = 0; i < 3; i++) {
      await queue.next("rules");
      order.push("job");
    }
  })();
  const other = (): void => {
    order.push("other");
    if (order.length < 6) setImmediate(other);
  };
  setImmediate(other);
  await job;
  expect(order.filter((name, i) => name === "job" && order[i + 1] === "job")).toEqual([]);
});
