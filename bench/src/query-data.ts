import { mkdirSync } from "node:fs";
import { Labels } from "@narthex/model";
import { BlockBuilder } from "@narthex/tsdb";

const HOUR = 3_600_000;
const INTERVAL_MS = 15_000;
/**
 * Start time of the data: a multiple of 18 hours, because Prometheus merges the blocks of a day to blocks of 18 hours.
 */
const START = 18 * HOUR * 26_230;
const BLOCKS: readonly (readonly [fromHour: number, toHour: number])[] = [
  [0, 18],
  [18, 24],
];
export const DATA_END = START + 24 * HOUR - 1;

const SEED = 42;

/** Value of a series at each scrape. */
type ValueAtStep = (step: number) => number;

export interface SyntheticSeries {
  readonly labels: Labels;
  readonly valueAt: ValueAtStep;
}

const INSTANCES = 10;
const JOBS = ["api", "web", "worker", "batch"];
const PATHS = ["/", "/login", "/api/items", "/api/items/:id", "/search"];
const CODES = ["200", "404", "500", "503"];
const BOUNDS = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
const MODES = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];

/**
 * Writes two blocks with the data of a small site: about 2,000 series, 24 hours long, with a sample every 15 s. Returns
 * the number of series.
 */
export function writeQueryData(dir: string): number {
  mkdirSync(dir, { recursive: true });
  const random = generator(SEED);
  const series = allSeries(random);
  for (const [from, to] of BLOCKS) {
    const minTime = START + from * HOUR;
    const builder = new BlockBuilder({ chunkRangeMs: (to - from) * HOUR, now: () => minTime, random });
    for (const { labels, valueAt } of series) {
      for (let time = minTime; time < START + to * HOUR; time += INTERVAL_MS) {
        builder.append(labels, time, valueAt((time - START) / INTERVAL_MS));
      }
    }
    builder.write(dir);
  }
  return series.length;
}

const BLOCK_HOURS = 54;

/**
 * Writes many days of data of one host and its services. The blocks are as long as compacted blocks. Returns the number
 * of series.
 */
export function writeDays(dir: string, days: number): number {
  mkdirSync(dir, { recursive: true });
  const random = generator(SEED);
  const series = allSeries(random).filter(({ labels }) => labels.get("instance").startsWith("host-0:"));
  const start = DATA_END + 1 - days * 24 * HOUR;
  for (let from = start; from <= DATA_END;) {
    const to = Math.min((Math.floor(from / (BLOCK_HOURS * HOUR)) + 1) * BLOCK_HOURS * HOUR, DATA_END + 1);
    const builder = new BlockBuilder({ chunkRangeMs: BLOCK_HOURS * HOUR, now: () => from, random });
    for (const { labels, valueAt } of series)
      for (let time = from; time < to; time += INTERVAL_MS)
        builder.append(labels, time, valueAt((time - start) / INTERVAL_MS));
    builder.write(dir);
    from = to;
  }
  return series.length;
}

/** Returns the series of writeQueryData(), for benchmarks that write the series to another storage. */
export const siteSeries = (): readonly SyntheticSeries[] => allSeries(generator(SEED));

function allSeries(random: () => number): SyntheticSeries[] {
  const out: SyntheticSeries[] = [];
  const add = (name: string, labels: Record<string, string>, valueAt: ValueAtStep): void => {
    out.push({ labels: Labels.of({ __name__: name, ...labels }), valueAt });
  };
  for (let i = 0; i < INSTANCES; i++) {
    const host = { instance: `host-${i}:9100`, job: "node" };
    addHost(add, host, random, i);
    for (const job of JOBS) addService(add, { instance: `host-${i}:8080`, job }, random);
  }
  return out;
}

type Add = (name: string, labels: Record<string, string>, valueAt: ValueAtStep) => void;

function addHost(add: Add, host: Record<string, string>, random: () => number, number: number): void {
  add("up", host, () => 1);
  add("node_uname_info", { ...host, nodename: `node-${number}` }, () => 1);
  add("node_load1", host, wave(2, random));
  add("node_memory_MemTotal_bytes", host, () => 16 * 2 ** 30);
  add("node_memory_MemAvailable_bytes", host, wave(8 * 2 ** 30, random));
  for (let cpu = 0; cpu < 4; cpu++) {
    for (const mode of MODES) add("node_cpu_seconds_total", { ...host, cpu: `${cpu}`, mode }, counter(15, random));
  }
  for (const device of ["lo", "eth0"])
    add("node_network_receive_bytes_total", { ...host, device }, counter(1e6, random));
  for (const mountpoint of ["/", "/var", "/home"]) {
    add("node_filesystem_avail_bytes", { ...host, mountpoint }, wave(4e10, random));
  }
}

function addService(add: Add, service: Record<string, string>, random: () => number): void {
  add("up", service, () => 1);
  add("process_cpu_seconds_total", service, counter(5, random));
  add("process_start_time_seconds", service, (step) => 1.7e9 + Math.floor(step / 2000) * 3000);
  add("http_requests_in_flight", service, (step) => Math.round(wave(20, () => 0.5)(step)));
  for (const path of PATHS) {
    for (const code of CODES) add("http_requests_total", { ...service, path, code }, counter(100, random));
  }
  const cumulative = counter(50, random);
  for (const [i, le] of BOUNDS.entries()) {
    add("http_request_duration_seconds_bucket", { ...service, le }, (step) =>
      Math.floor((cumulative(step) * (i + 1)) / BOUNDS.length),
    );
  }
  add("http_request_duration_seconds_count", service, cumulative);
  add("http_request_duration_seconds_sum", service, (step) => cumulative(step) * 0.21);
}

/**
 * Returns a counter that grows by up to `most` per scrape and sometimes resets. Between resets the value never
 * decreases, since a decrease is a reset.
 */
function counter(most: number, random: () => number): ValueAtStep {
  const lifetime = 1500 + Math.floor(random() * 3000);
  const growth = Array.from({ length: 64 }, () => Math.round(random() * most));
  const cycle = growth.reduce((sum, one) => sum + one, 0);
  const sums = growth.map((_, i) => growth.slice(0, i).reduce((sum, one) => sum + one, 0));
  return (step) => {
    const age = step % lifetime;
    return Math.floor(age / 64) * cycle + sums[age % 64]!;
  };
}

/** A gauge that varies around `middle`, with noise. */
function wave(middle: number, random: () => number): ValueAtStep {
  const [phase, noise] = [random() * 240, Array.from({ length: 97 }, () => random() * 0.1)];
  return (step) => middle * (1 + 0.3 * Math.sin((step + phase) / 240) + noise[step % 97]!);
}

/** Returns a generator of a fixed sequence of numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
