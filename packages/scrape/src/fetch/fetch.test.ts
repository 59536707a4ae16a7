import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parsePrometheusConfig, type ScrapeConfig } from "@narthex/config";
import { type ResponseHead, createHttpClient, type HttpClient } from "@narthex/http";
import { Labels } from "@narthex/model";
import { ManualClock, settle, temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import type { BodyContent } from "./body-content.ts";
import { createFetch, type InFlightFetch, type ScrapedBody } from "./fetch.ts";
import { buildTargets } from "../target/target-set.ts";
import type { Target } from "../target/target.ts";

function jobOf(more: string): ScrapeConfig {
  const yaml = `scrape_configs:\n- job_name: a\n${more.replace(/^/gm, "  ")}\n`;
  const parsed = parsePrometheusConfig(yaml, "prometheus.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join("; "));
  return parsed.value.scrapeConfigs[0]!;
}

function targetOf(address: string, job: ScrapeConfig, labels: Record<string, string> = {}): Target {
  const group = { source: "0", targets: [Labels.of({ __address__: address })], labels: Labels.of(labels) };
  return buildTargets([group], job).targets[0]!;
}

/**
 * The two methods of an HTTP client that send requests. `download` uses pooled connections; `request` also supports
 * proxies and HTTP/2.
 */
const WAYS = ["download", "request"] as const;
type ClientMethod = (typeof WAYS)[number];

/**
 * Starts an HTTP server on a port that the system chooses, and fetches a body from this server with the job's settings.
 */
async function fetching(method: ClientMethod, more: string, serve: RequestListener, clock = new ManualClock()) {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const job = jobOf(more);
  const real = await createHttpClient(job.httpClient);
  let answered: () => void = () => undefined;
  const client: HttpClient = {
    request: async (url, options) => {
      const response = await real.request(url, options);
      answered();
      return response;
    },
    ...(method === "request"
      ? {}
      : {
          download: (url, headers, sink, socketPath) => {
            const begin = (head: ResponseHead): void => {
              sink.begin(head);
              answered();
            };
            return real.download!(url, headers, { begin, write: sink.write.bind(sink) }, socketPath);
          },
        }),
    close: () => real.close(),
  };
  onTestFinished(() => client.close());
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  const fetch = createFetch(job, client, clock, "Prometheus/3.14.0");
  let running: InFlightFetch | undefined;
  const get = (target: Target): Promise<ScrapedBody> => (running = fetch(target)).body;
  const headArrives = (): Promise<void> => new Promise((resolve) => (answered = resolve));
  return {
    address,
    get: () => get(targetOf(address, job)),
    headArrives,
    stop: () => running?.abort(new Error("stopped")),
  };
}

const text = { "content-type": "text/plain" };
const textOf = (content: BodyContent): string => Buffer.from(content.open().bytes).toString();

test.each(WAYS)(
  "%s: a body is returned as bytes with its type and without gzip, and the request has Prometheus' headers",
  async (way) => {
    let seen: IncomingMessage | undefined;
    const { get } = await fetching(
      way,
      "params: {a: [b c, d]}\nbasic_auth: {username: u, password: p}",
      (request, response) => {
        seen = request;
        response.writeHead(200, { ...text, "content-encoding": "gzip" }).end(gzipSync("x 1\n"));
      },
    );
    const { content, contentType } = await get();
    expect([textOf(content), contentType]).toEqual(["x 1\n", "text/plain"]);
    expect(seen!.url).toBe("/metrics?a=b+c&a=d");
    expect(seen!.headers).toMatchObject({
      accept:
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5," +
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      "accept-encoding": "gzip",
      authorization: `Basic ${btoa("u:p")}`,
      "user-agent": "Prometheus/3.14.0",
      "x-prometheus-scrape-timeout-seconds": "10",
    });
  },
);

test("a redirect without a target, and an error status whose body is cut off, have Go's error messages", async () => {
  const around = await fetching(
    "download",
    "",
    (_, response) => void response.writeHead(302, { location: "/there" }).end(),
  );
  await expect(around.get()).rejects.toThrow('Get "/there": stopped after 10 redirects');
  const torn = await fetching("download", "", (request, response) => {
    response.writeHead(500, { "content-length": 100 }).write("x", () => request.socket.destroy());
  });
  await expect(torn.get()).rejects.toThrow("server returned HTTP status 500 Internal Server Error");
});

test.each(WAYS)("%s: redirects are followed unless the job disables them", async (way) => {
  const serve: RequestListener = (request, response) => {
    if (request.url === "/metrics") response.writeHead(302, { location: "/there" }).end();
    else response.writeHead(200, text).end("x 1\n");
  };
  expect((await (await fetching(way, "", serve)).get()).content.size).toBe(4);
  const { get } = await fetching(way, "follow_redirects: false", serve);
  await expect(get()).rejects.toThrow("server returned HTTP status 302 Found");
});

test.each(
  WAYS.flatMap((way) => [
    [way, "plain", {}, Buffer.from("x 123\n")] as const,
    [way, "zipped", { "content-encoding": "gzip" }, gzipSync("x 123\n")] as const,
  ]),
)("%s: a %s body of body_size_limit bytes is refused, a shorter one taken", async (way, _, headers, body) => {
  const serve: RequestListener = (_request, response) =>
    void response.writeHead(200, { ...text, ...headers }).end(body);
  await expect((await fetching(way, "body_size_limit: 6B", serve)).get()).rejects.toThrow("body size limit exceeded");
  expect((await (await fetching(way, "body_size_limit: 7B", serve)).get()).content.size).toBe(6);
});

test.each(WAYS)("%s: the timeout covers the wait for an answer and the body", async (way) => {
  const clock = new ManualClock();
  let stall: "head" | "body" = "head";
  let arrived: () => void = () => undefined;
  const { get, address, headArrives } = await fetching(
    way,
    "",
    (_, response) => {
      if (stall === "body") response.writeHead(200, text).write("x 1\n");
      setImmediate(() => arrived());
    },
    clock,
  );
  for (const [where, message] of [
    ["head", `Get "http://${address}/metrics": context deadline exceeded`],
    ["body", "context deadline exceeded"],
  ] as const) {
    stall = where;
    const there = new Promise<void>((resolve) => (arrived = resolve));
    const head = headArrives();
    const failure = get().then(
      () => "no failure",
      (error: Error) => error.message,
    );
    await there;
    if (where === "body") await head;
    await clock.advance(10_000);
    expect(await failure).toBe(message);
  }
});

test.each(WAYS)("%s: a refused connection and an invalid answer have Go's error messages", async (way) => {
  const { get, address } = await fetching(way, "", (request) => void request.socket.destroy());
  await expect(get()).rejects.toThrow(`Get "http://${address}/metrics": EOF`);
  const torn = await fetching(way, "", (request, response) => {
    response.writeHead(200, { ...text, "content-length": "100" }).write("x 1\n", () => request.socket.destroy());
  });
  await expect(torn.get()).rejects.toThrow("unexpected EOF");
  const job = jobOf("");
  const client = await createHttpClient(job.httpClient);
  onTestFinished(() => client.close());
  const fetch = createFetch(job, client, new ManualClock(), "x");
  await expect(fetch(targetOf("127.0.0.1:1", job)).body).rejects.toThrow(
    'Get "http://127.0.0.1:1/metrics": dial tcp 127.0.0.1:1: connect: connection refused',
  );
});

test.each(WAYS)("%s: __unix_socket__ replaces the address", async (way) => {
  const folder = temporaryFolder();
  const path = join(folder, "app.sock");
  const server = createServer((request, response) => response.writeHead(200, text).end(`${request.headers.host} 1\n`));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const job = jobOf(`static_configs: [{targets: [app], labels: {__unix_socket__: '${path}'}}]`);
  const { download, ...client } = await createHttpClient(job.httpClient);
  onTestFinished(() => client.close());
  onTestFinished(() => void server.close());
  const ways = way === "download" ? { ...client, download } : client;
  const fetch = createFetch(job, ways as HttpClient, new ManualClock(), "x");
  const { content } = await fetch(targetOf("app", job, { __unix_socket__: path })).body;
  expect(textOf(content)).toBe("app 1\n");
});

test.each(WAYS)("%s: a scrape that is stopped ends at once", async (way) => {
  let arrived: () => void = () => undefined;
  const { get, stop } = await fetching(way, "", () => setImmediate(() => arrived()));
  const there = new Promise<void>((resolve) => (arrived = resolve));
  const failure = expect(get()).rejects.toThrow("stopped");
  await there;
  stop();
  await failure;
});

test.each(WAYS)("%s: an idle connection that the target has closed is replaced", async (way) => {
  let requests = 0;
  const { get } = await fetching(way, "", (request, response) => {
    requests++;
    if (requests % 2 === 0) request.socket.destroy();
    else response.writeHead(200, text).end("x 1\n");
  });
  expect((await get()).content.size).toBe(4);
  // Waits until the connection has been returned to the pool.
  await settle();
  expect((await get()).content.size).toBe(4);
  expect(requests).toBe(3);
});
