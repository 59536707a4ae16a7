import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { Random } from "../../../support/random.ts";
import { remoteWrite } from "../../../support/remote-write.ts";
import { lacks } from "../../../support/requirements.ts";
import { Workplace } from "../../../support/workplace.ts";
import { packRules, publishedRules } from "../published-rules.ts";
import { generatedRules, generatedSeries } from "../unit-tests/generated-rules.ts";
import { differences, equalUntil, observe, type Observation } from "./live-comparison.ts";
import { incidentSeries, inOrder, placedSeries, publishedSeries } from "./live-data.ts";
import { GATE, liveRules } from "./live-rules.ts";
import { ObservedServer } from "./observed-server.ts";

const SEED = testSeed();
const RULES = 240;
/** Time in ms from writing the data to the beginning of the run. Until then, both servers load the rules. */
const LOADING_MS = 8000;
/** Times after the beginning, ms: the incidents of the alert pack are at their peak, they end, the run ends. */
const PEAK_MS = 10_000;
const INCIDENT_MS = 24_000;
const RUN_MS = 40_000;
/** Part of the run for which a group must be comparable to be counted, ms. */
const COUNTED_MS = 15_000;
/** Duration of the generated series before the run, s. */
const HISTORY_S = 120;
/** Duration of the series of published rules before the run, ms. */
const PUBLISHED_HISTORY_MS = 20 * 60_000;
/** A firing alert is valid for four resend delays of 5 s, and is sent again with the first evaluation after 5 s. */
const TIMING = { validMs: 20_000, againMs: 6000 };
/** Attempts on a machine without enough processor time. */
const MAX_ATTEMPTS = 3;

const LIVE_STYLE = {
  ranges: ["5s", "10s", "30s", "1m"],
  step: "5s",
  waits: ["0s", "2s", "5s", "12s"],
  keeps: ["0s", "0s", "6s"],
  readsOwnGroup: true,
};

/** Writes the rule files. Returns the groups of each alert and of each recorded series. */
function writeRules(workplace: Workplace, random: Random): ReadonlyMap<string, readonly string[]> {
  const files = [
    liveRules(generatedRules(random, RULES, LIVE_STYLE).text, "generated", 1),
    ...[...packRules(), ...publishedRules()].map((text, i) => liveRules(text, String(i), 60)),
  ];
  const groupsOf = new Map<string, string[]>();
  for (const [i, { text, groups }] of files.entries()) {
    workplace.write(`rules/${i}.yml`, text);
    for (const { name: group, rules } of groups) {
      for (const { alert, record } of rules) {
        const name = alert ?? record!;
        groupsOf.set(name, [...(groupsOf.get(name) ?? []), group]);
      }
    }
  }
  return groupsOf;
}

/** Writes the samples of the whole run to both servers, in advance. */
async function writeData(servers: readonly ObservedServer[], random: Random, beginMs: number): Promise<void> {
  const always = { firstMs: beginMs, intervalMs: 1000, fromMs: 0, untilMs: Infinity };
  const gate = placedSeries(`${GATE} 1x${RUN_MS / 1000 + 10}`, {}, always);
  const generated = generatedSeries(random, HISTORY_S + RUN_MS / 1000 + 10).flatMap(([series, values]) =>
    placedSeries(`${series} ${values}`, {}, { ...always, firstMs: beginMs - HISTORY_S * 1000 }),
  );
  const incidents = incidentSeries(beginMs + PEAK_MS, beginMs + INCIDENT_MS);
  const made = publishedSeries(publishedRules(), beginMs - PUBLISHED_HISTORY_MS, beginMs + INCIDENT_MS);
  const series = inOrder([...incidents, ...generated, ...made, ...gate]);
  await Promise.all(servers.map(({ served }) => remoteWrite(served.base, series)));
}

const untilTime = (what: string, ms: number): Promise<void> =>
  eventually(what, async () => {
    if (Date.now() < ms) throw new Error("the time has not come");
  });

interface Run {
  readonly ours: Observation;
  readonly theirs: Observation;
  /** Numbers of groups: all, and those that both servers have evaluated at the same times for long enough. */
  readonly groups: number;
  readonly compared: number;
}

/** Lets both servers evaluate the rules for the time of a run. */
async function run(seed: number): Promise<Run> {
  const random = new Random(seed);
  using workplace = new Workplace();
  workplace.write("rules/none.yml", "groups: []\n");
  const kinds = ["narthex", "prometheus"] as const;
  const servers = await Promise.all(
    kinds.map((kind) => ObservedServer.start(kind, workplace, workplace.path("rules"))),
  );
  await using stack = new AsyncDisposableStack();
  for (const server of servers) stack.use(server);
  const [ours, theirs] = servers as [ObservedServer, ObservedServer];
  await Promise.all(servers.map(({ served, sink }) => sink.isKnownTo(served.base)));
  const groupsOf = writeRules(workplace, random);
  const beginMs = Date.now() + LOADING_MS;
  await writeData(servers, random, beginMs);
  await Promise.all(servers.map((server) => server.reload()));
  await untilTime("the run ends", beginMs + RUN_MS);
  const evaluations = servers.map((server) => server.evaluations());
  const groups = new Set([...groupsOf.values()].flat());
  const untilOfGroup = new Map<string, number>();
  for (const group of groups) {
    const until = equalUntil(
      evaluations.map((times) => times.get(group)),
      beginMs,
    );
    if (until !== undefined) untilOfGroup.set(group, until);
  }
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  const untilOf = (name: string): number =>
    (groupsOf.get(name) ?? []).reduce((first, group) => Math.min(first, untilOfGroup.get(group) ?? 0), Infinity);
  return {
    ours: observe(ours, untilOf, TIMING),
    theirs: observe(theirs, untilOf, TIMING),
    groups: groups.size,
    compared: [...untilOfGroup.values()].filter((until) => until > beginMs + COUNTED_MS).length,
  };
}

test.skipIf(lacks("peers"))(
  `live servers write the series and send the notifications of Prometheus, evaluation by evaluation (seed ${SEED})`,
  async () => {
    let last = await run(SEED);
    for (let attempt = 1; attempt < MAX_ATTEMPTS && last.compared < 0.7 * last.groups; attempt++)
      last = await run(SEED);
    const { ours, theirs, groups, compared } = last;
    const notified = new Set([...theirs.alerts.keys()].map((key) => /alertname="([^"]*)/.exec(key)?.[1]));
    expect(differences(ours.alerts, theirs.alerts)).toEqual([]);
    expect(differences(ours.samples, theirs.samples)).toEqual([]);
    expect(compared, "groups that both servers evaluated at the same times").toBeGreaterThanOrEqual(0.7 * groups);
    // There are about 120 alerts. Alerts of groups that are not compared do not count.
    expect(notified.size).toBeGreaterThan(80);
  },
);
