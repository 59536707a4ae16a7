import { expect, test } from "vitest";
import { Reading } from "./reading.ts";
import { RemovedContainers } from "./removed-containers.ts";

test("a removed container keeps its last times, although its reading was begun for the next scrape", () => {
  const removed = new RemovedContainers(1000);
  const reading = new Reading();
  reading.set("lastSeen", 7);
  reading.set("created", 5);
  reading.set("usage", 3);
  expect(removed.update(new Map([["/a", { identity: new Map([["id", "/a"]]), reading }]]), 0)).toEqual([]);
  reading.begin();
  const shown = removed.update(new Map(), 10);
  expect(shown.map(({ identity }) => identity.get("id"))).toEqual(["/a"]);
  expect((["lastSeen", "created", "started", "usage"] as const).map((key) => shown[0]!.reading.get(key))).toEqual([
    7,
    5,
    NaN,
    NaN,
  ]);
  expect(removed.update(new Map(), 1010)).toEqual([]);
});
