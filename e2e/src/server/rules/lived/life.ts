import { join } from "node:path";
import { eventually } from "../../../support/eventually.ts";
import { api } from "../../../support/query.ts";
import { Random } from "../../../support/random.ts";
import { remoteWrite } from "../../../support/remote-write.ts";
import { freePort } from "../../../support/ports.ts";
import { peers } from "../../../support/requirements.ts";
import { narthex, Running } from "../../../support/running.ts";
import { serve } from "../../../support/serving.ts";
import type { Workplace } from "../../../support/workplace.ts";
import { AlertRelay, type RelayedAlert } from "./alert-relay.ts";
import { EPISODE_S, episodeSeries, PULSE_S } from "./scenario-data.ts";
import { alertmanagerYml, type LifeTime, silencesOf } from "./scenario-alertmanager.ts";
import { scenarioGroups } from "./scenario-rules.ts";
import { type ReceivedNotification, Webhooks } from "./webhooks.ts";

/** Time in ms from the start of the last process to the first evaluation with data. */
const LOADING_MS = 5000;
/** A minute of the clock, at which time intervals begin and end, is between these times after the beginning, ms. */
const MINUTE_FROM_MS = 12_000;
const MINUTE_TO_MS = 42_000;
const MINUTE = 60_000;
/** The server refuses samples later than 10 minutes from now, so an episode is written at most this time before, ms. */
const AHEAD_MS = 5 * MINUTE;
const LOOKBACK = "5s";

/** The alerts and the notifications of an Alertmanager. */
export interface ObservedAlertmanager {
  readonly relayed: readonly RelayedAlert[];
  readonly notifications: readonly ReceivedNotification[];
}

/** A series of ALERTS with its samples. */
interface AlertSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [seconds: number, value: string])[];
}

/** The part of the JSON report of `promtool backtest rules` that the test reads. */
export interface BacktestReport {
  readonly rules: readonly {
    readonly kind: string;
    readonly evaluations: number;
    readonly failures?: object;
    readonly occurrences?: readonly {
      readonly labels: Readonly<Record<string, string>>;
      readonly pendingAt: string;
      readonly firingAt?: string;
      readonly endedAt?: string;
    }[];
  }[];
  readonly notifications: readonly {
    readonly at: string;
    readonly receiver: string;
    readonly groupLabels: Readonly<Record<string, string>>;
    readonly reason: string;
    readonly firing: readonly Readonly<Record<string, string>>[];
    readonly resolved: readonly Readonly<Record<string, string>>[];
  }[];
  readonly notNotified: readonly { readonly reasons: readonly { readonly cause: string }[] }[];
}

/** A life of a server and its Alertmanagers, and the backtest of the same time. */
export interface Life extends LifeTime {
  readonly episodes: number;
  readonly alertSeries: readonly AlertSeries[];
  /** Our Alertmanager, and the original one if the machine has it. */
  readonly alertmanagers: ReadonlyMap<"narthex" | "peer", ObservedAlertmanager>;
  readonly backtest: BacktestReport;
}

/** Runs a server, our Alertmanager and, if `withPeer`, the original Alertmanager, and then the backtest. */
export async function live(
  workplace: Workplace,
  { seed, episodes, withPeer }: { readonly seed: number; readonly episodes: number; readonly withPeer: boolean },
): Promise<Life> {
  await using stack = new AsyncDisposableStack();
  const hooks = stack.use(await Webhooks.open());
  const lifeMs = ((episodes - 1) * EPISODE_S + PULSE_S) * 1000;
  const managers = new Map<"narthex" | "peer", { base: string; relay: AlertRelay; config: string }>();
  for (const program of withPeer ? (["narthex", "peer"] as const) : (["narthex"] as const)) {
    const config = workplace.write(`${program}.yml`, alertmanagerYml(new Random(seed), hooks.urlOf(program), lifeMs));
    const port = await freePort();
    const running = startManager(program, port, config, workplace.path(program));
    stack.use(running);
    const base = `http://127.0.0.1:${port}`;
    await running.ready(`${base}/-/ready`);
    managers.set(program, { base, relay: stack.use(await AlertRelay.open(base)), config });
  }
  const rules = workplace.path("rules.yml");
  workplace.write("rules.yml", JSON.stringify({ groups: scenarioGroups(new Random(seed), rules) }));
  const config = serverYml(
    rules,
    [...managers.values()].map(({ relay }) => relay.port),
  );
  const flags = ["--web.enable-remote-write-receiver", `--query.lookback-delta=${LOOKBACK}`];
  const served = stack.use(await serve("narthex", workplace, "data", { config, flags }));
  const beginMs = beginOf(Date.now() + LOADING_MS);
  const life = { beginMs, endMs: beginMs + lifeMs };
  for (const { base } of managers.values())
    for (const silence of silencesOf(new Random(seed), life)) await post(`${base}/api/v2/silences`, silence);
  await writeEpisodes(served.base, seed, episodes, life);
  const { result: alertSeries } = await api<{ readonly result: readonly AlertSeries[] }>(served.base, "query", {
    query: `ALERTS[${Math.ceil((life.endMs - life.beginMs) / 1000)}s]`,
    time: String((life.endMs - 1) / 1000),
  });
  const backtest = await backtestOf(workplace, served.base, { ...life, rules, ...managers.get("narthex")! });
  const observed = [...managers].map(
    ([program, { relay }]) => [program, { relayed: relay.relayed, notifications: hooks.of(program) }] as const,
  );
  return { ...life, episodes, alertSeries, alertmanagers: new Map(observed), backtest };
}

/** Starts an Alertmanager without a cluster. */
function startManager(program: "narthex" | "peer", port: number, config: string, storage: string): Running {
  const args = [
    `--config.file=${config}`,
    `--storage.path=${storage}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
  ];
  return program === "narthex"
    ? narthex(["alertmanager", ...args])
    : new Running(join(peers, "prometheus-alertmanager"), args);
}

/** Returns the first full second from `earliestMs` on after which a minute of the clock begins in a fitting time. */
function beginOf(earliestMs: number): number {
  const secondMs = Math.ceil(earliestMs / 1000) * 1000;
  const leftMs = MINUTE - (secondMs % MINUTE);
  if (leftMs > MINUTE_TO_MS) return secondMs + leftMs - MINUTE_TO_MS;
  return leftMs >= MINUTE_FROM_MS ? secondMs : secondMs + leftMs + MINUTE - MINUTE_TO_MS;
}

const serverYml = (rules: string, ports: readonly number[]): string =>
  JSON.stringify({
    global: { evaluation_interval: "1s", external_labels: { cluster: "lab" } },
    rule_files: [rules],
    alerting: {
      alert_relabel_configs: [
        { action: "labeldrop", regex: "part" },
        { action: "drop", source_labels: ["alertname"], regex: "Dropped" },
      ],
      alertmanagers: [{ static_configs: [{ targets: ports.map((port) => `127.0.0.1:${port}`) }] }],
    },
  });

/** Writes the samples of each episode some minutes in advance, until the life has ended. */
async function writeEpisodes(base: string, seed: number, episodes: number, life: LifeTime): Promise<void> {
  let written = 0;
  await eventually(
    "the life ends",
    async () => {
      const now = Date.now();
      for (; written < episodes && life.beginMs + written * EPISODE_S * 1000 < now + AHEAD_MS; written++)
        await remoteWrite(base, episodeSeries(seed, written, life.beginMs));
      if (now < life.endMs + 1000) throw new Error("the time has not come");
    },
    Infinity,
  );
}

async function post(url: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: status ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

/** Runs `promtool backtest rules` with the silences that amtool prints. */
async function backtestOf(
  workplace: Workplace,
  server: string,
  { beginMs, endMs, rules, base, config }: LifeTime & { rules: string; base: string; config: string },
): Promise<BacktestReport> {
  const silences = await output([
    "amtool",
    "silence",
    "query",
    "--expired",
    "-o",
    "json",
    `--alertmanager.url=${base}`,
  ]);
  const text = await output([
    "promtool",
    "backtest",
    "rules",
    rules,
    "--format=json",
    `--url=${server}`,
    `--from=${beginMs / 1000}`,
    `--to=${(endMs - 1) / 1000}`,
    `--config.file=${workplace.path("data-narthex.yml")}`,
    `--alertmanager.config=${config}`,
    `--silences=${workplace.write("silences.json", silences)}`,
    `--query.lookback-delta=${LOOKBACK}`,
  ]);
  return JSON.parse(text) as BacktestReport;
}

/** Runs a command. Resolves with its standard output. */
async function output(args: readonly string[]): Promise<string> {
  const running = narthex(args);
  const { code } = await running.ended;
  if (code !== 0) throw new Error(`${args[0]!} ended with status ${code}: ${running.stderr}`);
  return running.stdout;
}
