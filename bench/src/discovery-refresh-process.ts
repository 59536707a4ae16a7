import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { decodeYaml } from "@narthex/config";
import { discoverers, discoveryMetrics } from "@narthex/discovery";
import { type ServedPlace, servedKinds } from "@narthex/discovery/testing";
import { createHttpClient, SelfMetrics } from "@narthex/http";
import { type Clock, createLogger, systemClock } from "@narthex/runtime";

/**
 * Refreshes the targets of one kind of discovery: a few, then many, then a few again. Prints CPU time of a refresh, the
 * longest turn and the memory that stays, as JSON.
 */
const [index = 0, instances = 0] = process.argv.slice(2).map(Number);
const FEW = 10;
const TICK_MS = 1;
const kind = servedKinds[index]!;
const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
const worker = new Worker(new URL("./served-api-worker.ts", import.meta.url), {
  workerData: { index, instances: FEW, folder },
});
const said = <T>(): Promise<T> => new Promise((resolve) => worker.once("message", resolve));
const place = await said<ServedPlace>();
Object.assign(process.env, kind.environment?.(place) ?? {});

let refresh = (): void => undefined;
let emitted: (targets: number) => void = () => undefined;
const clock: Clock = {
  ...systemClock,
  // The pause between two refreshes ends when this benchmark wants the next one. Short pauses stay as they are.
  sleep: (ms, signal) => (ms < 10_000 ? systemClock.sleep(ms, signal) : new Promise((resolve) => (refresh = resolve))),
};
const discoverer = kind.discoverer?.(place) ?? discoverers.find(({ key }) => key === kind.key)!;
const loaded = decodeYaml(kind.section(place), "bench.yml", discoverer.codec);
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const stopping = new AbortController();
const context = {
  clock,
  logger: createLogger({ clock, level: "warn", format: "logfmt", write: (line) => void process.stderr.write(line) }),
  metrics: discoveryMetrics(new SelfMetrics()),
  signal: stopping.signal,
  userAgent: "bench",
  connect: createHttpClient,
  set: "bench",
};
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
const heapMb = (): number => {
  globalThis.gc!();
  return process.memoryUsage().heapUsed / 2 ** 20;
};
let longest = 0;
const watchTurns = (): NodeJS.Timeout => {
  let before = cpuMs();
  return setInterval(() => {
    const now = cpuMs();
    longest = Math.max(longest, now - before);
    before = now;
  }, TICK_MS);
};

const next = (): Promise<number> => new Promise((resolve) => (emitted = resolve));
const first = next();
const running = discoverer.run(loaded.value, context, (groups) =>
  emitted(groups.reduce((sum, { targets }) => sum + targets.length, 0)),
);
running.catch((error: unknown) => {
  throw error;
});
await first;

async function measured(): Promise<{ cpu: number; targets: number }> {
  const found = next();
  const before = cpuMs();
  refresh();
  const targets = await found;
  return { cpu: cpuMs() - before, targets };
}

async function serve(count: number): Promise<void> {
  const served = said();
  worker.postMessage(count);
  await served;
}

await measured();
const small = heapMb();
await serve(instances);
const turns = watchTurns();
const cold = await measured();
const warm = await measured();
clearInterval(turns);
await serve(FEW);
await measured();
await measured();
const kept = heapMb() - small;
stopping.abort();
await worker.terminate();
rmSync(folder, { recursive: true });
process.stdout.write(JSON.stringify({ cold: cold.cpu, warm: warm.cpu, targets: warm.targets, longest, kept }));
process.exit(0);
