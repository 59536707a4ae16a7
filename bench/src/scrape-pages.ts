import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { flag, rounds } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const USUAL_ROUNDS = 1;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Measured time spans in seconds after the start. The second span begins when all code is compiled. */
const WINDOWS: readonly (readonly [from: number, to: number])[] = [
  [0, 60],
  [75, 135],
];
const KINDS = { small: { jobs: 50, targets: 1 }, churn: { jobs: 1, targets: 100 } } as const;
type Kind = keyof typeof KINDS;

interface Contender {
  readonly command: string;
  readonly first: readonly string[];
}

/** Measurements of each time span. Memory is measured at the end of the span. */
interface Measured {
  readonly cpuMicrosPerSample: number[];
  readonly residentMiB: number[];
}

/**
 * Measures scraping from the start of the servers on. The targets serve pages of real exporters, or pages on which a
 * tenth of the series is replaced every ten seconds. This project's server and Prometheus run at the same time, each
 * with its own targets.
 */
export const scrapePagesCase: BenchCase = {
  name: "scrape-pages",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
    const before = flag("before", "");
    const conformance = process.env["NARTHEX_CONFORMANCE"];
    if (conformance === undefined)
      return { setting: "skipped: NARTHEX_CONFORMANCE names a folder with exposition/*.prom.txt", figures: [] };
    const contenders: Contender[] = [
      { command: new URL("../../bin/narthex", import.meta.url).pathname, first: ["server"] },
      ...(before === "" ? [] : [{ command: before, first: ["server"] }]),
      ...(flag("peer", "yes") === "no" ? [] : [{ command: join(peers, "prometheus"), first: [] }]),
    ];
    using folder = new ScratchFolder();
    const host = join(folder.path, "host.txt");
    writeFileSync(host, await hostPage(join(peers, "prometheus-node-exporter")));
    const files = [host, join(conformance, "exposition/alltypes.237mfs.prom.txt")];
    const figures: Figure[] = [];
    for (const kind of flag("kinds", "small,churn").split(",") as Kind[]) {
      const rounds: Measured[][] = [];
      for (let round = 0; round < ROUNDS; round++) {
        rounds.push(await Promise.all(contenders.map((contender) => measure(contender, kind, files))));
      }
      const pick = (contender: number, key: keyof Measured, window: number): number[] =>
        contender < 0 || contender >= contenders.length ? [] : rounds.map((round) => round[contender]![key][window]!);
      const [earlier, peer] = before === "" ? [-1, 1] : [1, 2];
      for (const [window, [from, to]] of WINDOWS.entries()) {
        for (const [key, what, unit] of [
          ["cpuMicrosPerSample", "CPU per sample", "µs"],
          ["residentMiB", "resident memory at the end", "MiB"],
        ] as const) {
          figures.push({
            what: `${kind}, ${from} to ${to} s: ${what}`,
            unit,
            better: "lower",
            ours: pick(0, key, window),
            before: pick(earlier, key, window),
            peer: pick(peer, key, window),
          });
        }
      }
    }
    return {
      setting: "small: 50 jobs every second; churn: 100 targets × 1,000 series every second; default flags",
      figures,
    };
  },
};

async function measure({ command, first }: Contender, kind: Kind, files: readonly string[]): Promise<Measured> {
  using folder = new ScratchFolder();
  const child = fork(new URL("pages-process.ts", import.meta.url), [kind, ...files], { execArgv: [] });
  try {
    const { port: target } = await requestReport(child);
    const port = await freePort();
    const { jobs, targets } = KINDS[kind];
    writeFileSync(join(folder.path, "prometheus.yml"), configuration(jobs, targets, target));
    await using program = new Program(command, [
      ...first,
      `--config.file=${join(folder.path, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder.path, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const begun = performance.now();
    await program.ready(`http://127.0.0.1:${port}/-/ready`);
    const measured: Measured = { cpuMicrosPerSample: [], residentMiB: [] };
    for (const [from, to] of WINDOWS) {
      await pause(Math.max(0, begun + from * 1000 - performance.now()));
      // Includes the CPU time of the program's start in the first time span.
      const cpu = from === 0 ? 0 : program.tree().cpuSeconds;
      const { samples } = await requestReport(child);
      await pause(begun + to * 1000 - performance.now());
      const { cpuSeconds, residentBytes } = program.tree();
      measured.cpuMicrosPerSample.push(((cpuSeconds - cpu) * 1e6) / ((await requestReport(child)).samples - samples));
      measured.residentMiB.push(residentBytes / 1024 ** 2);
    }
    return measured;
  } finally {
    if (child.exitCode === null) {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    }
  }
}

function configuration(jobs: number, targets: number, port: number): string {
  let text = "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n";
  for (let job = 0; job < jobs; job++) {
    const groups = Array.from(
      { length: targets },
      (_, i) => `{targets: ['127.0.0.1:${port}'], labels: {__metrics_path__: /${job + i}/metrics, target: '${i}'}}`,
    );
    text += `- job_name: job-${job}\n  static_configs: [${groups.join(", ")}]\n`;
  }
  return text;
}

async function requestReport(child: ChildProcess): Promise<{ readonly port: number; readonly samples: number }> {
  child.send("ask");
  const [answer] = (await once(child, "message")) as [{ port: number; samples: number }];
  return answer;
}

/** Fetches the page of the original node exporter for this host. */
async function hostPage(command: string): Promise<string> {
  const port = await freePort();
  await using exporter = new Program(command, [`--web.listen-address=127.0.0.1:${port}`]);
  await exporter.ready(`http://127.0.0.1:${port}/metrics`);
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}
