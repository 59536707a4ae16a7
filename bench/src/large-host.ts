import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { flag, rounds, scale } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { type HostSize, writeHost } from "./large-host-tree.ts";
import { Program } from "./program.ts";
import type { BenchCase, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const peers = process.env["NARTHEX_PEERS"] ?? "/usr/bin";
const USUAL_ROUNDS = 5;
const WARM_SCRAPES = 3;
/** Time in ms after the program's start at which the measurement begins, after the first scrapes. */
const PROBED_FROM_MS = 12_000;
const PROBED_MS = 15_000;
/**
 * Time in ms after the program's start at which the measurement of the first scrape begins. The program is idle then.
 */
const FIRST_PROBED_FROM_MS = 2500;
const FIRST_PROBED_MS = 7000;

/** A part of the exporter that is measured separately. */
interface Part {
  readonly name: string;
  readonly flags: readonly string[];
  readonly hasPeer: boolean;
}

const only = (...collectors: readonly string[]): readonly string[] => [
  "--collector.disable-defaults",
  ...collectors.map((name) => `--collector.${name}`),
];

const PARTS: readonly Part[] = [
  { name: "CPUs", flags: only("cpu", "cpufreq", "stat"), hasPeer: true },
  { name: "interfaces", flags: only("netclass", "netdev"), hasPeer: true },
  { name: "mounts", flags: only("filesystem"), hasPeer: true },
  { name: "containers", flags: only("containers"), hasPeer: false },
];

interface Measured {
  readonly scrapeMs: number[];
  readonly cpuMs: number;
  /** Longest CPU time of one event loop iteration, ms; NaN for a program without an event loop. */
  readonly turnMs: number;
  /** Longest CPU time of one event loop iteration during the first scrape after a start, ms. */
  readonly firstTurnMs: number;
}

/** Scrapes a simulated host with many CPUs, interfaces, mounts and containers. */
export const largeHostCase: BenchCase = {
  name: "large-host",
  usualRounds: USUAL_ROUNDS,
  async run() {
    using folder = new ScratchFolder();
    const of = (count: number): number => Math.max(1, Math.round(count * scale()));
    const size: HostSize = { cpus: of(256), interfaces: of(10_000), mounts: of(5000), containers: of(1000) };
    const paths = writeHost(folder.path, size);
    const figures: Figure[] = [];
    const before = flag("before", "");
    // Runs each program once to build its bundle, so that the first measurement does not include the build.
    for (const from of [checkout(), before])
      if (from !== "") execFileSync(join(from, "bin/narthex"), ["node-exporter", "--version"], { stdio: "ignore" });
    for (const part of PARTS) {
      const ours = await measured(checkout(), [...paths, ...part.flags], folder.path);
      const old = before === "" ? undefined : await measured(before, [...paths, ...part.flags], folder.path);
      const peer = part.hasPeer ? await measured(undefined, [...paths, ...part.flags], folder.path) : undefined;
      const figure = (what: string, get: (one: Measured) => readonly number[], hasPeer = true): Figure => ({
        what: `${part.name}: ${what}`,
        unit: "ms",
        better: "lower",
        ours: get(ours),
        before: old && get(old),
        peer: peer === undefined || !hasPeer ? [] : get(peer),
      });
      figures.push(
        figure("a scrape", ({ scrapeMs }) => scrapeMs),
        figure("CPU of a scrape", ({ cpuMs }) => [cpuMs]),
        figure("longest turn of the event loop", ({ turnMs }) => [turnMs], false),
        figure("longest turn during the first scrape", ({ firstTurnMs }) => [firstTurnMs], false),
      );
    }
    const { cpus, interfaces, mounts, containers } = size;
    const setting = `${cpus} CPUs, ${interfaces} interfaces, ${mounts} mounts, ${containers} containers in files on a disk`;
    return { setting, figures };
  },
};

const checkout = (): string => new URL("../..", import.meta.url).pathname;

/** Measures the exporter of a checkout; if `from` is undefined, measures the original node exporter. */
async function measured(from: string | undefined, flags: readonly string[], folder: string): Promise<Measured> {
  const firstTurnMs = from === undefined ? Number.NaN : await firstTurn(from, flags, folder);
  const probe = join(folder, "probe.json");
  const listen = `--web.listen-address=127.0.0.1:${await freePort()}`;
  const began = performance.now();
  await using program =
    from === undefined
      ? new Program(join(peers, "prometheus-node-exporter"), [listen, ...flags])
      : probed(from, [listen, ...flags], probe, PROBED_FROM_MS, PROBED_MS);
  const url = listen.slice(listen.indexOf("=") + 1);
  await program.ready(`http://${url}/`);
  const scrape = async (): Promise<number> => scraped(url);
  for (let i = 0; i < WARM_SCRAPES; i++) await scrape();
  const wait = from === undefined ? 0 : PROBED_FROM_MS - (performance.now() - began);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
  const cpu = program.cpuSeconds();
  const scrapeMs: number[] = [];
  for (let i = 0; i < rounds(USUAL_ROUNDS); i++) scrapeMs.push(await scrape());
  const cpuMs = ((program.cpuSeconds() - cpu) * 1000) / scrapeMs.length;
  if (from === undefined) return { scrapeMs, cpuMs, turnMs: Number.NaN, firstTurnMs };
  return { scrapeMs, cpuMs, turnMs: await longestOf(probe, began + PROBED_FROM_MS + PROBED_MS), firstTurnMs };
}

const probed = (from: string, flags: readonly string[], probe: string, fromMs: number, forMs: number): Program =>
  new Program(join(from, "bin/narthex"), ["node-exporter", ...flags], {
    NODE_OPTIONS: `--import=${new URL("event-loop-probe.ts", import.meta.url).href}`,
    NARTHEX_PROBE: probe,
    NARTHEX_PROBE_FROM: String(fromMs),
    NARTHEX_PROBE_TO: String(fromMs + forMs),
  });

/** Scrapes once. Returns the time in ms. */
async function scraped(url: string): Promise<number> {
  const start = performance.now();
  const text = await (await fetch(`http://${url}/metrics`)).text();
  if (!text.includes("node_scrape_collector_success")) throw new Error(`unexpected answer: ${text.slice(0, 200)}`);
  return performance.now() - start;
}

/** Waits until the probe has written its result. Returns the longest turn in ms. */
async function longestOf(probe: string, until: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, until + 500 - performance.now())));
  const { busyMax } = JSON.parse(readFileSync(probe, "utf8")) as { busyMax: number | null };
  return busyMax ?? Number.NaN;
}

/** Returns the longest turn during the first scrape of a new process. */
async function firstTurn(from: string, flags: readonly string[], folder: string): Promise<number> {
  const probe = join(folder, "first-probe.json");
  const url = `127.0.0.1:${await freePort()}`;
  const began = performance.now();
  await using program = probed(
    from,
    [`--web.listen-address=${url}`, ...flags],
    probe,
    FIRST_PROBED_FROM_MS,
    FIRST_PROBED_MS,
  );
  await program.ready(`http://${url}/`);
  const wait = FIRST_PROBED_FROM_MS + 100 - (performance.now() - began);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
  await scraped(url);
  return longestOf(probe, began + FIRST_PROBED_FROM_MS + FIRST_PROBED_MS);
}
