import { expect, test } from "vitest";
import { clashesOf, runSideBySide, suitesNeeding, suitesOfSwarms } from "./side-by-side.ts";
import { LONGEST_FIRST, suites } from "./suites.ts";

test("one task runs in each lane, in their order, unless tasks clash", async () => {
  const ends = new Map<string, () => void>();
  const begun: string[] = [];
  const all = runSideBySide(
    ["page", "image", "scrape", "query"],
    { count: 2, share: () => 1, clash: (task, other) => [task, other].toSorted().join(" ") === "image page" },
    (task) => {
      begun.push(task);
      return new Promise((resolve) => ends.set(task, resolve));
    },
  );
  const end = async (task: string): Promise<void> => {
    ends.get(task)!();
    await new Promise(setImmediate);
  };
  expect(begun).toEqual(["page", "scrape"]);
  await end("scrape");
  expect(begun).toEqual(["page", "scrape", "query"]);
  await end("query");
  expect(begun).toEqual(["page", "scrape", "query"]);
  await end("page");
  expect(begun).toEqual(["page", "scrape", "query", "image"]);
  await end("image");
  await all;
});

test("two tasks with half a lane each share one lane, and overtake a task that does not fit", async () => {
  const ends = new Map<string, () => void>();
  const begun: string[] = [];
  const all = runSideBySide(
    ["wait", "scrape", "query", "wait again"],
    { count: 2, share: (task) => (task.startsWith("wait") ? 0.5 : 1), clash: () => false },
    (task) => {
      begun.push(task);
      return new Promise((resolve) => ends.set(task, resolve));
    },
  );
  expect(begun).toEqual(["wait", "scrape", "wait again"]);
  ends.get("wait")!();
  await new Promise(setImmediate);
  expect(begun).toHaveLength(3);
  ends.get("wait again")!();
  await new Promise(setImmediate);
  expect(begun).toEqual(["wait", "scrape", "wait again", "query"]);
  for (const end of ends.values()) end();
  await all;
});

test("while the machine is idle, one more task starts after each pause, up to the maximum of lanes", async () => {
  const ends = new Map<string, () => void>();
  const begun: string[] = [];
  let isIdle = true;
  let endPause = (): void => undefined;
  const spare = {
    count: 2,
    isIdle: () => isIdle,
    pause: () => new Promise<void>((resolve) => (endPause = resolve)),
  };
  const all = runSideBySide(["a", "b", "c"], { count: 1, share: () => 1, clash: () => false, spare }, (task) => {
    begun.push(task);
    return new Promise((resolve) => ends.set(task, resolve));
  });
  const after = async (event: () => void): Promise<string> => {
    event();
    await new Promise(setImmediate);
    return begun.join(" ");
  };
  expect(begun).toEqual(["a"]);
  isIdle = false;
  expect(await after(() => endPause())).toBe("a");
  isIdle = true;
  expect(await after(() => endPause())).toBe("a b");
  expect(await after(() => endPause())).toBe("a b");
  expect(await after(ends.get("b")!)).toBe("a b");
  expect(await after(() => endPause())).toBe("a b c");
  for (const end of ends.values()) end();
  await all;
});

test("suites with containers clash only with those with browsers", () => {
  const clash = clashesOf(suites());
  expect(clash("@narthex/e2e#test:stack-images", "@narthex/e2e#test:dashboards")).toBe(true);
  expect(clash("@narthex/e2e#test:dashboards", "@narthex/e2e#test:stack-images")).toBe(true);
  expect(clash("@narthex/e2e#test:stack-images", "@narthex/tsdb#test")).toBe(false);
  expect(clash("@narthex/e2e#test:dashboards", "@narthex/e2e#test:ui")).toBe(false);
});

test("the suite that makes the engine a swarm clashes with all other suites with containers", () => {
  const all = suites();
  const [swarm, ...others] = suitesOfSwarms(all);
  expect([swarm, others]).toEqual(["@narthex/e2e#test:server-docker", []]);
  const clash = clashesOf(all);
  for (const task of suitesNeeding("docker", all)) expect([task, clash(task, swarm!)]).toEqual([task, true]);
  expect(clash(swarm!, "@narthex/tsdb#test")).toBe(false);
});

test("suites with containers start before those with browsers; otherwise they would wait for all of them and end last", () => {
  const rankOf = (task: string): number => (LONGEST_FIRST.includes(task) ? LONGEST_FIRST.indexOf(task) : Infinity);
  const [containers, browsers] = [suitesNeeding("docker", suites()), suitesNeeding("browser", suites())];
  expect(Math.max(...[...containers].map(rankOf))).toBeLessThan(Math.min(...[...browsers].map(rankOf)));
});
