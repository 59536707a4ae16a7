import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, createServer, request, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "./calibration.ts";
import { rounds, scale } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
const ALERTS = Math.round(20_000 * scale());
/**
 * Number of alerts in one POST request. Prometheus sends at most 256 (`--alertmanager.notification-batch-size`), and
 * its queues pass on 64.
 */
const BATCH = 64;
/** Number of unmeasured warm-up rounds: programs run for weeks, so their first seconds do not matter. */
const WARM_ROUNDS = 3;
const PROBES = 200;

interface Side {
  readonly program: Program;
  readonly base: string;
  readonly agent: Agent;
  readonly batchedCpu: number[];
  readonly bigCpu: number[];
  readonly listCpu: number[];
  readonly notifiedMs: number[];
  /** Median delay of each round from the POST of an alert until its notification, ms. */
  readonly p50Ms: number[];
}

/** Posts alerts as Prometheus does. Measures the CPU time to accept the alerts and the delay until a notification. */
export const alertsCase: BenchCase = {
  name: "alerts",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
    const sink = new Sink();
    try {
      const url = await sink.listen();
      const [ours, peer] = [await start("ours", folder, url), await start("peer", folder, url)];
      try {
        for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
          for (const side of round % 2 === 0 ? [ours, peer] : [peer, ours]) await measurePosts(side, round);
        }
        const resident = [ours, peer].map(({ program }) => program.residentBytes() / 1024 / 1024);
        for (let round = -1; round < ROUNDS; round++) {
          for (let i = 0; i < PROBES; i++) {
            for (const side of i % 2 === 0 ? [ours, peer] : [peer, ours])
              await measureTelling(side, sink, `${round}-${i}`);
          }
          for (const side of [ours, peer]) {
            const p50 = median(side.notifiedMs.splice(0));
            if (round >= 0) side.p50Ms.push(p50);
          }
        }
        return { setting: setting(), figures: figuresOf(ours, peer, resident) };
      } finally {
        for (const { program, agent } of [ours, peer]) {
          agent.destroy();
          await program[Symbol.asyncDispose]();
        }
      }
    } finally {
      sink.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const setting = (): string =>
  `${ALERTS} active alerts of 9 labels in 200 groups, default flags, no cluster; p50 of ${PROBES} alerts told; ${execFileSync(join(peers, "prometheus-alertmanager"), ["--version"], { encoding: "utf8" }).split("\n")[0]}`;

function figuresOf(ours: Side, peer: Side, resident: readonly number[]): Figure[] {
  const figure = (what: string, unit: string, of: (side: Side) => readonly number[]): Figure => {
    return { what, unit, better: "lower", ours: of(ours), peer: of(peer) };
  };
  return [
    figure(`CPU of posting all again, ${BATCH} at a time`, "ms", ({ batchedCpu }) => batchedCpu),
    figure("CPU of posting all again at once", "ms", ({ bigCpu }) => bigCpu),
    figure("CPU of one GET of /alerts and one of /alerts/groups", "ms", ({ listCpu }) => listCpu),
    figure("one alert, from its POST to the webhook, group_wait 0, p50", "ms", ({ p50Ms }) => p50Ms),
    { what: "resident memory", unit: "MiB", better: "lower", ours: [resident[0]!], peer: [resident[1]!] },
  ];
}

async function start(name: "ours" | "peer", folder: string, sink: string): Promise<Side> {
  const port = await freePort();
  const file = join(folder, `${name}.yml`);
  writeFileSync(file, configuration(`${sink}/${name}`));
  const args = [
    `--config.file=${file}`,
    `--storage.path=${join(folder, name)}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
  ];
  const program =
    name === "ours"
      ? new Program(new URL("../../bin/narthex", import.meta.url).pathname, ["alertmanager", ...args])
      : new Program(join(peers, "prometheus-alertmanager"), args);
  const base = `http://127.0.0.1:${port}`;
  await program.ready(`${base}/-/ready`);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return { program, base, agent, batchedCpu: [], bigCpu: [], listCpu: [], notifiedMs: [], p50Ms: [] };
}

const configuration = (sink: string): string => `route:
  receiver: quiet
  group_by: [alertname, namespace]
  group_wait: 1h
  routes:
    - {matchers: ['team="database"'], receiver: quiet}
    - {matchers: ['severity=~"critical|page"'], receiver: quiet}
    - {matchers: ['probe="told"'], receiver: told, group_by: ['...'], group_wait: 0s}
inhibit_rules:
  - {source_matchers: ['severity="critical"'], target_matchers: ['severity=~"warning|info"'], equal: [namespace, instance]}
receivers:
  - name: quiet
  - name: told
    webhook_configs: [{url: '${sink}'}]
`;

/**
 * Posts all alerts in batches and as one request, then lists the alerts. A negative round is a warm-up round, and its
 * times are not recorded.
 */
async function measurePosts(side: Side, round: number): Promise<void> {
  const alerts = Array.from({ length: ALERTS }, (_, i) => alertOf(i));
  const bodies: string[] = [];
  for (let i = 0; i < ALERTS; i += BATCH) bodies.push(JSON.stringify(alerts.slice(i, i + BATCH)));
  const big = JSON.stringify(alerts);
  const batched = await cpuOf(side, async () => {
    for (const body of bodies) await exchange(side, "POST", "/api/v2/alerts", body);
  });
  const whole = await cpuOf(side, () => exchange(side, "POST", "/api/v2/alerts", big));
  const listed = await cpuOf(side, async () => {
    await exchange(side, "GET", "/api/v2/alerts");
    await exchange(side, "GET", "/api/v2/alerts/groups");
  });
  if (round < 0) return;
  side.batchedCpu.push(batched);
  side.bigCpu.push(whole);
  side.listCpu.push(listed);
}

/** Returns the CPU time in ms that the program uses for `work` and in the 300 ms afterwards. */
async function cpuOf({ program }: Side, work: () => Promise<unknown>): Promise<number> {
  const before = program.cpuSeconds();
  await work();
  await pause(300);
  return (program.cpuSeconds() - before) * 1000;
}

async function measureTelling(side: Side, sink: Sink, id: string): Promise<void> {
  // Waits 5 ms, so that the program can finish its work for the previous alert.
  await pause(5);
  const alert = { labels: { alertname: "Told", probe: "told", id }, annotations: { summary: "one alert" } };
  const body = JSON.stringify([alert]);
  const began = performance.now();
  const notified = sink.next();
  await exchange(side, "POST", "/api/v2/alerts", body);
  side.notifiedMs.push((await notified) - began);
}

/** Returns an alert with labels and annotations like those of alerts that the rules of a cluster send every minute. */
function alertOf(i: number): unknown {
  const now = Date.now();
  return {
    labels: {
      alertname: `KubernetesPodSomething${i % 20}`,
      cluster: "production-eu-1",
      container: `container-${i % 7}`,
      instance: `10.0.${(i >> 8) % 256}.${i % 256}:9100`,
      job: `job-${i % 13}`,
      namespace: `namespace-${i % 10}`,
      pod: `deployment-${i % 500}-5d8c7f9b4-${i}`,
      severity: i % 10 === 0 ? "critical" : "warning",
      team: i % 3 === 0 ? "database" : "frontend",
    },
    annotations: {
      description: `Pod deployment-${i % 500}-5d8c7f9b4-${i} has not been what it should be for longer than 15 minutes.`,
      runbook_url: "https://runbooks.example.org/kubernetes/something",
      summary: "Something is not what it should be.",
    },
    startsAt: "2026-01-01T00:00:00.123Z",
    endsAt: new Date(now + 3_600_000).toISOString(),
    generatorURL: `http://prometheus.example.org:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1`,
  };
}

function exchange({ base, agent }: Side, method: string, path: string, body?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const sent = request(`${base}${path}`, { method, agent, headers }, (response) => {
      response.resume().once("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${method} ${path}: status ${response.statusCode}`));
      });
    });
    sent.once("error", reject).end(body);
  });
}

/** Webhook receiver that records the time of each notification. */
class Sink {
  #onNotification: ((at: number) => void) | undefined;
  readonly #server: HttpServer = createServer((incoming, response) => {
    const at = performance.now();
    incoming.resume().once("end", () => {
      response.end();
      this.#onNotification?.(at);
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resolves with the time of the next notification, measured by the clock of this process. */
  next(): Promise<number> {
    return new Promise((resolve) => (this.#onNotification = resolve));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
