import { existsSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Exporter, ours, theirProgram, theirs } from "./exporters.ts";
import { onLoopback } from "../support/loopback.ts";
import { python } from "../support/requirements.ts";
import { launcher, Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const isPeerHere = existsSync(theirProgram);

/**
 * HTTP requests that are sent to our exporter and to node_exporter. The answers must be equal, except for the parts
 * that `bodyOf` removes.
 */
const REQUESTS: readonly (readonly [what: string, path: string, init?: RequestInit])[] = [
  ["a page that is not there", "/nope"],
  ["the metrics' path with a slash", "/metrics/"],
  ["a path with a slash too many", "//metrics?collect[]=time", { redirect: "manual" }],
  ["a path with a slash too many by POST", "//metrics", { method: "POST", redirect: "manual" }],
  ["a path by its escapes", "/met%72ics?collect[]=time"],
  ["a path with what is no escape", "/%zz"],
  ["an unknown collector", "/metrics?collect[]=nope"],
  ["a collector that is off", "/metrics?collect[]=arp"],
  ["collect and exclude at once", "/metrics?collect[]=cpu&exclude[]=time"],
  ["collect and exclude at once, one of them empty", "/metrics?collect[]=&exclude[]=time"],
  ["an empty collector", "/metrics?collect[]="],
  ["the same collector twice", "/metrics?collect[]=time&collect[]=time"],
  ["one collector", "/metrics?collect[]=uname"],
  ["all but unknown ones", "/metrics?exclude[]=nope"],
  ["all but several", "/metrics?exclude[]=cpu&exclude[]=netdev"],
  ["a scrape by POST", "/metrics?collect[]=uname", { method: "POST" }],
  ["a scrape by HEAD", "/metrics?collect[]=uname", { method: "HEAD" }],
  ["OpenMetrics", "/metrics?collect[]=uname", { headers: { accept: "application/openmetrics-text;version=1.0.0" } }],
  [
    "protobuf",
    "/metrics?collect[]=uname",
    {
      headers: {
        accept: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
      },
    },
  ],
  ...[
    "gzip",
    "gzip;q=0",
    "gzip; q=0.1",
    "identity, gzip",
    "identity;q=0.1, gzip",
    "*",
    "gzip;q=0, *",
    "deflate, gzip",
  ].map(
    (coding) =>
      [`the coding ${coding}`, "/metrics?collect[]=uname", { headers: { "accept-encoding": coding } }] as const,
  ),
];

/** Reduces a scraped exposition to the names of its collectors. Returns other HTTP bodies unchanged. */
const bodyOf = (body: string): string =>
  body.includes("node_scrape_collector_success")
    ? [...body.matchAll(/node_scrape_collector_success\{collector="(\w+)"\}/g)].map((match) => match[1]).join(" ")
    : body;

async function answer({ url }: Exporter, path: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url + path, init);
  const body = await response.text();
  const isText = response.headers.get("content-type")?.startsWith("text/") === true;
  const [type, coding, location] = ["content-type", "content-encoding", "location"].map((name) =>
    response.headers.get(name),
  );
  return { status: response.status, type, coding, location, body: isText ? bodyOf(body) : "" };
}

const COLLECTORS = ["cpu", "netdev", "time", "uname"].map((name) => `--collector.${name}`);

test.skipIf(!isPeerHere)("requests of every kind are answered as the real exporter answers them", async () => {
  const flags = ["--collector.disable-defaults", ...COLLECTORS];
  await using here = await ours(flags);
  await using there = await theirs(flags);
  for (const [what, path, init] of REQUESTS)
    expect([what, await answer(here, path, init)]).toEqual([what, await answer(there, path, init)]);
  const [page, theirPage] = await Promise.all([here, there].map(async ({ url }) => (await fetch(url)).text()));
  for (const piece of [
    /<h1>.*<\/h1>/,
    /<h2>.*<\/h2>/,
    /<title>.*<\/title>/,
    /<a href="\/metrics">.*<\/a>/,
    /Version: \(version=/,
  ])
    expect(piece.exec(page!)?.[0]).toBe(piece.exec(theirPage!)?.[0]);
});

test.skipIf(!isPeerHere).each([
  ["ours", ours],
  ["the real exporter", theirs],
])("%s refuses scrapes while the maximum number of scrapes is running", async (_name, start) => {
  const waiting: ServerResponse[] = [];
  await using supervisor = await onLoopback(createServer((_request, response) => void waiting.push(response)));
  await using exporter = await start([
    "--web.max-requests=1",
    "--collector.disable-defaults",
    "--collector.supervisord",
    `--collector.supervisord.url=http://127.0.0.1:${supervisor.port}/RPC2`,
  ]);
  const first = exporter.metrics();
  await eventually("the first scrape is under way", async () => expect(waiting).toHaveLength(1));
  const second = await fetch(`${exporter.url}/metrics`);
  expect([second.status, await second.text()]).toEqual([
    503,
    "Limit of concurrent requests reached (1), try again later.\n",
  ]);
  for (const response of waiting) response.writeHead(500).end();
  expect(await first).toContain('node_scrape_collector_success{collector="supervisord"} 0');
  // Requests the start page, which must not be counted as a scrape.
  expect((await fetch(exporter.url)).status).toBe(200);
});

test("the exporter listens on several addresses and uses a web configuration file", async () => {
  using workplace = new Workplace();
  const config = workplace.write(
    "web.yml",
    // Web configuration that requires the password "secret"; the hash is bcrypt.
    "basic_auth_users: {scraper: $2y$05$8GnTNUqxpEDpzfhiNVRPTOHTSIMw.NF5zr/9eSTyTWVjqgZnDqmmu}\n",
  );
  const second = `127.0.0.1:${await freePort()}`;
  await using exporter = await startedWithoutWaiting([
    `--web.listen-address=${second}`,
    `--web.config.file=${config}`,
    "--collector.disable-defaults",
  ]);
  await eventually("the second address answers", async () => {
    expect((await fetch(`http://${second}/metrics`)).status).toBe(401);
  });
  expect((await fetch(`http://${exporter.address}/metrics`)).status).toBe(401);
});

interface Started extends AsyncDisposable {
  readonly address: string;
  readonly program: Running;
}

async function startedWithoutWaiting(flags: readonly string[]): Promise<Started> {
  const address = `127.0.0.1:${await freePort()}`;
  const program = new Running(launcher, ["node-exporter", `--web.listen-address=${address}`, ...flags]);
  return { address, program, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

/** A script that opens a socket and starts a program that inherits the socket, as systemd's socket activation does. */
const ACTIVATE = `
import os, socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
os.dup2(server.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
`;

test.skipIf(!existsSync(python))("a socket from systemd is used with --web.systemd-socket", async () => {
  const port = await freePort();
  const flags = ["node-exporter", "--web.systemd-socket", "--collector.disable-defaults", "--collector.uname"];
  await using exporter = new Running(python, ["-c", ACTIVATE, String(port), launcher, ...flags]);
  await exporter.ready(`http://127.0.0.1:${port}/`);
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain("node_uname_info{");
});

test.each([
  [
    ["--collector.netdev.device-include=lo", "--collector.netdev.device-exclude=eth0"],
    "device-exclude & device-include are mutually exclusive",
  ],
  [["--web.listen-address=256.0.0.1:1"], "256.0.0.1"],
  [["--web.config.file=/nonexistent.yml"], "/nonexistent.yml"],
  [["--web.systemd-socket"], "no socket activation file descriptors found"],
])("flags that cannot be followed end the start with a word on them: %j", async (flags, words) => {
  await using exporter = await startedWithoutWaiting(flags);
  expect((await exporter.program.ended).code).toBe(1);
  expect(exporter.program.output).toContain(words);
});
