import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { retried } from "./retried.ts";
import { ServiceError } from "./service-error.ts";

const SETTINGS = { attempts: 4, pauseMs: 1000, maxPauseMs: 3000 };

/** Sends a request that fails with these errors, one after the other. Returns the times of the attempts, in ms. */
async function attemptsOf(errors: readonly Error[], stopping = new AbortController()) {
  const clock = new ManualClock();
  const times: number[] = [];
  const outcome = retried(
    (ms) => clock.sleep(ms, stopping.signal),
    SETTINGS,
    () => {
      const error = errors[times.push(clock.monotonic()) - 1];
      return error === undefined ? Promise.resolve("answer") : Promise.reject(error);
    },
  ).catch((error: unknown) => error);
  await clock.advance(60_000);
  return { outcome: await outcome, times };
}

const refusal = (status: number, retryAfterMs = 0): ServiceError => new ServiceError("busy", { status, retryAfterMs });

test("a request is repeated while the service is overloaded, after growing pauses", async () => {
  expect(await attemptsOf([refusal(429), refusal(503), refusal(500)])).toEqual({
    outcome: "answer",
    times: [0, 1000, 3000, 6000],
  });
});

test("a request is repeated only so often", async () => {
  const last = refusal(502);
  expect(await attemptsOf([refusal(500), refusal(500), refusal(500), last])).toMatchObject({ outcome: last });
});

test("a pause is as long as the service demands, and a longer demand ends the attempts", async () => {
  expect((await attemptsOf([refusal(429, 2500)])).times).toEqual([0, 2500]);
  const patient = refusal(429, 3001);
  expect(await attemptsOf([patient])).toEqual({ outcome: patient, times: [0] });
});

test.each([refusal(404), refusal(501), new Error("connection refused")])("%s is not repeated", async (error) => {
  expect(await attemptsOf([error])).toEqual({ outcome: error, times: [0] });
});

test("a caller that has stopped repeats nothing", async () => {
  const stopping = new AbortController();
  const reason = new Error("stopped");
  stopping.abort(reason);
  expect(await attemptsOf([refusal(503)], stopping)).toEqual({ outcome: reason, times: [0] });
});
