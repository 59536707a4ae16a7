import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { wallTime } from "./clock.ts";
import { Lifecycle } from "./lifecycle.ts";
import { logOnChange } from "./log-on-change.ts";
import { createLogger } from "./logger.ts";
import { SimulatedClock } from "./simulated-clock.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { memoryLogger } from "./testing/memory-logger.ts";

test("ManualClock runs alarms at their own times and in order, including those set during an advance", async () => {
  const clock = new ManualClock(1000);
  const rung: string[] = [];
  clock.after(20, () => rung.push(`b${clock.now()}`));
  clock.after(10, () => {
    rung.push(`a${clock.now()}`);
    clock.after(5, () => rung.push(`c${clock.now()}`));
  });
  await clock.advance(30);
  expect(rung).toEqual(["a1010", "c1015", "b1020"]);
  expect(clock.now()).toBe(1030);
});

test("a SimulatedClock forgets cancelled alarms, and stops between two alarms if the signal aborts", async () => {
  const clock = new SimulatedClock(1000);
  const rung: number[] = [];
  const cancels = Array.from({ length: 5000 }, (_, at) => clock.after(at, () => rung.push(clock.now())));
  for (const [at, cancel] of cancels.entries()) if (at % 1000 !== 7) cancel();
  cancels[0]!();
  expect(clock.pending).toBe(5);
  const stop = new AbortController();
  clock.after(1007, () => stop.abort(new Error("enough")));
  await expect(clock.advance(10_000, stop.signal)).rejects.toThrow("enough");
  expect([rung, clock.now(), clock.pending]).toEqual([[1007, 2007], 2007, 3]);
  await clock.advance(10_000 - 1007);
  expect([rung, clock.now()]).toEqual([[1007, 2007, 3007, 4007, 5007], 11_000]);
});

test("wallTime() has fractions, and follows the wall clock when it is set", () => {
  let wall = 5000;
  let monotonic = 0;
  const now = wallTime({ origin: 5000.25, monotonic: () => monotonic, wall: () => wall });
  expect(now()).toBe(5000.25);
  monotonic = 10.5;
  wall = 5010;
  expect(now()).toBe(5010.75);
  wall += 300;
  expect(now()).toBe(5310);
  monotonic += 0.5;
  expect(now()).toBe(5310.5);
  wall -= 200;
  expect(now()).toBe(5110);
});

test("after(0) fires in an otherwise idle process", () => {
  const program = `
    import { systemClock } from ${JSON.stringify(new URL("clock.ts", import.meta.url).href)};
    const alarm = setTimeout(() => console.log("late"), 30_000);
    setTimeout(() => systemClock.after(0, () => (console.log("at once"), clearTimeout(alarm))), 20);
  `;
  const args = ["--input-type=module", "--eval", program];
  expect(execFileSync(process.execPath, args, { encoding: "utf8" })).toBe("at once\n");
});

test("sleep() rejects with the signal's reason when it is aborted", async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const slept = clock.sleep(100, controller.signal);
  controller.abort(new Error("enough"));
  await expect(slept).rejects.toThrow("enough");
  expect(clock.pending).toBe(0);
});

test("Lifecycle stops parts in reverse order and gives up on one that does not stop", async () => {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const lifecycle = new Lifecycle({ clock, logger, deadlineMs: 1000 });
  const stopped: string[] = [];
  lifecycle.add({ name: "first", stop: () => void stopped.push("first") });
  lifecycle.add({ name: "stuck", stop: () => new Promise(() => undefined) });
  lifecycle.add({ name: "last", stop: () => void stopped.push("last") });
  const done = lifecycle.stop();
  await clock.advance(1000);
  await done;
  expect(stopped).toEqual(["last", "first"]);
  expect(logger.lines.map(({ message, fields }) => `${message} ${String(fields["part"])}`)).toEqual([
    "Part did not stop in time stuck",
  ]);
});

test("logOnChange() logs a failure once and its end once", () => {
  const logger = memoryLogger();
  const state = logOnChange(logger, "Sending");
  state.succeeded();
  state.failed("refused");
  state.failed("refused");
  state.failed("timeout");
  state.succeeded();
  expect(logger.lines.map(({ message, fields }) => [message, fields["err"]])).toEqual([
    ["Sending failed", "refused"],
    ["Sending failed", "timeout"],
    ["Sending works again", undefined],
  ]);
});

test.each(["logfmt", "json"] as const)("createLogger() prints time, level, message and fields as %s", (format) => {
  let out = "";
  const logger = createLogger({ level: "info", format, clock: new ManualClock(0), write: (line) => (out += line) });
  logger.debug("hidden");
  logger.child({ component: "tsdb" }).info('say "hi"', { n: 1, err: new Error("no such file") });
  expect(out).toBe(
    format === "json"
      ? '{"time":"1970-01-01T00:00:00.000Z","level":"INFO","msg":"say \\"hi\\"","component":"tsdb","n":1,"err":"no such file"}\n'
      : 'time=1970-01-01T00:00:00.000Z level=INFO msg="say \\"hi\\"" component=tsdb n=1 err="no such file"\n',
  );
});
