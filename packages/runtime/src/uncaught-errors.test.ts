import { expect, test } from "vitest";
import { InternalErrors } from "./internal-errors.ts";
import { InvariantError } from "./invariant.ts";
import { memoryLogger, testHost } from "./testing/index.ts";
import { surviveUncaughtErrors } from "./uncaught-errors.ts";

function surviving() {
  const handlers = new Set<(error: unknown) => void>();
  const host = {
    ...testHost([]),
    onUncaughtError(run: (error: unknown) => void) {
      handlers.add(run);
      return () => handlers.delete(run);
    },
  };
  const errors = new InternalErrors();
  const logger = memoryLogger();
  const part = surviveUncaughtErrors(host, logger, errors);
  const raise = (error: unknown): void => {
    for (const run of handlers) run(error);
  };
  return { errors, handlers, logger, part, raise };
}

test("an uncaught error is logged with its stack and counted", () => {
  const { errors, logger, raise } = surviving();
  const error = new TypeError("x is undefined");
  raise(error);
  expect([...errors.counts]).toEqual([["uncaught", 1]]);
  expect(logger.lines).toMatchObject([{ level: "error", fields: { component: "uncaught", stack: error.stack } }]);
});

test("a broken invariant is logged and thrown again, which ends the process", () => {
  const { logger, raise } = surviving();
  expect(() => raise(new InvariantError("broken"))).toThrow("broken");
  expect(logger.lines).toMatchObject([{ level: "error", message: "The process ends: its state may be wrong" }]);
});

test("a role that has stopped no longer handles errors", async () => {
  const { handlers, part } = surviving();
  expect(handlers.size).toBe(1);
  await part.stop();
  expect(handlers.size).toBe(0);
});
