import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { runToEnd } from "@narthex/runtime";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { openSqlite, type Store, StoreError } from "@narthex/store";
import { expect, onTestFinished, test } from "vitest";
import type { RuleFiles } from "../manager.ts";
import type { RuleFileOptions } from "../rule-file.ts";
import { RuleHistory } from "./rule-history.ts";
import { namespacesYaml } from "./namespace-yaml.ts";
import { RuleStore } from "./rule-store.ts";

const AUTHOR = { user: "ann", address: "192.0.2.1" };
const group = (name: string, expr = "up == 0"): string => `name: ${name}\nrules:\n- alert: Down\n  expr: ${expr}\n`;

async function opened(
  folder = temporaryFolder(),
  store: Store = openSqlite(":memory:"),
  clock = new ManualClock(1_700_000_000_000),
) {
  let language: RuleFileOptions = { scheme: "utf8" };
  const logger = memoryLogger();
  const applied: RuleFiles[] = [];
  const rules = new RuleStore({
    folder,
    history: await RuleHistory.open(store.collection("rule_changes"), clock),
    clock,
    logger,
    language: () => language,
    isProtected: (namespace) => namespace === "/etc/rules.yml",
    apply: (files) => void applied.push(files),
  });
  await rules.read();
  const setLanguage = (next: RuleFileOptions): void => void (language = next);
  return { rules, folder, clock, logger, applied, store, setLanguage };
}

const reasonOf = async (change: Promise<unknown>): Promise<string> =>
  change.then(
    () => "accepted",
    (error: unknown) => `${(error as { reason: string }).reason}: ${(error as Error).message}`,
  );

test("groups are stored in a rule file for each namespace, applied, and read again after a restart", async () => {
  const { rules, folder, applied, store } = await opened();
  await rules.set("team/a", group("g"), AUTHOR);
  await rules.set("team/a", group("h"), AUTHOR);
  await rules.set(".", group("g"), AUTHOR);
  expect(readdirSync(folder).sort()).toEqual(["%2E.yml", "team%2Fa.yml"]);
  expect([...applied.at(-1)!].map(([file, specs]) => [file, specs.map(({ name }) => name)])).toEqual([
    [".", ["g"]],
    ["team/a", ["g", "h"]],
  ]);
  const again = await opened(folder, store);
  expect(runToEnd(namespacesYaml(again.rules.namespaces))).toEqual(runToEnd(namespacesYaml(rules.namespaces)));
  expect(again.rules.group("team/a", "h").text).toBe(group("h").trimEnd());
});

test("a group with the same content is not written again, so that a repeated load leaves no changes", async () => {
  const { rules, applied } = await opened();
  const first = await rules.set("a", group("g"), AUTHOR);
  const count = applied.length;
  expect(await rules.set("a", `# a comment\n${group("g")}`, AUTHOR)).toBe(first);
  expect(applied).toHaveLength(count);
  expect((await rules.history.list({ limit: 10 })).changes).toHaveLength(1);
});

test("reading the folder again keeps the objects of unchanged groups", async () => {
  const { rules, applied } = await opened();
  await rules.set("a", group("g"), AUTHOR);
  const before = applied.at(-1)!.get("a")![0];
  await rules.read();
  expect(applied.at(-1)!.get("a")![0]).toBe(before);
});

/** Returns a clock on which each look at the time takes a millisecond, and the number of its pauses. */
function busyClock() {
  let now = 0;
  let pauses = 0;
  const clock = Object.assign(new ManualClock(0), {
    monotonic: () => now++,
    sleep: async () => void pauses++,
  });
  return { clock, pauses: () => pauses };
}

const longGroup = `name: g\nrules:\n${"- {record: a, expr: b + c}\n".repeat(200)}`;

test("a long group is checked in steps, and an unchanged folder is not checked again", async () => {
  const { clock, pauses } = busyClock();
  const { rules, folder, setLanguage } = await opened(temporaryFolder(), openSqlite(":memory:"), clock);
  await rules.set("a", longGroup, AUTHOR);
  const afterSet = pauses();
  expect(afterSet).toBeGreaterThan(20);
  await rules.read();
  expect(pauses()).toBe(afterSet);
  setLanguage({ scheme: "legacy" });
  await rules.read();
  expect(pauses()).toBeGreaterThan(afterSet + 20);
  const path = join(folder, "a.yml");
  writeFileSync(path, readFileSync(path, "utf8").replace("expr: b + c", "expr: b + d"));
  await rules.read();
  expect(rules.group("a", "g").text).toContain("b + d");
});

/** A list of one rule, repeated by an alias. */
const repeated = (rule: string, times: number): string => `name: g\nrules: [&r ${rule}${", *r".repeat(times)}]\n`;

const BROKEN: readonly (readonly [what: string, body: string, answer: RegExp])[] = [
  ["empty", "", /bad: unable to decoded rule group: the body must be one rule group/],
  ["text", "hello", /bad: unable to decoded rule group: the body must be one rule group/],
  ["a list", "- name: g\n", /bad: unable to decoded rule group: the body must be one rule group/],
  ["a rule file", "groups:\n- name: g\n", /bad: .*the body is a rule file; send its groups one by one/],
  ["two documents", `${group("g")}---\n${group("h")}`, /bad: .*several documents; send one rule group/],
  ["a tab", "name: g\n\trules: []\n", /bad: unable to decoded rule group: body:2:1: .*indent with spaces/],
  ["an unclosed bracket", "name: g\nrules: [", /bad: unable to decoded rule group: body:2:8: .*close the \[/],
  ["without a name", "rules: []\n", /bad: body:1:1: Groupname must not be empty; name the group/],
  ["an unknown field", `${group("g")}  fore: 5m\n`, /bad: body:5:3: .*field fore not found/],
  ["a bad expression", group("g", "up ="), /bad: body:4:9: group "g", rule 1, "Down": could not parse expression/],
  ["a bad duration", "name: g\ninterval: 5 minutes\n", /bad: body:2:11: .*"5 minutes"/],
  ["a bad template", `${group("g")}  labels: {a: "{{ x }}"}\n`, /bad: body:5:12: .*label "a": template/],
  ["a recording rule with for", "name: g\nrules:\n- {record: a, expr: up, for: 1m}\n", /bad: body:3:30: .*'for'/],
  ["a rule without a kind", "name: g\nrules: [{expr: up}]\n", /bad: body:2:9: .*'record' or 'alert' must be set/],
  ["a circle", "name: g\nlabels: &a {b: *a}\n", /bad: unable to decoded rule group: body:2:.*contains itself/],
  [
    "long texts of aliases",
    repeated(`{alert: A, expr: up, annotations: {a: "${"x".repeat(3000)}"}}`, 900),
    /limit: the texts of the group have more than 2097152 characters; split it/,
  ],
  [
    "a deep foreign field",
    `name: g\nremote_write: ${"[".repeat(20)}${"]".repeat(20)}\n`,
    /limit: .* more than 8 levels/,
  ],
  [
    "too many rules",
    repeated("{alert: A, expr: up}", 2000),
    /limit: group has 2001 rules, the limit is 2000; split it/,
  ],
];

test.each(BROKEN)("a body that is %s is refused, and changes nothing", async (_what, body, answer) => {
  const { rules, folder, applied } = await opened();
  expect(await reasonOf(rules.set("a", body, AUTHOR))).toMatch(answer);
  expect(readdirSync(folder)).toEqual([]);
  expect(applied).toHaveLength(1);
  expect((await rules.history.list({ limit: 10 })).changes).toEqual([]);
});

test("fields of Mimir are stored and reported, but have no effect", async () => {
  const { rules, logger } = await opened();
  await rules.set("a", `${group("g")}source_tenants: [a, b]\nalign_evaluation_time_on_interval: true\n`, AUTHOR);
  expect(rules.group("a", "g").text).toMatch(/\nsource_tenants:\n- a\n- b\nalign_evaluation_time_on_interval: true$/);
  expect(logger.lines.at(-1)!.fields).toMatchObject({ fields: "source_tenants, align_evaluation_time_on_interval" });
});

test("the history has the author, the time and both texts of each change, also of deleted namespaces", async () => {
  const { rules, clock } = await opened();
  await rules.set("a", group("g"), AUTHOR);
  await clock.advance(1000);
  await rules.set("a", group("g", "up == 1"), { user: "", address: "192.0.2.2" });
  await rules.set("b", group("h"), AUTHOR);
  await rules.remove({ namespace: "a" }, AUTHOR);
  const { changes, more } = await rules.history.list({ namespace: "a", limit: 2 });
  expect(more).toBe(true);
  const [old, next] = [group("g").trimEnd(), group("g", "up == 1").trimEnd()];
  expect(changes).toEqual([
    { id: 4, at: 1_700_000_001_000, ...AUTHOR, namespace: "a", group: "g", before: next, after: null },
    {
      id: 2,
      at: 1_700_000_001_000,
      user: "",
      address: "192.0.2.2",
      namespace: "a",
      group: "g",
      before: old,
      after: next,
    },
  ]);
  expect((await rules.history.list({ beforeId: 2, limit: 2 })).changes.map(({ id }) => id)).toEqual([1]);
});

test("conditions of concurrent editors: the second change is refused, a change without a condition wins", async () => {
  const { rules } = await opened();
  const { tag } = await rules.set("a", group("g"), AUTHOR, { isNew: true });
  const changes = ["up == 1", "up == 2"].map((expr) => rules.set("a", group("g", expr), AUTHOR, { match: [tag] }));
  const [first, second] = await Promise.all(changes.map(reasonOf));
  expect(first).toBe("accepted");
  expect(second).toBe("changed: someone else has changed the group; read it again, and repeat the change");
  expect(await reasonOf(rules.set("a", group("g"), AUTHOR, { isNew: true }))).toMatch(/^changed: .* exists already/);
  expect(await reasonOf(rules.remove({ namespace: "a", group: "g" }, AUTHOR, { match: [tag] }))).toMatch(/^changed/);
  expect(await reasonOf(rules.set("a", group("new"), AUTHOR, { match: [tag] }))).toMatch(/does not exist any more/);
  await rules.set("a", group("g", "up == 3"), AUTHOR);
  await rules.remove({ namespace: "a", group: "g" }, AUTHOR, { match: ["*"] });
  expect(rules.namespaces).toEqual([]);
});

test("rule files of the configuration, and missing groups, are refused", async () => {
  const { rules, folder } = await opened();
  expect(await reasonOf(rules.set("/etc/rules.yml", group("g"), AUTHOR))).toMatch(/^protected: namespace is protected/);
  expect(await reasonOf(rules.remove({ namespace: "/etc/rules.yml" }, AUTHOR))).toMatch(/^protected/);
  expect(await reasonOf(rules.remove({ namespace: "a" }, AUTHOR))).toBe("missing: namespace does not exist");
  await rules.set("a", group("g"), AUTHOR);
  expect(await reasonOf(rules.remove({ namespace: "a", group: "h" }, AUTHOR))).toBe("missing: group does not exist");
  expect(await reasonOf(rules.set("n".repeat(250), group("g"), AUTHOR))).toMatch(/^limit: .*too long for a file/);
  expect(readdirSync(folder)).toEqual(["a.yml"]);
});

test("a file that another program has broken costs its own namespace, and is not overwritten", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "bad.yml"), "groups:\n- nam: g\n");
  writeFileSync(join(folder, "good.yml"), `groups:\n- {name: g, rules: []}\n`);
  const { rules, applied, logger } = await opened(folder);
  expect(applied.at(-1)!.get("good")).toHaveLength(1);
  expect(logger.lines.map(({ fields }) => fields["err"])).toEqual([
    expect.stringMatching(/bad\.yml:2:3: .*field nam not found/),
  ]);
  expect(await reasonOf(rules.set("bad", group("g"), AUTHOR))).toMatch(/^disk: the stored file is broken: .*repair/);
  expect(readFileSync(join(folder, "bad.yml"), "utf8")).toContain("nam: g");
  await rules.remove({ namespace: "bad" }, AUTHOR);
  expect(existsSync(join(folder, "bad.yml"))).toBe(false);
});

test("if the file cannot be written, the old groups stay, and the history has no change", async () => {
  const { rules, folder, applied } = await opened();
  await rules.set("a", group("g"), AUTHOR);
  const count = applied.length;
  // A folder with the name of the draft makes each write fail, also for root.
  mkdirSync(join(folder, "a.yml.in_progress"));
  writeFileSync(join(folder, "a.yml.in_progress", "x"), "");
  expect(await reasonOf(rules.set("a", group("g", "up == 1"), AUTHOR))).toMatch(/^disk: .*are unchanged/);
  expect(rules.group("a", "g").text).toBe(group("g").trimEnd());
  expect(readFileSync(join(folder, "a.yml"), "utf8")).toContain("up == 0");
  expect(applied).toHaveLength(count);
  expect((await rules.history.list({ limit: 10 })).changes).toHaveLength(1);
  rmSync(join(folder, "a.yml.in_progress"), { recursive: true });
  await rules.set("a", group("g", "up == 1"), AUTHOR);
});

test("if the history cannot be written, the file is not changed", async () => {
  const store = openSqlite(":memory:");
  onTestFinished(() => store.close());
  const broken: Store = {
    ...store,
    collection: (name) => ({
      ...store.collection(name),
      change: () => Promise.reject(new StoreError("database or disk is full")),
    }),
  };
  const { rules, folder } = await opened(temporaryFolder(), broken);
  expect(await reasonOf(rules.set("a", group("g"), AUTHOR))).toMatch(/^disk: .*database or disk is full/);
  expect(readdirSync(folder)).toEqual([]);
});

test("a change that a killed server wrote only to the history is withdrawn at the next start", async () => {
  const { rules, folder, store } = await opened();
  await rules.set("a", group("g"), AUTHOR);
  const [first] = (await rules.history.list({ limit: 1 })).changes;
  await rules.history.add([{ ...first!, before: first!.after, after: "name: g" }]);
  const again = await opened(folder, store);
  expect((await again.rules.history.list({ limit: 10 })).changes.map(({ id }) => id)).toEqual([1]);
});

test("a file that is a link, a folder, too long or a second file of a namespace costs only itself", async () => {
  const folder = temporaryFolder();
  const text = (name: string): string => `groups:\n- {name: ${name}, rules: [{record: r, expr: up}]}\n`;
  const outside = join(temporaryFolder(), "outside.yml");
  writeFileSync(outside, text("outside"));
  symlinkSync(outside, join(folder, "link.yml"));
  mkdirSync(join(folder, "folder.yml"));
  writeFileSync(join(folder, "long.yml"), "");
  truncateSync(join(folder, "long.yml"), 64 * 1024 * 1024 + 1);
  writeFileSync(join(folder, "a%2Eb.yml"), text("second"));
  writeFileSync(join(folder, "a.b.yml"), text("first"));
  const { rules, logger, applied } = await opened(folder);
  const problemsOf = (namespace: string) => rules.namespace(namespace)?.problems.map(({ message }) => message);
  expect(problemsOf("link")).toEqual(["a symbolic link is not followed; replace it by the file"]);
  expect(problemsOf("folder")).toEqual(["not a regular file; replace it by a file"]);
  expect(problemsOf("long")).toEqual(["the file has more than 67108864 bytes; split it or delete it"]);
  expect(problemsOf("a.b")).toEqual([]);
  expect(logger.lines.map(({ fields }) => fields["err"])).toContain(
    `${join(folder, "a%2Eb.yml")}: the file has the same namespace as a.b.yml; rename or delete one of them`,
  );
  expect([...applied.at(-1)!].flatMap(([, specs]) => specs.map(({ name }) => name))).toEqual(["first"]);
  expect(await reasonOf(rules.set("link", group("g"), AUTHOR))).toContain("the stored file is broken");
  await rules.remove({ namespace: "link" }, AUTHOR);
  expect([existsSync(join(folder, "link.yml")), existsSync(outside)]).toEqual([false, true]);
});
