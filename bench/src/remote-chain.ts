import { chainContents, disagreements, numberAt } from "./chain-contents.ts";
import { ChainSeries } from "./chain-series.ts";
import { isInstalled, isOurs, isQueried, Station, type StationKind } from "./chain-stations.ts";
import { flag, numberFlag } from "./flags.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion } from "./servers.ts";
import { WriteTap } from "./write-tap.ts";

const ROUNDS = Math.round(numberFlag("minutes", 10) * 60);
const RATE = numberFlag("rate", 20_000);
/** Number of rounds for which a killed receiver stays down. */
const AWAY = Math.max(2, Math.round(ROUNDS / 40));
/** Longest wait in ms for late samples, from the time when the last sample was sent. */
const PATIENCE_MS = 180_000;

interface Chain {
  readonly name: string;
  readonly from: StationKind;
  readonly to: StationKind;
}

const CHAINS: readonly Chain[] = [
  { name: "to-prometheus", from: "ours", to: "Prometheus" },
  { name: "to-victoria", from: "ours", to: "VictoriaMetrics" },
  { name: "to-ours", from: "ours", to: "ours" },
  { name: "from-agent", from: "ours as an agent", to: "ours" },
  { name: "from-prometheus", from: "Prometheus", to: "ours" },
  { name: "from-vmagent", from: "vmagent, Prometheus' protocol", to: "ours" },
  { name: "from-vmagent-zstd", from: "vmagent, its own protocol", to: "ours" },
];

/**
 * Times at which programs are killed, as a fraction of the run's length. When the sender is killed for the last time,
 * the receiver is down.
 */
const DEATHS = [
  { at: 0.15, who: "receiver" },
  { at: 0.3, who: "sender" },
  { at: 0.45, who: "receiver" },
  { at: 0.7, who: "receiver" },
  { at: 0.71, who: "sender" },
] as const;

/** Share of the run after which all programs are up and all buffered samples have been sent. */
const WHOLE_AGAIN = 0.9;

interface Outcome {
  readonly chain: Chain;
  readonly sent: number;
  /**
   * Number of missing samples that the sender should have delivered. This project's agent must deliver all samples that
   * it received, other senders only those that the receiver accepted.
   */
  readonly lost: number;
  /** Number of missing samples that the sender received and is not designed to deliver. */
  readonly forgotten: number;
  readonly twice: number;
  readonly late: number;
  readonly wrong: number;
  readonly behind: number;
  readonly residentMb: number;
  /** Queries with different answers; undefined if the sender answers no queries. */
  readonly disagreeing: readonly string[] | undefined;
}

/**
 * Sends samples through a sender and a receiver for minutes, while the receiver is killed three times and the sender
 * twice. Counts missing samples and compares query answers. `--minutes=10`, `--rate=20000`, `--chains=to-prometheus,…`.
 */
export const remoteChainCase: BenchCase = {
  name: "remote-chain",
  byName: true,
  async run(): Promise<CaseResult> {
    const wanted = flag("chains", "").split(",").filter(Boolean);
    const able = CHAINS.filter(({ from, to }) => isInstalled(from) && isInstalled(to));
    const chosen = able.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
    const outcomes: Outcome[] = [];
    for (const chain of chosen) outcomes.push(await outcomeOf(chain));
    return {
      setting: `${RATE} samples a second through each chain, ${ROUNDS} s; receivers are away for ${AWAY} s; ${prometheusVersion()}`,
      figures: outcomes.flatMap(figuresOf),
    };
  },
};

function figuresOf(outcome: Outcome): readonly Figure[] {
  const { chain, disagreeing } = outcome;
  const figure = (what: string, unit: string, value: number): Figure => ({
    what: `${chain.from} to ${chain.to}: ${what}`,
    unit,
    better: "lower",
    ours: [value],
    peer: [],
  });
  return [
    figure(`lost of ${outcome.sent}`, "samples", outcome.lost),
    ...(isOurs(chain.from) ? [] : [figure("lost by the sender's own nature", "samples", outcome.forgotten)]),
    figure("twice", "samples", outcome.twice),
    figure("out of order", "samples", outcome.late),
    figure("wrong", "samples", outcome.wrong),
    figure("from the last sample in to the last one there", "s", outcome.behind),
    figure("resident memory of the sender at the end", "MB", outcome.residentMb),
    ...(disagreeing === undefined
      ? []
      : [figure(["queries with different answers", ...disagreeing].join("; "), "", disagreeing.length)]),
  ];
}

async function outcomeOf(chain: Chain): Promise<Outcome> {
  using folder = new ScratchFolder();
  await using receiver = await Station.of(chain.to, folder.path, "receiver", undefined);
  const series = new ChainSeries(RATE, ROUNDS);
  // A proxy records which samples the sender has delivered. This project's sender needs no proxy, because it must
  // deliver all samples.
  await using tap = isOurs(chain.from) ? undefined : await WriteTap.open(series, receiver.base);
  await using sender = await Station.of(chain.from, folder.path, "sender", tap?.base ?? receiver.base);
  await Promise.all([receiver.start(), sender.start()]);
  series.startNow();
  await feedAndKill(series, sender, receiver);
  const lastIn = performance.now();
  const residentMb = sender.residentMb();
  const required = tap?.received ?? new Uint8Array(RATE * ROUNDS).fill(1);
  const arrived = await untilArrived(receiver.base, series, tap);
  const behind = (arrived - lastIn) / 1000;
  const contents = await chainContents(receiver.base, series);
  // After a restart, Prometheus sends only newer samples. Answers are therefore compared only for the time after the
  // last restart.
  const since = isOurs(chain.from) ? 0 : Math.round(WHOLE_AGAIN * ROUNDS);
  const disagreeing = isQueried(chain.from)
    ? await disagreements(sender.base, receiver.base, series, since)
    : undefined;
  const { present, ...faults } = contents;
  let [lost, absent] = [0, 0];
  for (const [i, isPresent] of present.entries()) {
    if (isPresent === 1) continue;
    absent++;
    lost += required[i]!;
  }
  return { chain, sent: present.length, lost, forgotten: absent - lost, ...faults, behind, residentMb, disagreeing };
}

/** Sends one round per second, while programs are killed and restarted. */
async function feedAndKill(series: ChainSeries, sender: Station, receiver: Station): Promise<void> {
  const deaths = DEATHS.map(({ at, who }) => ({ round: Math.round(at * ROUNDS), who }));
  let awayUntil = Infinity;
  let starting: Promise<void> = Promise.resolve();
  for (let round = 0; round < ROUNDS; round++) {
    const wait = series.begin + round * 1000 - Date.now();
    if (wait > 0) await pause(wait);
    await series.feed(sender.base, round);
    if (round >= awayUntil) {
      starting = receiver.start();
      // Avoids an unhandled rejection of `starting`, which is awaited later.
      starting.catch(() => undefined);
      awayUntil = Infinity;
    }
    const who = deaths.find((death) => death.round === round)?.who;
    if (who === "sender") {
      await sender.kill();
      await sender.start();
    } else if (who === "receiver") {
      await starting;
      // VictoriaMetrics is stopped gracefully, because it keeps accepted samples in memory for some seconds.
      await (receiver.kind === "VictoriaMetrics" ? receiver.end() : receiver.kill());
      awayUntil = round + AWAY;
    }
  }
  if (awayUntil !== Infinity) starting = receiver.start();
  await starting;
}

/** Waits until each series' last sample has arrived, or a timeout. Resolves with the time by performance.now(). */
async function untilArrived(base: string, series: ChainSeries, tap: WriteTap | undefined): Promise<number> {
  const seconds = series.end / 1000;
  const query = `count(timestamp({__name__=~"http_requests_.*"}) >= ${seconds})`;
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; await pause(200))
    if ((await numberAt(base, query, seconds)) === RATE) break;
  const arrived = performance.now();
  // Waits until the proxy records no more samples, because a sender may send buffered samples from its disk after newer
  // samples.
  if (tap !== undefined) await untilStill(tap);
  return arrived;
}

async function untilStill(tap: WriteTap): Promise<void> {
  for (let before = -1; before !== tap.count; await pause(5000)) before = tap.count;
}
