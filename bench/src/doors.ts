import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DoorAttackers } from "./doors-attackers.ts";
import type { Attacked } from "./doors-attackers-process.ts";
import { numberFlag } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { LiveTargets, parseShape, shapeName } from "./live-targets.ts";
import { PageSink } from "./page-sink.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { type ScrapeTimes, scrapeTimes } from "./scrape-times.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { TreeWatch } from "./tree-watch.ts";

const SHAPE = parseShape("50x200@5s");
const MINUTES = numberFlag("minutes", 10);
const PAUSE_MS = numberFlag("pause", 1000);
const SEED = numberFlag("seed", 1);
const WARM_SCRAPES = 3;
const PATIENCE_MS = 240_000;
/** Interval in seconds at which a new alert begins to fire. */
const PAGE_S = 30;
/**
 * Maximum seconds from the time when an alert begins to fire until the notification arrives: evaluation, dispatch and
 * sending.
 */
const PAGE_DELAY_S = 20;
const BOUND_BYTES = 8e9;
const own = new URL("../../bin/narthex", import.meta.url).pathname;
const ROLES = ["server", "alertmanager", "pushgateway"] as const;
type RoleName = (typeof ROLES)[number];

/** Service quality for the well-behaved clients in one run. */
interface Served {
  readonly scrapes: ScrapeTimes;
  readonly missedEvaluations: number;
  readonly failedEvaluations: number;
  readonly pagesDue: number;
  readonly pagesMissing: number;
  /** Resident memory in MB of each server: peak and final value. */
  readonly memoryMb: Readonly<Record<RoleName, readonly [peak: number, end: number]>>;
  /** Longest event loop delay of the server in the last ten minutes. */
  readonly longestTurnS: number;
  readonly attacked: Attacked;
}

/**
 * Measures scrapes, rules and notifications of well-behaved users while hostile clients attack every input. A second
 * run without hostile clients is the comparison.
 */
export const doorsCase: BenchCase = {
  name: "doors",
  byName: true,
  async run(): Promise<CaseResult> {
    const quiet = await serve(false);
    const attacked = await serve(true);
    const figure = (what: string, unit: string, pick: (served: Served) => number): Figure[] => [
      { what: `${what}, quiet`, unit, better: "lower", ours: [pick(quiet)], peer: [] },
      { what: `${what}, attacked`, unit, better: "lower", ours: [pick(attacked)], peer: [] },
    ];
    for (const hang of attacked.attacked.hangs) process.stdout.write(`no answer: ${hang}\n`);
    return {
      setting:
        `${shapeName(SHAPE)}, a rule group each 5 s, a page each ${PAGE_S} s, ${MINUTES} minutes; the hostile clients pause for ` +
        `${PAUSE_MS} ms between inputs: ${attacked.attacked.sent} sent, ${attacked.attacked.served} fetched`,
      figures: [
        ...figure("scrapes missed or late", "", ({ scrapes }) => scrapes.missedOrLate),
        ...figure("scrapes down", "", ({ scrapes }) => scrapes.down),
        ...figure("longest interval of scrapes", "s", ({ scrapes }) => scrapes.worstIntervalS),
        ...figure("evaluations missed", "", ({ missedEvaluations }) => missedEvaluations),
        ...figure("evaluations failed", "", ({ failedEvaluations }) => failedEvaluations),
        ...figure(`pages missing of ${attacked.pagesDue}`, "", ({ pagesMissing }) => pagesMissing),
        ...ROLES.flatMap((role) => [
          ...figure(`${role}: resident memory, the most`, "MB", ({ memoryMb }) => memoryMb[role][0]),
          ...figure(`${role}: resident memory, at the end`, "MB", ({ memoryMb }) => memoryMb[role][1]),
        ]),
        ...figure("server: longest turn of the event loop", "s", ({ longestTurnS }) => longestTurnS),
        ...figure("inputs without an answer", "", ({ attacked: { hangs } }) => hangs.length),
      ],
    };
  },
};

async function serve(isAttacked: boolean): Promise<Served> {
  using folder = new ScratchFolder();
  await using stack = new AsyncDisposableStack();
  const targets = stack.use(await LiveTargets.start(SHAPE));
  const attackers = stack.use(await DoorAttackers.start());
  const sink = stack.use(await PageSink.open());
  const ports = { server: await freePort(), alertmanager: await freePort(), pushgateway: await freePort() };
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder.path, name), text);
    return join(folder.path, name);
  };
  const rules = written("rules.yml", RULES);
  const settings =
    `storage: {tsdb: {out_of_order_time_window: 1h}}\nrule_files: ['${rules}']\n` +
    `alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:${ports.alertmanager}']}]}]}\n`;
  const config = (await targets.config(settings)) + (isAttacked ? attackers.jobs : "");
  const flags: Readonly<Record<RoleName, readonly string[]>> = {
    server: [
      `--config.file=${written("prometheus.yml", config)}`,
      `--storage.tsdb.path=${join(folder.path, "data")}`,
      "--web.enable-remote-write-receiver",
      "--web.enable-otlp-receiver",
      "--web.enable-own-metrics",
      "--enable-feature=exemplar-storage,promql-experimental-functions",
    ],
    alertmanager: [
      `--config.file=${written("alertmanager.yml", routeTo(sink.url))}`,
      `--storage.path=${join(folder.path, "alerts")}`,
      "--cluster.listen-address=",
    ],
    pushgateway: [],
  };
  const programs = new Map<RoleName, { program: Program; base: string; watch: TreeWatch }>();
  for (const role of ROLES) {
    const base = `http://127.0.0.1:${ports[role]}`;
    const program = stack.use(
      new Program(own, [role, ...flags[role], `--web.listen-address=127.0.0.1:${ports[role]}`]),
    );
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as `up` starts them
    await program.ready(`${base}/-/ready`);
    programs.set(role, { program, base, watch: stack.use(new TreeWatch(program, BOUND_BYTES)) });
  }
  await targets.scrapedTimes(WARM_SCRAPES, PATIENCE_MS);
  const fromS = Date.now() / 1000;
  if (isAttacked) attackers.begin({ ...ports, seed: SEED, pauseMs: PAUSE_MS });
  await pause(MINUTES * 60_000);
  const toS = Date.now() / 1000;
  const attacked = await attackers.report();
  const base = programs.get("server")!.base;
  const scrapes = await scrapeTimes(base, { fromS, toS, shape: SHAPE, timeoutMs: PATIENCE_MS });
  const page = await textOf(`${base}/metrics`);
  const due = pagesBetween(fromS, toS - PAGE_DELAY_S);
  return {
    scrapes,
    attacked,
    missedEvaluations: sumOf(page, "prometheus_rule_group_iterations_missed_total"),
    failedEvaluations: sumOf(page, "prometheus_rule_evaluation_failures_total"),
    pagesDue: due.length,
    pagesMissing: due.filter((number) => !sink.pages.has(number)).length,
    memoryMb: Object.fromEntries(
      ROLES.map((role) => {
        const { program, watch } = programs.get(role)!;
        return [role, [watch.peakBytes / 1e6, program.tree().residentBytes / 1e6]];
      }),
    ) as unknown as Served["memoryMb"],
    longestTurnS: valuesOf(page, "narthex_event_loop_longest_turn_seconds").reduce((a, b) => Math.max(a, b), 0),
  };
}

const RULES = `groups:
- name: honest
  interval: 5s
  rules:
  - {record: 'live:sum', expr: 'sum by (target) (rate(live_0_total[1m]))'}
  - {record: 'live:max', expr: 'max(rate(live_1_total[1m]))'}
  - {alert: Page, expr: 'floor(vector(time()) / ${PAGE_S})', labels: {page: '{{ $value }}'}}
`;

const routeTo = (url: string): string =>
  `route: {receiver: sink, group_by: [page], group_wait: 1s, group_interval: 5s}\n` +
  `receivers: [{name: sink, webhook_configs: [{url: '${url}'}]}]\n`;

/** Returns the numbers of the alerts that began to fire in a time span. */
function pagesBetween(fromS: number, toS: number): readonly number[] {
  const [first, last] = [Math.ceil(fromS / PAGE_S), Math.floor(toS / PAGE_S)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}

const textOf = async (url: string): Promise<string> => (await fetch(url)).text();

const valuesOf = (page: string, name: string): readonly number[] =>
  page
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => Number(line.slice(line.lastIndexOf(" ") + 1)));

const sumOf = (page: string, name: string): number => valuesOf(page, name).reduce((sum, value) => sum + value, 0);
