import { rejected, retry } from "@narthex/notification";
import { expect, test } from "vitest";
import { alertOf, rig } from "../testing/rig.ts";

const CONTEXT = { lines: ["a line"], picture: undefined };

test("the context of a group is asked once, and retries use the same context", async () => {
  const asked: number[] = [];
  const r = await rig({
    outcomes: [retry("later"), retry("later")],
    contextOf: async (alerts) => {
      asked.push(alerts.length);
      return CONTEXT;
    },
  });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(30_000);
  expect(r.notified.map(({ notification }) => notification.context)).toEqual([CONTEXT, CONTEXT, CONTEXT]);
  expect(asked).toEqual([1]);
  r.alerts.put(alertOf(r, { alertname: "A", i: "2" }));
  await r.clock.advance(60_000);
  expect(asked).toEqual([1, 2]);
});

test("a notification waits for its context, and a missing context changes nothing", async () => {
  const r = await rig({
    outcomes: [rejected("no")],
    contextOf: async () => {
      await r.clock.sleep(2000);
      return undefined;
    },
  });
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(11_999);
  expect(r.notified).toEqual([]);
  await r.clock.advance(1);
  expect(r.notified.map(({ at, notification }) => [at, "context" in notification])).toEqual([[12, false]]);
});

test("without a source of contexts, notifications have none", async () => {
  const r = await rig();
  r.alerts.put(alertOf(r, { alertname: "A", i: "1" }));
  await r.clock.advance(10_000);
  expect(r.notified.map(({ notification }) => "context" in notification)).toEqual([false]);
});
