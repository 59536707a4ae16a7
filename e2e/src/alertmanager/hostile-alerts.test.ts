import { once } from "node:events";
import { request } from "node:http";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HealthReport, Polled } from "../support/health-poller.ts";
import { narthex, type Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const workplace = new Workplace();
let base = "";
let manager: Running;
let poller: Worker;

beforeAll(async () => {
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  const config = workplace.write(
    "alertmanager.yml",
    `route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 1h
  routes: [{matchers: ['instance=~"(i?(a*)*)*x$"'], receiver: nobody}]
receivers: [{name: nobody}]
inhibit_rules: [{source_matchers: [severity=critical], target_matchers: ['job=~"(j?o?b?)*(a*)*$"'], equal: [instance]}]
`,
  );
  manager = narthex([
    "alertmanager",
    `--config.file=${config}`,
    `--storage.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
  ]);
  await manager.ready(`${base}/-/ready`);
  poller = new Worker(new URL("../support/health-poller.ts", import.meta.url));
  await once(poller, "message");
  poller.postMessage({ url: `${base}/-/healthy` } satisfies Polled);
});

afterAll(async () => {
  await poller?.terminate();
  await manager?.[Symbol.asyncDispose]();
  workplace[Symbol.dispose]();
});

interface Answer {
  readonly status: number;
  readonly head: string;
}

function send(method: string, path: string, body?: string): Promise<Answer> {
  return new Promise((resolve) => {
    const headers =
      body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(`${base}${path}`, { method, headers }, (response) => {
      let head = "";
      response.on("data", (chunk: Buffer) => {
        if (head.length < 1000) head += chunk.toString("latin1");
      });
      response.once("close", () => resolve({ status: response.statusCode ?? 0, head: head.slice(0, 1000) }));
    });
    // Returns status 0 for a closed connection, because a server that refuses a body may close the connection while the
    // body is being sent.
    sent.once("error", (error) => resolve({ status: 0, head: error.message }));
    sent.end(body);
  });
}

async function health(): Promise<HealthReport> {
  poller.postMessage("report");
  const [report] = (await once(poller, "message")) as [HealthReport];
  return report;
}

/** Sends a hostile request while a worker polls the server's health endpoint. Checks that all polls succeed. */
async function survives(act: () => Promise<Answer>): Promise<Answer> {
  await health();
  const answer = await act();
  const { failures } = await health();
  expect(failures).toBe(0);
  return answer;
}

const alerts = (count: number): string =>
  JSON.stringify(
    Array.from({ length: count }, (_, i) => ({
      labels: { alertname: `A${i % 100}`, instance: `i${i}`, job: "job".repeat(10), severity: "warning" },
      annotations: { summary: `alert ${i}` },
    })),
  );

const post = (body: string) => (): Promise<Answer> => send("POST", "/api/v2/alerts", body);
const get = (path: string) => (): Promise<Answer> => send("GET", path);

test.each<[string, string, number, RegExp]>([
  ["100,000 alerts at once", alerts(100_000), 200, /^$/],
  ["a label of 1 MB", JSON.stringify([{ labels: { alertname: "big", x: "y".repeat(1_000_000) } }]), 200, /^$/],
  ["a name of 1 MB", JSON.stringify([{ labels: { alertname: "big", ["y".repeat(1_000_000)]: "x" } }]), 200, /^$/],
  ["brackets that never close", "[".repeat(1_000_000), 400, /exceeded max depth/],
  ["a deep structure", "[".repeat(200_000) + "]".repeat(200_000), 400, /exceeded max depth/],
  ["30 million numbers", `[${"0,".repeat(30_000_000)}0]`, 400, /larger than 4 MiB, and not all of it is alerts/],
  ["200 MB", " ".repeat(200_000_000), 413, /too large/],
])("%s", async (_, body, status, expected) => {
  const answer = await survives(post(body));
  // Accepts a closed connection in place of status 413, because the server may refuse a body while it is being sent.
  if (status === 413 && answer.status === 0) return;
  expect(answer).toEqual({ status, head: expect.stringMatching(expected) });
});

test.each<[string, string, number]>([
  ["all alerts listed", "/api/v2/alerts", 200],
  ["all groups listed", "/api/v2/alerts/groups", 200],
  ["a filter made to backtrack", `/api/v2/alerts?filter=${encodeURIComponent('instance=~"(i?(a*)*)*x$"')}`, 200],
  ["a receiver made to backtrack", `/api/v2/alerts?receiver=${encodeURIComponent("(n?(o*)*)*x$")}`, 200],
  ["repeats of repeats", `/api/v2/alerts?filter=${encodeURIComponent('a=~"((((a{30}){30}){30}){30})"')}`, 400],
  ["300 filters", `/api/v2/alerts?${"filter=a%3Db&".repeat(300)}`, 200],
  ["the metrics", "/metrics", 200],
])("%s", async (_, path, status) => {
  expect((await survives(get(path))).status).toBe(status);
});

test("hundreds of silences over 100,000 alerts", async () => {
  const times = { startsAt: new Date().toISOString(), endsAt: new Date(Date.now() + 3_600_000).toISOString() };
  const silence = (i: number): string => {
    const matchers = [
      { name: "instance", value: `i${i}`, isRegex: false },
      { name: "job", value: "(j?o?b?)*(a*)*x", isRegex: true, isEqual: false },
    ];
    return JSON.stringify({ matchers, ...times, createdBy: "e2e", comment: "many" });
  };
  for (let i = 0; i < 600; i += 50) {
    await Promise.all(Array.from({ length: 50 }, (_, k) => send("POST", "/api/v2/silences", silence(i + k))));
  }
  const answer = await survives(get("/api/v2/alerts?active=false"));
  expect(answer.status).toBe(200);
  expect(answer.head).toMatch(/"silencedBy":\["/);
});
