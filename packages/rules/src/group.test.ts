import { expect, test } from "vitest";
import { type FloatHistogram, Labels } from "@narthex/model";
import type { Appendable } from "@narthex/storage";
import { RuleGroup } from "./group.ts";
import { parseRuleFile } from "./rule-file.ts";
import { element, type Script } from "./testing/scripted-query.ts";
import { storedSamples, testGroupContext } from "./testing/group-context.ts";

const MINUTE = 60_000;

function groupOf(yaml: string, scripts: Record<string, Script>, shouldRestore = false) {
  const rig = testGroupContext(scripts);
  const loaded = parseRuleFile(`groups:\n- name: g\n${yaml}`, "r.yml");
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  const defaults = { intervalMs: MINUTE, queryOffsetMs: 0, externalLabels: Labels.of({ dc: "x" }) };
  const group = new RuleGroup("r.yml", loaded.value[0]!, defaults, rig.context, shouldRestore);
  return { ...rig, group };
}

test("a recording rule writes its series, and ends series that disappear from its result", async () => {
  const { group, storage } = groupOf("  rules:\n  - {record: total, expr: up, labels: {team: a, job: ''}}", {
    up: (t) => (t < 2 * MINUTE ? [element({ __name__: "up", job: "j", i: "1" }, 5)] : []),
  });
  for (const t of [0, 1, 2, 3]) await group.evaluate(t * MINUTE);
  expect(storedSamples(storage, '{__name__="total", i="1", team="a"}')).toEqual(["0 5", "60000 5", "120000 stale"]);
  expect(group.rules[0]).toMatchObject({ health: "ok" });
});

test("a rule that fails writes nothing, not even stale markers, and shows the error", async () => {
  let broken = false;
  const { group, storage, logger } = groupOf("  rules:\n  - {record: total, expr: up}", {
    up: () => {
      if (broken) throw new Error("query timed out");
      return [element({})];
    },
  });
  await group.evaluate(0);
  broken = true;
  await group.evaluate(MINUTE);
  expect(storedSamples(storage, '{__name__="total"}')).toEqual(["0 1"]);
  expect(group.rules[0]).toMatchObject({ health: "err", lastError: "query timed out" });
  expect(group.numbers).toMatchObject({ evaluations: 2, failures: 1 });
  expect(logger.lines.map(({ message }) => message)).toContain("Evaluating rule failed");
});

test("results that exceed the limit or have equal label sets are refused with the messages of Prometheus", async () => {
  const two: Script = () => [element({ a: "1" }), element({ a: "2" })];
  const limited = groupOf("  limit: 1\n  rules:\n  - {record: total, expr: up}\n  - {alert: A, expr: up}", { up: two });
  await limited.group.evaluate(0);
  expect(limited.group.rules.map(({ lastError }) => lastError)).toEqual([
    "exceeded limit of 1 with 2 series",
    "exceeded limit of 1 with 2 alerts",
  ]);
  const same = groupOf(
    "  rules:\n  - {record: r, expr: up, labels: {a: ''}}\n  - {alert: A, expr: up, labels: {a: x}}",
    {
      up: two,
    },
  );
  await same.group.evaluate(0);
  expect(same.group.rules.map(({ lastError }) => lastError)).toEqual([
    "vector contains metrics with the same labelset after applying rule labels",
    "vector contains metrics with the same labelset after applying alert labels",
  ]);
});

test("an alert writes ALERTS series, expands its texts and is sent with its link", async () => {
  const yaml = `  rules:
  - alert: Down
    expr: up == 0
    for: 1m
    labels: {severity: page, who: '{{ $labels.job }}'}
    annotations: {summary: '{{ $labels.job }} is {{ $value }} in {{ $externalLabels.dc }}{{ range query "load" }} at {{ .Value }}{{ end }}'}`;
  const { group, storage, sent } = groupOf(yaml, {
    "up == 0": (t) => (t < 3 * MINUTE ? [element({ __name__: "up", job: "j" }, 0)] : []),
    load: () => [element({}, 7)],
  });
  for (const t of [0, 1, 2, 3]) await group.evaluate(t * MINUTE);
  const series = (state: string): string =>
    `{__name__="ALERTS", alertname="Down", alertstate="${state}", job="j", severity="page", who="j"}`;
  expect(storedSamples(storage, series("pending"))).toEqual(["0 1", "60000 stale"]);
  expect(storedSamples(storage, series("firing"))).toEqual(["60000 1", "120000 1", "180000 stale"]);
  const forState = '{__name__="ALERTS_FOR_STATE", alertname="Down", job="j", severity="page", who="j"}';
  expect(storedSamples(storage, forState)).toEqual(["0 0", "60000 0", "120000 0", "180000 stale"]);
  expect(sent.map(({ alert }) => alert.state)).toEqual(["firing", "inactive"]);
  expect(sent[0]!.generatorUrl).toBe("http://narthex.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1");
  expect(sent[0]!.alert.annotations.get("summary")).toBe("j is 0 in x at 7");
  expect(sent[0]!.alert).toMatchObject({ firedAtMs: MINUTE, validUntilMs: MINUTE + 4 * MINUTE });
  expect(sent[1]!.alert).toMatchObject({ resolvedAtMs: 3 * MINUTE });
});

test("a template that fails becomes an error text and does not stop the alert", async () => {
  const { group, sent } = groupOf(
    "  rules:\n  - {alert: A, expr: up, annotations: {s: '{{ first (query \"no\") }}'}}",
    {
      up: () => [element({})],
    },
  );
  await group.evaluate(0);
  expect(sent[0]!.alert.annotations.get("s")).toMatch(
    /^<error expanding template: error executing template __alert_A: .*first\(\) called on vector with no elements/,
  );
});

test("query_offset shifts the query and the stored samples, but not the time of the alert", async () => {
  const asked: number[] = [];
  const { group, storage } = groupOf("  query_offset: 1m\n  rules:\n  - {record: r, expr: up}", {
    up: (t) => {
      asked.push(t);
      return [element({})];
    },
  });
  await group.evaluate(5 * MINUTE);
  expect(asked).toEqual([4 * MINUTE]);
  expect(storedSamples(storage, '{__name__="r"}')).toEqual(["240000 1"]);
});

test("start() evaluates at the group's slots, one per interval, until stop()", async () => {
  const at: number[] = [];
  const { group, clock } = groupOf("  interval: 10s\n  rules:\n  - {record: r, expr: up}", {
    up: (t) => {
      at.push(t);
      return [];
    },
  });
  group.start();
  await clock.advance(35_000);
  await group.stop();
  await clock.advance(60_000);
  expect(at.length).toBeGreaterThanOrEqual(3);
  expect(at.length).toBeLessThanOrEqual(4);
  expect(at[1]! - at[0]!).toBe(10_000);
  expect(group.numbers).toMatchObject({ iterations: at.length, missed: 0 });
  expect(clock.pending).toBe(0);
});

const TEN_SECONDS = { interval: 10_000, yaml: "  interval: 10s\n  rules:\n  - {record: r, expr: up}" };

test.each([15_000, 25_000, 3_600_000])(
  "a clock that is set back by %d ms stops no group for longer than two intervals",
  async (back) => {
    const { interval, yaml } = TEN_SECONDS;
    const at: number[] = [];
    const { group, clock, logger } = groupOf(yaml, {
      up: (t) => {
        at.push(t);
        return [];
      },
    });
    clock.setWall(10 * 3_600_000);
    group.start();
    await clock.advance(3 * interval);
    clock.setWall(clock.now() - back);
    at.length = 0;
    for (const last = clock.now(); clock.now() < last + 3 * interval;) {
      const count = at.length;
      await clock.advance(interval);
      if (at.length > count) expect(at.at(-1)!).toBeGreaterThan(clock.now() - interval);
    }
    await group.stop();
    expect(at.length).toBeGreaterThanOrEqual(1);
    expect(at.every((slot, i) => i === 0 || slot === at[i - 1]! + interval)).toBe(true);
    expect(at.every((slot) => slot <= clock.now())).toBe(true);
    const warned = logger.lines.filter(({ message }) => message.startsWith("The clock was set back"));
    expect(warned.length).toBeLessThanOrEqual(1);
  },
);

test("a group continues after an evaluation that failed with an unexpected error", async () => {
  let asked = 0;
  const { group, clock, metrics, logger, context } = groupOf(TEN_SECONDS.yaml, { up: () => [element({}, ++asked)] });
  const { observer } = context;
  Object.assign(context, {
    observer: { ...observer, group: () => (asked === 1 ? ([] as string[])[0]!.length : undefined) },
  });
  group.start();
  await clock.advance(25_000);
  await group.stop();
  expect(asked).toBeGreaterThanOrEqual(2);
  expect([...metrics.internalErrors.counts]).toEqual([["rule_group", 1]]);
  const [line] = logger.lines.filter(({ level }) => level === "error");
  expect(line?.fields).toMatchObject({ file: "r.yml", group: "g", stack: expect.stringContaining("group.test.ts") });
});

test("an evaluation that fails because of a bug is reported with its stack", async () => {
  const { group, metrics } = groupOf("  rules:\n  - {record: r, expr: up}", {
    up: () => [element({}, ([] as string[])[0]!.length)],
  });
  await group.evaluate(0);
  expect(group.rules[0]).toMatchObject({ health: "err" });
  expect([...metrics.internalErrors.counts]).toEqual([["rule_group", 1]]);
});

test("the start time of `for` is restored from ALERTS_FOR_STATE after the second iteration", async () => {
  const yaml = "  interval: 1m\n  rules:\n  - {alert: Down, expr: up, for: 30m, labels: {severity: page}}";
  const rig = groupOf(yaml, { up: () => [element({ job: "j" })] }, true);
  const start = 100 * MINUTE;
  rig.clock.setWall(start);
  const labels = Labels.of({ __name__: "ALERTS_FOR_STATE", alertname: "Down", severity: "page", job: "j" });
  await rig.storage.load(labels, [start - 5 * MINUTE], [(start - 25 * MINUTE) / 1000]);
  rig.group.start();
  await rig.clock.advance(90_000);
  expect(
    storedSamples(rig.storage, '{__name__="ALERTS", alertname="Down", alertstate="pending", job="j", severity="page"}'),
  ).toBeUndefined();
  await rig.clock.advance(40_000);
  await rig.group.stop();
  const alert = rig.group.rules[0]!.alertState!.alerts[0]!;
  // The alert was active for 20 of 30 minutes. The remaining 10 minutes equal the grace period, so the outage does not
  // count as active time.
  const away = alert.activeAtMs - (start - 25 * MINUTE);
  expect(away).toBeGreaterThanOrEqual(6 * MINUTE);
  expect(away).toBeLessThanOrEqual(8 * MINUTE);
});

test("a rule whose samples have the time of another rule's samples shows both values of the last one", async () => {
  const values: Script = () => [element({ a: "1" }, 7), element({ a: "2" }, 8), element({ a: "3" }, 9)];
  const { group, logger } = groupOf("  rules:\n  - {record: total, expr: up}\n  - {record: total, expr: up + 0.5}", {
    up: values,
    "up + 0.5": () => [element({ a: "1" }, 7.5), element({ a: "2" }, 8.5), element({ a: "3" }, 9)],
  });
  await group.evaluate(MINUTE);
  expect(group.rules.map(({ lastError }) => lastError)).toEqual([
    undefined,
    "duplicate sample for timestamp 60000; overrides not allowed: existing 8, new value 8.5",
  ]);
  expect(logger.lines.map(({ fields }) => fields["duplicate"])).toEqual([2]);
});

/** Returns a histogram whose only bucket has this count. */
const histogramOf = (count: number): FloatHistogram => ({
  resetHint: "gauge",
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count,
  sum: count,
  positiveSpans: [{ offset: 0, length: 1 }],
  positiveBuckets: Float64Array.of(count),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customBounds: undefined,
});

test("a rule whose histogram the storage refuses shows the reason", async () => {
  const { group, logger } = groupOf("  rules:\n  - {record: total, expr: up}", {
    up: () => [element({ a: "1" }, 7), { ...element({ a: "2" }), histogram: histogramOf(-1) }],
  });
  await group.evaluate(MINUTE);
  expect(group.rules[0]).toMatchObject({ health: "err" });
  expect(group.rules[0]!.lastError).toContain("observation count of -1");
  expect(logger.lines.map(({ fields }) => fields["invalid"])).toEqual([1]);
});

test("a rule whose new series has no room in the storage is unhealthy with the reason; its existing series continue", async () => {
  const { group, storage, logger } = groupOf("  rules:\n  - {record: total, expr: up}", {
    up: (t) => (t === 0 ? [element({ a: "1" }, 1)] : [element({ a: "1" }, 2), element({ a: "2" }, 3)]),
  });
  storage.maxSeries = 1;
  await group.evaluate(0);
  await group.evaluate(MINUTE);
  expect(storedSamples(storage, '{__name__="total", a="1"}')).toEqual(["0 1", "60000 2"]);
  expect(group.rules[0]).toMatchObject({ health: "err", lastError: "the memory store is full" });
  expect(logger.lines).toEqual([]);
  storage.maxSeries = 2;
  await group.evaluate(2 * MINUTE);
  expect(group.rules[0]).toMatchObject({ health: "ok", lastError: undefined });
});

/**
 * Counts the pauses of a rule evaluation, and finds the largest number of series that are processed between two pauses.
 * Each time the clock is read, the clock advances by a millisecond.
 */
function countedTurns(rig: ReturnType<typeof testGroupContext>) {
  const turns = { pauses: 0, series: 0, most: 0 };
  let now = 0;
  const clock = {
    now: () => now,
    monotonic: () => now++,
    sleep: async () => void Object.assign(turns, { pauses: turns.pauses + 1, series: 0 }),
    after: () => () => {},
  };
  const { storage } = rig;
  const counting: Appendable = {
    appender(options) {
      const appender = storage.appender(options);
      const series = appender.series.bind(appender);
      return Object.assign(appender, {
        series(labels: Labels) {
          turns.most = Math.max(turns.most, ++turns.series);
          return series(labels);
        },
      });
    },
  };
  return { turns, context: { ...rig.context, clock, storage: counting } };
}

test("50,000 alerts of a rule are sent in many turns", async () => {
  const elements = Array.from({ length: 50_000 }, (_, i) => element({ i: String(i) }, i));
  const rig = testGroupContext({ up: () => elements });
  const { turns, context } = countedTurns(rig);
  const parts: { readonly alerts: number; readonly pauses: number }[] = [];
  const notify: typeof context.notify = (alerts) => void parts.push({ alerts: alerts.length, pauses: turns.pauses });
  const loaded = parseRuleFile("groups:\n- {name: g, rules: [{alert: Many, expr: up}]}", "r.yml");
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  const defaults = { intervalMs: MINUTE, queryOffsetMs: 0, externalLabels: Labels.EMPTY };
  await new RuleGroup("r.yml", loaded.value[0]!, defaults, { ...context, notify }, false).evaluate(0);
  expect(parts.reduce((sum, { alerts }) => sum + alerts, 0)).toBe(50_000);
  expect(Math.max(...parts.map(({ alerts }) => alerts))).toBeLessThanOrEqual(500);
  // A pause after at most ten parts, because the clock advances by a millisecond whenever it is read.
  expect(new Set(parts.map(({ pauses }) => pauses)).size).toBeGreaterThan(parts.length / 20);
});

test.each(["record: total", "alert: Many"])("50,000 results of a rule are stored in many turns: %s", async (kind) => {
  const elements = Array.from({ length: 50_000 }, (_, i) => element({ i: String(i) }, i));
  const rig = testGroupContext({ up: (t) => (t < MINUTE ? elements : []) });
  const { turns, context } = countedTurns(rig);
  const loaded = parseRuleFile(`groups:\n- {name: g, rules: [{${kind}, expr: up}]}`, "r.yml");
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  const defaults = { intervalMs: MINUTE, queryOffsetMs: 0, externalLabels: Labels.EMPTY };
  const group = new RuleGroup("r.yml", loaded.value[0]!, defaults, context, false);
  await group.evaluate(0);
  expect(group.numbers.lastSamples).toBe(kind.startsWith("alert") ? 100_000 : 50_000);
  await group.evaluate(MINUTE);
  expect(group.rules[0]!.series.labels).toEqual([]);
  // At most ten steps of 128 samples are processed between two pauses.
  expect(turns.most).toBeLessThan(2000);
  expect(turns.pauses).toBeGreaterThan(100);
});
