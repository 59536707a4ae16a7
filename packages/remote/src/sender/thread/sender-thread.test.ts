import { InternalErrors } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test, vi } from "vitest";
import { SenderThread } from "./sender-thread.ts";

/**
 * Code of sending threads for tests. The first thread ends without being stopped. Each later thread posts its number
 * when it is stopped.
 */
const PROGRAM = `
import { parentPort, workerData } from "node:worker_threads";
const number = Atomics.add(new Int32Array(workerData.appended), 0, 1) + 1;
if (number > 1) parentPort.on("message", ({ kind }) => {
  if (kind !== "stop") return;
  parentPort.postMessage({ kind: "log", level: "info", message: "stopped " + number, fields: {} });
  parentPort.postMessage({ kind: "stopped" });
});`;

test("a configuration that arrives before a thread is replaced starts one thread, not two", async () => {
  const [clock, logger] = [new ManualClock(), memoryLogger()];
  const appended = new SharedArrayBuffer(16);
  const settings = { dir: "", positionsFile: "", appended, userAgent: "", env: {} };
  const entry = new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`);
  const thread = new SenderThread({ settings, clock, logger, entry });
  const queues = { kind: "queues", queues: [], flushMs: 0 } as const;
  thread.apply(queues);
  await vi.waitUntil(() => logger.lines.some(({ level }) => level === "error"));
  expect(thread.isRunning).toBe(true);
  thread.apply(queues);
  await clock.advance(2000);
  await thread.stop(0);
  expect(logger.lines.map(({ message }) => message)).toContain("stopped 2");
  expect(new Int32Array(appended)[0]).toBe(2);
});

test.each([
  ["TypeError", 1],
  ["Error", 0],
])("a thread that ends with %s counts %i internal errors", async (error, count) => {
  const [clock, logger, internalErrors] = [new ManualClock(), memoryLogger(), new InternalErrors()];
  const settings = { dir: "", positionsFile: "", appended: new SharedArrayBuffer(16), userAgent: "", env: {} };
  const entry = new URL(`data:text/javascript,throw new ${error}("broken")`);
  const thread = new SenderThread({ settings, clock, logger, internalErrors, entry });
  thread.apply({ kind: "queues", queues: [], flushMs: 0 });
  await vi.waitUntil(() => logger.lines.some(({ message }) => message.includes("a new thread is started")));
  expect([...internalErrors.counts.values()]).toEqual(count === 0 ? [] : [count]);
  await thread.stop(0);
});
