import { expect, test } from "vitest";
import { type FakePage, fakeContext, fakeNetwork, roleNamed } from "../testing/fake-context.ts";
import { targets } from "./targets.ts";

const LISTENS = [{ address: { host: undefined, port: 9090 }, flag: "--web.listen-address" }];
const API = "http://127.0.0.1:9090/api/v1/targets?state=active";

async function run(jobs: string, pages: Readonly<Record<string, FakePage>>, portOfRole = 9090) {
  const network = fakeNetwork(pages);
  const listens = LISTENS.map((listen) => ({ ...listen, address: { ...listen.address, port: portOfRole } }));
  const role = roleNamed("server", { listens, prometheus: { file: "/p.yml", features: [] } });
  const files = { "/p.yml": `scrape_configs:\n${jobs}` };
  return { findings: await targets.run(fakeContext({ network, roles: [role], files })), asked: network.requests };
}

const JOB = "- {job_name: shop, static_configs: [{targets: ['a:1']}]}";
const PAGE = "http://a:1/metrics";

test.each([
  [{ body: "a 1\nb 2\n" }, "ok", "serves 2 samples, in 4 ms", ""],
  [{ body: "" }, "warning", "serves no samples", "metrics_path"],
  [{ body: "a 1\nb{ 2\n" }, "error", "cannot be read", `curl -s ${PAGE} | narthex promtool check metrics`],
  [{ contentType: "text/html", body: "<html>" }, "error", "text/html", "fallback_scrape_protocol"],
  [{ status: 401 }, "error", "answers 401", "basic_auth"],
  [{ status: 404 }, "error", "answers 404", "metrics_path"],
  [{ status: 302 }, "error", "answers 302", "follow_redirects"],
  [{ status: 503 }, "error", "answers 503", "log of the target"],
])("targets: a page %j is %s", async (page, level, what, hint) => {
  const { findings } = await run(JOB, { [PAGE]: page });
  expect(findings).toEqual([
    { level, what: expect.stringContaining(what), hint: hint === "" ? "" : expect.stringContaining(hint) },
  ]);
});

test("targets: an unreachable target is an error, with the network's message", async () => {
  const { findings } = await run(JOB, {});
  expect(findings).toEqual([
    {
      level: "error",
      what: `job "shop": ${PAGE} cannot be reached: dial tcp: connect: connection refused`,
      hint: "start it",
    },
  ]);
});

test("targets: more samples than sample_limit are an error", async () => {
  const job = "- {job_name: shop, sample_limit: 1, static_configs: [{targets: ['a:1']}]}";
  const { findings } = await run(job, { [PAGE]: { body: "a 1\nb 2\n" } });
  expect(findings).toMatchObject([{ level: "error", hint: expect.stringContaining("sample_limit") }]);
});

test("targets: the number of samples is not compared with sample_limit if relabeling may drop some", async () => {
  const relabeling = "metric_relabel_configs: [{source_labels: [__name__], regex: a, action: drop}]";
  const job = `- {job_name: shop, sample_limit: 1, ${relabeling}, static_configs: [{targets: ['a:1']}]}`;
  const { findings } = await run(job, { [PAGE]: { body: "a 1\nb 2\n" } });
  expect(findings).toMatchObject([{ level: "ok", what: expect.stringContaining("serves 2 samples") }]);
});

test("targets: a role of the same stack that does not run is not an error", async () => {
  const { findings } = await run("- {job_name: self, static_configs: [{targets: ['localhost:9090']}]}", {});
  expect(findings).toMatchObject([{ level: "ok", what: expect.stringContaining("does not run now") }]);
});

const scraped = (...rows: readonly (readonly [job: string, url: string, health: string, lastError?: string])[]) => ({
  [API]: {
    body: JSON.stringify({
      data: {
        activeTargets: rows.map(([scrapePool, scrapeUrl, health, lastError = ""]) => ({
          scrapePool,
          scrapeUrl,
          health,
          lastError,
        })),
      },
    }),
  },
});

test("targets: targets that a running server scrapes are not requested again, and the report includes discovered targets", async () => {
  const answer = scraped(["shop", PAGE, "up"], ["found", "http://b:2/metrics", "down", "no such host"]);
  const { findings, asked } = await run(JOB, answer);
  expect(findings).toMatchObject([
    { level: "ok", what: 'job "shop": 1 target is scraped by the running server' },
    { level: "error", what: expect.stringContaining("http://b:2/metrics: no such host") },
  ]);
  expect(asked).toEqual([API]);
});

test("targets: an error if a target answers this machine but not the running server", async () => {
  const { findings } = await run(JOB, { ...scraped(["shop", PAGE, "down", "timed out"]), [PAGE]: { body: "a 1\n" } });
  expect(findings).toMatchObject([{ level: "error", what: expect.stringContaining("timed out") }]);
});

test("targets: two jobs that scrape the same page are reported separately", async () => {
  const jobs = `${JOB}\n- {job_name: other, static_configs: [{targets: ['a:1']}]}\n${JOB.replace("shop", "new")}`;
  const answer = scraped(["shop", PAGE, "up"], ["other", PAGE, "down", "timed out"]);
  const { findings } = await run(jobs, { ...answer, [PAGE]: { status: 404 } });
  expect(findings).toMatchObject([
    { level: "ok", what: expect.stringContaining('job "shop"') },
    { level: "error", what: expect.stringMatching(/^job "other": .* timed out$/) },
    { level: "error", what: expect.stringMatching(/^job "new": .* answers 404$/) },
  ]);
});

test("targets: all targets that are down for the running server are reported without a request to them", async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `h${i}:1`);
  const job = `- {job_name: many, static_configs: [{targets: [${names.map((name) => `'${name}'`).join(",")}]}]}`;
  const rows = names.map((name) => ["many", `http://${name}/metrics`, "down", "timed out"] as const);
  const { findings, asked } = await run(job, scraped(...rows));
  expect(findings.filter(({ level }) => level === "error")).toHaveLength(1000);
  expect(asked).toEqual([API]);
});

test("targets: a role of the same stack that is down for the running server is reported, but not as an error", async () => {
  const job = "- {job_name: self, static_configs: [{targets: ['localhost:9090']}]}";
  const url = "http://localhost:9090/metrics";
  const refused = "dial tcp 127.0.0.1:9090: connect: connection refused";
  expect((await run(job, scraped(["self", url, "down", refused]))).findings).toMatchObject([
    { level: "ok", what: expect.stringContaining("does not run now") },
  ]);
});

test("targets: if there are very many targets, only a sample is requested, and the report says so", async () => {
  const names = Array.from({ length: 1000 }, (_, i) => `'h${i}:1'`);
  const { findings, asked } = await run(`- {job_name: many, static_configs: [{targets: [${names.join(",")}]}]}`, {});
  expect(asked).toHaveLength(65);
  expect(findings.at(-1)!.what).toContain("64 of 1000 targets were requested");
});

test("targets: an unreadable configuration is an error; unreadable rules do not matter", async () => {
  const role = roleNamed("server", { prometheus: { file: "/p.yml", features: [] } });
  const run = (files: Readonly<Record<string, string>>, network = fakeNetwork()) =>
    targets.run(fakeContext({ network, roles: [role], files }));
  expect(await run({ "/p.yml": "nothing: 1" })).toMatchObject([
    { level: "error", what: "not checked: /p.yml cannot be read", hint: expect.stringContaining("--check=config") },
  ]);
  const text = `rule_files: [/r.yml]\nscrape_configs:\n${JOB}`;
  const files = { "/p.yml": text, "/r.yml": "groups: 7" };
  expect(await run(files, fakeNetwork({ [PAGE]: { body: "a 1\n" } }))).toMatchObject([
    { level: "ok", what: expect.stringContaining("serves 1 samples") },
  ]);
});
