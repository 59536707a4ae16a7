import { createServer } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { runPromtool } from "../main.ts";

const folder = temporaryFolder();
/** Time of the checks, Unix seconds. */
const NOW = 1_700_000_000;

async function run(...args: string[]): Promise<[number, string, string]> {
  const host = testHost(["check", ...args], { cwd: folder, clock: { ...systemClock, now: () => NOW * 1000 } });
  const status = await runPromtool(host);
  return [status, host.output.stdout, host.output.stderr];
}

const RULES = `groups:
  - name: g
    rules:
      - alert: High
        expr: rate(load_total[30s]) > 1
        for: 5m
        annotations: { text: "{{ $labels.job }}" }
      - alert: Never
        expr: sum(nothing) > 3
        for: 5m
`;

beforeAll(async () => {
  writeFileSync(join(folder, "rules.yml"), RULES);
  writeFileSync(join(folder, "prometheus.yml"), "global: { scrape_interval: 20s }\nrule_files: [rules.yml]\n");
  writeFileSync(join(folder, "policy.yml"), "require: [{ labels: { team: .+ } }]\n");
  writeFileSync(join(folder, "bad.yml"), "require: [{ lables: { team: .+ } }]\n");
  const lines = Array.from({ length: 60 }, (_, at) => `load_total{job="a"} ${at} ${NOW - 900 + at * 15}`);
  writeFileSync(join(folder, "in.om"), `# TYPE load counter\n${lines.join("\n")}\n# EOF\n`);
  const host = testHost(["tsdb", "create-blocks-from", "openmetrics", "-q", "in.om", "db"], { cwd: folder });
  if ((await runPromtool(host)) !== 0) throw new Error(host.output.stderr);
  mkdirSync(join(folder, "db/wal"));
});

test("the checks are off by default, and findings give status 3 only with --lint-fatal", async () => {
  expect(await run("rules", "--lint=all", "rules.yml")).toEqual([
    0,
    "Checking rules.yml\n  SUCCESS: 2 rules found\n\n",
    "",
  ]);
  const [status, out, err] = await run("rules", "--lint=narthex", "--lint.policy=policy.yml", "rules.yml");
  expect([status, out]).toEqual([0, expect.stringContaining("Lint: 0 errors, 2 warnings, 0 notes\n")]);
  expect(err).toContain('rules.yml:4:9: warning: requirement: rule "High": the label team is missing; ');
  expect((await run("rules", "--lint.policy=policy.yml", "--lint-fatal", "rules.yml"))[0]).toBe(3);
  expect((await run("rules", "--lint=narthex", "--lint-fatal", "rules.yml"))[0]).toBe(0);
});

test("check config uses the scrape interval of the configuration", async () => {
  const [, , err] = await run("config", "--lint=narthex", "prometheus.yml");
  expect(err).toMatch(/rules\.yml:5:15: warning: short-window: rule "High": .* the scrape interval is 20s; /);
});

test("a data folder is compared with the rules, and JSON contains the costs", async () => {
  const [status, out] = await run("rules", "--lint.tsdb=db", "--lint.format=json", "rules.yml");
  const report = JSON.parse(out) as { findings: readonly object[]; costs: readonly object[] };
  expect(status).toBe(0);
  expect(report.findings).toMatchObject([{ check: "never-selected", rule: "Never", line: 9, column: 19 }]);
  expect(report.costs).toMatchObject([
    { rule: "High", series: 1 },
    { rule: "Never", series: 0 },
  ]);
});

test("a server is asked through the query API, with metadata of its metrics", async () => {
  const answers: Record<string, object> = {
    "/api/v1/metadata": { load: [{ type: "gauge" }], load_total: [{ type: "gauge" }] },
    "/api/v1/query_range": { resultType: "matrix", result: [] },
  };
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const path = request.url!.replace(/\?.*$/, "");
      const one = { resultType: "vector", result: [{ metric: {}, value: [1, "30"] }], stats: { samples: {} } };
      response.end(JSON.stringify({ status: "success", data: answers[path] ?? one }));
    });
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [status, , err] = await run("rules", `--lint.url=${url}`, "rules.yml");
  expect(status).toBe(0);
  expect(err).toContain("rate() is for counters, but load_total is a gauge by its metadata");
  expect(err).toContain("samples of load_total are about 30s apart");
});

test("a policy with a fault, two places of samples, or a server that does not answer is a failure", async () => {
  expect(await run("rules", "--lint.policy=bad.yml", "rules.yml")).toEqual([
    1,
    expect.stringContaining("SUCCESS"),
    expect.stringMatching(/--lint\.policy:\n {4}bad\.yml:1:13: .*lables/),
  ]);
  expect((await run("rules", "--lint.policy=none.yml", "rules.yml"))[2]).toContain("--lint.policy: none.yml: ENOENT");
  expect((await run("rules", "--lint.url=http://127.0.0.1:1", "--lint.tsdb=db", "rules.yml"))[2]).toContain(
    "set one of them",
  );
  expect((await run("rules", "--lint.url=http://127.0.0.1:1", "rules.yml"))[0]).toBe(1);
});
