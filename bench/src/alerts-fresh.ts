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
import { median } from "./calibration.ts";
import { rounds } from "./flags.ts";
import { inTurn } from "./in-turn.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Number of alerts that are measured after a start. */
const FIRST_ALERTS = 50;
const GROUPS = 200;
const LISTINGS = 50;

interface Measured {
  readonly firstMs: number[];
  readonly groupsMs: number[];
  readonly groupsCpuMs: number[];
}

/** Starts Alertmanagers without alerts. Measures their first notifications and short listings of all groups. */
export const alertsFreshCase: BenchCase = {
  name: "alerts-fresh",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const measured = new Map<SideName, Measured>(
      ALERTMANAGER_SIDES.map((name) => [name, { firstMs: [], groupsMs: [], groupsCpuMs: [] }]),
    );
    using sink = new Sink();
    const url = await sink.listen();
    for (let round = 0; round < ROUNDS; round++) await measure(round, sink, url, measured);
    const figure = (what: string, key: keyof Measured): Figure => ({
      what,
      unit: "ms",
      better: "lower",
      ours: measured.get("ours")![key],
      before: measured.get("before")?.[key],
      peer: measured.get("peer")![key],
    });
    return {
      setting: `without earlier alerts, default flags, no cluster; later with ${GROUPS} alerts in as many groups, listed ${LISTINGS} times`,
      figures: [
        figure(`one of the first ${FIRST_ALERTS} alerts, from its POST to the webhook, group_wait 0, p50`, "firstMs"),
        figure(`GET of /alerts/groups with ${GROUPS} groups, p50`, "groupsMs"),
        figure(`GET of /alerts/groups with ${GROUPS} groups, CPU`, "groupsCpuMs"),
      ],
    };
  },
};

async function measure(
  round: number,
  sink: Sink,
  url: string,
  measured: ReadonlyMap<SideName, Measured>,
): Promise<void> {
  using folder = new ScratchFolder();
  await using started = new AsyncDisposableStack();
  const sides: AlertmanagerSide[] = [];
  for (const name of inTurn(ALERTMANAGER_SIDES, round)) {
    sides.push(started.use(await startAlertmanager(name, join(folder.path, name), url)));
  }
  const first = await medianAlerts(sides, sink, FIRST_ALERTS, `${round}`);
  for (const side of sides) measured.get(side.name)!.firstMs.push(first.get(side)!);
  for (const side of sides) await postGroups(side);
  for (const side of sides) await measureGroups(side, measured.get(side.name)!);
}

/** Posts as many alerts, each with its own group, as are missing for the number of groups. */
function postGroups(side: AlertmanagerSide): Promise<void> {
  const alerts = Array.from({ length: GROUPS - FIRST_ALERTS }, (_, i) => {
    const alert = alertOf(i);
    return { ...alert, labels: { ...alert.labels, namespace: `namespace-${i}` } };
  });
  return exchange(side, "POST", "/api/v2/alerts", JSON.stringify(alerts));
}

async function measureGroups(side: AlertmanagerSide, { groupsMs, groupsCpuMs }: Measured): Promise<void> {
  const times: number[] = [];
  const before = side.program.threadsCpuMs();
  for (let i = 0; i < LISTINGS; i++) {
    const began = performance.now();
    await exchange(side, "GET", "/api/v2/alerts/groups");
    times.push(performance.now() - began);
  }
  groupsMs.push(median(times));
  groupsCpuMs.push((side.program.threadsCpuMs() - before) / LISTINGS);
}
