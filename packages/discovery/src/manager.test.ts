import { listOf, type StaticConfig, text } from "@narthex/config";
import { SelfMetrics } from "@narthex/http";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { DiscoveryManager, type DiscoverySet, type TargetGroupsByJob } from "./manager.ts";
import { discoveryMetrics } from "./metrics.ts";
import { definePolled } from "./polled-discoverer.ts";
import { defineWatched, type Discoverer, type Emit } from "./discoverer.ts";
import type { TargetGroup } from "./target-group.ts";

const position = { line: 1, column: 1 };
const fixed = (...targets: readonly string[]): StaticConfig => ({ targets, labels: Labels.of({ env: "x" }), position });

/** Returns a polled discoverer that gives the test's answers. Its configuration is a list of names. */
function scripted(): { discoverer: Discoverer; answers: Map<string, readonly string[] | Error>; asked: string[] } {
  const answers = new Map<string, readonly string[] | Error>();
  const asked: string[] = [];
  const discoverer = definePolled<readonly string[]>({
    key: "test_sd_configs",
    name: "test",
    codec: listOf(text),
    intervalMs: () => 60_000,
    open: (config) =>
      Promise.resolve(() => {
        asked.push(config[0]!);
        const answer = answers.get(config[0]!) ?? [];
        if (answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(
          answer.map((address) => ({
            source: address,
            targets: [Labels.of({ __address__: address })],
            labels: Labels.EMPTY,
          })),
        );
      }),
  });
  return { discoverer, answers, asked };
}

function setUp() {
  const clock = new ManualClock(1_700_000_000_000);
  const logger = memoryLogger();
  const self = new SelfMetrics();
  const script = scripted();
  const sent: TargetGroupsByJob[] = [];
  const manager = new DiscoveryManager({
    name: "scrape",
    discoverers: [script.discoverer],
    clock,
    logger,
    metrics: discoveryMetrics(self),
    userAgent: "Prometheus/x",
    onTargets: (sets) => sent.push(sets),
  });
  const addresses = (set: string): string[] =>
    (sent.at(-1)?.get(set) ?? []).flatMap((group) => group.targets.map((target) => target.get("__address__")));
  return { clock, logger, self, ...script, manager, sent, addresses };
}

const uses = (...names: readonly string[]): DiscoverySet => ({
  staticConfigs: [],
  discoveryConfigs: names.map((name) => ({ kind: "test_sd_configs", config: [name], position })),
});

test("DiscoveryManager sends static targets at once, and an empty list for a job without targets", () => {
  const { manager, sent, addresses } = setUp();
  manager.apply(
    new Map([
      ["a", { staticConfigs: [fixed("h:1", "h:2"), fixed("h:3")], discoveryConfigs: [] }],
      ["b", uses()],
    ]),
  );
  expect(addresses("a")).toEqual(["h:1", "h:2", "h:3"]);
  expect(sent[0]!.get("a")!.map((group) => group.source)).toEqual(["0", "1"]);
  expect(sent[0]!.get("b")).toEqual([]);
});

test("DiscoveryManager runs equal configs once, keeps the last valid answer and removes targets that are gone", async () => {
  const { manager, clock, answers, asked, addresses, logger, self } = setUp();
  answers.set("x", ["h:1", "h:2"]);
  manager.apply(
    new Map([
      ["a", uses("x")],
      ["b", uses("x")],
    ]),
  );
  await clock.advance(100);
  expect(asked).toEqual(["x"]);
  expect(addresses("b")).toEqual(["h:1", "h:2"]);
  answers.set("x", new Error("no route"));
  await clock.advance(61_000);
  expect(addresses("a")).toEqual(["h:1", "h:2"]);
  expect(logger.lines.filter((line) => line.level === "warn")).toHaveLength(1);
  answers.set("x", ["h:2"]);
  await clock.advance(61_000);
  expect(addresses("a")).toEqual(["h:2"]);
  const failures = (await self.families()).find((family) => family.name === "prometheus_sd_refresh_failures_total");
  expect(failures?.samples).toMatchObject([{ labels: ["mechanism", "test", "config", "a"], value: 1 }]);
});

test("apply() keeps running discoverers and their targets, starts new ones and stops the others", async () => {
  const { manager, clock, answers, asked, addresses, sent } = setUp();
  answers.set("x", ["h:1"]);
  answers.set("y", ["h:2"]);
  manager.apply(new Map([["a", uses("x", "y")]]));
  await clock.advance(100);
  manager.apply(new Map([["b", uses("x")]]));
  expect(addresses("b")).toEqual(["h:1"]);
  expect(sent.at(-1)!.has("a")).toBe(false);
  await clock.advance(60_000);
  expect(asked).toEqual(["x", "y", "x"]);
  manager.stop();
  expect(clock.pending).toBe(0);
});

test("updates are sent within 100 ms at first and then at most every 5 s", async () => {
  const { manager, clock, answers, sent } = setUp();
  answers.set("x", ["h:1"]);
  manager.apply(new Map([["a", uses("x")]]));
  await clock.advance(99);
  expect(sent).toHaveLength(1);
  await clock.advance(1);
  expect(sent).toHaveLength(2);
});

test("a very large number of groups of one discoverer is passed on", async () => {
  const { manager, answers, clock, addresses } = setUp();
  answers.set(
    "many",
    Array.from({ length: 200_000 }, (_, i) => `h:${i}`),
  );
  manager.apply(new Map([["a", uses("many")]]));
  await clock.advance(10_000);
  expect(addresses("a")).toHaveLength(200_000);
  manager.stop();
});

test("an answer with a label that is not a text is refused as a whole, and the last valid one is kept", async () => {
  const { manager, answers, clock, addresses, logger, self } = setUp();
  answers.set("one", ["h:1"]);
  manager.apply(new Map([["a", uses("one")]]));
  await clock.advance(10_000);
  answers.set("one", ["h:2", 5 as unknown as string]);
  await clock.advance(60_000);
  expect(addresses("a")).toEqual(["h:1"]);
  expect(logger.lines.at(-1)?.fields["err"]).toBe('label "__address__" of group "5" is not a text');
  const failed = (await self.families()).find(({ name }) => name === "prometheus_sd_refresh_failures_total");
  expect(failed?.samples.map(({ value }) => value)).toEqual([1]);
  manager.stop();
});

test("a watch refuses only the group with a label that is not a text, and continues", async () => {
  const [clock, logger] = [new ManualClock(1_700_000_000_000), memoryLogger()];
  let emit: Emit = () => undefined;
  const discoverer = defineWatched<readonly string[]>({
    key: "test_sd_configs",
    name: "test",
    codec: listOf(text),
    watch: async (_config, _context, given) => void (emit = given),
  });
  const sent: TargetGroupsByJob[] = [];
  const manager = new DiscoveryManager({
    name: "scrape",
    discoverers: [discoverer],
    clock,
    logger,
    metrics: discoveryMetrics(new SelfMetrics()),
    userAgent: "Prometheus/x",
    onTargets: (sets) => sent.push(sets),
  });
  manager.apply(new Map([["a", uses("one")]]));
  const group = (source: string, address: unknown): TargetGroup => ({
    source,
    targets: [Labels.of({ __address__: address as string })],
    labels: Labels.EMPTY,
  });
  emit([group("1", "h:1"), group("2", 5), group("3", "h:3")]);
  emit([group("2", 5)]);
  emit([group("4", "h:4")]);
  emit([group("2", "h:2")]);
  await clock.advance(10_000);
  const addresses = sent
    .at(-1)!
    .get("a")!
    .flatMap(({ targets }) => targets.map((target) => target.get("__address__")));
  expect(addresses.toSorted()).toEqual(["h:1", "h:2", "h:3", "h:4"]);
  expect(logger.lines.map(({ level, fields }) => [level, fields["err"]])).toEqual([
    ["warn", 'label "__address__" of group "2" is not a text'],
    ["info", undefined],
  ]);
  manager.stop();
});
