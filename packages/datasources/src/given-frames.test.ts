import type { Clock } from "@narthex/runtime";
import { expect, test } from "vitest";
import { givenFrames } from "./given-frames.ts";
import { requestBudgets, ValueBudget } from "./value-budget.ts";
import { openDataSource } from "./registry.ts";
import { environmentAt, never, queryOf, settingsOf } from "./testing/fake-server.ts";

/** A frame of one long column and many columns without values. */
const sparse = (fields: number, rows: number): object => ({
  schema: { fields: Array.from({ length: fields }, () => ({})) },
  data: { values: [Array.from({ length: rows }, () => 0)] },
});

const reading = (cells = requestBudgets().cells) => ({
  refId: "A",
  what: "the snapshot",
  cells,
  clock: environmentAt(0).clock,
});

test("empty cells of short columns count in the budget of the request", async () => {
  await expect(givenFrames(sparse(2000, 2501), reading())).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining("more than 5000000 cells"),
  });
  expect((await givenFrames(sparse(20, 50), reading(new ValueBudget(1000, "too many"))))[0]).toMatchObject({
    refId: "A",
    length: 50,
  });
});

test("a frame with more columns than a table may have is refused", async () => {
  await expect(givenFrames(sparse(2001, 0), reading())).rejects.toMatchObject({
    status: 422,
    message: "the snapshot has 2001 columns; give a frame at most 2000 columns",
  });
});

test("columns without rows count as cells", async () => {
  const frames = Array.from({ length: 3 }, () => sparse(5, 0));
  await expect(givenFrames(frames, reading(new ValueBudget(14, "too many cells")))).rejects.toThrow("too many cells");
});

test("a long text of an enumeration counts in each cell, also in a nested frame", async () => {
  const schema = { fields: [{ type: "enum", config: { type: { enum: { text: ["x".repeat(64_000)] } } } }] };
  const frame = { schema, data: { values: [Array.from({ length: 20 }, () => 0)] } };
  const nested = { schema: { fields: [{ type: "nestedFrames" }] }, data: { values: [[[frame]]] } };
  for (const given of [frame, nested]) {
    await expect(givenFrames(given, reading(new ValueBudget(19_999, "too long")))).rejects.toThrow("too long");
    expect(await givenFrames(given, reading(new ValueBudget(20_001, "too long")))).toHaveLength(1);
  }
});

test("a large frame is read with pauses, in each column and between columns", async () => {
  let [time, pauses] = [0, 0];
  const clock: Clock = {
    now: () => 0,
    // Each step seems to take 10 ms, so that a pause follows it.
    monotonic: () => (time += 10),
    sleep: () => {
      pauses++;
      return Promise.resolve();
    },
    after: () => () => undefined,
  };
  expect((await givenFrames(sparse(100, 1), { ...reading(), clock }))[0]!.length).toBe(1);
  expect(pauses).toBeGreaterThanOrEqual(100);
  pauses = 0;
  await givenFrames(sparse(1, 400_000), { ...reading(), clock });
  expect(pauses).toBeGreaterThanOrEqual(100);
});

test("snapshots and raw frames of one request share its budget of cells", async () => {
  const environment = environmentAt(0);
  for (const [type, target] of [
    ["grafana", { queryType: "snapshot", snapshot: [sparse(10, 10)] }],
    ["testdata", { scenarioId: "raw_frame", rawFrameContent: JSON.stringify([sparse(10, 10)]) }],
  ] as const) {
    const source = openDataSource(settingsOf(type, ""), environment);
    const budgets = { ...requestBudgets(), cells: new ValueBudget(150, "too many cells") };
    const queries = ["A", "B"].map((refId) => ({ ...queryOf(target, [0, 60], refId), budgets }));
    const answers = await source.query(queries, never());
    expect(Array.from(answers.values(), ({ status }) => status)).toEqual([200, 422]);
  }
});
