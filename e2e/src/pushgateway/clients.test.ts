import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { pushedText } from "./differential/comparison.ts";
import { lacks, peers, python } from "../support/requirements.ts";
import { launcher, narthex, root, Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const original = join(peers, "prometheus-pushgateway");
const hasNoOriginal = lacks("peers") || !existsSync(original);

/** Starts our Pushgateway and waits until it is ready. */
async function gateway(flags: readonly string[] = [], port?: number): Promise<Running & { readonly base: string }> {
  const own = port ?? (await freePort());
  const base = `http://127.0.0.1:${own}`;
  const running = narthex(["pushgateway", `--web.listen-address=127.0.0.1:${own}`, ...flags]);
  await running.ready(`${base}/-/ready`);
  return Object.assign(running, { base });
}

const text = async (url: string): Promise<string> => (await fetch(url)).text();

/** Resolves with the pushed metrics, without the `push_time_seconds` metrics of their groups. */
const pushed = async (base: string): Promise<string[]> =>
  pushedText(await text(`${base}/metrics`))
    .split("\n")
    .filter((line) => !line.startsWith("#") && !line.startsWith("push_"));

const SCRIPT = `
import sys
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import push_to_gateway, pushadd_to_gateway, delete_from_gateway, instance_ip_grouping_key
from prometheus_client.exposition import basic_auth_handler
gateway = sys.argv[1]
def registry(**values):
    made = CollectorRegistry()
    for name, value in values.items():
        Gauge(name, name, registry=made).set(value)
    return made
def auth(url, method, timeout, headers, data):
    return basic_auth_handler(url, method, timeout, headers, data, 'alice', 'test')
push_to_gateway(gateway, job='batch', registry=registry(a=1, b=2), handler=auth)
pushadd_to_gateway(gateway, job='batch', registry=registry(b=3, c=4), handler=auth)
push_to_gateway(gateway, job='slash/ed', grouping_key={'path': '/var/tmp', 'empty': ''}, registry=registry(d=5), handler=auth)
push_to_gateway(gateway, job='gone', registry=registry(e=6), handler=auth)
delete_from_gateway(gateway, job='gone', handler=auth)
push_to_gateway(gateway, job='here', grouping_key=instance_ip_grouping_key(), registry=registry(f=7), handler=auth)
more = CollectorRegistry()
Counter('runs', 'Runs.', ['step'], registry=more).labels('load').inc(2)
Histogram('took_seconds', 'Time.', buckets=(1, 5), registry=more).observe(2)
push_to_gateway(gateway, job='kinds', registry=more, handler=auth)
try:
    push_to_gateway(gateway, job='batch', registry=registry(g=1))
except Exception as error:
    print(error)
`;

test.skipIf(lacks("python clients"))(
  "the Python client pushes, adds, deletes, groups by address and signs in",
  async () => {
    using workplace = new Workplace();
    // Basic authentication with the bcrypt hash of the password "test".
    const hash = "$2b$04$CzHPW3cuSMdP3cFRRIpk8.3Zyzl6VUE2TgcQ9H1wREiUjVkdbyEAO";
    const users = workplace.write("web.yml", `basic_auth_users:\n  alice: ${hash}\n`);
    const port = await freePort();
    await using running = narthex([
      "pushgateway",
      `--web.listen-address=127.0.0.1:${port}`,
      `--web.config.file=${users}`,
    ]);
    while (!running.output.includes("Listening on")) await pause(20);
    const output = execFileSync(python, ["-c", SCRIPT, `127.0.0.1:${port}`], { encoding: "utf8" });
    expect(output).toContain("401");
    const metrics = await fetch(`http://127.0.0.1:${port}/metrics`, {
      headers: { authorization: `Basic ${btoa("alice:test")}` },
    });
    const lines = pushedText(await metrics.text()).split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        'a{instance="",job="batch"} 1',
        'b{instance="",job="batch"} 3',
        'c{instance="",job="batch"} 4',
        'd{empty="",instance="",job="slash/ed",path="/var/tmp"} 5',
        'runs_total{instance="",job="kinds",step="load"} 2',
        'took_seconds_bucket{instance="",job="kinds",le="1"} 0',
        'took_seconds_bucket{instance="",job="kinds",le="+Inf"} 1',
        expect.stringMatching(/^f\{instance="[\d.]+",job="here"\} 7$/),
      ]),
    );
    expect(lines.filter((line) => line.includes('"gone"'))).toEqual([]);
  },
);

test.skipIf(lacks("curl"))(
  "curl pushes, replaces, compresses and deletes as described on the page about batch jobs",
  async () => {
    await using running = await gateway(["--push.ttl=1d"]);
    const { base } = running;
    const page = readFileSync(join(root, "docs/batch-jobs.md"), "utf8");
    const blocks = [...page.matchAll(/```sh\n([^]*?)```/g)].map(([, block]) =>
      block!.replaceAll("localhost:9091", base.slice(7)),
    );
    const pushes = blocks.filter(
      (block) => block.includes("curl") && !block.includes("-X DELETE") && !block.includes("-u alice"),
    );
    for (const block of pushes) execFileSync("bash", ["-ec", block]);
    expect((await pushed(base)).map((line) => line.replace(/ \S+$/, ""))).toEqual([
      'backup_last_success_seconds{instance="db1",job="backup"}',
      'some_metric{instance="",job="some_job"}',
    ]);
    for (const block of blocks.filter((one) => one.includes("-X DELETE"))) execFileSync("bash", ["-ec", block]);
    execFileSync("bash", [
      "-ec",
      `echo 'packed 1' | gzip | curl -sS --fail -H 'Content-Encoding: gzip' --data-binary @- ${base}/metrics/job/some_job`,
    ]);
    expect(await pushed(base)).toEqual([
      'packed{instance="",job="some_job"} 1',
      'some_metric{instance="",job="some_job"} 3.14',
    ]);
  },
);

test.skipIf(hasNoOriginal)(
  "ours shows the groups of the original's file, and the original then uses our file",
  async () => {
    using workplace = new Workplace();
    const flag = `--persistence.file=${workplace.path("pushgateway.data")}`;
    const port = await freePort();
    const theirBase = `http://127.0.0.1:${port}`;
    const theirs = async (): Promise<Running> => {
      const running = new Running(original, [`--web.listen-address=127.0.0.1:${port}`, flag]);
      await running.ready(`${theirBase}/-/ready`);
      return running;
    };
    const push = (base: string, path: string, body: string): Promise<Response> =>
      fetch(`${base}/metrics/job/${path}`, { method: "PUT", body });
    let held: string;
    {
      await using _ = await theirs();
      await push(theirBase, "a/instance/x", '# HELP m A "gauge".\n# TYPE m gauge\nm{l="q\\"\\\\\\n"} 1.5\nm NaN\n');
      await push(
        theirBase,
        "b/empty/",
        '# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 3\nh_sum 4\nh_count 3\n',
      );
      await push(theirBase, "c", '# TYPE s summary\ns{quantile="0.5"} 7\ns_sum 8\ns_count 9\nuntyped_one 1e9\n');
      held = pushedText(await text(`${theirBase}/metrics`));
    }
    {
      await using ours = await gateway([flag]);
      expect(pushedText(await text(`${ours.base}/metrics`))).toBe(held);
      expect((await push(ours.base, "d", "later 1\n")).status).toBe(200);
      expect((await fetch(`${ours.base}/metrics/job/c`, { method: "DELETE" })).status).toBe(202);
      held = pushedText(await text(`${ours.base}/metrics`));
    }
    {
      await using _ = await theirs();
      expect(pushedText(await text(`${theirBase}/metrics`))).toBe(held);
      // Pushes to the group a/instance/x. The push must not change other groups.
      expect((await push(theirBase, "a/instance/x", "m 2\n")).status).toBe(200);
      held = pushedText(await text(`${theirBase}/metrics`));
    }
    await using ours = await gateway([flag]);
    expect(pushedText(await text(`${ours.base}/metrics`))).toBe(held);
    expect(held).toContain('m{instance="x",job="a"} 2\n');
  },
);

test("a push that cannot be written to disk gets status 500, changes nothing, and readiness reports it", async () => {
  using workplace = new Workplace();
  mkdirSync(workplace.path("full"));
  const file = workplace.path("full", "groups.db");
  // Simulates a full disk by a limit on file sizes, with which writing fails even for root.
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const command = `ulimit -f 200; exec "${launcher}" pushgateway --web.listen-address=127.0.0.1:${port} --persistence.file=${file}`;
  await using running = new Running("bash", ["-c", command]);
  await running.ready(`${base}/-/ready`);
  const push = (body: string): Promise<Response> => fetch(`${base}/metrics/job/j`, { method: "PUT", body });
  expect((await push("m 1\n")).status).toBe(200);
  const refused = await push(Array.from({ length: 4000 }, (_, i) => `large_${i} ${i}\n`).join(""));
  expect([refused.status, await refused.text()]).toEqual([
    500,
    expect.stringMatching(/^push not stored: write to .*groups\.db: /),
  ]);
  expect(await pushed(base)).toEqual(['m{instance="",job="j"} 1']);
  expect((await push("m 2\n")).status).toBe(200);
  expect(await pushed(base)).toEqual(['m{instance="",job="j"} 2']);
  expect((await fetch(`${base}/-/ready`)).status).toBe(200);
});

test("--web.systemd-socket uses the sockets that it receives", async () => {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  // Passes the socket to the child process as descriptor 3, like systemd.
  const { spawn } = await import("node:child_process");
  const handle = (server as unknown as { _handle: { fd: number } })._handle.fd;
  const env = { ...process.env, LISTEN_FDS: "1" };
  const child = spawn(launcher, ["pushgateway", "--web.systemd-socket"], {
    env,
    stdio: ["ignore", "pipe", "pipe", handle],
  });
  // The socket is closed in this process, so that only the child process has it.
  server.close();
  try {
    child.stderr!.resume();
    const response = await fetch(`http://127.0.0.1:${port}/metrics/job/j`, { method: "PUT", body: "m 1\n" });
    expect(response.status).toBe(200);
  } finally {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("close", resolve));
  }
});
