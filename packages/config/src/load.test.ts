import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Codec } from "./decode/codec.ts";
import { anyMapping } from "./decode/collections.ts";
import type { Loaded } from "./decode/decode.ts";
import { loadPrometheusConfig, parsePrometheusConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";
import { printPrometheusConfig, scrapeIdentity } from "./prometheus/effective.ts";
import type { PrometheusConfig } from "./prometheus/prometheus-config.ts";
import { recordFiles } from "./testing/record-files.ts";

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");

/** Kinds of discovery whose sections can have any keys. */
const discoveryKinds = ["consul", "dns", "file", "gce", "http", "kubernetes"].map((name) => ({
  key: `${name}_sd_configs`,
  codec: anyMapping as Codec<unknown>,
}));

const load = (yaml: string, more: Record<string, string> = {}): Promise<Loaded<PrometheusConfig>> =>
  loadPrometheusConfig("prometheus.yml", {
    files: recordFiles({ "prometheus.yml": yaml, ...more }),
    env: { PLACE: "here" },
    discoveryKinds,
  });

const problemsIn = async (yaml: string, more: Record<string, string> = {}): Promise<string[]> => {
  const loaded = await load(yaml, more);
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};

interface Verdict {
  readonly yaml: string;
  /** Error message of promtool 3.5.3 for the file; "" if promtool accepts the file. */
  readonly peer: string;
  /** Reason why Narthex intentionally gives another result than promtool. Absent if the results must be equal. */
  readonly differs?: string;
}

describe("the verdicts equal those recorded from promtool", () => {
  const verdicts = JSON.parse(fixture("prometheus-verdicts.json")) as readonly Verdict[];
  test.each(verdicts.filter(({ differs }) => differs === undefined))("$yaml", async ({ yaml, peer }) => {
    const ours = (await problemsIn(yaml)).join("\n");
    expect(ours === "").toBe(peer === "");
    const overflow = peer.includes("!!float `9999999...`");
    if (!peer.startsWith("yaml: ") && !overflow && !yaml.startsWith("?")) {
      for (const line of peer.split("\n")) expect(ours).toContain(line);
    }
  });
  test("each accepted difference has a reason", () => {
    for (const { differs } of verdicts) expect(differs).not.toBe("");
  });
});

test("loadPrometheusConfig() fills in inherited values of jobs and joins paths to the file's folder", async () => {
  const files = recordFiles({
    "/etc/p/prometheus.yml":
      "global: {scrape_interval: 15s, sample_limit: 7}\nrule_files: [r/*.yml, /abs.yml]\nscrape_configs:\n" +
      "- {job_name: a, basic_auth: {password_file: pw}}\n- {job_name: b, scrape_interval: 5s, sample_limit: 9}\n",
  });
  const loaded = await loadPrometheusConfig("/etc/p/prometheus.yml", { files });
  expect(loaded).toMatchObject({
    ok: true,
    value: {
      ruleFiles: ["/etc/p/r/*.yml", "/abs.yml"],
      scrapeConfigs: [
        { jobName: "a", scrapeIntervalMs: 15_000, scrapeTimeoutMs: 10_000, sampleLimit: 7 },
        { jobName: "b", scrapeIntervalMs: 5000, scrapeTimeoutMs: 5000, sampleLimit: 9 },
      ],
    },
  });
  expect(loaded.ok && loaded.value.scrapeConfigs[0]?.httpClient.basicAuth?.passwordFile).toBe("/etc/p/pw");
});

test("loadPrometheusConfig() adds the jobs of scrape config files and refuses a repeated name", async () => {
  const main = "scrape_config_files: [more/*.yml]\nscrape_configs: [{job_name: a}]\n";
  const good = await load(main, { "more/x.yml": "scrape_configs: [{job_name: b}]", "more/y.yml": "" });
  expect(good.ok && good.value.scrapeConfigs.map(({ jobName }) => jobName)).toEqual(["a", "b"]);
  expect(await problemsIn(main, { "more/x.yml": "scrape_configs: [{job_name: a}]" })).toEqual([
    'more/x.yml:1:18: found multiple scrape configs with job name "a", first found in main config file; give each job a name of its own',
  ]);
  expect(await problemsIn(main, { "more/x.yml": "scrape_config: []" })).toEqual([
    "more/x.yml:1:1: field scrape_config not found in type config.ScrapeConfigs; did you mean scrape_configs?",
  ]);
});

test("loadPrometheusConfig() refuses a global escaping scheme that the jobs of a scrape config file inherit", async () => {
  const main = "global: {metric_name_escaping_scheme: percent}\nscrape_config_files: [more/*.yml]\n";
  expect(await problemsIn(main, { "more/x.yml": "scrape_configs: []" })).toEqual([]);
  expect(await problemsIn(main, { "more/x.yml": "scrape_configs: [{job_name: b}]" })).toEqual([
    "more/x.yml:1:18: unknown global name escaping method specified, must be one of 'allow-utf-8', 'underscores', " +
      "'dots', or 'values', got \"percent\"; change metric_name_escaping_scheme of the global section in the main " +
      "config file",
  ]);
});

test.each([
  ["global: {external_labels: {x: !!binary '//8='}}", 1],
  ["scrape_configs: [{job_name: a, static_configs: [{targets: [a], labels: {x: !!binary '//8='}}]}]", 1],
  ["global: {external_labels: {x: !!binary 'w6k='}}", 0],
])("label values of bytes that are not UTF-8 are refused: %s", async (yaml, count) => {
  const problems = await problemsIn(yaml);
  expect(problems).toHaveLength(count);
  for (const problem of problems) expect(problem).toContain("is not a valid label value");
});

test("loadPrometheusConfig() reports a missing file with Prometheus' message", async () => {
  const loaded = await loadPrometheusConfig("nowhere.yml", { files: recordFiles({}) });
  expect(!loaded.ok && loaded.problems.map(formatProblem)).toEqual([
    "nowhere.yml: open nowhere.yml: no such file or directory",
  ]);
});

test("a valid file is never refused because a feature is not built; each such feature is one warning", async () => {
  const loaded = await load("tracing: {endpoint: 'a:1'}\n");
  expect(loaded.ok && loaded.warnings).toEqual(["tracing is accepted, but not in this build: it has no effect"]);
});

test("printPrometheusConfig() prints the file in force, and its output loads as the same configuration", async () => {
  const loaded = await load(fixture("everything.yml"));
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
  const printed = printPrometheusConfig(loaded.value, discoveryKinds);
  expect(printed).toBe(fixture("everything.effective.yml"));
  expect(printed).not.toContain("hunter2");
  const again = await load(printed);
  expect(again.ok && printPrometheusConfig(again.value, discoveryKinds)).toBe(printed);
});

// Error messages for fields of Prometheus types with their own unmarshaller, which name the type `plain`.
test.each([
  ["authorization: {typex: a}", "config.Authorization"],
  ["basic_auth: {typex: a}", "config.plain"],
  ["http_headers: {a: {typex: b}}", "config.Header"],
])("an unknown key of %s is said to be of type %s", async (fields, type) => {
  const loaded = await load(`scrape_configs: [{job_name: a, ${fields}}]`);
  if (loaded.ok) throw new Error("refused");
  expect(formatProblem(loaded.problems[0]!)).toContain(`field typex not found in type ${type}`);
});

const jobs = (password: string): string =>
  `scrape_configs: [{job_name: a, basic_auth: {username: u, password: ${password}}}]`;

test("scrapeIdentity() distinguishes jobs that differ only in a secret", async () => {
  const [one, same, other] = await Promise.all([load(jobs("x")), load(`${jobs("x")}\n# more`), load(jobs("y"))]);
  if (!one.ok || !same.ok || !other.ok) throw new Error("valid");
  const identity = ({ scrapeConfigs, global }: PrometheusConfig): string => scrapeIdentity(scrapeConfigs[0]!, global);
  expect(identity(same.value)).toBe(identity(one.value));
  expect(identity(other.value)).not.toBe(identity(one.value));
});

test("with protobufFirst, jobs request protobuf first if no protocols are configured", () => {
  const yaml = "scrape_configs: [{job_name: a}, {job_name: b, scrape_protocols: [PrometheusText0.0.4]}]";
  for (const global of ["", "global: {}\n", "global: {scrape_interval: 1s}\n"]) {
    const parsed = parsePrometheusConfig(global + yaml, "f", { protobufFirst: true }, () => undefined);
    const protocols = parsed.ok ? parsed.value.scrapeConfigs.map(({ scrapeProtocols }) => scrapeProtocols) : [];
    expect(protocols.map(([first]) => first)).toEqual(["PrometheusProto", "PrometheusText0.0.4"]);
  }
});

test("series_budget of a job is read, checked and printed; a job without one prints none", async () => {
  const job = (budget: string): string => `scrape_configs: [{job_name: a${budget}}]`;
  const budgetOf = async (budget: string): Promise<unknown> => {
    const loaded = await load(job(budget));
    return loaded.ok ? loaded.value.scrapeConfigs[0]!.seriesBudget : loaded.problems.map(formatProblem);
  };
  expect(await budgetOf("")).toBeUndefined();
  expect(await budgetOf(", series_budget: {series: 100}")).toEqual({ series: 100, warnShare: 0.8, action: "warn" });
  const cut = ", series_budget: {series: 100, warn_share: 0.5, action: cut}";
  expect(await budgetOf(cut)).toEqual({ series: 100, warnShare: 0.5, action: "cut" });
  for (const [budget, problem] of [
    [", series_budget: {action: cut}", "series_budget.series must be greater than 0"],
    [", series_budget: {series: 1, warn_share: 1.5}", "series_budget.warn_share must be greater than 0 and at most 1"],
    [", series_budget: {series: 1, action: drop}", "series_budget.action must be 'warn' or 'cut', got \"drop\""],
  ] as const) {
    expect(await budgetOf(budget)).toEqual([expect.stringContaining(problem)]);
  }
  const printed = async (budget: string): Promise<string> => {
    const loaded = await load(job(budget));
    return loaded.ok ? printPrometheusConfig(loaded.value, discoveryKinds) : "";
  };
  expect(await printed("")).not.toContain("budget");
  const text = await printed(cut);
  expect(text).toContain("  series_budget:\n    series: 100\n    warn_share: 0.5\n    action: cut\n");
  expect(await load(text)).toMatchObject({ ok: true });
});

test("long templates of labels are checked in one pass, also with the legacy validation scheme", async () => {
  const rule = (replacement: string): string =>
    `global: {metric_name_validation_scheme: legacy}\nscrape_configs: [{job_name: a, relabel_configs: [{action: labelmap, regex: (.*), replacement: "${replacement}"}]}]\n`;
  expect(await problemsIn(rule("kubernetes_pod_label_of_the_app_$1"))).toEqual([]);
  const [problem] = await problemsIn(rule(`${"a".repeat(100_000)}-$1`));
  expect(problem).toContain("is invalid 'replacement' for labelmap action");
});
