import { testSeed } from "@narthex/runtime/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { CuttableLine } from "./cuttable-line.ts";
import { Random } from "../../support/random.ts";
import { eventually } from "../../support/eventually.ts";
import { type Message, NotificationSink } from "../../support/notification-sink.ts";
import { MachinePauses } from "../../support/machine-pauses.ts";
import { PostgresServer } from "../../support/postgres-server.ts";
import { ProcessorWatch } from "../../support/processor-watch.ts";
import { type Excuse, repetitionsIn } from "./repeated-messages.ts";
import { lacks } from "../../support/requirements.ts";
import { narthex, type Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const GROUPS = 200;
const CHAOS_MS = Number(process.env["NARTHEX_CHAOS_SECONDS"] ?? 20) * 1000;
/**
 * Maximum time in ms after a disturbance until an Alertmanager instance has read the other instance's notification
 * records.
 */
const BACK_MS = 3000;
/** Maximum time in ms from a receiver's answer to the entry in the notification log, on an idle machine. */
const RECORDING_MS = 1000;
/** Time in ms after which an Alertmanager instance cancels a database request and counts a failure. */
const PATIENCE_MS = 10_000;
/** Counters of an Alertmanager instance that increase when it continues without its database. */
const LOSSES = /^narthex_store_(?:session_failures|statement_failures|turns_alone|leases_lost)_total (\d+)$/gm;
/** CPU wait in ms after which an Alertmanager instance may have missed changes in its database. */
const STARVED_MS = 2000;
/** Length in ms of the recent period whose CPU waits extend the time limit for recording a delivered notification. */
const RECENT_MS = 5000;

const CONFIG = (url: string): string => `route:
  receiver: hook
  group_by: [group]
  group_wait: 500ms
  group_interval: 2s
  repeat_interval: 1h
receivers:
  - name: hook
    webhook_configs: [{url: '${url}', send_resolved: true}]
`;

/** An Alertmanager instance that reaches the database through its own proxy. */
class Instance implements AsyncDisposable {
  readonly base: string;
  readonly line: CuttableLine;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #running: Running | undefined;
  isUp = false;

  private constructor(base: string, line: CuttableLine, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.base = base;
    this.line = line;
    this.#args = args;
    this.#env = env;
  }

  static async start(workplace: Workplace, name: string, server: PostgresServer, database: string): Promise<Instance> {
    const line = await CuttableLine.to(server.port);
    const port = await freePort();
    const args = [
      "alertmanager",
      `--config.file=${workplace.path("am.yml")}`,
      `--storage.path=${workplace.path(name)}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--web.external-url=http://127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ];
    const env = { ...process.env, NARTHEX_STORE_URL: server.url(database, line.port) };
    const instance = new Instance(`http://127.0.0.1:${port}`, line, args, env);
    await instance.startProcess();
    return instance;
  }

  async startProcess(): Promise<void> {
    this.#running = narthex(this.#args, { env: this.#env });
    await this.#running.ready(`${this.base}/-/ready`);
    this.isUp = true;
  }

  async die(): Promise<void> {
    this.isUp = false;
    this.#running!.kill("SIGKILL");
    await this.#running!.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.#running!.kill(signal);
  }

  get output(): string {
    return this.#running!.output;
  }

  async request(path: string, method = "GET", body?: unknown): Promise<{ status: number; text: string } | undefined> {
    try {
      const answer = await fetch(`${this.base}${path}`, {
        method,
        signal: AbortSignal.timeout(8000),
        ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    } catch {
      return undefined;
    }
  }

  /** Process ids of the Alertmanager instance: one id, or none if the instance does not run. */
  get pids(): readonly number[] {
    return this.#running?.hasEnded === false ? [this.#running.child.pid!] : [];
  }

  /**
   * Resolves with the number of times that the Alertmanager instance continued without its database. Undefined if the
   * instance does not answer.
   */
  async losses(): Promise<number | undefined> {
    const text = (await this.request("/metrics"))?.text;
    return text === undefined ? undefined : [...text.matchAll(LOSSES)].reduce((sum, [, n]) => sum + Number(n), 0);
  }

  async metric(name: string): Promise<number> {
    const text = (await this.request("/metrics"))?.text ?? "";
    return Number(new RegExp(`^${name} (.*)$`, "m").exec(text)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.[Symbol.asyncDispose]();
    await this.line[Symbol.asyncDispose]();
  }
}

/** Simulates a Prometheus server that repeatedly sends all alerts to both instances. */
class SimulatedPrometheus {
  readonly alerts = new Map<string, { group: string; isFiring: boolean }>();
  readonly #instances: readonly Instance[];
  /** Start time (performance.now()) of the last accepted POST of alerts, by Alertmanager instance. */
  readonly #taken = new Map<Instance, number>();
  #isOver = false;
  readonly #sending: Promise<void>;

  constructor(instances: readonly Instance[]) {
    this.#instances = instances;
    this.#sending = this.#sendAlerts();
  }

  fire(group: number, name: string): void {
    this.alerts.set(`${group} ${name}`, { group: String(group), isFiring: true });
  }

  resolve(group: number, name: string): void {
    const alert = this.alerts.get(`${group} ${name}`);
    if (alert !== undefined) alert.isFiring = false;
  }

  resolveAll(): void {
    for (const alert of this.alerts.values()) alert.isFiring = false;
  }

  /**
   * Reports whether an Alertmanager instance has accepted a POST of the alerts that began at or after `since`
   * (performance.now()).
   */
  hasSentTo(instance: Instance, since: number): boolean {
    return (this.#taken.get(instance) ?? -1) >= since;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#sending;
  }

  /**
   * Posts all alerts repeatedly to every Alertmanager instance. A request that hangs does not delay the other
   * instances.
   */
  async #sendAlerts(): Promise<void> {
    const busy = new Set<Instance>();
    while (!this.#isOver) {
      const now = Date.now();
      const body = [...this.alerts].map(([alertname, { group, isFiring }]) => ({
        labels: { alertname, group },
        startsAt: STARTS_AT,
        endsAt: new Date(now + (isFiring ? 300_000 : 0)).toISOString(),
      }));
      for (const instance of this.#instances) {
        if (body.length === 0 || !instance.isUp || busy.has(instance)) continue;
        busy.add(instance);
        const begun = performance.now();
        void instance.request("/api/v2/alerts", "POST", body).then((answer) => {
          busy.delete(instance);
          if (answer?.status === 200) this.#taken.set(instance, begun);
        });
      }
      await pause(700);
    }
  }
}

const STARTS_AT = new Date(Date.now() - 3_600_000).toISOString();

/**
 * Repeatedly kills or pauses Alertmanager instances, or cuts them off from the database. Records the periods in which
 * duplicate notifications are accepted.
 */
class Disturbances implements AsyncDisposable {
  readonly excuses: Excuse[] = [];
  readonly counts = { kill: 0, cut: 0, hang: 0, refuse: 0, restart: 0 };
  /** Alertmanager instances whose notifications the fake receiver refuses. */
  readonly refused = new Set<string>();
  readonly #waits: ProcessorWatch;
  readonly #pauses = new MachinePauses();
  readonly #seed: number;
  readonly #instances: readonly Instance[];
  readonly #server: PostgresServer;
  readonly #prometheus: SimulatedPrometheus;

  constructor(seed: number, instances: readonly Instance[], server: PostgresServer, prometheus: SimulatedPrometheus) {
    this.#seed = seed;
    this.#instances = instances;
    this.#server = server;
    this.#prometheus = prometheus;
    this.#waits = new ProcessorWatch(() => [...instances.flatMap(({ pids }) => pids), ...server.pids]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#waits[Symbol.dispose]();
    await this.#pauses[Symbol.asyncDispose]();
  }

  async run(until: number): Promise<void> {
    const half = (performance.now() + until) / 2;
    await Promise.all([
      ...this.#instances.map((instance, i) => this.#disturb(instance, new Random(this.#seed + 1 + i), until)),
      this.#restart(half),
    ]);
  }

  /**
   * Watches an Alertmanager instance until `isOver`. Accepts duplicate notifications if the instance lost the database
   * while a program waited for a CPU.
   */
  async watch(instance: Instance, isOver: () => boolean): Promise<void> {
    let answeredAt = performance.now();
    let before = 0;
    while (!isOver()) {
      await pause(300);
      const from = answeredAt - PATIENCE_MS;
      const losses = await instance.losses();
      if (losses === undefined) continue;
      answeredAt = performance.now();
      if (losses > before && (await this.#waited(from)) >= STARVED_MS)
        this.#excuse(instance, "it had lost the database, and the machine was busy", from, answeredAt + BACK_MS);
      before = losses;
    }
  }

  /** Resolves with the time in ms since `since` that a program waited for a CPU. */
  async #waited(since: number): Promise<number> {
    const [from, until] = [performance.timeOrigin + since, Date.now()];
    const stops = (await this.#pauses.all()).filter((one) => one.until > from);
    return this.#waits.waited(from, until) + Math.max(0, ...stops.map((one) => one.until - one.from));
  }

  /**
   * Resolves with the time limit in ms within which an Alertmanager instance must record a delivered notification. The
   * limit is longer while the machine is busy.
   */
  async #recordingMs(): Promise<number> {
    return RECORDING_MS + (await this.#waited(performance.now() - RECENT_MS));
  }

  /**
   * Disturbs the Alertmanager instance repeatedly, with quiet periods. A duplicate notification in a quiet period is an error.
   */
  async #disturb(instance: Instance, random: Random, until: number): Promise<void> {
    await pause(random.below(3000));
    while (performance.now() < until) {
      const kind = random.weighted([
        [3, "kill"],
        [3, "cut"],
        [1, "hang"],
        [2, "refuse"],
      ] as const);
      this.counts[kind]++;
      const from = performance.now() - (await this.#recordingMs());
      if (kind === "kill") {
        await instance.die();
        const killed = performance.now();
        await pause(random.below(3000));
        await instance.startProcess();
        this.#excuse(instance, "killed before it had noted", from, killed + RECORDING_MS);
      } else if (kind === "cut") {
        instance.line.cut();
        await pause(1000 + random.below(11_000));
        instance.line.repair();
        await this.#back(instance);
        this.#excuse(instance, "cut off from the database", from, performance.now() + BACK_MS);
      } else if (kind === "refuse") {
        this.refused.add(instance.base);
        await pause(2000 + random.below(8000));
        this.refused.delete(instance.base);
      } else {
        instance.signal("SIGSTOP");
        await pause(1000 + random.below(12_000));
        instance.signal("SIGCONT");
        await this.#back(instance);
        this.#excuse(instance, "hung", from, performance.now() + BACK_MS);
      }
      await pause(3000 + random.below(7000));
    }
  }

  async #restart(at: number): Promise<void> {
    await pause(at - performance.now());
    const from = performance.now() - (await this.#recordingMs());
    this.counts.restart++;
    await this.#server.stop();
    await pause(new Random(this.#seed).below(4000));
    await this.#server.startAgain();
    await Promise.all(
      this.#instances.map(async (instance) => {
        await this.#back(instance);
        this.#excuse(instance, "the database was away", from, performance.now() + BACK_MS);
      }),
    );
  }

  /**
   * Waits until an Alertmanager instance that was cut off or paused has read the current state from the database. Until
   * then it may send duplicate notifications.
   */
  async #back(instance: Instance): Promise<void> {
    const since = performance.now();
    await eventually(`${instance.base} has the database and the alerts, seed ${this.#seed}`, async () => {
      if ((await instance.metric("narthex_store_up")) !== 1) throw new Error("it has no session");
      if (!this.#prometheus.hasSentTo(instance, since)) throw new Error("the alerts were not sent yet");
    });
  }

  #excuse({ base }: Instance, why: string, from: number, until: number): void {
    this.excuses.push({ instance: base, why, from, until });
  }
}

/** Creates and expires silences at random Alertmanager instances. Resolves with the acknowledged silences. */
async function silenceNowAndThen(instances: readonly Instance[], random: Random, until: number) {
  const made = new Map<string, "active" | "expired" | "unknown">();
  const refused: string[] = [];
  for (let n = 0; performance.now() < until; n++) {
    await pause(200 + random.below(500));
    const instance = random.pick(instances);
    if (!instance.isUp) continue;
    const active = [...made].find(([, state]) => state === "active")?.[0];
    if (active !== undefined && random.chance(30)) {
      made.set(active, "unknown");
      const answer = await instance.request(`/api/v2/silence/${active}`, "DELETE");
      if (answer?.status === 200) made.set(active, "expired");
      // Accepts status 404, because the Alertmanager instance may not know the silence yet.
      else if (answer !== undefined && answer.status !== 404) refused.push(answer.text);
      continue;
    }
    const answer = await instance.request("/api/v2/silences", "POST", {
      matchers: [{ name: "nobody", value: String(n), isRegex: false }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: "test",
      comment: "c",
    });
    if (answer?.status === 200) made.set((JSON.parse(answer.text) as { silenceID: string }).silenceID, "active");
    else if (answer !== undefined) refused.push(answer.text);
  }
  return { made, refused };
}

type Listed = readonly { readonly id: string; readonly status: { readonly state: string } }[];

const silencesAt = async (instance: Instance): Promise<ReadonlyMap<string, string>> => {
  const listed = JSON.parse((await instance.request("/api/v2/silences"))!.text) as Listed;
  return new Map(listed.map(({ id, status }) => [id, status.state] as const).sort());
};

test.skipIf(lacks("postgres"))(
  "two instances of one database send each message once, and at least once if they are killed or cut off from the database",
  async () => {
    const seed = testSeed();
    const random = new Random(seed);
    using workplace = new Workplace();
    await using server = await PostgresServer.start();
    await server.database("alerts");
    await using sink = await NotificationSink.open();
    workplace.write("am.yml", CONFIG(sink.url));
    await using one = await Instance.start(workplace, "one", server, "alerts");
    await using two = await Instance.start(workplace, "two", server, "alerts");
    const instances = [one, two];
    const prometheus = new SimulatedPrometheus(instances);
    await using disturbances = new Disturbances(seed, instances, server, prometheus);
    const refused = new Set<Message>();
    sink.behaviour = (message) => {
      if (!disturbances.refused.has(message.sender)) return 200;
      refused.add(message);
      return 500;
    };
    const taken = (): readonly Message[] => sink.messages.filter((message) => !refused.has(message));
    const notifiedOf = (status: string): ReadonlySet<string> =>
      new Set(
        taken().flatMap(({ alerts }) =>
          alerts.filter((alert) => alert.status === status).map(({ labels }) => labels["alertname"]!),
        ),
      );
    const untilNotified = (status: string, of: readonly string[]): Promise<void> =>
      eventually(`all alerts are notified as ${status}, seed ${seed}`, async () =>
        expect(of.filter((name) => !notifiedOf(status).has(name))).toEqual([]),
      );

    let isOver = false;
    const watching = Promise.all(instances.map((instance) => disturbances.watch(instance, () => isOver)));

    // Checks that each notification is sent exactly once while nothing is disturbed.
    for (let group = 0; group < GROUPS; group++) prometheus.fire(group, "a");
    await untilNotified("firing", [...prometheus.alerts.keys()]);
    await pause(5000);
    expect(repetitionsIn(taken(), disturbances.excuses).unexcused, `seed ${seed}`).toEqual([]);

    const until = performance.now() + CHAOS_MS;
    const changing = (async () => {
      while (performance.now() < until) {
        prometheus.fire(random.below(GROUPS), random.pick(["b", "c", "d"]));
        if (random.chance(20)) prometheus.resolve(random.below(GROUPS), "a");
        await pause(CHAOS_MS / 400);
      }
    })();
    const [silenced] = await Promise.all([
      silenceNowAndThen(instances, new Random(seed + 10), until),
      disturbances.run(until),
      changing,
    ]);

    await untilNotified("firing", [...prometheus.alerts.keys()]);
    prometheus.resolveAll();
    await untilNotified("resolved", [...prometheus.alerts.keys()]);
    await pause(5000);
    await prometheus.stop();
    isOver = true;
    await watching;

    // Checks that both Alertmanager instances have the same silences, including all acknowledged ones.
    await eventually("silences agree", async () => expect(await silencesAt(one)).toEqual(await silencesAt(two)));
    const kept = await silencesAt(one);
    for (const [id, state] of silenced.made) {
      expect(kept.has(id), `seed ${seed}: silence ${id}`).toBe(true);
      if (state !== "unknown") expect(kept.get(id), `seed ${seed}: silence ${id}`).toBe(state);
    }
    for (const text of silenced.refused)
      expect(text).toMatch(/the silence was not stored, try again: the store's database/);

    const { excused, unexcused } = repetitionsIn(taken(), disturbances.excuses);
    process.stdout.write(
      `seed ${seed}: ${taken().length} messages, ${refused.size} refused, ${JSON.stringify(disturbances.counts)}, repeated ${JSON.stringify(Object.fromEntries(excused))}, ` +
        `unexcused ${unexcused.length}, silences ${silenced.made.size} kept, ${silenced.refused.length} refused\n`,
    );
    expect(unexcused, `seed ${seed}, excuses ${JSON.stringify(disturbances.excuses)}`).toEqual([]);
  },
  600_000 + 2 * CHAOS_MS,
);

test.skipIf(lacks("postgres"))("a silence created at one instance mutes alerts at the other", async () => {
  using workplace = new Workplace();
  await using server = await PostgresServer.start();
  await server.database("alerts");
  await using sink = await NotificationSink.open();
  workplace.write("am.yml", CONFIG(sink.url));
  await using one = await Instance.start(workplace, "one", server, "alerts");
  await using two = await Instance.start(workplace, "two", server, "alerts");
  for (let n = 0; n < 10; n++) {
    const answer = await one.request("/api/v2/silences", "POST", {
      matchers: [{ name: "group", value: String(n), isRegex: false }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + 3_600_000).toISOString(),
      createdBy: "test",
      comment: "c",
    });
    const { silenceID } = JSON.parse(answer!.text) as { silenceID: string };
    await eventually("the other instance knows of it", async () =>
      expect((await two.request(`/api/v2/silence/${silenceID}`))?.status).toBe(200),
    );
  }
  const alerts = ["3", "loud"].map((group) => ({ labels: { alertname: group, group } }));
  await two.request("/api/v2/alerts", "POST", alerts);
  await eventually("the other alert is notified", async () => expect(sink.messages.length).toBe(1));
  expect(sink.messages[0]!.alerts[0]!.labels["group"]).toBe("loud");
  expect(JSON.parse((await two.request("/api/v2/status"))!.text)).toMatchObject({
    cluster: { status: "disabled", peers: [] },
  });
  expect(await two.metric("narthex_store_up")).toBe(1);
});
