import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeYaml } from "@narthex/config";
import { Labels } from "@narthex/model";
import type { NotificationAlert } from "@narthex/notification";
import { readPng } from "@narthex/pictures/testing";
import { ManualClock, memoryLogger, settle } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { AlertContext, type ContextPart } from "./alert-context.ts";
import { contextSection } from "./context-config.ts";

const NOW = Date.UTC(2026, 10, 28, 12);

type Answer = { readonly status?: number; readonly body: string } | undefined;

/** Starts a server that records requests. If the answer is undefined, the server never responds. */
async function fakeRole(answer: (url: URL) => Answer) {
  const requests: { readonly url: URL; readonly headers: IncomingMessage["headers"] }[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, "http://role");
    requests.push({ url, headers: request.headers });
    const given = answer(url);
    if (given !== undefined) response.writeHead(given.status ?? 200).end(given.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const alert = (labels: Record<string, string>, generatorUrl: string): NotificationAlert => ({
  labels: Labels.of(labels),
  annotations: Labels.EMPTY,
  startsAt: NOW - 300_000,
  endsAt: 0,
  resolved: false,
  generatorUrl,
  fingerprint: "1",
});

const series = (metric: object, value: string): object => ({
  metric,
  values: Array.from({ length: 241 }, (_, i) => [NOW / 1000 - 3600 + i * 15, value]),
});

const matrix = (...result: object[]): Answer => ({
  body: JSON.stringify({ status: "success", data: { resultType: "matrix", result } }),
});

const ERRORS = "http://attacker.example/graph?g0.expr=errors+%3E+5&g0.tab=1";
const API = alert({ alertname: "Errors", instance: "api", severity: "page" }, ERRORS);

async function open(yaml: string) {
  const decoded = decodeYaml(yaml, "context.yml", contextSection);
  if (!decoded.ok) throw new Error("the test has an invalid file");
  const clock = new ManualClock(NOW);
  const logger = memoryLogger();
  const failures: ContextPart[] = [];
  const context = await AlertContext.open({
    config: decoded.value,
    clock,
    logger,
    userAgent: "test",
    pastFirings: async () => [
      { days: 7, count: 3, medianMs: 725_000 },
      { days: 30, count: 1, medianMs: undefined },
    ],
    onFailure: (part) => failures.push(part),
  });
  const of = (alerts: readonly NotificationAlert[]) => context.of(alerts, new AbortController().signal);
  return { clock, logger, failures, of, [Symbol.asyncDispose]: () => context.close() };
}

test("a context has a picture of the alert's series, the deployments and the earlier firings", async () => {
  await using server = await fakeRole(() =>
    matrix(
      series({ __name__: "errors", instance: "api" }, "7"),
      series({ __name__: "errors", instance: "web" }, "900"),
    ),
  );
  await using dashboards = await fakeRole(() => ({
    body: JSON.stringify([
      { time: NOW - 600_000, text: "deployed <b>api</b> 2.3\nby x", tags: ["deployment"] },
      { time: NOW - 60_000, text: "rollback" },
      { time: "wrong" },
    ]),
  }));
  await using context = await open(
    `server: {url: '${server.url}'}\ndashboards: {url: '${dashboards.url}', http_config: {authorization: {credentials: tok}}}\n` +
      "deployment_tags: [deployment, release]\n",
  );
  const { lines, picture } = await context.of([API]);
  expect(lines).toEqual([
    "Recent deployments: 11:59 rollback; 11:50 deployed  api  2.3",
    "Errors has fired 3 times in 7 days (median 12m), once in 30 days",
  ]);
  expect(Object.fromEntries(server.requests[0]!.url.searchParams)).toEqual({
    query: "errors",
    start: String(NOW / 1000 - 3600),
    end: String(NOW / 1000),
    step: "15",
    limit: "100",
  });
  const asked = dashboards.requests[0]!;
  expect([asked.url.pathname, asked.url.searchParams.getAll("tags"), asked.headers.authorization]).toEqual([
    "/api/annotations",
    ["deployment", "release"],
    "Bearer tok",
  ]);
  const file = readPng((await picture!.png(1e6))!);
  expect([file.width, file.height, picture!.title]).toEqual([1440, 680, "Errors: errors > 5"]);
  // The picture shows only the series of the alert: the other series would need an axis to 900, with the line at the bottom.
  const green = Array.from({ length: 680 }, (_, y) => y).filter((y) => file.colorAt(700, y) === "#2a7a33");
  expect(green[0]).toBeLessThan(400);
  expect(context.failures).toEqual([]);
});

test("the file of a picture is as small as requested, or missing", async () => {
  await using server = await fakeRole(() => matrix(series({ instance: "api" }, "7")));
  await using context = await open(`server: {url: '${server.url}'}`);
  const { picture } = await context.of([API]);
  const small = await picture!.png(12_000);
  expect(small!.length).toBeLessThanOrEqual(12_000);
  expect(readPng(small!).width).toBeLessThan(1440);
  expect(await picture!.png(100)).toBeUndefined();
});

test.each<[string, Answer]>([
  ["the status 503", { status: 503, body: "" }],
  ["no JSON", { body: "<html>" }],
  ["more than 2 MiB", { body: " ".repeat(3 * 1024 * 1024) }],
])("an answer with %s costs the picture only, and is logged once", async (_, answer) => {
  await using server = await fakeRole(() => answer);
  await using context = await open(`server: {url: '${server.url}'}`);
  for (let i = 0; i < 2; i++) {
    const { lines, picture } = await context.of([API]);
    expect([lines.length, picture]).toEqual([1, undefined]);
  }
  expect(context.failures).toEqual(["picture", "picture"]);
  expect(context.logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
});

test.each<[string, Answer]>([
  ["another type", { body: '{"data":{"resultType":"vector","result":[]}}' }],
  ["no series", matrix()],
  [
    "entries of another form",
    { body: '{"data":{"resultType":"matrix","result":[1,null,{"metric":{"a":1},"values":[]}]}}' },
  ],
  ["null", { body: "null" }],
])("an answer with %s gives no picture", async (_, answer) => {
  await using server = await fakeRole(() => answer);
  await using context = await open(`server: {url: '${server.url}'}`);
  expect((await context.of([API])).picture).toBeUndefined();
});

test("a server without an answer costs its parts at the deadline, and the rest is returned", async () => {
  await using server = await fakeRole(() => undefined);
  await using context = await open(`server: {url: '${server.url}'}\ndashboards: {url: '${server.url}'}\ntimeout: 2s`);
  let result: Awaited<ReturnType<typeof context.of>> | undefined;
  const done = context.of([API]).then((found) => (result = found));
  await settle();
  await context.clock.advance(1999);
  expect(result).toBeUndefined();
  await context.clock.advance(1);
  await done;
  expect([result!.lines.length, result!.picture, context.failures]).toEqual([1, undefined, ["deployments", "picture"]]);
});

test("without addresses no request is sent, and an alert without an expression has no picture", async () => {
  await using empty = await open("range: 2h");
  expect((await empty.of([API])).picture).toBeUndefined();
  await using server = await fakeRole(() => matrix());
  await using context = await open(`server: {url: '${server.url}'}`);
  for (const link of ["", "http://x/", "http://x/?g0.expr=sum("])
    expect((await context.of([alert({ alertname: "A" }, link)])).picture).toBeUndefined();
  expect(server.requests).toEqual([]);
  expect((await context.of([])).lines).toEqual([]);
});

test("notifications at almost the same time share one request for deployments", async () => {
  await using dashboards = await fakeRole(() => ({ body: JSON.stringify([{ time: NOW, text: "api 2.3" }]) }));
  await using context = await open(`dashboards: {url: '${dashboards.url}'}`);
  const all = await Promise.all(Array.from({ length: 50 }, () => context.of([API])));
  expect(all.every(({ lines }) => lines[0] === "Recent deployments: 12:00 api 2.3")).toBe(true);
  expect(dashboards.requests).toHaveLength(1);
  await context.clock.advance(2000);
  await context.of([API]);
  expect(dashboards.requests).toHaveLength(2);
});
