import { eventually } from "../../support/eventually.ts";
import { ProcessorWatch } from "../../support/processor-watch.ts";
import type { Running } from "../../support/running.ts";
import type { Workplace } from "../../support/workplace.ts";
import type { NetworkLab } from "./network-lab.ts";
import type { Answer, Answered, InstanceRequest, ReceivedNotification } from "./outside.ts";

/** Hosts of the simulated network on which the cluster's three Alertmanager instances run. */
export const HOSTS = ["h1", "h2", "h3"] as const;
export type Host = (typeof HOSTS)[number];
/** Host of the program that sends alerts and receives notifications. This host is never cut off from the others. */
const OUTSIDE = "h4";
const PORT = 8080;

/**
 * Time in ms that each instance waits for a notification by the instance before it in the cluster
 * (`--cluster.peer-timeout`).
 */
export const PEER_TIMEOUT_MS = 3000;

/**
 * `group_interval` of the route. The interval is longer than the waits of all instances together, as it should be in
 * production.
 */
const GROUP_INTERVAL_MS = 8000;

const CONFIG = `route: {receiver: hook, group_by: [group], group_wait: 1s, group_interval: ${GROUP_INTERVAL_MS / 1000}s, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: 'http://${OUTSIDE}:${PORT}/'}]}]
`;

/**
 * Limit in ms for an Alertmanager instance's answers and CPU waits. A slower instance may send notifications outside
 * its time slot.
 */
const SLOW_MS = 1000;
/** Interval in ms at which the test checks how long the Alertmanager instances waited for a CPU. */
const LOOK_MS = 500;

/** An event that may cause duplicate notifications. */
export interface Disturbance {
  readonly from: number;
  until: number | undefined;
  /**
   * The two hosts between which the network is cut, or the one host whose instance has ended or gets too little CPU
   * time.
   */
  readonly hosts: readonly Host[];
  readonly what: "apart" | "ended" | "slow";
}

/**
 * An Alertmanager cluster of three instances on three simulated hosts. A program on a fourth host sends alerts to all
 * instances and receives their notifications.
 */
export class AlertmanagerCluster implements AsyncDisposable {
  readonly notifications: ReceivedNotification[] = [];
  readonly disturbances: Disturbance[] = [];
  readonly #lab: NetworkLab;
  readonly #workplace: Workplace;
  readonly #running = new Map<Host, Running>();
  readonly #waiting = new Map<number, (answered: Answered) => void>();
  #outside: Running | undefined;
  #read = 0;
  #requests = 0;
  readonly #cuts: Disturbance[] = [];
  readonly #watches = new Map<Host | typeof OUTSIDE, ProcessorWatch>();
  /** The latest period in which each host got too little CPU time. */
  readonly #slow = new Map<Host | typeof OUTSIDE, Disturbance>();
  #timer: NodeJS.Timeout | undefined;

  constructor(lab: NetworkLab, workplace: Workplace) {
    this.#lab = lab;
    this.#workplace = workplace;
  }

  async start(): Promise<void> {
    const program = new URL("outside.ts", import.meta.url).pathname;
    this.#outside = this.#lab.run(OUTSIDE, process.execPath, [program, String(PORT)]);
    this.#outside.child.stdout!.on("data", () => this.#readLines());
    await eventually("the outside listens", async () => {
      if (!this.#outside!.stdout.includes('"listening"')) throw new Error(this.#outside!.output);
    });
    this.#workplace.write("am.yml", CONFIG);
    await Promise.all(HOSTS.map((host) => this.startInstance(host)));
    for (const host of [...HOSTS, OUTSIDE] as const)
      this.#watches.set(host, new ProcessorWatch(() => this.#pidsOf(host)));
    this.#timer = setInterval(() => this.#checkWaits(), LOOK_MS);
  }

  async startInstance(host: Host): Promise<void> {
    const others = HOSTS.map((other) => `--cluster.peer=${other}:9094`);
    const running = this.#lab.narthex(host, [
      "alertmanager",
      `--config.file=${this.#workplace.path("am.yml")}`,
      `--storage.path=${this.#workplace.path(host)}`,
      `--web.external-url=http://${host}:9093`,
      `--cluster.peer-name=${host}`,
      `--cluster.peer-timeout=${PEER_TIMEOUT_MS}ms`,
      "--cluster.gossip-interval=50ms",
      "--cluster.reconnect-interval=2s",
      "--cluster.tcp-timeout=2s",
      ...others,
    ]);
    this.#running.set(host, running);
    await eventually(`${host} is ready`, async () => {
      const [answer] = await this.request("GET", "/-/ready", undefined, [host]);
      if (answer?.status !== 200) throw new Error(running.output);
    });
  }

  async end(host: Host, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const running = this.#running.get(host);
    if (running === undefined) return;
    this.#running.delete(host);
    running.kill(signal);
    await running.ended;
  }

  get up(): readonly Host[] {
    return [...this.#running.keys()];
  }

  output(host: Host): string {
    return this.#running.get(host)?.output ?? "";
  }

  cut(a: Host, b: Host): void {
    this.#lab.cut(a, b);
    this.#cuts.push(this.disturb("apart", [a, b]));
  }

  heal(): void {
    this.#lab.heal();
    for (const cut of this.#cuts.splice(0)) cut.until = Date.now();
  }

  disturb(what: Disturbance["what"], hosts: readonly Host[]): Disturbance {
    const disturbance: Disturbance = { from: Date.now(), until: undefined, hosts, what };
    this.disturbances.push(disturbance);
    return disturbance;
  }

  /**
   * Sends a request to several Alertmanager instances. Resolves with their answers in the same order; the answer of an
   * unreachable instance is undefined.
   */
  request(
    method: InstanceRequest["method"],
    path: string,
    body?: unknown,
    hosts: readonly Host[] = HOSTS,
  ): Promise<readonly (Answer | undefined)[]> {
    const request: InstanceRequest = {
      id: ++this.#requests,
      urls: hosts.map((host) => `http://${host}:9093${path}`),
      method,
      body,
    };
    return new Promise((resolve) => {
      this.#waiting.set(request.id, ({ answers }) => {
        answers.forEach((answer, i) => void (answer !== null && this.#judge(hosts[i]!, answer)));
        resolve(answers.map((answer) => answer ?? undefined));
      });
      this.#outside!.child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Waits until all running Alertmanager instances are connected and the cluster has settled. */
  async agreed(limitMs: number): Promise<void> {
    const limit = this.withoutWaits(limitMs);
    const wanted = this.up.toSorted().join(" ");
    const check = async (): Promise<void> => {
      for (const answer of await this.request("GET", "/api/v2/status", undefined, this.up)) {
        const { cluster } = JSON.parse(answer?.text ?? '{"cluster":{"peers":[]}}') as {
          cluster: { peers: { name: string }[]; status: string };
        };
        const seen = cluster.peers.map(({ name }) => name).join(" ");
        if (seen !== wanted || cluster.status !== "ready") throw new Error(`sees ${seen} (${cluster.status})`);
      }
    };
    await eventually(`${wanted} see each other`, check, limit);
  }

  /**
   * Starts a time limit for the cluster. Returns a function that returns the limit in ms, extended by the time in which
   * the cluster's processes waited for a CPU.
   */
  withoutWaits(limitMs: number): () => number {
    const begun = Date.now();
    return () => [...this.#watches.values()].reduce((sum, watch) => sum + watch.waited(begun, Date.now()), limitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const watch of this.#watches.values()) watch[Symbol.dispose]();
    const all = [...this.#running.values(), ...(this.#outside === undefined ? [] : [this.#outside])];
    await Promise.all(all.map((one) => one[Symbol.asyncDispose]()));
  }

  #pidsOf(host: Host | typeof OUTSIDE): readonly number[] {
    const running = host === OUTSIDE ? this.#outside : this.#running.get(host);
    return running?.child.pid === undefined ? [] : [running.child.pid];
  }

  /**
   * Records the simulated hosts that waited so long for a CPU that their notifications may be late. A delay of the
   * outside host counts for every instance, because all requests pass through it.
   */
  #checkWaits(): void {
    const now = Date.now();
    const from = now - PEER_TIMEOUT_MS;
    for (const [host, watch] of this.#watches) {
      if (watch.waited(from, now) < SLOW_MS) continue;
      const last = this.#slow.get(host);
      if (last !== undefined && last.until! >= from) last.until = now;
      else {
        const slow: Disturbance = { from, until: now, hosts: host === OUTSIDE ? HOSTS : [host], what: "slow" };
        this.#slow.set(host, slow);
        this.disturbances.push(slow);
      }
    }
  }

  #judge(host: Host, { from, until }: Answer): void {
    if (until - from < SLOW_MS) return;
    this.disturbances.push({ from, until, hosts: [host], what: "slow" });
  }

  #readLines(): void {
    const { stdout } = this.#outside!;
    for (let end = stdout.indexOf("\n", this.#read); end !== -1; end = stdout.indexOf("\n", this.#read)) {
      const line = JSON.parse(stdout.slice(this.#read, end)) as Answered | ReceivedNotification | "listening";
      this.#read = end + 1;
      if (line === "listening") continue;
      if ("body" in line) this.notifications.push(line);
      else {
        this.#waiting.get(line.id)?.(line);
        this.#waiting.delete(line.id);
      }
    }
  }
}
