import fc from "fast-check";
import { fingerprint, type InhibitRule, type RouteConfig, type Silence, type TimeInterval } from "@narthex/alerting";
import { rig, ROUTE, START as RIG_START } from "@narthex/alerting/testing";
import { compileCapturing, Labels, Matcher, type RelabelRule } from "@narthex/model";
import { relabeledAlert, withExternalLabels } from "@narthex/rules";
import { ManualClock, memoryLogger, testCases, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { runBacktest } from "../backtest.ts";
import { slots } from "../replay-rules.ts";
import {
  context,
  groupsOf,
  livedGroups,
  MINUTE,
  ruleGroup,
  ruleText,
  seriesValues,
  START,
  storageOf,
  type Values,
} from "../testing/scenarios.ts";

/** The settings of an Alertmanager, and of the server that sends to it. */
interface Scenario {
  readonly route: RouteConfig;
  readonly inhibitRules?: readonly InhibitRule[];
  readonly intervals?: readonly TimeInterval[];
  readonly silences?: readonly Silence[];
  readonly sendResolved?: boolean;
  readonly relabel?: readonly RelabelRule[];
}

type Series = Readonly<Record<string, Values>>;

async function replayed(text: string, series: Series, minutes: number, scenario: Scenario) {
  const { route, inhibitRules = [], intervals = [], silences = [], sendResolved = true, relabel = [] } = scenario;
  const integrations = [{ kind: { kind: "webhook" }, index: 0, config: { sendResolved } }];
  const logger = memoryLogger();
  const range = { fromMs: START, toMs: START + minutes * MINUTE };
  const { notifications } = await runBacktest(
    { ...context(new ManualClock(START)), ...range, groups: groupsOf(text), history: await storageOf(series) },
    {
      alertmanager: {
        route,
        inhibitRules,
        muteTimeIntervals: [],
        timeIntervals: intervals,
        receivers: ["all", "other"].map((name) => ({ name, integrations })),
      },
      silences,
      alertRelabelConfigs: relabel,
      resendDelayMs: MINUTE,
      logger,
    },
  );
  expect(logger.lines.filter(({ level }) => level !== "debug")).toEqual([]);
  return notifications!;
}

/** Evaluates the rules as a server does, and sends each alert to a running Alertmanager. Returns its notifications. */
async function lived(text: string, series: Series, minutes: number, scenario: Scenario): Promise<readonly string[]> {
  const clock = new ManualClock(START);
  const alertmanager = await rig({ ...scenario, clock });
  await alertmanager.silences.merge(scenario.silences ?? []);
  const maintain = (): void => void clock.after(15 * MINUTE, () => void alertmanager.log.collect().then(maintain));
  maintain();
  const { externalLabels } = context(clock);
  const groups = livedGroups(text, await storageOf(series), clock, (due) => {
    for (const { alert } of due) {
      const labels = relabeledAlert(withExternalLabels(alert.labels, externalLabels), scenario.relabel ?? []);
      if (labels === undefined) continue;
      alertmanager.alerts.put({
        labels,
        annotations: Labels.EMPTY,
        startsAt: alert.firedAtMs!,
        endsAt: alert.resolvedAtMs ?? alert.validUntilMs!,
        updatedAt: clock.now(),
        timeout: false,
        generatorUrl: "",
        fingerprint: fingerprint(labels),
      });
    }
  });
  const toMs = START + minutes * MINUTE;
  const turns = groups.flatMap(({ replayed: one, group }) => [...slots(one, START, toMs)].map((ts) => ({ ts, group })));
  for (const { ts, group } of turns.sort((a, b) => a.ts - b.ts)) {
    await clock.advance(ts - clock.now());
    await group.evaluate(ts);
  }
  await clock.advance(toMs - clock.now());
  await alertmanager.dispatcher.stop();
  return alertmanager.notified.map(({ at, notification }) => {
    const { receiver, groupKey, reason, alerts } = notification;
    const of = (resolved: boolean) => alerts.filter((alert) => alert.resolved === resolved).map(({ labels }) => labels);
    return line(RIG_START + at * 1000, receiver, groupKey, reason, of(false), of(true));
  });
}

const line = (
  atMs: number,
  receiver: string,
  groupKey: string,
  reason: string,
  firing: readonly Labels[],
  resolved: readonly Labels[],
): string =>
  [Math.round(atMs - START), receiver, groupKey, reason, firing.join(" "), `resolved ${resolved.join(" ")}`].join(
    " | ",
  );

const linesOf = ({ sent }: Awaited<ReturnType<typeof replayed>>): readonly string[] =>
  sent.map(({ atMs, receiver, groupKey, reason, firing, resolved }) =>
    line(atMs, receiver, groupKey, reason, firing, resolved),
  );

const equal = (name: string, value: string): Matcher => new Matcher("=", name, value);
const silence = (id: string, matchers: readonly Matcher[], from: number, to: number): Silence => ({
  id,
  matchers,
  startsAt: START + from * MINUTE,
  endsAt: START + to * MINUTE,
  updatedAt: 0,
  createdBy: "me",
  comment: "work",
  annotations: {},
});

/** Alternating half hours of START's day, UTC. */
const HALF_HOURS: TimeInterval = {
  name: "half",
  spans: [
    {
      times: [{ from: 22 * 60 + 20, to: 22 * 60 + 32 }],
      weekdays: [],
      daysOfMonth: [],
      months: [],
      years: [],
      location: "UTC",
    },
  ],
};

const times = {
  groupWaitMs: fc.constantFrom(0, 10_000, 30_000, 120_000),
  groupIntervalMs: fc.constantFrom(30_000, 60_000, 300_000),
  repeatIntervalMs: fc.constantFrom(60_000, 600_000, 3_600_000),
};
const groupBy = fc.constantFrom<readonly string[] | undefined>(undefined, [], ["alertname"], ["instance"], ["..."]);
const child = fc.record({
  ...times,
  receiver: fc.constantFrom("all", "other"),
  groupBy,
  matchers: fc.constantFrom([equal("team", "x")], [equal("alertname", "High")], [new Matcher("=~", "instance", "b|c")]),
  continues: fc.boolean(),
  muteTimeIntervals: fc.constantFrom([], [], ["half"]),
  activeTimeIntervals: fc.constantFrom([], [], ["half"]),
});
const scenarios = fc.record({
  route: fc
    .record({
      ...times,
      groupBy,
      children: fc.uniqueArray(child, { maxLength: 2, selector: ({ matchers }) => String(matchers) }),
    })
    .map(({ children, ...own }) => ({
      ...ROUTE,
      ...own,
      routes: children.map((one) => ({ ...one, labels: new Map<string, string>(), routes: [] })),
    })),
  inhibitRules: fc.constantFrom<readonly InhibitRule[]>(
    [],
    [
      { name: "", source: [equal("alertname", "Now")], target: [equal("alertname", "High")], equal: ["instance"] },
      { name: "", source: [equal("alertname", "Gone")], target: [new Matcher("!=", "alertname", "Gone")], equal: [] },
    ],
  ),
  silences: fc.constantFrom(
    [],
    [silence("1", [equal("instance", "a")], 5, 12), silence("2", [new Matcher("=~", "alertname", "H.*|T.*")], 20, 25)],
  ),
  sendResolved: fc.boolean(),
  relabel: fc.constantFrom<readonly RelabelRule[]>(
    [],
    [
      relabelRule({ action: "labeldrop", regex: "region" }),
      relabelRule({ action: "drop", sourceLabels: ["alertname"], regex: "Valued" }),
    ],
  ),
});

function relabelRule({ action, regex, sourceLabels = [] }: RelabelSettings): RelabelRule {
  const rest = { separator: ";", modulus: 0, targetLabel: "", replacement: "$1" };
  return { ...rest, action, regex: compileCapturing(regex), sourceLabels };
}

interface RelabelSettings {
  readonly action: RelabelRule["action"];
  readonly regex: string;
  readonly sourceLabels?: readonly string[];
}

test("property: a backtest finds the notifications that a server and an Alertmanager would have sent", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(ruleGroup, { minLength: 1, maxLength: 3 }),
      seriesValues,
      seriesValues,
      scenarios,
      async (groups, a, b, own) => {
        const text = ruleText(groups);
        const scenario = { ...own, intervals: [HALF_HOURS] };
        const found = await replayed(text, { a, b }, 40, scenario);
        expect(linesOf(found).toSorted()).toEqual((await lived(text, { a, b }, 40, scenario)).toSorted());
      },
    ),
    { seed: testSeed(20261128), numRuns: testCases(40, 600), endOnFailure: true },
  );
});

const high = (from: number, to: number): Values =>
  Array.from({ length: 80 }, (_, at) => (at >= from && at < to ? 9 : 1));

const HIGH =
  "groups: [{ name: g, interval: 30s, rules: [{ alert: High, expr: 'load > 5' }, { alert: Now, expr: 'load > 8' }] }]";

const root = { ...ROUTE, groupBy: ["alertname", "instance"], groupWaitMs: 60_000, groupIntervalMs: 300_000 };

test("an alert without notification has a reason for each receiver", async () => {
  const route: RouteConfig = {
    ...root,
    routes: [
      { ...ROUTE, matchers: [equal("instance", "b")], muteTimeIntervals: ["half"] },
      { ...ROUTE, matchers: [equal("instance", "c")], receiver: "nobody" },
      { ...ROUTE, matchers: [equal("instance", "d")], activeTimeIntervals: ["half"], groupWaitMs: undefined },
    ],
  };
  const series = { a: high(2, 10), b: high(20, 30), c: high(2, 10), d: high(60, 70), e: high(2, 10), f: high(2, 3) };
  const { sent, unnotified, hidden, hiddenAlerts } = await replayed(HIGH, series, 40, {
    route,
    intervals: [HALF_HOURS],
    inhibitRules: [
      { name: "", source: [equal("alertname", "Now")], target: [equal("alertname", "High")], equal: ["instance"] },
    ],
    silences: [silence("quiet", [equal("instance", "e")], 0, 40)],
    relabel: [
      relabelRule({ action: "drop", sourceLabels: ["alertname", "instance"], regex: "High;[bcdef]" }),
      relabelRule({ action: "labeldrop", regex: "team|region" }),
    ],
  });
  expect(sent.map(({ groupLabels, reason }) => `${groupLabels.toString()} ${reason}`)).toEqual([
    '{alertname="Now", instance="a"} first notification',
    '{alertname="Now", instance="a"} all alerts resolved',
  ]);
  expect([hidden, hiddenAlerts]).toEqual([0, 0]);
  const reasons = unnotified.map(({ labels, receiver, reasons: why }) =>
    [
      labels.get("alertname"),
      labels.get("instance"),
      receiver,
      ...why.map(({ cause, by }) => [cause, ...by].join(" ")),
    ].join(" "),
  );
  expect(reasons.toSorted()).toEqual([
    'High a all inhibition {alertname="Now", instance="a"}',
    ...["b", "c", "d", "e", "f"].map((instance) => `High ${instance}  relabeling`),
    "Now b all mute_time_interval half",
    "Now c nobody no_integration",
    "Now d all active_time_interval half",
    "Now e all silence quiet",
    "Now f all waiting",
  ]);
});

test("an alert that fires again before its group is due is covered by the last notification", async () => {
  const values = high(2, 60).map((value, at) => (at === 10 ? 1 : value));
  const route = { ...root, groupIntervalMs: 600_000, repeatIntervalMs: 3_600_000 };
  const { sent, unnotified } = await replayed(HIGH, { a: values }, 28, { route, inhibitRules: [] });
  expect(sent.filter(({ groupLabels }) => groupLabels.get("alertname") === "Now")).toHaveLength(1);
  expect(unnotified.map(({ labels, reasons }) => `${labels.get("alertname")} ${reasons[0]!.cause}`)).toEqual([
    "High covered",
    "Now covered",
  ]);
});
