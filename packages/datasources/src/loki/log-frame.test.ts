import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { requestBudgets } from "../value-budget.ts";
import { logFrame } from "./log-frame.ts";

test("lines of a stream share one object with the types of their labels", () => {
  const labels = { job: "api" };
  const lines = [
    { nanoseconds: "1", text: "a", labels },
    { nanoseconds: "2", text: "b", labels },
    { nanoseconds: "3", text: "c", labels: { job: "api", id: "7" }, types: { job: "I", id: "S" } as const },
  ];
  const { fields } = runToEnd(logFrame(lines, { refId: "A", derived: [], ...requestBudgets() }));
  const types = fields.find(({ name }) => name === "labelTypes")!.values;
  expect([...types]).toEqual([{ job: "I" }, { job: "I" }, { job: "I", id: "S" }]);
  expect(types[0]).toBe(types[1]);
});
