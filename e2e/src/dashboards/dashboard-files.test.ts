import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { untilQuery } from "../support/query.ts";
import { narthex, type Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

let workplace: Workplace;
let server: Running;
let url: string;

beforeAll(async () => {
  workplace = new Workplace();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  workplace.write(
    "prometheus.yml",
    `global: {scrape_interval: 500ms, scrape_timeout: 500ms}\nscrape_configs:\n- job_name: self\n  static_configs: [{targets: ['127.0.0.1:${port}']}]\n`,
  );
  const args = [
    `--config.file=${workplace.path("prometheus.yml")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  server = narthex(["server", ...args]);
  await server.ready(`${url}/-/ready`);
  await untilQuery(url, "count(prometheus_http_requests_total) > 0", (result) => result.length === 1);
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

async function run(...args: readonly string[]): Promise<{ readonly status: number | null; readonly stdout: string }> {
  await using program = narthex(["dashboards", ...args], { cwd: workplace.folder });
  const { code } = await program.ended;
  return { status: code, stdout: program.stdout };
}

const dashboard = (expr: string): string =>
  JSON.stringify({
    title: "T",
    schemaVersion: 42,
    panels: [{ id: 1, type: "timeseries", title: "p", targets: [{ refId: "A", expr }] }],
  });

test("dashboards in files are checked against a server, formatted and compared", async () => {
  workplace.write("good.json", dashboard("sum by (code) (rate(prometheus_http_requests_total[2s]))"));
  workplace.write("bad.json", dashboard('sum(rate(prometheus_http_request_total{code="200"}[1s]))'));
  const good = await run("check", `--server=${url}`, "--strict", "good.json");
  expect([good.stdout, good.status]).toEqual(["1 file checked, errors: 0, warnings: 0\n", 0]);
  const bad = await run("check", `--server=${url}`, "--strict", "bad.json");
  expect(bad.status).toBe(1);
  expect(bad.stdout).toContain("the server has no metric prometheus_http_request_total [unknown-metric]");
  expect(bad.stdout).toContain("contains fewer than 4 scrapes at intervals of 500ms");
  expect((await run("fmt", "--write", "good.json")).status).toBe(0);
  expect(readFileSync(workplace.path("good.json"), "utf8")).toMatch(/^\{\n {2}"panels": \[\n/);
  expect((await run("diff", "good.json", "bad.json")).stdout).toMatch(/^panel 1 "p": targets\[A\]\.expr\n {2}- /);
});
