import { createLogger, runToEnd } from "@narthex/runtime";
import { ManualClock } from "@narthex/runtime/testing";
import { openSqlite, StoreError } from "@narthex/store";
import { expect, test } from "vitest";
import { groupJson } from "../api/group-json.ts";
import { type GroupPersistence, storePersistence } from "./group-persistence.ts";
import type { GroupLimits } from "./group-limits.ts";
import { parseGroupPath } from "./group-key.ts";
import { PushGroups } from "./groups.ts";
import { exposeFamilies } from "../api/exposition.ts";
import { LEGACY_NAMES } from "../body/name-rules.ts";
import { GAUGE, UNTYPED } from "../metrics/metric-type.ts";
import type { ReadFamily } from "../metrics/read-family.ts";
import { textBodySteps } from "../body/text-body.ts";

function families(text: string): readonly ReadFamily[] {
  const result = runToEnd(textBodySteps(Buffer.from(text), LEGACY_NAMES));
  if (!result.ok) throw new Error(result.message);
  return result.families;
}

function labels(path: string) {
  const parsed = parseGroupPath(path, LEGACY_NAMES);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.labels;
}

const silent = createLogger({ level: "error", format: "logfmt", write: () => undefined, clock: new ManualClock(0) });

/** Loads the stored groups. The clock of the test starts at 1000 s. */
function open(
  options: {
    isChecking?: boolean;
    persistence?: GroupPersistence;
    clock?: ManualClock;
    limits?: GroupLimits;
    ttlMs?: number;
    maxPushBytes?: number;
  } = {},
) {
  const { ttlMs, limits = {}, maxPushBytes } = options;
  const groups = new PushGroups({
    clock: options.clock ?? new ManualClock(1_000_000),
    limits,
    ...(maxPushBytes === undefined ? {} : { maxPushBytes }),
    isChecking: options.isChecking ?? true,
    persistence: options.persistence,
    logger: silent,
  });
  const send =
    (isReplacing: boolean) =>
    async (path: string, text: string): Promise<string> => {
      const outcome = await groups.push({ labels: labels(path), families: families(text), isReplacing, ttlMs });
      return outcome.kind === "stored" ? "stored" : outcome.reason;
    };
  const series = (): string[] => {
    const problem = groups.index.problem(groups.own);
    if (problem !== undefined) return [problem];
    return exposeFamilies([], groups.index, { format: "text", escaping: "underscores" })
      .toString()
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
  };
  return { groups, post: send(false), put: send(true), series };
}

const withoutTimes = (series: readonly string[]): string[] =>
  series.filter((line) => !/^push_(?:failure_)?time/.test(line));

test("push() adds the group's labels, which replace pushed ones, and an empty instance", async () => {
  const { post, series } = open();
  await post("job/j/zone/z", 'm{job="mine",a="b"} 1\n');
  await post("job/k", 'n{instance="i"} 2\n');
  expect(series()).toEqual([
    'm{a="b",instance="",job="j",zone="z"} 1',
    'n{instance="i",job="k"} 2',
    'push_failure_time_seconds{instance="",job="k"} 0',
    'push_failure_time_seconds{instance="",job="j",zone="z"} 0',
    'push_time_seconds{instance="",job="k"} 1000',
    'push_time_seconds{instance="",job="j",zone="z"} 1000',
  ]);
});

test("push() with POST replaces the families in the push, with PUT all families of the group", async () => {
  const { post, put, series } = open();
  await post("job/j", 'a{x="1"} 1\nb 1\n');
  await post("job/j", 'a{x="2"} 2\n');
  expect(withoutTimes(series())).toEqual(['a{instance="",job="j",x="2"} 2', 'b{instance="",job="j"} 1']);
  await put("job/j", "c 3\n");
  expect(withoutTimes(series())).toEqual(['c{instance="",job="j"} 3']);
  await put("job/j", "");
  expect(series()).toEqual([
    'push_failure_time_seconds{instance="",job="j"} 0',
    'push_time_seconds{instance="",job="j"} 1000',
  ]);
});

test("delete() removes a group, wipe() removes all", async () => {
  const { groups, post, series } = open();
  await post("job/a", "m 1\n");
  await post("job/b", "m 1\n");
  await groups.delete(labels("job/a"));
  await groups.delete(labels("job/never"));
  expect(withoutTimes(series())).toEqual(['m{instance="",job="b"} 1']);
  await groups.wipe();
  expect(series()).toEqual([]);
});

test.each([
  [
    "# TYPE m counter\nm 1\n",
    'collected metric "m" { label:{name:"instance"  value:""}  label:{name:"job"  value:"new"}  counter:{value:1}} is not a UNTYPED',
  ],
  [
    'm{instance="i",job="x"} 1\nm{instance="i"} 2\n',
    'collected metric "m" { label:{name:"instance"  value:"i"}  label:{name:"job"  value:"new"}  untyped:{value:2}} was collected before with the same name and label values',
  ],
  ["own 1\n", "gathered metric family own has type UNTYPED but should have GAUGE"],
  ["h_count 1\n", 'collected metric named "h_count" collides with previously collected histogram named "h"'],
  [
    "# TYPE m summary\nm_count 3\n",
    'collected metric "m" { label:{name:"instance"  value:""}  label:{name:"job"  value:"new"}  summary:{sample_count:3}} is not a UNTYPED',
  ],
  ["t 1 1000\n", "pushed metrics must not have timestamps"],
])("push() refuses what would make a scrape fail, and notes it: %j", async (text, reason) => {
  const { groups, post, series } = open();
  groups.setOwnFamilies(new Map([["own", { help: "", type: GAUGE, isFromStart: true }]]));
  await post("job/old", "m 1\n");
  await post("job/hist", '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n');
  expect(await post("job/new", text)).toBe(reason);
  expect(series().filter((line) => line.includes('"new"'))).toEqual([
    'push_failure_time_seconds{instance="",job="new"} 1000',
    'push_time_seconds{instance="",job="new"} 0',
  ]);
});

test("push() refuses a series that another group has, and accepts it once that group is removed", async () => {
  const { groups, post } = open();
  expect(await post("job/j", 'up{instance="i"} 1\n')).toBe("stored");
  expect(await post("job/j/instance/i", "up 1\n")).toContain("was collected before");
  await groups.delete(labels("job/j"));
  expect(await post("job/j/instance/i", "up 1\n")).toBe("stored");
});

test("push() may change a type that only its own group uses", async () => {
  const { post, put } = open();
  await post("job/j", "m 1\n");
  expect(await post("job/j", "# TYPE m counter\nm 1\n")).toBe("stored");
  await post("job/j", "# TYPE h histogram\nh_count 1\n");
  expect(await put("job/j", "h_count 1\n")).toBe("stored");
});

test("expose() returns the reason why a scrape fails if pushes are not checked", async () => {
  const { post, series, groups } = open({ isChecking: false });
  await post("job/a", "m 1\n");
  await post("job/b", "# TYPE m gauge\nm 1\n");
  expect(series()).toEqual([
    'collected metric "m" { label:{name:"instance"  value:""}  label:{name:"job"  value:"b"}  gauge:{value:1}} is not a UNTYPED',
  ]);
  await groups.delete(labels("job/b"));
  await post("job/c", 'x{instance="1"} 1\n');
  await post("job/c/instance/1", "x 1\n");
  expect(series()[0]).toContain("was collected before with the same name and label values");
});

test("expose() uses a type that all values of a name have if pushes are not checked", async () => {
  const { post, series, groups } = open({ isChecking: false });
  /**
   * Pushes metrics whose values have another type than their family declares, which is only possible in a protobuf
   * body.
   */
  const pushUntyped = async (path: string, text: string): Promise<void> => {
    const read = families(text).map((family) => ({ ...family, type: UNTYPED }));
    await groups.push({ labels: labels(path), families: read, isReplacing: false, ttlMs: undefined });
  };
  await pushUntyped("job/a", "# TYPE s summary\ns_sum 1\ns_count 2\n");
  expect(series()).toEqual([expect.stringContaining("is not a UNTYPED")]);
  await post("job/b", '# TYPE s summary\ns{quantile="0.5"} 3\ns_sum 4\ns_count 5\n');
  expect(withoutTimes(series())).toEqual([
    's_sum{instance="",job="a"} 1',
    's_count{instance="",job="a"} 2',
    's{instance="",job="b",quantile="0.5"} 3',
    's_sum{instance="",job="b"} 4',
    's_count{instance="",job="b"} 5',
  ]);
  await post("job/c", "s 6\n");
  expect(series()).toEqual([expect.stringContaining("is not a UNTYPED")]);
  await groups.delete(labels("job/c"));
  expect(withoutTimes(series())).toHaveLength(5);
  await groups.delete(labels("job/b"));
  expect(series()).toEqual([expect.stringContaining("is not a UNTYPED")]);
});

test("expose() prints complete histograms and summaries, as a Go client does", async () => {
  const { post, series } = open();
  await post("job/j", '# TYPE h histogram\nh_count{x="y"} 7\nh_bucket{x="y",le="1"} 2\n# TYPE s summary\ns_sum 1\n');
  expect(withoutTimes(series())).toEqual([
    'h_bucket{instance="",job="j",x="y",le="1"} 2',
    'h_bucket{instance="",job="j",x="y",le="+Inf"} 7',
    'h_sum{instance="",job="j",x="y"} 0',
    'h_count{instance="",job="j",x="y"} 7',
    's_sum{instance="",job="j"} 1',
    's_count{instance="",job="j"} 0',
  ]);
});

test("restore() reads everything that a store has, including special numbers", async () => {
  const store = openSqlite(":memory:");
  const before = open({ persistence: storePersistence(store) });
  await before.post("job/j/l/", '# HELP m Help.\nm NaN\nn{a="é\\n"} -Inf\no 1e300\n');
  await before.post("job/j/l/", "o -0\n");
  await before.post("job/gone", "p 1\n");
  await before.groups.delete(labels("job/gone"));
  await before.put("job/k", "q 1\n");
  await before.put("job/k", "r 1\n");
  const after = open({ persistence: storePersistence(store) });
  await after.groups.restore();
  expect(after.series()).toEqual(before.series());
  expect([...after.groups.groups].map(groupJson).toSorted()).toEqual(
    [...before.groups.groups].map(groupJson).toSorted(),
  );
});

test("groupJson() returns a group as in the API, with keys in byte order", async () => {
  const { groups, post } = open();
  await post("job/j", '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n');
  expect([...groups.groups].map(groupJson)[0]).toBe(
    '{"h":{"time_stamp":"1970-01-01T00:16:40Z","type":"HISTOGRAM","metrics":[{"buckets":{"+Inf":"2","1":"1"},"count":"2","labels":{"instance":"","job":"j"},"sum":"3"}]},' +
      '"labels":{"job":"j"},"last_push_successful":true,' +
      '"push_failure_time_seconds":{"time_stamp":"1970-01-01T00:16:40Z","type":"GAUGE","help":"Last Unix time when changing this group in the Pushgateway failed.","metrics":[{"labels":{"instance":"","job":"j"},"value":"0"}]},' +
      '"push_time_seconds":{"time_stamp":"1970-01-01T00:16:40Z","type":"GAUGE","help":"Last Unix time when changing this group in the Pushgateway succeeded.","metrics":[{"labels":{"instance":"","job":"j"},"value":"1000"}]}}',
  );
});

test("pushes that wait at the same time share one write, and all are answered when it is done", async () => {
  const store = openSqlite(":memory:");
  const kept = storePersistence(store);
  const sizes: number[] = [];
  const persistence: GroupPersistence = {
    ...kept,
    save(changes) {
      sizes.push(changes.length);
      return kept.save(changes);
    },
  };
  const { groups, post, series } = open({ persistence });
  const jobs = Array.from({ length: 20 }, (_, i) => `job/j${i}`);
  expect(await Promise.all(jobs.map((job) => post(job, "m 1\n")))).toEqual(jobs.map(() => "stored"));
  expect(sizes).toEqual([20]);
  await groups.read(() => undefined);
  expect(withoutTimes(series())).toHaveLength(20);
});

test("a push() that cannot be saved changes nothing and reports the reason, and so does writeProblem() until writing works again", async () => {
  let broken = false;
  const store = openSqlite(":memory:");
  const kept = storePersistence(store);
  const failing = async (): Promise<void> => {
    throw new StoreError("write to groups.db: database or disk is full");
  };
  const persistence: GroupPersistence = {
    load: () => kept.load(),
    save: (changes) => (broken ? failing() : kept.save(changes)),
    probe: () => (broken ? failing() : kept.probe()),
  };
  const { groups, post, put, series } = open({ persistence });
  await post("job/j", "a 1\nb 1\n");
  const before = [series(), [...groups.groups].map(groupJson)];
  broken = true;
  const failures = [
    put("job/j", "c 2\n"),
    post("job/j", "a 2\n"),
    post("job/new", "a 1\n"),
    groups.delete(labels("job/j")),
  ];
  for (const failure of failures) await expect(failure).rejects.toThrow("disk is full");
  await expect(groups.wipe()).rejects.toThrow("disk is full");
  expect([series(), [...groups.groups].map(groupJson)]).toEqual(before);
  expect(await groups.writeProblem()).toContain("disk is full");
  broken = false;
  expect(await groups.writeProblem()).toBeUndefined();
  expect(await post("job/new", "a 1\n")).toBe("stored");
});

test("a group expires when its time is over, even after a restart, and each push extends the time", async () => {
  const store = openSqlite(":memory:");
  const clock = new ManualClock(1_000_000);
  const { post, series, groups } = open({ persistence: storePersistence(store), clock, ttlMs: 60_000 });
  await post("job/a", "m 1\n");
  await clock.advance(40_000);
  await post("job/b", "m 1\n");
  await post("job/a", "m 2\n");
  await clock.advance(59_000);
  await groups.read(() => undefined);
  expect(withoutTimes(series())).toHaveLength(2);
  expect([...groups.groups].map(groupJson)[0]).toContain('"expires_at":"1970-01-01T00:18:20Z"');
  const later = open({ persistence: storePersistence(store), clock, ttlMs: 60_000 });
  await later.groups.restore();
  expect(withoutTimes(later.series())).toHaveLength(2);
  for (const { groups: both } of [{ groups }, later]) {
    await clock.advance(1_000);
    await both.read(() => undefined);
  }
  expect([...series(), ...later.series()]).toEqual([]);
});

test("push() beyond a limit is refused with the limit's name and value", async () => {
  const { groups, post, put } = open({ limits: { maxSeriesPerGroup: 2, maxGroups: 1 } });
  expect(await post("job/j", "a 1\nb 1\n")).toBe("stored");
  expect(await post("job/j", "c 1\n")).toMatch(
    /^the group would hold 3 metrics, more than --push.max-series-per-group=2/,
  );
  expect(await put("job/j", "c 1\n")).toBe("stored");
  expect(await post("job/k", "a 1\n")).toMatch(/^there are 1 groups already, as many as --push.max-groups=1/);
  expect([...groups.groups]).toHaveLength(1);
});

test("a push() refused because its times would repeat another group's leaves nothing that would make scrapes fail", async () => {
  const { groups, post, series } = open();
  await post("job/j", "a 1\n");
  expect(await post("job/j/instance/", "b 1\n")).toContain("push_time_seconds");
  expect(series()).toHaveLength(3);
  expect([...groups.groups]).toHaveLength(1);
});

test("isQueueFull is true when a thousand changes wait for the disk", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const persistence: GroupPersistence = { load: async () => [], save: () => held, probe: () => held };
  const { groups, post } = open({ persistence });
  const first = post("job/first", "m 1\n");
  // Waits until the first push is being written to the disk. All later pushes wait in the queue.
  await new Promise((resolve) => setImmediate(resolve));
  const pushes = Array.from({ length: 999 }, (_, i) => post(`job/j${i}`, "m 1\n"));
  await Promise.resolve();
  expect(groups.isQueueFull).toBe(false);
  pushes.push(post("job/last", "m 1\n"));
  await Promise.resolve();
  expect(groups.isQueueFull).toBe(true);
  release();
  await Promise.all([first, ...pushes]);
  expect(groups.isQueueFull).toBe(false);
});

test("readers see only data on the disk, and are served between writes even if writes never stop", async () => {
  const writes: (() => void)[] = [];
  const save = (): Promise<void> => new Promise((resolve) => writes.push(resolve));
  const persistence: GroupPersistence = { load: async () => [], save, probe: async () => undefined };
  const { groups, post, series } = open({ persistence });
  const first = post("job/a", "m 1\n");
  await new Promise((resolve) => setImmediate(resolve));
  const seen = groups.read(() => withoutTimes(series()));
  const snapshot = groups.snapshot();
  const second = post("job/b", "m 1\n");
  writes.shift()!();
  await first;
  expect(await seen).toEqual(['m{instance="",job="a"} 1']);
  expect((await snapshot).map((group) => group.labels)).toEqual([[["job", "a"]]]);
  expect([...groups.groups]).toHaveLength(2);
  writes.shift()!();
  expect(await second).toBe("stored");
});

test("a push that cannot be made fails alone: waiting and later pushes are stored", async () => {
  const { groups, post, series } = open({ persistence: storePersistence(openSqlite(":memory:")) });
  const broken = {
    labels: labels("job/broken"),
    isReplacing: false,
    get families(): never {
      throw new RangeError("Invalid string length");
    },
  };
  const outcomes = await Promise.allSettled([post("job/a", "m 1\n"), groups.push(broken), post("job/b", "m 1\n")]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await post("job/c", "m 1\n")).toBe("stored");
  expect(withoutTimes(series())).toHaveLength(3);
});

test("push() of thirty thousand metrics, and the same again, does not take quadratic time", async () => {
  const { post, series } = open();
  const body = Array.from({ length: 30_000 }, (_, i) => `m{a="${i}"} 1\n`).join("");
  expect(await post("job/j", body)).toBe("stored");
  expect(await post("job/j", body)).toBe("stored");
  expect(withoutTimes(series())).toHaveLength(30_000);
});

test("push() lists a thousand of many problems, and the number of the others", async () => {
  const { post } = open();
  const reason = await post("job/j", "m 1\n".repeat(30_000));
  expect(reason).toMatch(/^29999 error\(s\) occurred:\n\* collected metric "m" /);
  expect(reason).toMatch(/\n\* and 28999 more$/);
  expect(reason.split("\n")).toHaveLength(1002);
});

test("push() that would be much larger with its group's labels is refused, and leaves nothing", async () => {
  const { groups, post } = open();
  const body = Array.from({ length: 9_000 }, (_, i) => `m{a="${i}"} 1\n`).join("");
  expect(await post(`job/${"j".repeat(16_000)}`, body)).toMatch(/^with the group's labels a push would take more than/);
  expect([...groups.groups]).toEqual([]);
});

test("the group's labels must not make a push larger than the limit of all its families together", async () => {
  const { post, series } = open({ maxPushBytes: 1_000_000 });
  const path = `job/${"j".repeat(10_000)}`;
  const families = (count: number): string => Array.from({ length: count }, (_, i) => `m${i} 1\n`).join("");
  expect(await post(path, families(60))).toContain("with the group's labels a push would take more than 1000000 bytes");
  expect(await post(path, families(40))).toBe("stored");
  expect(series().filter((line) => line.startsWith("m"))).toHaveLength(40);
});
