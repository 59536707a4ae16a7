import { mkdirSync, writeFileSync } from "node:fs";
import { Agent, createServer, request, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { median } from "./calibration.ts";
import { flag } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { inTurn } from "./in-turn.ts";
import { pause, Program } from "./program.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const own = new URL("../../bin/narthex", import.meta.url).pathname;
const before = flag("before", "");

export type SideName = "ours" | "before" | "peer";

/** The measured programs. `--before=PATH` adds `bin/narthex` of another checkout. */
export const ALERTMANAGER_SIDES: readonly SideName[] = before === "" ? ["ours", "peer"] : ["ours", "before", "peer"];

/** A running Alertmanager, ours or the original, with connections to it. */
export interface AlertmanagerSide extends AsyncDisposable {
  readonly name: SideName;
  readonly program: Program;
  readonly base: string;
  readonly agent: Agent;
}

/** Starts an Alertmanager that sends alerts with the label `probe="told"` to the webhook at once. */
export async function startAlertmanager(name: SideName, folder: string, sink: string): Promise<AlertmanagerSide> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.yml`);
  writeFileSync(file, configuration(`${sink}/${name}`));
  const args = [
    `--config.file=${file}`,
    `--storage.path=${join(folder, name)}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
  ];
  const program =
    name === "peer"
      ? new Program(join(peers, "prometheus-alertmanager"), args)
      : new Program(name === "ours" ? own : before, ["alertmanager", ...args]);
  const base = `http://127.0.0.1:${port}`;
  await program.ready(`${base}/-/ready`);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return {
    name,
    program,
    base,
    agent,
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await program[Symbol.asyncDispose]();
    },
  };
}

/** Returns the median time in ms of some new alerts for each side, from the POST to the webhook. Sides alternate. */
export async function medianAlerts<S extends AlertmanagerSide>(
  sides: readonly S[],
  sink: Sink,
  count: number,
  id: string,
): Promise<ReadonlyMap<S, number>> {
  const times = new Map(sides.map((side) => [side, [] as number[]]));
  for (let i = 0; i < count; i++) {
    for (const side of inTurn(sides, i)) times.get(side)!.push(await timeAlert(side, sink, `${id}-${i}`));
  }
  return new Map([...times].map(([side, ms]) => [side, median(ms)]));
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

/** Posts a new alert. Returns the time in ms from the request until its notification arrives at the sink. */
async function timeAlert(side: AlertmanagerSide, sink: Sink, id: string): Promise<number> {
  // Waits 5 ms, so that the program can finish its work for the previous alert.
  await pause(5);
  const alert = { labels: { alertname: "Told", probe: "told", id }, annotations: { summary: "one alert" } };
  const body = JSON.stringify([alert]);
  const began = performance.now();
  const notified = sink.next();
  await exchange(side, "POST", "/api/v2/alerts", body);
  return (await notified) - began;
}

export function exchange(
  { base, agent }: AlertmanagerSide,
  method: string,
  path: string,
  body?: string,
): Promise<void> {
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
export class Sink implements Disposable {
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

  [Symbol.dispose](): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

/** Returns an alert with labels and annotations like those of alerts that the rules of a cluster send every minute. */
export function alertOf(i: number): PostedAlert {
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
