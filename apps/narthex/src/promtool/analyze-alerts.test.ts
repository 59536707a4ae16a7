import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "@narthex/runtime";
import { testHost } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { runPromtool } from "./main.ts";

const NOW = Date.UTC(2026, 10, 28);

/** Serves the two endpoints that the command reads. An alert fires for 2 minutes, 30 minutes before the end of a day. */
async function serverUrl(): Promise<string> {
  const rule = (name: string) => ({ name, type: "alerting", labels: { severity: "page" } });
  const groups = [{ name: "g", file: "f.yml", interval: 60, rules: [rule("High"), rule("Never")] }];
  const metric = { __name__: "ALERTS", alertname: "High", alertstate: "firing", severity: "page" };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const end = Number(new URLSearchParams(body).get("time"));
      const day = Math.floor(end / 86_400) * 86_400;
      const values = [day - 1800, day - 1740].filter((at) => at > end - 6 * 3600).map((at) => [at, "1"]);
      const result = values.length === 0 ? [] : [{ metric, values }];
      const data = request.url!.startsWith("/api/v1/rules") ? { groups } : { resultType: "matrix", result };
      if (request.url!.startsWith("/api/v2/"))
        response.end(JSON.stringify([{ alertname: "High", firings: 4, silenced: 1, inhibited: 0, acknowledged: 2 }]));
      else if (request.url!.startsWith("/none/")) response.writeHead(404).end();
      else response.end(JSON.stringify({ status: "success", data }));
    });
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(...args: string[]): Promise<[number, string, string]> {
  const host = testHost(["analyze", "alerts", ...args], { clock: { ...systemClock, now: () => NOW } });
  const status = await runPromtool(host);
  return [status, host.output.stdout, host.output.stderr];
}

test("the table begins with the most frequent rules, and names those that never fired", async () => {
  const [status, out] = await run(`--url=${await serverUrl()}`, "--days=7");
  expect(status).toBe(0);
  const lines = out.trimEnd().split("\n");
  expect(lines[0]!.split(/ {2,}/)).toEqual([
    "A week",
    "Alerts",
    "Short",
    "Flaps",
    "Median",
    "Firing",
    "Rule",
    "Look at",
  ]);
  expect(lines[1]).toMatch(/^7\.0 +1 +100% +0 +2m +0% +g\/High +mostly short$/);
  expect(lines[2]).toMatch(/^0\.0 +0 +0 +0% +g\/Never +never fired$/);
  expect(lines[3]).toBe("2 alerting rules in 7 days. Short: share of firings below 5 minutes.");
});

test("JSON contains the figures of each rule", async () => {
  const [, out] = await run(`--url=${await serverUrl()}`, "--days=7", "--format=json");
  expect(JSON.parse(out)).toMatchObject({ rules: [{ name: "High", firings: 7, labelSets: 1 }, { name: "Never" }] });
});

test("an Alertmanager adds the shares of silenced and acknowledged firings", async () => {
  const url = await serverUrl();
  const [, out] = await run(`--url=${url}`, "--days=7", `--alertmanager.url=${url}`);
  const lines = out.split("\n");
  expect(lines[0]).toContain("Silenced  Acknowledged  Rule");
  expect(lines[1]).toMatch(/ 25% +50% +g\/High +mostly short$/);
  const [status, , err] = await run(`--url=${url}`, `--alertmanager.url=${url}/none`);
  expect([status, err]).toEqual([1, expect.stringContaining("must be an Alertmanager of Narthex")]);
});

test("a wrong number of days, or a server that does not answer, is a failure", async () => {
  expect(await run("--days=0")).toEqual([1, "", "--days must be from 1 to 366\n"]);
  expect((await run("--url=http://127.0.0.1:1"))[0]).toBe(1);
});
