import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { ProcessorWatch } from "../../support/processor-watch.ts";
import { api, instant } from "../../support/query.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { narthex, root, Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const JOBS = ["still", "rule", "limit", "header", "guests"];
const JOB_TARGETS = 200;
const INTERVAL_S = 2;
const RELOADS = 50;
const PAUSE_MS = 450;
/**
 * Time in ms after a reload until the series no longer change. Stale markers are written after two scrape intervals,
 * and Prometheus uses new targets after five seconds.
 */
const SETTLING_MS = 11_000;
/**
 * Time in ms until even a busy machine has scraped each target. The time is shorter than the query lookback, so that a
 * series without a stale marker is still visible.
 */
const SETTLED_MS = 150_000;
/**
 * A missing sample is excused if a process waited longer than this for a CPU, ms. A scrape is missed if it is more than
 * half an interval late; at least half of this delay, a quarter of the interval, must be such a wait.
 */
const STARVED_MS = (INTERVAL_S * 1000) / 4;

/** Settings that change from one configuration of the test to the next. */
interface Settings {
  readonly rule: string;
  readonly sampleLimit: number;
  readonly header: string;
  readonly more: boolean;
  readonly guest: boolean;
}

const START: Settings = { rule: "one", sampleLimit: 10, header: "x", more: false, guest: false };

/**
 * Returns the settings of the n-th configuration, which differ from the previous ones in one setting. Every sixth
 * configuration is unchanged.
 */
function nth(n: number): Settings {
  const turns = (kind: number): boolean => Math.floor((n + 6 - kind) / 6) % 2 === 1;
  return {
    rule: turns(1) ? "two" : "one",
    sampleLimit: turns(2) ? 20 : 10,
    header: turns(3) ? "y" : "x",
    more: turns(4),
    guest: turns(5),
  };
}

const config = ({ rule, sampleLimit, header, more, guest }: Settings): string => `
global: {scrape_interval: ${INTERVAL_S}s, scrape_timeout: ${INTERVAL_S}s}
scrape_configs:
- {job_name: still, file_sd_configs: [{files: [still.json]}]}
- {job_name: rule, relabel_configs: [{target_label: rule, replacement: ${rule}}], file_sd_configs: [{files: [rule.json]}]}
- {job_name: limit, sample_limit: ${sampleLimit}, file_sd_configs: [{files: [limit.json]}]}
- {job_name: header, http_headers: {x-test: {values: [${header}]}}, file_sd_configs: [{files: [header.json]}]}
- {job_name: guests, file_sd_configs: [{files: [guests.json${guest ? ", more.json" : ""}]}]}
${more ? "- {job_name: more, file_sd_configs: [{files: [more.json]}]}" : ""}
`;

/** Returns target groups for file discovery: one group for each target of a job. */
const groups = (job: string, port: string, count: number): string =>
  JSON.stringify(
    Array.from({ length: count }, (_, i) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { __metrics_path__: `/${job}/${i}`, [job === "more" ? "guest" : "i"]: String(i) },
    })),
  );

test.skipIf(lacks("peers"))(
  "fifty reloads with a thousand targets cause no gap and no leak, and series end as in Prometheus",
  async () => {
    using workplace = new Workplace();
    const target = spawn(process.execPath, [join(root, "e2e/src/support/target-program.ts")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    using _ended = { [Symbol.dispose]: () => void target.stdin.end() };
    const [line] = (await once(target.stdout.setEncoding("utf8"), "data")) as [string];
    for (const job of JOBS) workplace.write(`${job}.json`, groups(job, line.trim(), JOB_TARGETS));
    workplace.write("more.json", groups("more", line.trim(), 10));
    const path = workplace.write("prometheus.yml", config(START));
    const servers = await Promise.all(
      ["ours", "theirs"].map(async (kind) => {
        const port = await freePort();
        const flags = [
          `--config.file=${path}`,
          `--storage.tsdb.path=${workplace.path(kind)}`,
          `--web.listen-address=127.0.0.1:${port}`,
          "--web.enable-lifecycle",
        ];
        const running = kind === "ours" ? narthex(["server", ...flags]) : new Running(join(peers, "prometheus"), flags);
        return { running, base: `http://127.0.0.1:${port}` };
      }),
    );
    await using own = servers[0]!.running;
    await using _peer = servers[1]!.running;
    const [ours, theirs] = [servers[0]!.base, servers[1]!.base];
    for (const base of [ours, theirs]) {
      await eventually("all targets are scraped", async () => {
        expect(await count(base, "up == 1")).toBe(JOBS.length * JOB_TARGETS);
      });
    }
    using starving = new ProcessorWatch(() => [own.child.pid!, target.pid!]);
    const begun = Date.now() / 1000;
    const open: number[] = [];
    const apply = async (settings: Settings, bySignal: boolean): Promise<void> => {
      workplace.write("prometheus.yml", config(settings));
      if (bySignal) for (const { running } of servers) running.kill("SIGHUP");
      else
        for (const { base } of servers) expect((await fetch(`${base}/-/reload`, { method: "POST" })).status).toBe(200);
    };
    for (let n = 1; n <= RELOADS; n++) {
      await apply(nth(n), n % 2 === 0);
      await pause(PAUSE_MS);
      if (n === 5) open.push(descriptors(own));
    }
    await apply(START, false);
    await pause(SETTLING_MS);
    open.push(descriptors(own));
    const end = Date.now() / 1000;
    const isStarved = ({ from, until }: Gap): boolean => starving.waited(from, until) > STARVED_MS;
    const [mine, others] = [
      counted((await gaps(ours, begun, end)).filter((gap) => !isStarved(gap))),
      counted(await gaps(theirs, begun, end)),
    ];
    for (const job of JOBS) expect(mine[job], lossReport(mine, others)).toBeLessThanOrEqual(others[job]!);
    const [there, settled] = [JOBS.flatMap((job) => targetsOf(job)), new Set<string>()];
    const given = performance.now() + SETTLED_MS / 2;
    await eventually(
      "each target has the series that it has at Prometheus",
      async () => {
        const [own, peer] = [await seriesByTarget(ours), await seriesByTarget(theirs)];
        const unlike = [...new Set([...there, ...own.keys(), ...peer.keys()])].filter((one) => {
          const isLate = own.get(one) === LATE || peer.get(one) === LATE;
          if (!isLate && own.has(one) && own.get(one) === peer.get(one)) settled.add(one);
          // Ignores a target that a busy machine has not scraped in time.
          return !settled.has(one) && !(isLate && performance.now() > given);
        });
        expect(unlike.map((one) => [one, own.get(one), peer.get(one)])).toEqual([]);
      },
      SETTLED_MS,
    );
    // Allows one open connection for each target in addition to the files that are always open.
    expect(open[1]!, `after five reloads ${open[0]}`).toBeLessThan(JOBS.length * JOB_TARGETS + 150);
    expect(own.output).not.toMatch(/level=ERROR|"level":"error"/i);
  },
);

const count = async (base: string, query: string): Promise<number> =>
  Number((await instant(base, `count(${query})`))[0]?.value[1] ?? 0);

/** Returns the number of files, sockets and pipes that the server has open. */
function descriptors(running: Running): number {
  const children = readFileSync(`/proc/${running.child.pid}/task/${running.child.pid}/children`, "utf8").trim();
  const pids = [running.child.pid!, ...children.split(" ").filter(Boolean).map(Number)];
  return Math.max(...pids.map((pid) => readdirSync(`/proc/${pid}/fd`).length));
}

const lossReport = (mine: unknown, others: unknown): string =>
  `samples lost: ours ${JSON.stringify(mine)}, theirs ${JSON.stringify(others)}`;

/** A gap in the samples of a target: the missing samples between two stored samples. Times are ms since 1970. */
interface Gap {
  readonly job: string;
  readonly from: number;
  readonly until: number;
  readonly samples: number;
}

/** Finds gaps in the samples of targets that exist during the whole test. */
async function gaps(base: string, begun: number, end: number): Promise<Gap[]> {
  const query = `x{i!="",job!="rule"}[${Math.ceil(end - begun)}s]`;
  const { result } = await api<{ result: { metric: Record<string, string>; values: [number, string][] }[] }>(
    base,
    "query",
    {
      query,
      time: String(end),
    },
  );
  expect(result).toHaveLength((JOBS.length - 1) * JOB_TARGETS);
  return result.flatMap(({ metric, values }) =>
    values.slice(1).flatMap(([until], i) => {
      const from = values[i]![0];
      const samples = Math.round((until - from) / INTERVAL_S) - 1;
      return samples > 0 ? [{ job: metric["job"]!, from: from * 1000, until: until * 1000, samples }] : [];
    }),
  );
}

/** Returns the number of missing samples by job. */
function counted(found: readonly Gap[]): Record<string, number> {
  const missing: Record<string, number> = Object.fromEntries(JOBS.map((job) => [job, 0]));
  for (const { job, samples } of found) missing[job] = missing[job]! + samples;
  return missing;
}

const targetsOf = (job: string): string[] => Array.from({ length: JOB_TARGETS }, (_, i) => `${job} ${i}`);

/**
 * Text in place of the series of a target whose last scrape timed out. A target whose scrape fails for another reason
 * has no series.
 */
const LATE = "late";

/**
 * Returns the series of the metric `x` that have not ended, by target. The job `more`, which exists for two and a half
 * seconds, is left out: its series get no stale markers, and whether they are scraped at all is random.
 */
async function seriesByTarget(base: string): Promise<ReadonlyMap<string, string>> {
  const late = `up{job!="more"} == 0 and scrape_duration_seconds > ${INTERVAL_S * 0.9}`;
  const found = await instant(base, `x{job!="more"} or on (job, i, guest, instance) (${late})`);
  const series = Map.groupBy(found, ({ metric }) => `${metric["job"]} ${metric["i"] ?? `guest ${metric["guest"]}`}`);
  return new Map(
    [...series].map(([target, each]) => {
      const labels = each.map(({ metric }) => JSON.stringify(Object.entries(metric).toSorted()));
      const isLate = each.every(({ metric }) => metric["__name__"] === "up");
      return [target, isLate ? LATE : labels.toSorted().join("\n")];
    }),
  );
}
