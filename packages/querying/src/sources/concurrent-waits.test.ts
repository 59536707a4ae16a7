import type { WaitRecorder } from "@narthex/storage";
import { expect, test } from "vitest";
import { ConcurrentWaits } from "./concurrent-waits.ts";

function recorded() {
  const reported: string[] = [];
  const of: WaitRecorder = {
    begin(reason) {
      reported.push(reason);
      return () => void reported.push(`${reason} is over`);
    },
  };
  return { reported, of };
}

test("several tasks are recorded as waiting while none of them works; finished tasks are ignored", async () => {
  const { reported, of } = recorded();
  const all = new ConcurrentWaits(of, 3);
  const first = all.task.begin("server");
  const second = all.task.begin("server");
  expect(reported).toEqual([]);
  await all.done(Promise.resolve());
  expect(reported).toEqual(["server"]);
  second();
  expect(reported).toEqual(["server", "server is over"]);
  await all.done(Promise.resolve());
  first();
  await all.done(Promise.resolve());
  all.close();
  expect(reported.join()).toBe("server,server is over,server,server is over,server,server is over");
});

test("if one task waits for its turn and another for a server, the reason is the turn", async () => {
  const { reported, of } = recorded();
  const all = new ConcurrentWaits(of, 2);
  const server = all.task.begin("server");
  const turn = all.task.begin("turn");
  turn();
  await expect(all.done(Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  server();
  all.close();
  expect(reported).toEqual(["turn", "turn is over", "server", "server is over"]);
});
