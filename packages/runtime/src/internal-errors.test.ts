import { expect, test } from "vitest";
import { InternalErrors } from "./internal-errors.ts";
import { InvariantError } from "./invariant.ts";
import { memoryLogger } from "./testing/memory-logger.ts";

test("an error is logged with its stack and counted by component", () => {
  const errors = new InternalErrors();
  const logger = memoryLogger();
  const report = errors.reporter("rule_group", logger);
  const error = new TypeError("x is undefined");
  report(error, { group: "g" });
  report("a text");
  expect([...errors.counts]).toEqual([["rule_group", 2]]);
  expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual([
    ["error", { component: "rule_group", group: "g", err: error, stack: error.stack }],
    ["error", { component: "rule_group", err: "a text", stack: undefined }],
  ]);
});

test("a broken invariant is thrown again", () => {
  const errors = new InternalErrors();
  expect(() => errors.reporter("rule_group", memoryLogger())(new InvariantError("broken"))).toThrow("broken");
  expect(errors.counts.size).toBe(0);
});
