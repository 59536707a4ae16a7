import { expect, test } from "vitest";
import { nextPause } from "../client/backoff.ts";
import { EwmaRate, shardCount } from "./shard-count.ts";

const INPUTS = {
  shards: 4,
  min: 1,
  max: 50,
  inRate: 1000,
  outRate: 1000,
  droppedRate: 0,
  sendingRate: 4,
  delaySeconds: 0,
};

test("the number of shards depends on the incoming rate and the duration of sending", () => {
  expect(shardCount(INPUTS)).toEqual({ wanted: 4, count: 4 });
  // Expects an unchanged number of shards if it would change by less than 30 percent.
  expect(shardCount({ ...INPUTS, inRate: 1250 })).toEqual({ wanted: 5, count: 4 });
  expect(shardCount({ ...INPUTS, inRate: 2000 })).toEqual({ wanted: 8, count: 8 });
  expect(shardCount({ ...INPUTS, inRate: 500 })).toEqual({ wanted: 2, count: 2 });
  expect(shardCount({ ...INPUTS, inRate: 1e6 }).count).toBe(50);
  // Expects fewer shards if relabeling drops entries, because dropped entries need not be sent.
  expect(shardCount({ ...INPUTS, inRate: 4000, droppedRate: 1000 }).wanted).toBe(8);
});

test("a queue that is behind catches up, and keeps all shards meanwhile", () => {
  expect(shardCount({ ...INPUTS, delaySeconds: 40 }).count).toBe(12);
  expect(shardCount({ ...INPUTS, inRate: 100, delaySeconds: 11 }).count).toBe(4);
  expect(shardCount({ ...INPUTS, inRate: 100, delaySeconds: 10 }).count).toBe(1);
});

test("while nothing is sent the number of shards stays, within its bounds", () => {
  expect(shardCount({ ...INPUTS, outRate: 0 })).toEqual({ wanted: undefined, count: 4 });
  expect(shardCount({ ...INPUTS, outRate: 0, max: 2 }).count).toBe(2);
});

test("a rate is the rate of its first interval, and then forgets earlier intervals slowly", () => {
  const rate = new EwmaRate();
  rate.add(100);
  rate.tick();
  expect(rate.perSecond).toBe(10);
  rate.tick();
  expect(rate.perSecond).toBe(8);
});

test("pauses double up to their limit, and begin with the pause that the receiver asks for", () => {
  const limits = { minMs: 30, maxMs: 100 };
  expect(nextPause(30, 0, limits)).toEqual({ pauseMs: 30, nextMs: 60 });
  expect(nextPause(60, 0, limits)).toEqual({ pauseMs: 60, nextMs: 100 });
  expect(nextPause(30, 7000, limits)).toEqual({ pauseMs: 7000, nextMs: 100 });
});
