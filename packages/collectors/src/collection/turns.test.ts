import type { Clock, Steps } from "@narthex/runtime";
import { settle } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { runInTurns } from "./turns.ts";

/**
 * Runs groups of tasks with steps of 2 ms, one group after the other. Returns for each turn of the event loop which
 * task ran each step.
 */
async function turnsOfTasks(...groups: readonly Readonly<Record<string, number>>[]): Promise<string[]> {
  let now = 0;
  /** Callbacks that run in the next turn, like those of setImmediate(). */
  let next: (() => void)[] = [];
  const turns = [""];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: async () => new Promise((resolve) => void next.push(resolve)),
    after: (_ms, run) => {
      next.push(run);
      return () => undefined;
    },
  };
  function* work(name: string, steps: number): Steps<void> {
    for (let i = 0; i < steps; i++) {
      now += 2;
      turns[turns.length - 1] += name;
      yield;
    }
  }
  for (const tasks of groups) {
    const running = Object.entries(tasks).map(async ([name, steps]) => runInTurns(clock, work(name, steps)));
    while (next.length > 0) {
      const callbacks = next;
      next = [];
      turns.push("");
      for (const run of callbacks) {
        run();
        await settle();
      }
    }
    await Promise.all(running);
  }
  return turns.filter((turn) => turn !== "");
}

test.each([
  ["a short task ends in the turn in which it began", { a: 2 }, ["aa"]],
  ["a long task has several turns", { a: 7 }, ["aaa", "aaa", "a"]],
  [
    "tasks of one turn share it, and later resume in the order in which they waited",
    { a: 7, b: 4 },
    ["aaa", "aaa", "bbb", "a", "b"],
  ],
  [
    "a task that begins in a used turn waits, and one waiting task resumes in a turn",
    { a: 3, b: 1, c: 1 },
    ["aaa", "b", "c"],
  ],
])("%s", async (_rule, tasks, turns) => {
  expect(await turnsOfTasks(tasks)).toEqual(turns);
});

test("a task that begins after a long one has a whole turn", async () => {
  expect(await turnsOfTasks({ a: 4 }, { b: 4 })).toEqual(["aaa", "a", "bbb", "b"]);
});
