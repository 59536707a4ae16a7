import { expect, test } from "vitest";
import { recordFiles } from "@narthex/config/testing";
import { Labels } from "@narthex/model";
import { settle } from "@narthex/runtime/testing";
import type { Appender, AppendOptions } from "@narthex/storage";
import { RuleManager } from "./manager.ts";
import { parseRuleFile } from "./rule-file.ts";
import * as answers from "./rules-answer.ts";
import { element } from "./testing/scripted-query.ts";
import { storedSamples, testGroupContext } from "./testing/group-context.ts";

/** The answers of the API, with lists as arrays. */
const written = (answer: object): unknown => JSON.parse(JSON.stringify(answer));
const rulesAnswer = (...of: Parameters<typeof answers.rulesAnswer>): unknown => written(answers.rulesAnswer(...of));
const alertsAnswer = (...of: Parameters<typeof answers.alertsAnswer>): unknown => written(answers.alertsAnswer(...of));

const config = {
  intervalMs: 10_000,
  queryOffsetMs: 0,
  externalLabels: Labels.EMPTY,
  ruleFiles: ["*.yml"],
  scheme: "utf8" as const,
};

const alert = (name: string, extra = ""): string => `{alert: ${name}, expr: up, ${extra}}`;
const file = (...rules: string[]): string => `groups: [{name: g, rules: [${rules.join(", ")}]}]`;

function worldOf(files: Record<string, string>) {
  const rig = testGroupContext({ up: () => [element({ __name__: "up", job: "j" }, 2)] }, 1_700_000_000_000);
  return { ...rig, files, manager: new RuleManager(rig.context, recordFiles(files)) };
}

async function update(manager: RuleManager): Promise<void> {
  const prepared = await manager.prepare(config);
  if (!prepared.ok) throw new Error(JSON.stringify(prepared.problems));
  await prepared.apply();
}

const query = (text: string): URLSearchParams => new URLSearchParams(text);

test("a reload keeps identical groups running and passes state on to changed ones", async () => {
  const { manager, files, clock } = worldOf({ "a.yml": file(alert("A", "for: 1h")), "b.yml": file(alert("B")) });
  await update(manager);
  manager.start();
  await clock.advance(25_000);
  const [before, other] = manager.groups;
  const since = before!.rules[0]!.alertState!.alerts[0]!.activeAtMs;
  files["a.yml"] = file(alert("A", "for: 2h"), alert("C"));
  await update(manager);
  const [after, same] = manager.groups;
  expect(same).toBe(other);
  expect(after).not.toBe(before);
  expect(after!.rules[0]!.alertState!.alerts[0]!.activeAtMs).toBe(since);
  await clock.advance(15_000);
  expect(after!.rules.map(({ health }) => health)).toEqual(["ok", "ok"]);
  await manager.stop();
  expect(clock.pending).toBe(0);
});

test("a reload with an invalid file changes nothing and reports all problems", async () => {
  const { manager, files, logger } = worldOf({ "a.yml": file(alert("A")), "b.yml": file(alert("B")) });
  await update(manager);
  const before = manager.groups;
  files["a.yml"] = "groups: [{nam: x}]";
  files["b.yml"] = "groups: {";
  const loaded = await manager.prepare(config);
  expect(!loaded.ok && loaded.problems.map((problem) => problem.file)).toEqual(["a.yml", "b.yml"]);
  expect(manager.groups).toEqual(before);
  expect(logger.lines.filter(({ message }) => message === "loading groups failed")).toHaveLength(2);
});

test("a pattern of rule files that matches no file is a warning, which is logged once", async () => {
  const { manager, files, logger } = worldOf({});
  const warning = 'rule_files: "*.yml" matches no file';
  const warned = () => logger.lines.filter(({ fields }) => fields["warning"] === warning).length;
  expect(await manager.prepare(config)).toMatchObject({ ok: true, warnings: [warning] });
  await update(manager);
  expect(warned()).toBe(1);
  files["a.yml"] = file(alert("A"));
  expect(await manager.prepare(config)).toMatchObject({ ok: true, warnings: [] });
});

test("the series of a removed group end two intervals later", async () => {
  const { manager, files, clock, storage } = worldOf({ "a.yml": file("{record: r, expr: up}") });
  await update(manager);
  manager.start();
  await clock.advance(15_000);
  delete files["a.yml"];
  await update(manager);
  const stoppedAt = clock.now();
  await clock.advance(19_000);
  expect(storedSamples(storage, '{__name__="r", job="j"}')!.at(-1)).toMatch(/ 2$/);
  await clock.advance(2000);
  await settle();
  expect(storedSamples(storage, '{__name__="r", job="j"}')!.at(-1)).toBe(`${stoppedAt} stale`);
  await manager.stop();
});

test("stop() waits until the series of removed groups are ended", async () => {
  const { files, clock, storage, context } = worldOf({ "a.yml": file("{record: r, expr: up}") });
  const slow = {
    appender: (options?: AppendOptions): Appender => {
      const appender = storage.appender(options);
      const commit = appender.commit.bind(appender);
      return Object.assign(appender, {
        commit: () => new Promise<void>((resolve) => setImmediate(resolve)).then(commit),
      });
    },
  };
  const removing = new RuleManager({ ...context, storage: slow }, recordFiles(files));
  await update(removing);
  await removing.groups[0]!.evaluate(clock.now());
  const evaluatedAt = clock.now();
  await clock.advance(5000);
  delete files["a.yml"];
  await update(removing);
  await removing.stop();
  expect(storedSamples(storage, '{__name__="r", job="j"}')).toEqual([
    `${evaluatedAt} 2`,
    `${evaluatedAt + 5000} stale`,
  ]);
});

test("if a rule is removed from a group, its series end at the group's next evaluation", async () => {
  const { manager, files, clock, storage } = worldOf({
    "a.yml": file("{record: r, expr: up}", "{record: s, expr: up}"),
  });
  await update(manager);
  manager.start();
  await clock.advance(15_000);
  files["a.yml"] = file("{record: s, expr: up}");
  await update(manager);
  await clock.advance(15_000);
  expect(storedSamples(storage, '{__name__="r", job="j"}')!.at(-1)).toMatch(/stale$/);
  expect(storedSamples(storage, '{__name__="s", job="j"}')!.at(-1)).toMatch(/ 2$/);
  await manager.stop();
});

test("rulesAnswer() returns groups, rules and alerts as in Prometheus' API", async () => {
  const { manager, clock } = worldOf({
    "a.yml": file(alert("A", "for: 1m, labels: {severity: page}, annotations: {s: hi}"), "{record: r, expr: up}"),
  });
  await update(manager);
  const fresh = rulesAnswer(manager, query("")) as { groups: { rules: unknown[] }[] };
  expect(fresh.groups[0]!.rules[0]).toMatchObject({
    state: "unknown",
    health: "unknown",
    lastEvaluation: "0001-01-01T00:00:00Z",
  });
  await manager.groups[0]!.evaluate(clock.now());
  const answer = rulesAnswer(manager, query(""));
  expect(answer).toEqual({
    groups: [
      {
        name: "g",
        file: "a.yml",
        rules: [
          {
            state: "pending",
            name: "A",
            query: "up",
            duration: 60,
            keepFiringFor: 0,
            labels: { severity: "page" },
            annotations: { s: "hi" },
            alerts: [
              {
                labels: { alertname: "A", job: "j", severity: "page" },
                annotations: { s: "hi" },
                state: "pending",
                activeAt: "2023-11-14T22:13:20Z",
                value: "2e+00",
              },
            ],
            health: "ok",
            evaluationTime: 0,
            lastEvaluation: "2023-11-14T22:13:20Z",
            type: "alerting",
          },
          {
            name: "r",
            query: "up",
            labels: {},
            health: "ok",
            evaluationTime: 0,
            lastEvaluation: "2023-11-14T22:13:20Z",
            type: "recording",
          },
        ],
        interval: 10,
        limit: 0,
        evaluationTime: 0,
        lastEvaluation: "2023-11-14T22:13:20Z",
      },
    ],
  });
  expect(alertsAnswer(manager)).toMatchObject({ alerts: [{ state: "pending", labels: { alertname: "A" } }] });
});

test("on request, rulesAnswer() has the labels of each alert at the Alertmanagers", async () => {
  const { manager, clock } = worldOf({ "a.yml": file(alert("A")) });
  await update(manager);
  await manager.groups[0]!.evaluate(clock.now());
  const sentLabels = (labels: Labels): readonly Labels[] => [labels.with({ cluster: "lab" })];
  const [usual, asked] = ["", "narthex_sent_labels=true"].map(
    (text) =>
      (rulesAnswer(manager, query(text), { sentLabels }) as { groups: { rules: { alerts: object[] }[] }[] }).groups[0]!
        .rules[0]!.alerts[0],
  );
  expect(usual).not.toHaveProperty("sentLabels");
  expect(asked).toMatchObject({
    labels: { alertname: "A", job: "j" },
    sentLabels: [{ alertname: "A", job: "j", cluster: "lab" }],
  });
});

test("rulesAnswer() filters and paginates", async () => {
  const { manager } = worldOf({
    "a.yml": file(alert("A", "labels: {severity: page}")),
    "b.yml": file("{record: r, expr: up}"),
    "c.yml": file(alert("C")),
  });
  await update(manager);
  const filesOf = (text: string): string[] =>
    (rulesAnswer(manager, query(text)) as { groups: { file: string }[] }).groups.map(({ file }) => file);
  expect(filesOf("type=alert")).toEqual(["a.yml", "c.yml"]);
  expect(filesOf("type=record")).toEqual(["b.yml"]);
  expect(filesOf("rule_name[]=A&rule_name[]=r")).toEqual(["a.yml", "b.yml"]);
  expect(filesOf("file[]=c.yml")).toEqual(["c.yml"]);
  expect(filesOf("rule_group[]=none")).toEqual([]);
  expect(filesOf(`match[]=${encodeURIComponent('{severity="page"}')}`)).toEqual(["a.yml"]);
  const first = rulesAnswer(manager, query("group_limit=2")) as { groupNextToken: string };
  expect(filesOf(`group_limit=2&group_next_token=${first.groupNextToken}`)).toEqual(["c.yml"]);
  const refused = (text: string): string => {
    try {
      rulesAnswer(manager, query(text));
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refused("type=foo")).toBe('invalid parameter "type": not supported value "foo"');
  expect(refused("group_next_token=x")).toContain(
    "group_limit needs to be present in order to paginate over the groups",
  );
  expect(refused("group_limit=0")).toContain("group_limit needs to be greater than 0");
  expect(refused("group_limit=1&group_next_token=x")).toContain(
    "invalid group_next_token 'x'. were rule groups changed?",
  );
  expect(refused("match[]={}")).toBe("match[] must contain at least one non-empty matcher");
});

test("rule files of other places join those of the configuration, and a change of one replaces only changed groups", async () => {
  const { manager, clock, logger, files } = worldOf({ "a.yml": file(alert("A")) });
  const groupsOf = (text: string) => {
    const parsed = parseRuleFile(text, "x");
    if (!parsed.ok) throw new Error("valid");
    return parsed.value;
  };
  const names = () => manager.groups.map((group) => `${group.file} ${group.rules.map(({ spec }) => spec.name).join()}`);
  // A place that is set before the configuration waits for it.
  const [b, c] = [groupsOf(file(alert("B", "for: 1h"))), groupsOf(file(alert("C")))];
  await manager.setPlace(
    "api",
    new Map([
      ["b", b],
      ["c", c],
    ]),
  );
  expect(names()).toEqual([]);
  await update(manager);
  expect(names()).toEqual(["a.yml A", "b B", "c C"]);
  expect([manager.hasFile("a.yml"), manager.hasFile("b")]).toEqual([true, false]);
  manager.start();
  await clock.advance(25_000);
  const [before, other, third] = manager.groups;
  const since = other!.rules[0]!.alertState!.alerts[0]!.activeAtMs;
  await manager.setPlace(
    "api",
    new Map([
      ["b", groupsOf(file(alert("B", "for: 2h")))],
      ["c", c],
    ]),
  );
  expect(manager.groups[0]).toBe(before);
  expect(manager.groups[1]).not.toBe(other);
  expect(manager.groups[1]!.rules[0]!.alertState!.alerts[0]!.activeAtMs).toBe(since);
  expect(manager.groups[2]).toBe(third);
  // A file of the configuration has precedence over a file of a place.
  files["b.yml"] = file(alert("D"));
  await manager.setPlace(
    "other",
    new Map([
      ["b.yml", groupsOf(file(alert("E")))],
      ["c", groupsOf(file(alert("F")))],
    ]),
  );
  await update(manager);
  expect(names()).toEqual(["a.yml A", "b B", "b.yml D", "c C"]);
  expect(logger.lines.filter(({ message }) => /has its name/.test(message)).at(-1)!.fields).toMatchObject({
    file: "c",
    place: "other",
  });
  await manager.setPlace("api", new Map());
  await manager.setPlace("other", new Map());
  expect(names()).toEqual(["a.yml A", "b.yml D"]);
  await manager.stop();
});
