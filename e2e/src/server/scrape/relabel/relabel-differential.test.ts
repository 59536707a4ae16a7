import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { Random } from "../../../support/random.ts";
import { eventually } from "../../../support/eventually.ts";
import { api } from "../../../support/query.ts";
import { type RelabelJob, relabelJob } from "./relabel-grammar.ts";
import { lacks, peers } from "../../../support/requirements.ts";
import { narthex, Running } from "../../../support/running.ts";
import { freePort } from "../../../support/ports.ts";
import { Workplace } from "../../../support/workplace.ts";

/** Seeds to test, for example `1,2,3`. Both servers start once for each seed. */
const SEEDS = (process.env["NARTHEX_RELABEL_SEEDS"] ?? "1").split(",").map(Number);
const JOBS = 60;
const TARGETS = 50;

interface TargetsData {
  readonly activeTargets: readonly {
    readonly discoveredLabels: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
    readonly scrapePool: string;
    readonly scrapeUrl: string;
    readonly scrapeInterval: string;
    readonly scrapeTimeout: string;
  }[];
  readonly droppedTargets: readonly {
    readonly discoveredLabels: Readonly<Record<string, string>>;
    readonly scrapePool: string;
  }[];
  readonly droppedTargetCounts: Readonly<Record<string, number>>;
}

test.skipIf(lacks("peers")).each(SEEDS)(
  "rules and targets of seed %i have the same result as in Prometheus",
  async (seed) => {
    const random = new Random(seed);
    const jobs = Array.from({ length: JOBS }, (_, i) => relabelJob(random, i, TARGETS));
    using workplace = new Workplace();
    const config = workplace.write("prometheus.yml", stringify(configOf(jobs)));
    for (const job of jobs) workplace.write(`${job.name}.json`, JSON.stringify(groupsOf(job)));
    const [ours, theirs] = await Promise.all([freePort(), freePort()]);
    const flags = (port: number, data: string): string[] => [
      `--config.file=${config}`,
      `--storage.tsdb.path=${workplace.path(data)}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    await using own = narthex(["server", ...flags(ours, "ours")]);
    await using peer = new Running(join(peers, "prometheus"), flags(theirs, "theirs"));
    await own.ready(`http://127.0.0.1:${ours}/-/ready`);
    await peer.ready(`http://127.0.0.1:${theirs}/-/ready`);
    let expected = new Map<string, string[]>();
    // Waits, because both servers apply discovered targets in several steps.
    await eventually("the same targets", async () => {
      const mine = await outcome(ours);
      expected = await outcome(theirs);
      expect(unlike(jobs, mine, expected)).toEqual([]);
    });
    const all = [...expected.values()].flat();
    expect(all.filter((line) => line.startsWith("dropped")).length).toBeGreaterThan(200);
    expect(all.filter((line) => line.startsWith("active")).length).toBeGreaterThan(1000);
  },
);

/** Returns the jobs whose results differ, with their rules and some of the differing lines. */
const unlike = (
  jobs: readonly RelabelJob[],
  mine: ReadonlyMap<string, readonly string[]>,
  expected: ReadonlyMap<string, readonly string[]>,
): unknown[] =>
  jobs.flatMap(({ name, rules }) => {
    const [got, wanted] = [mine.get(name) ?? [], expected.get(name) ?? []];
    const lines = [...missing(got, wanted, "ours alone: "), ...missing(wanted, got, "theirs alone: ")];
    return lines.length === 0 ? [] : [{ name, rules, lines: lines.slice(0, 4) }];
  });

const configOf = (jobs: readonly RelabelJob[]): unknown => ({
  // Sets an interval that is much longer than the test, so that the servers scrape no targets.
  global: { scrape_interval: "5000h" },
  scrape_configs: jobs.map(({ name, legacyNames, params, rules }) => ({
    job_name: name,
    ...(legacyNames ? { metric_name_validation_scheme: "legacy", metric_name_escaping_scheme: "underscores" } : {}),
    params,
    file_sd_configs: [{ files: [`${name}.json`] }],
    relabel_configs: rules,
  })),
});

const groupsOf = ({ targets }: RelabelJob): unknown =>
  targets.map(({ address, labels }) => ({ targets: [address], labels }));

const missing = (from: readonly string[], other: readonly string[], what: string): string[] =>
  from.filter((line) => !other.includes(line)).map((line) => what + line);

/** Resolves with lines for the scraped targets and for the targets that relabeling dropped, by job. */
async function outcome(port: number): Promise<Map<string, string[]>> {
  const data = await eventually("all jobs have their targets", async () => {
    const found = await api<TargetsData>(`http://127.0.0.1:${port}`, "targets");
    if (Object.keys(found.droppedTargetCounts).length < JOBS) throw new Error("not yet");
    if (found.activeTargets.length + found.droppedTargets.length === 0) throw new Error("no targets yet");
    return found;
  });
  const lines = new Map<string, string[]>(Object.keys(data.droppedTargetCounts).map((name) => [name, []]));
  for (const { scrapePool, labels, scrapeUrl, scrapeInterval, scrapeTimeout } of data.activeTargets) {
    lines.get(scrapePool)!.push(`active ${JSON.stringify([sorted(labels), scrapeUrl, scrapeInterval, scrapeTimeout])}`);
  }
  for (const { scrapePool, discoveredLabels } of data.droppedTargets) {
    lines.get(scrapePool)!.push(`dropped ${discoveredLabels["__meta_id"]}`);
  }
  return lines;
}

/**
 * Matches labels with settings of the scrape job that Narthex adds to targets and Prometheus 3.5 does not. Also matches
 * names to which relabeling rules of the test may copy these labels.
 */
const LATER_LABELS =
  /__(?:always_scrape_classic_histograms|convert_classic_histograms_to_nhcb|scrape_native_histograms)__|^(?:always_|convert_|scrape_native)/;

const sorted = (labels: Readonly<Record<string, string>>): unknown =>
  Object.entries(labels)
    .filter(([name]) => !LATER_LABELS.test(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
