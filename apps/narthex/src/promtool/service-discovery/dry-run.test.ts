import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { runPromtool } from "../main.ts";
import { FailingStates } from "./failing-states.ts";

const folder = temporaryFolder();

/** Runs a dry run in the test's folder. Resolves with exit status, standard output and standard error. */
async function dryRun(...args: readonly string[]): Promise<[number, string, string]> {
  const clock = new ManualClock();
  const host = testHost(["check", "service-discovery", "--dry-run", ...args], { cwd: folder, clock });
  const state = { hasEnded: false };
  const run = runPromtool(host, { stdin: async () => new Uint8Array() }).finally(() => (state.hasEnded = true));
  while (!state.hasEnded) await clock.advance(1000);
  return [await run, host.output.stdout, host.output.stderr];
}

async function serve(status: number, body: string): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);

const OLD = `scrape_configs:
- job_name: api
  static_configs:
  - {targets: ['a:1', 'b:1', 'c:1'], labels: {env: dev, zone: x}}
- job_name: gone
  static_configs: [{targets: ['g:1']}]
- job_name: node
  static_configs: [{targets: ['n:1']}]
`;

const NEW = `scrape_configs:
- job_name: api
  static_configs:
  - {targets: ['a:1'], labels: {env: dev, zone: x}}
  - {targets: ['b:1'], labels: {env: prod, team: t}}
  - {targets: ['d:1']}
- job_name: fresh
  metrics_path: /m
  static_configs: [{targets: ['f:1', 'x/y']}]
  relabel_configs: [{target_label: unused, replacement: ''}]
- job_name: node
  static_configs: [{targets: ['n:1']}]
`;

test("a dry run shows which targets are new, gone and changed in each job, and the reason for invalid ones", async () => {
  put("old.yml", OLD);
  put("new.yml", NEW);
  const [status, out, err] = await dryRun("--before=old.yml", "new.yml");
  expect(out.split("\n")).toEqual([
    "api: 1 new, 1 gone, 1 changed, 1 unchanged",
    "  ~ http://b:1/metrics",
    '      ~ env="dev" -> "prod"',
    '      + team="t"',
    '      - zone="x"',
    '  - http://c:1/metrics {env="dev", instance="c:1", job="api", zone="x"}',
    '  + http://d:1/metrics {instance="d:1", job="api"}',
    "fresh (new job): 1 new",
    '  + http://f:1/m {instance="f:1", job="fresh"}',
    "gone (removed job): 1 gone",
    '  - http://g:1/metrics {instance="g:1", job="gone"}',
    "node: 1 unchanged",
    "",
  ]);
  expect([status, err]).toEqual([0, 'after: fresh: target x/y: "x/y" is not a valid hostname\n']);
});

test("a dry run of one job leaves out the others, and lists no more targets than its limit", async () => {
  put("old.yml", OLD);
  put("new.yml", NEW);
  const [status, out, err] = await dryRun("--before=old.yml", "--limit=1", "new.yml", "api");
  expect([status, err]).toEqual([0, ""]);
  expect(out.split("\n").filter((line) => !line.startsWith("      "))).toEqual([
    "api: 1 new, 1 gone, 1 changed, 1 unchanged",
    "  ~ http://b:1/metrics",
    "  … and 2 more (--limit=0 lists all)",
    "",
  ]);
});

test("a dry run compares with the targets of a running server", async () => {
  put("new.yml", NEW);
  const target = (scrapePool: string, address: string, labels: object): object => ({
    scrapePool,
    scrapeUrl: `http://${address}/metrics`,
    labels: { instance: address, job: scrapePool, ...labels },
    discoveredLabels: {},
  });
  const activeTargets = [
    target("node", "n:1", {}),
    target("api", "a:1", { env: "dev", zone: "x" }),
    target("api", "e:1", {}),
  ];
  const url = await serve(200, JSON.stringify({ status: "success", data: { activeTargets } }));
  const [status, out] = await dryRun(`--before=${url}`, "new.yml", "api");
  expect(status).toBe(0);
  expect(out.split("\n")[0]).toBe("api: 2 new, 1 gone, 1 unchanged");
});

test("a dry run says so if a discovery service does not answer, and fails", async () => {
  const url = await serve(500, "");
  put("http.yml", `scrape_configs: [{job_name: a, http_sd_configs: [{url: "${url}"}]}]`);
  const [status, out, err] = await dryRun("--before=http.yml", "http.yml");
  expect([status, out]).toEqual([1, "a: no targets\n"]);
  expect(err).toContain("server returned HTTP status 500");
  expect(err).toContain("The comparison is not complete: a discovery service failed (see above)\n");
});

test("states that fail are followed by job, until they work again, and other warnings are no failures", () => {
  const states = new FailingStates();
  const [a, b] = ["a", "b"].map((config) => states.logger(memoryLogger()).child({ config }));
  a!.warn("Skipping a cluster", { err: "x" });
  expect(states.hasAny).toBe(false);
  a!.warn("the list failed", { err: "x" });
  b!.warn("the list failed", { err: "y" });
  b!.info("the list works again");
  expect(states.hasAny).toBe(true);
  a!.info("the list works again");
  expect(states.hasAny).toBe(false);
});

test.each([
  [["new.yml"], "--dry-run needs --before with a configuration file or the URL of a server"],
  [["--before=new.yml", "new.yml", "nope"], "Job nope not found. Select one of:"],
  [["--before=missing.yml", "new.yml"], "Cannot load config"],
])("a dry run with %j fails, and says why", async (args, message) => {
  put("new.yml", NEW);
  const [status, out, err] = await dryRun(...args);
  expect([status, out]).toEqual([1, ""]);
  expect(err).toContain(message);
});

test("a dry run against a server that is none fails, and says why", async () => {
  put("new.yml", NEW);
  const url = await serve(404, "<html>");
  const [status, , err] = await dryRun(`--before=${url}`, "new.yml");
  expect(status).toBe(1);
  expect(err).toBe("the server answered to /api/v1/targets with status 404, and without a list of targets\n");
});
