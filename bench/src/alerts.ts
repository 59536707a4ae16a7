import { execFileSync } from "node:child_process";
import { join } from "node:path";
import {
  ALERTMANAGER_SIDES,
  alertOf,
  type AlertmanagerSide,
  exchange,
  medianAlerts,
  type SideName,
  Sink,
  startAlertmanager,
} from "./alertmanager-side.ts";
import { rounds, scale } from "./flags.ts";
import { inTurn } from "./in-turn.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

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

interface Measured {
  readonly batchedCpu: number[];
  readonly bigCpu: number[];
  readonly listCpu: number[];
  readonly listMs: number[];
  readonly groupsMs: number[];
  /** Median delay of each round from the POST of an alert until its notification, ms. */
  readonly p50Ms: number[];
  readonly residentMebibytes: number[];
}

interface Side extends AlertmanagerSide {
  readonly measured: Measured;
}

/** Posts alerts as Prometheus does. Measures the CPU time to accept the alerts and the delay until a notification. */
export const alertsCase: BenchCase = {
  name: "alerts",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    using folder = new ScratchFolder();
    using sink = new Sink();
    await using started = new AsyncDisposableStack();
    const url = await sink.listen();
    const sides: Side[] = [];
    for (const name of ALERTMANAGER_SIDES) {
      const side = started.use(await startAlertmanager(name, folder.path, url));
      sides.push({ ...side, measured: nothing() });
    }
    for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
      for (const side of inTurn(sides, Math.abs(round))) await measurePosts(side, round);
    }
    for (const { program, measured } of sides) measured.residentMebibytes.push(program.residentBytes() / 2 ** 20);
    for (let round = -1; round < ROUNDS; round++) {
      const p50 = await medianAlerts(sides, sink, PROBES, `${round}`);
      if (round >= 0) for (const side of sides) side.measured.p50Ms.push(p50.get(side)!);
    }
    return { setting: setting(), figures: figuresOf(sides) };
  },
};

const nothing = (): Measured => ({
  batchedCpu: [],
  bigCpu: [],
  listCpu: [],
  listMs: [],
  groupsMs: [],
  p50Ms: [],
  residentMebibytes: [],
});

const setting = (): string =>
  `${ALERTS} active alerts of 9 labels in 40 groups, default flags, no cluster; p50 of ${PROBES} notifications; ${execFileSync(join(peers, "prometheus-alertmanager"), ["--version"], { encoding: "utf8" }).split("\n")[0]}`;

function figuresOf(sides: readonly Side[]): Figure[] {
  const figure = (what: string, unit: string, key: keyof Measured): Figure => {
    const of = (wanted: SideName): number[] => sides.find(({ name }) => name === wanted)?.measured[key] ?? [];
    return { what, unit, better: "lower", ours: of("ours"), before: of("before"), peer: of("peer") };
  };
  return [
    figure(`CPU of posting all again, ${BATCH} at a time`, "ms", "batchedCpu"),
    figure("CPU of posting all again at once", "ms", "bigCpu"),
    figure("CPU of one GET of /alerts and one of /alerts/groups", "ms", "listCpu"),
    figure("GET of /alerts, by the clock", "ms", "listMs"),
    figure("GET of /alerts/groups, by the clock", "ms", "groupsMs"),
    figure("one alert, from its POST to the webhook, group_wait 0, p50", "ms", "p50Ms"),
    figure("resident memory", "MiB", "residentMebibytes"),
  ];
}

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
  let [listMs, groupsMs] = [0, 0];
  const listed = await cpuOf(side, async () => {
    listMs = await timeGet(side, "/api/v2/alerts");
    groupsMs = await timeGet(side, "/api/v2/alerts/groups");
  });
  if (round < 0) return;
  side.measured.batchedCpu.push(batched);
  side.measured.bigCpu.push(whole);
  side.measured.listCpu.push(listed);
  side.measured.listMs.push(listMs);
  side.measured.groupsMs.push(groupsMs);
}

/** Returns the time in ms of a GET request, up to the last byte of the answer. */
async function timeGet(side: Side, path: string): Promise<number> {
  const began = performance.now();
  await exchange(side, "GET", path);
  return performance.now() - began;
}

/** Returns the CPU time in ms that the program uses for `work` and in the 300 ms afterwards. */
async function cpuOf({ program }: Side, work: () => Promise<unknown>): Promise<number> {
  const before = program.cpuSeconds();
  await work();
  await pause(300);
  return (program.cpuSeconds() - before) * 1000;
}
