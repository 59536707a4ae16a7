import { parseRemoteWrite } from "@narthex/config";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { AppendedStats, QueueStats } from "./queue-stats.ts";
import { Resharding } from "./resharding.ts";

test("the number of shards is computed every ten seconds, and the queue takes the last result", async () => {
  const clock = new ManualClock();
  const appended = new AppendedStats();
  const sender = { work: { entries: 0, milliseconds: 0 }, lastSentAt: 0, keepShardsUntil: 0 };
  const resharding = new Resharding({
    queue: parseRemoteWrite('{url: "http://a"}', "utf8").queue,
    sender,
    enqueuer: { shards: [undefined], droppedEntries: 0 },
    stats: new QueueStats(),
    appended,
    clock,
    logger: memoryLogger(),
  });
  /** Simulates ten seconds in which 1000 entries are sent and four shards are busy all the time. */
  const send = async (): Promise<void> => {
    appended.set(appended.count + 1000, 0);
    sender.work.entries += 1000;
    sender.work.milliseconds += 40_000;
    sender.lastSentAt = clock.now();
    await clock.advance(10_000);
  };
  await send();
  expect([resharding.takeWanted(), resharding.takeWanted()]).toEqual([4, undefined]);
  await send();
  sender.keepShardsUntil = Infinity;
  await send();
  expect(resharding.takeWanted()).toBeUndefined();
  sender.keepShardsUntil = 0;
  await send();
  expect(resharding.takeWanted()).toBe(4);
  resharding.stop();
});
