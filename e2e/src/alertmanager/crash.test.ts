import { testSeed } from "@narthex/runtime/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { Random } from "../support/random.ts";
import { eventually } from "../support/eventually.ts";
import { type Behaviour, type Message, NotificationSink } from "../support/notification-sink.ts";
import { ProcessorWatch } from "../support/processor-watch.ts";
import { narthex, type Running } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

/**
 * Maximum time in ms between the receiver's answer and the entry in the notification log on disk. If Alertmanager is
 * killed in between, the log lacks the entry.
 */
const WINDOW_MS = 500;
/**
 * CPU waits between a kill of Alertmanager and the answer to a notification are subtracted only if that time is at most
 * this long, ms.
 */
const STARVED_MS = 5000;

interface Explanation {
  readonly routes: readonly { readonly integrations: readonly { readonly verdict: string }[] }[];
}

/** An Alertmanager and its only receiver. The Alertmanager can be killed and restarted on its folder. */
class RestartableManager implements AsyncDisposable {
  readonly sink: NotificationSink;
  /** Times of the kills, as values of performance.now(). */
  readonly kills: number[] = [];
  readonly #args: readonly string[];
  readonly #base: string;
  readonly #starts = new Map<string, string>();
  #running: Running | undefined;
  #startCount = 0;
  #behaviour: Behaviour = () => 200;
  readonly #starving = new ProcessorWatch(() => [process.pid, this.#running?.child.pid ?? process.pid]);

  private constructor(sink: NotificationSink, args: readonly string[], base: string) {
    this.sink = sink;
    this.#args = args;
    this.#base = base;
    // Leaves a notification of a killed Alertmanager process unanswered. An answer would count as a delivery, but the
    // killed process cannot record it.
    sink.behaviour = (message) => (message.sender === this.#externalUrl ? this.#behaviour(message) : "hold");
  }

  /**
   * Sets how the fake receiver answers notifications of the running Alertmanager process. Notifications of a killed
   * process get no answer.
   */
  set behaviour(behaviour: Behaviour) {
    this.#behaviour = behaviour;
  }

  /**
   * External URL of the current Alertmanager process. Each restart uses another URL, so that a notification shows which
   * process sent it.
   */
  get #externalUrl(): string {
    return `http://life-${this.#startCount}.test`;
  }

  static async start(workplace: Workplace): Promise<RestartableManager> {
    const sink = await NotificationSink.open();
    const port = await freePort();
    workplace.write("am.yml", configFor(sink.url));
    const manager = new RestartableManager(
      sink,
      [
        "alertmanager",
        `--config.file=${workplace.path("am.yml")}`,
        `--storage.path=${workplace.path("data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--cluster.listen-address=",
      ],
      `http://127.0.0.1:${port}`,
    );
    await manager.startProcess();
    return manager;
  }

  async startProcess(): Promise<void> {
    this.#running = narthex([...this.#args, `--web.external-url=${this.#externalUrl}`]);
    await this.#running.ready(`${this.#base}/-/ready`);
  }

  async die(): Promise<void> {
    this.kills.push(performance.now());
    this.#startCount++;
    // Reads the process's CPU wait before the kill, because the kernel discards the data with the process.
    this.waited(performance.now());
    this.#running!.kill("SIGKILL");
    await this.#running!.ended;
  }

  /** Returns the time in ms that Alertmanager or this test waited for a CPU between two times of performance.now(). */
  waited(from: number, until: number = performance.now()): number {
    return this.#starving.waited(performance.timeOrigin + from, performance.timeOrigin + until);
  }

  /** Posts alerts. Resolves with true if the Alertmanager acknowledged them. */
  async report(names: readonly string[], kind: "firing" | "resolved", firingMs = 600_000): Promise<boolean> {
    const endsAt = new Date(Date.now() + (kind === "firing" ? firingMs : 0)).toISOString();
    const body = names.map((alertname) => ({ labels: { alertname }, startsAt: this.#startOf(alertname), endsAt }));
    try {
      const answer = await fetch(`${this.#base}/api/v2/alerts`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return answer.status === 200;
    } catch {
      return false;
    }
  }

  #startOf(alertname: string): string {
    const start = this.#starts.get(alertname) ?? new Date().toISOString();
    this.#starts.set(alertname, start);
    return start;
  }

  /** Returns the reason that the notification history gives for sending or not sending the alert. */
  async verdictOn(alertname: string): Promise<string> {
    const answer = await fetch(`${this.#base}/api/v2/narthex/alerts/why?filter=alertname%3D${alertname}`);
    const [why] = (await answer.json()) as readonly Explanation[];
    return why?.routes[0]?.integrations[0]?.verdict ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#starving[Symbol.dispose]();
    await this.#running?.[Symbol.asyncDispose]();
    await this.sink[Symbol.asyncDispose]();
  }
}

const configFor = (url: string): string => `route:
  receiver: hook
  group_by: [alertname]
  group_wait: 300ms
  group_interval: 500ms
  repeat_interval: 1h
receivers:
  - name: hook
    webhook_configs: [{url: '${url}', send_resolved: true}]
`;

const lines = (messages: readonly Message[]): string[] => messages.map(({ status, reason }) => `${status}: ${reason}`);

const FIRED = "firing: first notification";
const ENDED = "resolved: all alerts resolved";

test("after a kill at any step of a notification, the restarted process notifies once, without repetition or loss", async () => {
  using workplace = new Workplace();
  await using am = await RestartableManager.start(workplace);
  const { sink } = am;
  const arrival = (name: string): Promise<void> =>
    new Promise((resolve) => (sink.onArrival = ({ alerts }) => alerts[0]!.labels["alertname"] === name && resolve()));
  const untilNotified = async (name: string, wanted: readonly string[]): Promise<void> => {
    await eventually(`${name} is notified`, async () =>
      expect(lines(sink.delivered(name)).slice(0, wanted.length)).toEqual(wanted),
    );
    const verdict = wanted.at(-1) === ENDED ? "told resolved" : "told";
    await eventually(`the notification of ${name} is recorded`, async () =>
      expect(await am.verdictOn(name)).toBe(verdict),
    );
  };
  const restart = async (): Promise<void> => {
    await am.die();
    am.behaviour = () => 200;
    await am.startProcess();
  };

  // Case: the posted alert was acknowledged, but no notification was answered before the kill.
  am.behaviour = () => "hold";
  expect(await am.report(["acknowledged"], "firing")).toBe(true);
  await restart();
  await untilNotified("acknowledged", [FIRED]);

  // Case: the process is killed while the alert waits for the end of group_wait.
  am.behaviour = () => "hold";
  await am.report(["waiting"], "firing");
  await pause(150);
  await restart();
  await untilNotified("waiting", [FIRED]);

  // Case: the process is killed while the receiver has the notification but has not answered.
  am.behaviour = () => "hold";
  let arrived = arrival("held");
  await am.report(["held"], "firing");
  await arrived;
  await restart();
  await untilNotified("held", [FIRED]);

  // Case: the receiver answered with an error, and the process is killed before the next attempt.
  am.behaviour = () => 503;
  arrived = arrival("failing");
  await am.report(["failing"], "firing");
  await arrived;
  await pause(50);
  await restart();
  await untilNotified("failing", [FIRED]);

  // Case: the notification was delivered and recorded. Posts another alert: when it is acknowledged, the earlier record in
  // the same file is on disk too. A repeated alert would not be written.
  await am.report(["noted"], "firing");
  await untilNotified("noted", [FIRED]);
  expect(await am.report(["later than noted"], "firing")).toBe(true);
  await restart();

  // Case: the post that resolves the alert was acknowledged, but the notification was not delivered.
  am.behaviour = () => "hold";
  expect(await am.report(["acknowledged"], "resolved")).toBe(true);
  await restart();
  await untilNotified("acknowledged", [FIRED, ENDED]);

  // Case: the process is killed while the receiver has the resolved notification but has not answered.
  am.behaviour = () => "hold";
  arrived = arrival("held");
  await am.report(["held"], "resolved");
  await arrived;
  await restart();
  await untilNotified("held", [FIRED, ENDED]);

  // Case: an alert expired because it was not posted again. The receiver is notified that the alert is resolved, and
  // the notification log has an entry for it. The other alert is posted for the same reason as above.
  await am.report(["silent"], "firing", 4000);
  await untilNotified("silent", [FIRED, ENDED]);
  expect(await am.report(["later than silent"], "firing")).toBe(true);
  await restart();

  await pause(1500);
  const all = Object.fromEntries(
    ["acknowledged", "waiting", "held", "failing", "noted", "silent"].map((name) => [
      name,
      lines(sink.delivered(name)),
    ]),
  );
  expect(all).toEqual({
    acknowledged: [FIRED, ENDED],
    waiting: [FIRED],
    held: [FIRED, ENDED],
    failing: [FIRED],
    noted: [FIRED],
    silent: [FIRED, ENDED],
  });
});

test("after kills at random moments and right after answers, no message is lost, and only unrecorded ones are repeated", async () => {
  using workplace = new Workplace();
  await using am = await RestartableManager.start(workplace);
  const { sink } = am;
  const seed = testSeed();
  const random = new Random(seed);
  const rounds = Number(process.env["NARTHEX_CRASH_ROUNDS"] ?? 6);
  for (let round = 0; round < rounds; round++) {
    const names = Array.from({ length: 10 }, (_, i) => `r${round}-${i}`);
    const killed = killer(am, random, round);
    await untilAcknowledged(am, names, "firing", killed);
    await am.startProcess();
    await untilDelivered(sink, names, "firing");
    const ended = killer(am, random, round);
    await untilAcknowledged(am, names, "resolved", ended);
    await am.startProcess();
    await untilDelivered(sink, names, "resolved");
  }
  await pause(1500);
  const repeated = repetitions(sink.delivered());
  const gapOf = ({ first }: (typeof repeated)[number]): number =>
    Math.min(
      ...am.kills.map((kill) => {
        const [from, until] = [kill, first.answeredAt!].toSorted((a, b) => a - b) as [number, number];
        return until - from - (until - from > STARVED_MS ? 0 : am.waited(from, until));
      }),
    );
  const gaps = repeated.map((each) => Math.round(gapOf(each)));
  const count = sink.delivered().length;
  console.info(
    `seed ${seed}: ${count} messages, ${am.kills.length} kills, ${repeated.length} repeated`,
    gaps.join(" "),
  );
  expect(gaps.filter((gap) => gap > WINDOW_MS)).toEqual([]);
});

/**
 * Kills Alertmanager at a random moment. In every second round, kills it right after the receiver has answered a
 * notification.
 */
function killer(am: RestartableManager, random: Random, round: number): Promise<void> {
  if (round % 2 === 0) return pause(random.below(900)).then(() => am.die());
  const after = random.below(8);
  return new Promise((resolve) => {
    let answers = 0;
    am.sink.onAnswer = () => {
      if (answers++ !== after) return;
      am.sink.onAnswer = () => undefined;
      void am.die().then(resolve);
    };
  });
}

/**
 * Posts alerts again until Alertmanager acknowledges them, as Prometheus does. Pauses while Alertmanager does not run.
 */
async function untilAcknowledged(
  am: RestartableManager,
  names: readonly string[],
  kind: "firing" | "resolved",
  dead: Promise<void>,
): Promise<void> {
  const acknowledged = await am.report(names, kind);
  await dead;
  if (acknowledged) return;
  await am.startProcess();
  await eventually("reports are acknowledged", async () => expect(await am.report(names, kind)).toBe(true));
  await am.die();
}

const untilDelivered = (sink: NotificationSink, names: readonly string[], status: Message["status"]): Promise<void> =>
  eventually(`each is notified as ${status}`, async () => {
    const delivered = new Set(
      sink
        .delivered()
        .filter((message) => message.status === status)
        .map(({ alerts }) => alerts[0]!.labels["alertname"]),
    );
    expect(names.filter((name) => !delivered.has(name))).toEqual([]);
  });

/** Returns the notifications whose content equals the previous notification of their alert group. */
function repetitions(messages: readonly Message[]): { readonly first: Message; readonly again: Message }[] {
  const last = new Map<string, Message>();
  const found: { first: Message; again: Message }[] = [];
  for (const message of messages) {
    const first = last.get(message.groupKey);
    if (first?.status === message.status) found.push({ first, again: message });
    last.set(message.groupKey, message);
  }
  return found;
}
