import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { type AlertmanagerConfig, loadPrometheusConfig } from "@narthex/config";
import { recordFiles } from "@narthex/config/testing";
import { type HttpClient, SelfMetrics } from "@narthex/http";
import { assumeRoleXml, FakeAws } from "@narthex/http/testing";
import { Labels } from "@narthex/model";
import { systemClock } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { type Alert, nextAlert } from "../alert.ts";
import { alertmanagerUrls } from "./alertmanager-set.ts";
import { Notifier } from "./notifier.ts";
import { type PostableAlert, postableAlert } from "./postable-alert.ts";
import { AlertQueue } from "./alert-queue.ts";
import { AlertSender } from "./alert-sender.ts";

interface Call {
  readonly url: string;
  readonly headers: Record<string, unknown>;
  readonly body: { labels: Record<string, string> }[];
}

const servers: Server[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) server.close();
});

/** Starts a simulated Alertmanager that records its requests. */
async function alertmanager(status = 200): Promise<{ address: string; calls: Call[] }> {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      calls.push({ url: request.url!, headers: request.headers, body: JSON.parse(text) as Call["body"] });
      response.writeHead(status).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, calls };
}

async function alertingOf(yaml: string) {
  const loaded = await loadPrometheusConfig("p.yml", { files: recordFiles({ "p.yml": yaml }) });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return loaded.value.alerting;
}

const entryOf = async (yaml: string): Promise<AlertmanagerConfig> => (await alertingOf(yaml)).alertmanagers[0]!;

function notifierOf(options: { batchSize?: number; queueCapacity?: number } = {}) {
  const logger = memoryLogger();
  const notifier = new Notifier({
    clock: systemClock,
    logger,
    metrics: new SelfMetrics(),
    userAgent: "Prometheus/3.14.0",
    queueCapacity: options.queueCapacity ?? 100,
    batchSize: options.batchSize ?? 64,
    drainOnShutdown: true,
  });
  return { notifier, logger };
}

const firing = (name: string, labels: Record<string, string> = {}): { alert: Alert; generatorUrl: string } => {
  const seen = { labels: Labels.of({ alertname: name, ...labels }), annotations: new Map([["s", "t"]]), value: 1 };
  const alert = nextAlert(undefined, seen, 1_700_000_000_000, { forMs: 0, keepFiringForMs: 0 })!;
  return { alert: { ...alert, validUntilMs: 1_700_000_240_000 }, generatorUrl: "http://n/graph" };
};

const group = (...addresses: string[]) => ({
  targets: addresses.map((address) => Labels.of({ __address__: address })),
  labels: Labels.EMPTY,
});

test("send() posts alerts with external labels, after relabeling, in the format of Alertmanager's API", async () => {
  const { address, calls } = await alertmanager();
  const { notifier } = notifierOf();
  const config = await alertingOf(`alerting:
  alert_relabel_configs:
  - {action: drop, source_labels: [alertname], regex: Noise}
  alertmanagers:
  - path_prefix: /am/
    alert_relabel_configs: [{action: labeldrop, regex: replica}]`);
  await (await notifier.prepare(config, Labels.of({ dc: "x", job: "external", replica: "1" }))).apply();
  notifier.syncTargets("config-0", [group(address)]);
  notifier.send([firing("A", { job: "own" }), firing("Noise")]);
  await notifier.stop();
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatchObject({
    url: "/am/api/v2/alerts",
    headers: { "content-type": "application/json", "user-agent": "Prometheus/3.14.0" },
    body: [
      {
        annotations: { s: "t" },
        startsAt: "2023-11-14T22:13:20.000Z",
        endsAt: "2023-11-14T22:17:20.000Z",
        generatorURL: "http://n/graph",
        labels: { alertname: "A", dc: "x", job: "own" },
      },
    ],
  });
  expect(calls[0]!.body[0]!.labels).not.toHaveProperty("replica");
  expect(notifier.sentLabels(Labels.of({ alertname: "A", job: "own" })).map((labels) => labels.toRecord())).toEqual([
    calls[0]!.body[0]!.labels,
  ]);
  expect(notifier.sentLabels(Labels.of({ alertname: "Noise" }))).toEqual([]);
});

test("send() posts to every Alertmanager in batches, and one that fails does not delay the others", async () => {
  const good = await alertmanager();
  const bad = await alertmanager(500);
  const { notifier, logger } = notifierOf({ batchSize: 2 });
  await (await notifier.prepare(await alertingOf("alerting: {alertmanagers: [{}]}"), Labels.EMPTY)).apply();
  notifier.syncTargets("config-0", [group(good.address, bad.address)]);
  notifier.send([firing("A"), firing("B"), firing("C")]);
  const [first, second] = notifier.senders;
  await notifier.stop();
  expect(good.calls.map(({ body }) => body.length)).toEqual([2, 1]);
  expect(first!.numbers).toEqual({ sent: 3, errors: 0, dropped: 0 });
  expect(second!.numbers).toEqual({ sent: 0, errors: 3, dropped: 3 });
  expect(logger.lines[0]).toMatchObject({
    message: "Error sending alerts",
    fields: { err: "bad response status 500 Internal Server Error" },
  });
});

test("send() signs requests for an Alertmanager of AWS, with the keys of the assumed role", async () => {
  await using aws = await FakeAws.start();
  aws.actions.set("AssumeRole", () => assumeRoleXml("2099-01-01T00:00:00Z"));
  aws.actions.set("/api/v2/alerts", () => "");
  vi.stubEnv("AWS_ENDPOINT_URL_STS", aws.url);
  const keys = "access_key: AKIDEXAMPLE, secret_key: wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  const { notifier, logger } = notifierOf();
  await (
    await notifier.prepare(
      await alertingOf(`alerting:
  alertmanagers:
  - sigv4: {region: eu-west-1, ${keys}}
  - sigv4: {region: eu-west-2, ${keys}, role_arn: arn, service_name: other}`),
      Labels.EMPTY,
    )
  ).apply();
  for (const set of ["config-0", "config-1"]) notifier.syncTargets(set, [group(aws.url.replace("http://", ""))]);
  notifier.send([firing("A")]);
  await notifier.stop();
  expect(logger.lines).toEqual([]);
  expect(aws.calls.map(({ action, accessKey, scope }) => `${action} ${accessKey} ${scope}`).sort()).toEqual([
    "/api/v2/alerts AKIDEXAMPLE eu-west-1/aps",
    "/api/v2/alerts ASIAROLE eu-west-2/other",
    "AssumeRole AKIDEXAMPLE eu-west-2/sts",
  ]);
});

test("syncTargets() keeps the queue of an Alertmanager that remains", async () => {
  const { address } = await alertmanager();
  const { notifier } = notifierOf();
  const config = await alertingOf("alerting: {alertmanagers: [{}]}");
  await (await notifier.prepare(config, Labels.EMPTY)).apply();
  notifier.syncTargets("config-0", [group(address)]);
  const [sender] = notifier.senders;
  notifier.syncTargets("config-0", [group(address, "127.0.0.1:1")]);
  expect(notifier.senders[0]).toBe(sender);
  await (await notifier.prepare(config, Labels.EMPTY)).apply();
  expect(notifier.senders[0]).toBe(sender);
  expect(notifier.alertmanagers.activeAlertmanagers).toEqual([
    { url: `http://${address}/api/v2/alerts` },
    { url: "http://127.0.0.1:1/api/v2/alerts" },
  ]);
  await notifier.stop();
});

test("an entry whose Alertmanagers are discovered is kept across a reload, even with other discovery settings", async () => {
  const { address } = await alertmanager();
  const { notifier } = notifierOf();
  const found = (config: unknown) => [{ kind: "dns_sd_configs", config, position: { line: 1, column: 1 } }];
  const bare = await alertingOf("alerting: {alertmanagers: [{}]}");
  const [entry] = bare.alertmanagers;
  for (const names of [["a"], ["a"], ["b"]]) {
    const alertmanagers = [{ ...entry!, discoveryConfigs: found({ names }) }];
    await (await notifier.prepare({ ...bare, alertmanagers }, Labels.EMPTY)).apply();
    if (notifier.senders.length === 0) notifier.syncTargets("config-0", [group(address)]);
  }
  expect(notifier.senders).toHaveLength(1);
  await notifier.stop();
});

test("alertmanagerUrls() relabels targets and returns the dropped ones separately", async () => {
  const entry = await entryOf(`alerting:
  alertmanagers:
  - scheme: https
    relabel_configs: [{action: drop, source_labels: [__address__], regex: 'b:.*'}]`);
  expect(alertmanagerUrls([group("a:1", "b:2")], entry)).toEqual({
    active: ["https://a:1/api/v2/alerts"],
    dropped: ["https://b:2/api/v2/alerts"],
  });
});

const named = (name: string, startsAtMs = 0): PostableAlert => ({
  ...postableAlert(firing(name)),
  startsAtMs,
  endsAtMs: 240_000,
});
const namesOf = (alerts: readonly PostableAlert[]): string[] =>
  alerts.map(({ labels, startsAtMs }) => `${labels.get("alertname")}${startsAtMs === 0 ? "" : ` ${startsAtMs}`}`);

test("a full queue drops its oldest alerts", () => {
  const queue = new AlertQueue(3);
  expect(queue.push([named("1"), named("2")])).toBe(0);
  expect(queue.push([named("3"), named("4"), named("5")])).toBe(2);
  expect(namesOf(queue.take(10))).toEqual(["3", "4", "5"]);
  expect(queue.push(["1", "2", "3", "4"].map((name) => named(name)))).toBe(1);
});

test("alerts that are put back come first, without those that have a newer version in the queue", () => {
  const queue = new AlertQueue(3);
  queue.push([named("B", 2), named("C", 2)]);
  expect(queue.putBack([named("A", 1), named("B", 1)])).toBe(0);
  expect(namesOf(queue.take(10))).toEqual(["A 1", "B 2", "C 2"]);
  queue.push([named("B", 2), named("C", 2)]);
  expect(queue.putBack([named("X", 1), named("A", 1)])).toBe(1);
  queue.push([named("A", 3)]);
  expect(namesOf(queue.take(10))).toEqual(["B 2", "C 2", "A 3"]);
});

/** A sender whose Alertmanager answers with `statuses` one after the other, and then with 200. */
function failingSender(statuses: readonly (number | Error)[], capacity = 10, batchSize = 10) {
  const clock = new ManualClock(0);
  const bodies: string[] = [];
  const answers = [...statuses];
  const request = async (_url: string, { body }: { body: string }) => {
    const parsed = JSON.parse(body) as Call["body"];
    bodies.push(`${clock.now() / 1000} s: ${parsed.map(({ labels }) => labels["alertname"]).join()}`);
    const answer = answers.shift() ?? 200;
    if (answer instanceof Error) throw answer;
    return { statusCode: answer, statusText: "", body: { dump: async () => undefined } };
  };
  const sender = new AlertSender({
    url: "http://a/api/v2/alerts",
    client: { request } as unknown as HttpClient,
    timeoutMs: 10_000,
    capacity,
    batchSize,
    userAgent: "Prometheus/3.14.0",
    clock,
    logger: memoryLogger(),
    observeLatency: () => undefined,
  });
  return { clock, bodies, sender };
}

test("alerts of a request that fails are sent again after growing pauses, until the Alertmanager accepts them", async () => {
  const { clock, bodies, sender } = failingSender([500, new Error("refused"), 429, 503]);
  sender.enqueue([named("A"), named("B")]);
  await clock.advance(60_000);
  expect(bodies).toEqual(["0 s: A,B", "1 s: A,B", "3 s: A,B", "7 s: A,B", "15 s: A,B"]);
  expect(sender.numbers).toEqual({ sent: 2, errors: 8, dropped: 0 });
  expect(sender.queueLength).toBe(0);
});

test("new alerts end a pause, and replace the older version that was not delivered", async () => {
  const { clock, bodies, sender } = failingSender([500, 500, 500]);
  sender.enqueue([named("A", 1), named("B", 1)]);
  await clock.advance(3500);
  sender.enqueue([named("A", 2), named("C", 2)]);
  await clock.advance(0);
  expect(bodies).toEqual(["0 s: A,B", "1 s: A,B", "3 s: A,B", "3.5 s: B,A,C"]);
  expect(sender.numbers).toMatchObject({ sent: 3, dropped: 0 });
});

test("an alert is not sent again after it has expired; a resolved alert is, for as long as its rule sends it", async () => {
  const { clock, bodies, sender } = failingSender(Array.from({ length: 12 }, () => 500));
  sender.enqueue([named("Firing"), { ...named("Resolved"), isResolved: true }]);
  await clock.advance(239_000);
  expect(bodies.at(-1)).toBe("211 s: Firing,Resolved");
  await clock.advance(60_000);
  expect(bodies.slice(-2)).toEqual(["211 s: Firing,Resolved", "241 s: Resolved"]);
  expect(sender.numbers).toMatchObject({ sent: 1, dropped: 1 });
});

test("alerts that the Alertmanager refuses are dropped, and do not delay the others", async () => {
  const { clock, bodies, sender } = failingSender([500, 400], 10, 1);
  sender.enqueue([named("A"), named("B"), named("C")]);
  await clock.advance(1000);
  expect(bodies).toEqual(["0 s: A", "1 s: A", "1 s: B", "1 s: C"]);
  expect(sender.numbers).toMatchObject({ sent: 2, errors: 2, dropped: 1 });
});

test.each([true, false])("close() during a pause ends it at once (drain: %s)", async (drain) => {
  const { clock, bodies, sender } = failingSender([500, 500, 500, 500]);
  sender.enqueue([named("A")]);
  await clock.advance(0);
  await sender.close(drain);
  expect(bodies).toEqual(drain ? ["0 s: A", "0 s: A"] : ["0 s: A"]);
  expect(sender.numbers).toMatchObject({ sent: 0, dropped: 1 });
});

test("alerts that arrive at any moment of a batch's end are sent without waiting for further ones", async () => {
  const sent: string[] = [];
  const accept = async (_url: string, { body }: { body: string }) => {
    sent.push((JSON.parse(body) as Call["body"])[0]!.labels["alertname"]!);
    return { statusCode: 200, statusText: "OK", body: { dump: async () => undefined } };
  };
  for (let turns = 0; turns < 12; turns++) {
    const late = (left: number): void => {
      if (left === 0) sender.enqueue([postableAlert(firing(`Late ${turns}`))]);
      else queueMicrotask(() => late(left - 1));
    };
    const sender = new AlertSender({
      url: "http://a/api/v2/alerts",
      client: { request: accept } as unknown as HttpClient,
      timeoutMs: 10_000,
      capacity: 10,
      batchSize: 10,
      userAgent: "Prometheus/3.14.0",
      clock: systemClock,
      logger: memoryLogger(),
      observeLatency: () => (sent.length === 1 ? late(turns) : undefined),
    });
    sender.enqueue([postableAlert(firing("First"))]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.splice(0)).toEqual(["First", `Late ${turns}`]);
  }
});
