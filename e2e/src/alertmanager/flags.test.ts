import { spawn } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CONFIG, Pair } from "./api/pair.ts";
import { eventually } from "../support/eventually.ts";
import { lacks, peers } from "../support/requirements.ts";
import { launcher, narthex, Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const absent = lacks("peers");

/** Resolves with the name, type and help text of each metric at Alertmanager's /metrics. */
async function families(port: number): Promise<Map<string, string>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const found = new Map<string, string>();
  for (const [, name, help] of text.matchAll(/^# HELP (alertmanager_\S+) (.*)$/gm)) found.set(name!, help!);
  for (const [, name, type] of text.matchAll(/^# TYPE (alertmanager_\S+) (.*)$/gm))
    found.set(name!, `${type} ${found.get(name!)}`);
  return found;
}

/** Resolves with the series (names and labels) of the metrics that count notifications and alerts. */
async function series(port: number): Promise<string[]> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const names = /^(alertmanager_(?:alerts|notifications?_[a-z_]*)\{.*\}) /gm;
  return [...text.matchAll(names)]
    .map(([, name]) => name!)
    .filter((name) => !/authError|rateLimited|suppressed|latency/.test(name));
}

test.skipIf(absent)(
  "every metric of Alertmanager exists with its name, type and help, including those of features",
  async () => {
    for (const feature of ["", "receiver-name-in-metrics,group-key-in-metrics"]) {
      await using pair = await Pair.start([`--enable-feature=${feature}`]);
      const post = { method: "POST", headers: { "content-type": "application/json" }, body: '[{"labels":{"a":"b"}}]' };
      for (const side of [pair.ours, pair.theirs]) await side.send({ path: "/api/v2/alerts", ...post });
      const [own, peer] = [await families(pair.ours.port), await families(pair.theirs.port)];
      expect(new Map([...peer].filter(([name, text]) => own.get(name) !== text))).toEqual(new Map());
      const [a, b] = [await series(pair.ours.port), await series(pair.theirs.port)];
      expect(a.sort()).toEqual(b.sort());
    }
  },
);

test.skipIf(absent)("a route prefix, an external URL's path and redirects work as in Alertmanager", async () => {
  const paths = [
    "/",
    "/am",
    "/am/-/ready",
    "/am/api/v2/receivers",
    "/am/api/v1/alerts",
    "/api/v2/receivers",
    "/am//-/ready",
    "/-/ready",
    "/am/nope",
  ];
  for (const flag of ["--web.route-prefix=/am", "--web.external-url=http://x/am/", "--web.route-prefix=am/"]) {
    await using pair = await Pair.start([flag], CONFIG, "/am");
    expect(await pair.unlike(paths.map((path) => ({ path })))).toEqual([]);
  }
});

const started = async (program: Running): Promise<string> =>
  eventually("it listens", () => {
    const found = /msg="Listening on" address=(\S+)/.exec(program.stderr)?.[1];
    if (found === undefined) throw new Error(program.output);
    return Promise.resolve(found);
  });

const flagsOf = (workplace: Workplace, ...more: string[]): string[] => [
  `--config.file=${workplace.write("am.yml", CONFIG)}`,
  `--storage.path=${workplace.path("data")}`,
  "--cluster.listen-address=",
  ...more,
];

test("stderr contains one line with the address, SIGHUP reloads, SIGTERM ends the process with status 0 although a webhook hangs", async () => {
  using workplace = new Workplace();
  const sockets: Socket[] = [];
  const hanging: Server = createServer((socket) => sockets.push(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
  const { port } = hanging.address() as { port: number };
  const flags = flagsOf(workplace, "--web.listen-address=127.0.0.1:0");
  const config = `route: {receiver: a, group_wait: 0s}\nreceivers: [{name: a, webhook_configs: [{url: 'http://127.0.0.1:${port}'}]}]\n`;
  workplace.write("am.yml", config);
  await using program = narthex(["alertmanager", ...flags]);
  const address = await started(program);
  expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
  program.kill("SIGHUP");
  await eventually("the file is read again", async () => {
    if (program.stderr.split("Completed loading of configuration file").length < 3) throw new Error("not yet");
    await Promise.resolve();
  });
  await fetch(`http://${address}/api/v2/alerts`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '[{"labels":{"a":"b"}}]',
  });
  await eventually("a notification is under way", async () => {
    if (sockets.length === 0) throw new Error("not yet");
    await Promise.resolve();
  });
  program.kill("SIGTERM");
  expect(await program.ended).toEqual({ code: 0, signal: null });
  for (const socket of sockets) socket.destroy();
  hanging.close();
});

test("a request without an answer within --web.timeout gets an error", async () => {
  using workplace = new Workplace();
  await using program = narthex([
    "alertmanager",
    ...flagsOf(workplace, "--web.listen-address=127.0.0.1:0", "--web.timeout=300ms"),
  ]);
  const port = Number((await started(program)).split(":")[1]);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(
        "POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n[",
      ),
    );
    socket
      .setEncoding("utf8")
      .once("data", (text) => resolve(String(text)))
      .once("error", reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 503 [^]*Exceeded configured timeout of 300ms\.\n$/);
});

test("a socket from systemd is used", async () => {
  using workplace = new Workplace();
  const listening = createServer();
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as { port: number };
  const handle = (listening as unknown as { _handle: { fd: number } })._handle;
  const child = spawn(launcher, ["alertmanager", ...flagsOf(workplace, "--web.systemd-socket")], {
    env: { ...process.env, LISTEN_FDS: "1" },
    stdio: ["ignore", "ignore", "ignore", handle.fd],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  try {
    await eventually("it answers", async () => {
      expect((await fetch(`http://127.0.0.1:${port}/-/ready`, { signal: AbortSignal.timeout(500) })).status).toBe(200);
    });
  } finally {
    child.kill("SIGTERM");
    await ended;
    listening.close();
  }
});

test.skipIf(absent)("unknown flags and features end the start as in Alertmanager", async () => {
  using workplace = new Workplace();
  for (const [flag, sentence] of [
    ["--nope", "unknown long flag '--nope'"],
    ["--enable-feature=nope", "unknown option 'nope' for --enable-feature"],
    ["--enable-feature=classic-mode,utf8-strict-mode", "cannot have both classic and UTF-8 modes enabled"],
    ["--log.level=loud", "loud"],
    ["--web.timeout=soon", "soon"],
  ] as const) {
    const flags = flagsOf(workplace, "--web.listen-address=127.0.0.1:0", flag);
    await using own = narthex(["alertmanager", ...flags]);
    await using peer = new Running(join(peers, "prometheus-alertmanager"), flags);
    const [a, b] = await Promise.all([own.ended, peer.ended]);
    expect([flag, a.code]).toEqual([flag, b.code]);
    expect(own.stderr).toContain(sentence);
    expect(peer.stderr).toContain(sentence);
  }
});
