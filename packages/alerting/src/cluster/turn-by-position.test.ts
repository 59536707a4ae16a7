import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { TurnByPosition } from "./turn-by-position.ts";

const NEVER = new AbortController().signal;

function turns(place: { position?: number; size?: number } = {}) {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const facts = { position: 0, size: 1, ...place };
  const turn = new TurnByPosition({
    position: () => facts.position,
    size: () => facts.size,
    peerTimeoutMs: 15_000,
    clock,
    logger,
  });
  const seen = { ready: false };
  void turn.ready(NEVER).then(() => (seen.ready = true));
  return { clock, logger, facts, turn, seen };
}

test("the first instance's turn is now, each later one's comes a peer timeout later", async () => {
  const { clock, facts, turn } = turns();
  expect(turn.patienceMs()).toBe(0);
  await turn.turn("k", NEVER);
  facts.position = 2;
  expect(turn.patienceMs()).toBe(30_000);
  let came = false;
  void turn.turn("k", NEVER).then(() => (came = true));
  await clock.advance(29_999);
  expect(came).toBe(false);
  await clock.advance(1);
  expect(came).toBe(true);
});

test("a turn that is not waited for any longer is given up", async () => {
  const { turn } = turns({ position: 1 });
  const stop = new AbortController();
  const waiting = turn.turn("k", stop.signal);
  stop.abort(new Error("stopping"));
  await expect(waiting).rejects.toThrow("stopping");
});

test("one instance settles after five polls, as the original does", async () => {
  const { clock, turn, seen } = turns();
  void turn.settle(2000, 60_000, NEVER);
  expect(turn.status).toBe("settling");
  await clock.advance(9999);
  expect(seen.ready).toBe(false);
  await clock.advance(1);
  expect([seen.ready, turn.status]).toEqual([true, "ready"]);
});

test("another instance that comes starts the count of calm polls again", async () => {
  const { clock, logger, facts, turn } = turns();
  void turn.settle(2000, 60_000, NEVER);
  await clock.advance(7000);
  facts.size = 2;
  await clock.advance(8999);
  expect(turn.status).toBe("settling");
  await clock.advance(1);
  await clock.advance(0);
  expect(turn.status).toBe("ready");
  expect(logger.lines.map(({ message }) => message)).toEqual([
    "Waiting for gossip to settle...",
    "gossip not settled",
    "gossip not settled",
    "gossip settled; proceeding",
  ]);
});

test("at a settle timeout of 0 all is ready at once, and instances that keep coming and going do not hold it up for ever", async () => {
  const instant = turns();
  void instant.turn.settle(2000, 0, NEVER);
  await instant.clock.advance(0);
  expect(instant.turn.status).toBe("ready");
  const restless = turns();
  void restless.turn.settle(2000, 60_000, NEVER);
  for (let i = 0; i < 29; i++) {
    await restless.clock.advance(2000);
    restless.facts.size++;
  }
  expect(restless.turn.status).toBe("settling");
  await restless.clock.advance(2000);
  expect(restless.turn.status).toBe("ready");
});

test("a flush whose time is over no longer waits for the cluster to settle", async () => {
  const { turn } = turns();
  const deadline = new AbortController();
  const waiting = turn.ready(deadline.signal);
  deadline.abort();
  await expect(waiting).rejects.toThrow("did not settle in time");
  await expect(turn.ready(deadline.signal)).rejects.toThrow("did not settle in time");
});

test("after a start next to others the log counts more than what was heard before, until the sources have spoken", async () => {
  const { clock, facts, turn } = turns({ size: 2 });
  const unheard = { firing: ["x"], resolved: [], timestamp: 0, data: {} };
  expect(turn.knowsBetter(unheard, [])).toBe(true);
  facts.size = 1;
  expect(turn.knowsBetter(unheard, [])).toBe(false);
  facts.size = 2;
  await clock.advance(150_000);
  expect(turn.knowsBetter(unheard, [])).toBe(false);
});
