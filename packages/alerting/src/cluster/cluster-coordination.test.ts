import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { ClusterCoordination } from "./cluster-coordination.ts";

const NEVER = new AbortController().signal;

function openCoordination(place: { position?: number; size?: number } = {}) {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const clusterState = { position: 0, size: 1, ...place };
  const coordination = new ClusterCoordination({
    position: () => clusterState.position,
    size: () => clusterState.size,
    peerTimeoutMs: 15_000,
    clock,
    logger,
  });
  const seen = { ready: false };
  void coordination.ready(NEVER).then(() => (seen.ready = true));
  return { clock, logger, facts: clusterState, coordination, seen };
}

test("the first instance acquires at once, and each later instance one peer timeout after the one before it", async () => {
  const { clock, facts: clusterState, coordination } = openCoordination();
  expect(coordination.maxWaitMs()).toBe(0);
  await coordination.acquire("k", NEVER);
  clusterState.position = 2;
  expect(coordination.maxWaitMs()).toBe(30_000);
  let came = false;
  void coordination.acquire("k", NEVER).then(() => (came = true));
  await clock.advance(29_999);
  expect(came).toBe(false);
  await clock.advance(1);
  expect(came).toBe(true);
});

test("acquire() ends when the signal aborts", async () => {
  const { coordination } = openCoordination({ position: 1 });
  const stop = new AbortController();
  const waiting = coordination.acquire("k", stop.signal);
  stop.abort(new Error("stopping"));
  await expect(waiting).rejects.toThrow("stopping");
});

test("one instance settles after five polls, as in Alertmanager", async () => {
  const { clock, coordination, seen } = openCoordination();
  void coordination.settle(2000, 60_000, NEVER);
  expect(coordination.status).toBe("settling");
  await clock.advance(9999);
  expect(seen.ready).toBe(false);
  await clock.advance(1);
  expect([seen.ready, coordination.status]).toEqual([true, "ready"]);
});

test("another instance that joins restarts the count of calm polls", async () => {
  const { clock, logger, facts: clusterState, coordination } = openCoordination();
  void coordination.settle(2000, 60_000, NEVER);
  await clock.advance(7000);
  clusterState.size = 2;
  await clock.advance(8999);
  expect(coordination.status).toBe("settling");
  await clock.advance(1);
  await clock.advance(0);
  expect(coordination.status).toBe("ready");
  expect(logger.lines.map(({ message }) => message)).toEqual([
    "Waiting for gossip to settle...",
    "gossip not settled",
    "gossip not settled",
    "gossip settled; proceeding",
  ]);
});

test("with a settle timeout of 0 all is ready at once, and instances that keep joining and leaving cannot delay it for ever", async () => {
  const instant = openCoordination();
  void instant.coordination.settle(2000, 0, NEVER);
  await instant.clock.advance(0);
  expect(instant.coordination.status).toBe("ready");
  const restless = openCoordination();
  void restless.coordination.settle(2000, 60_000, NEVER);
  for (let i = 0; i < 29; i++) {
    await restless.clock.advance(2000);
    restless.facts.size++;
  }
  expect(restless.coordination.status).toBe("settling");
  await restless.clock.advance(2000);
  expect(restless.coordination.status).toBe("ready");
});

test("a flush whose deadline has passed no longer waits for the cluster to settle", async () => {
  const { coordination } = openCoordination();
  const deadline = new AbortController();
  const waiting = coordination.ready(deadline.signal);
  deadline.abort();
  await expect(waiting).rejects.toThrow("did not settle in time");
  await expect(coordination.ready(deadline.signal)).rejects.toThrow("did not settle in time");
});

test("after a start with other instances the log takes precedence over earlier reports, until the sources have reported", async () => {
  const { clock, facts: clusterState, coordination } = openCoordination({ size: 2 });
  const unheard = { firing: ["x"], resolved: [], timestamp: 0, data: {} };
  expect(coordination.isLogNewer(unheard, [])).toBe(true);
  clusterState.size = 1;
  expect(coordination.isLogNewer(unheard, [])).toBe(false);
  clusterState.size = 2;
  await clock.advance(150_000);
  expect(coordination.isLogNewer(unheard, [])).toBe(false);
});

test("the result of settling is logged with intervals, polls and times", async () => {
  const { clock, logger, facts: clusterState, coordination } = openCoordination();
  void coordination.settle(2000, 60_000, NEVER);
  await clock.advance(10_000);
  const restless = openCoordination();
  void restless.coordination.settle(2000, 5000, NEVER);
  await restless.clock.advance(6000);
  const fieldsOf = (lines: typeof logger.lines): unknown => lines.map(({ fields }) => fields);
  expect(fieldsOf(logger.lines)).toEqual([
    { interval: "2s" },
    { polls: 0, before: 0, now: 1, elapsed: "2.000s" },
    { elapsed: "10.000s" },
  ]);
  expect(restless.logger.lines.at(-1)?.fields).toEqual({ polls: 2, elapsed: "5.000s" });
  clusterState.position = 0;
  await coordination.acquire("k", NEVER);
  expect(clock.pending).toBe(0);
});

test("an instance that is ready stays ready for every flush, and removes its listener from the flush's signal", async () => {
  const { clock, coordination } = openCoordination();
  const { signal } = new AbortController();
  const waiting = coordination.ready(signal);
  void coordination.settle(2000, 0, NEVER);
  await clock.advance(0);
  await waiting;
  expect(await coordination.ready(AbortSignal.abort())).toBeUndefined();
});
