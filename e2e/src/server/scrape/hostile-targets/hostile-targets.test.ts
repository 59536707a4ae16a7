import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import type { HealthReport, Polled } from "../../../support/health-poller.ts";
import { instant } from "../../../support/query.ts";
import { Running } from "../../../support/running.ts";
import { serve } from "../../../support/serving.ts";
import { Workplace } from "../../../support/workplace.ts";

const GOOD = 50;
const GOOD_INTERVAL_S = 2;
/** Interval of the hostile targets in seconds. The interval is long enough for a target to send very much data. */
const BAD_INTERVAL_S = 10;
const BAD_SCRAPES = 2;
/** Number of scrapes of each good target while the hostile ones are scraped. */
const SCRAPES = (BAD_SCRAPES * BAD_INTERVAL_S) / GOOD_INTERVAL_S;
/**
 * Memory limit of the server in MiB. The limit is less than half of the data of one compressed target, so that a server
 * that keeps a whole page exceeds it. Our server keeps 8 MiB and one line for each target, about 500 MiB in total with
 * garbage; `bench hostile` measures this.
 */
const MAX_MIB = 2000;

/** Starts a program with many targets. Resolves with the words of the first output line. */
async function program(file: string): Promise<{ readonly running: Running; readonly words: readonly string[] }> {
  const path = new URL(file, import.meta.url).pathname;
  const running = new Running(process.execPath, [path], { input: true });
  const words = await eventually(`${file} tells its port`, async () => {
    if (!running.stdout.includes("\n")) throw new Error("nothing yet");
    return running.stdout.trim().split(" ");
  });
  return { running, words };
}

/** Returns the peak memory of a process in MiB. */
function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}

const configOf = (goodPort: string, badPort: string, bad: readonly string[]): string => {
  const good = Array.from({ length: GOOD }, (_, i) => `{targets: ['127.0.0.1:${goodPort}'], labels: {i: '${i}'}}`);
  const jobs = bad.map(
    (path) =>
      `- {job_name: ${path.slice(1)}, metrics_path: ${path}, static_configs: [{targets: ['127.0.0.1:${badPort}']}]}`,
  );
  return (
    `global: {scrape_interval: ${BAD_INTERVAL_S}s, scrape_timeout: ${BAD_INTERVAL_S}s}\nscrape_configs:\n` +
    `- {job_name: good, scrape_interval: ${GOOD_INTERVAL_S}s, scrape_timeout: ${GOOD_INTERVAL_S}s, static_configs: [${good.join(", ")}]}\n${jobs.join("\n")}\n`
  );
};

async function errorsOf(base: string): Promise<Readonly<Record<string, string>>> {
  const response = await fetch(`${base}/api/v1/targets?state=active`);
  const { data } = (await response.json()) as {
    data: { activeTargets: { labels: { job: string }; lastError: string }[] };
  };
  return Object.fromEntries(data.activeTargets.map(({ labels, lastError }) => [labels.job, lastError]));
}

test.skipIf(process.platform !== "linux")(
  "ten endless targets need bounded memory, and fifty others lose no scrape",
  async () => {
    using workplace = new Workplace();
    const [good, bad] = [await program("../../../support/target-program.ts"), await program("target-program.ts")];
    await using _good = good.running;
    await using _bad = bad.running;
    const [badPort = "", ...paths] = bad.words;
    const config = configOf(good.words[0]!, badPort, paths);
    // The server first runs without hostile targets, so that the test measures only the growth of its memory.
    const calm = configOf(good.words[0]!, badPort, []);
    await using server = await serve("narthex", workplace, "data", { config: calm, flags: ["--web.enable-lifecycle"] });
    const poller = new Worker(new URL("../../../support/health-poller.ts", import.meta.url));
    await once(poller, "message");
    poller.postMessage({ url: `${server.base}/-/healthy` } satisfies Polled);
    try {
      await eventually("all good targets are up", async () => {
        const [row] = await instant(server.base, "sum(up)");
        if (row?.value[1] !== String(GOOD)) throw new Error(JSON.stringify(row));
      });
      const pid = server.running.child.pid!;
      const before = peakMemory(pid);
      workplace.write("data-narthex.yml", config);
      await fetch(`${server.base}/-/reload`, { method: "POST" });
      await eventually("the last of the rounds is over", async () => {
        const [row] = await instant(server.base, `min(count_over_time(up{job!="good"}[1h]))`);
        if (Number(row?.value[1] ?? 0) <= BAD_SCRAPES) throw new Error(JSON.stringify(row));
      });
      const taken = peakMemory(pid) - before;
      poller.postMessage("report");
      const [health] = (await once(poller, "message")) as [HealthReport];
      const errors = await errorsOf(server.base);
      console.log(
        `hostile targets: ${taken.toFixed(0)} MiB more, ${health.answers} answers of /-/healthy\n${JSON.stringify(errors, undefined, 2)}`,
      );
      expect(health.failures).toBe(0);
      expect(taken).toBeLessThan(MAX_MIB);
      // The range covers one more scrape than needed, because the last scrape may be in progress.
      const range = `${(SCRAPES + 1) * GOOD_INTERVAL_S}s`;
      const [up, count] = await Promise.all([
        instant(server.base, `min(min_over_time(up{job="good"}[${range}]))`),
        instant(server.base, `min(count_over_time(up{job="good"}[${range}]))`),
      ]);
      expect(up[0]?.value[1]).toBe("1");
      expect(Number(count[0]?.value[1])).toBeGreaterThanOrEqual(SCRAPES);
      expect(Object.values(await errorsOf(server.base)).filter((error) => error === "")).toHaveLength(1);
    } finally {
      await poller.terminate();
    }
  },
);

test.skipIf(process.platform !== "linux").each([
  ["/bomb-of-a-line", "line longer than 16777216 bytes"],
  ["/bomb-of-samples", "set body_size_limit of the job to the size that its targets may send"],
])("4 GiB zipped, %s, are given up before they are in memory", async (path, problem) => {
  using workplace = new Workplace();
  const bad = await program("target-program.ts");
  await using _bad = bad.running;
  const job = `{job_name: bad, metrics_path: ${path}, static_configs: [{targets: ['127.0.0.1:${bad.words[0]}']}]}`;
  const config = `global: {scrape_interval: 10s, scrape_timeout: 10s}\nscrape_configs: [${job}]\n`;
  await using server = await serve("narthex", workplace, "data", { config, flags: [] });
  const pid = server.running.child.pid!;
  const before = peakMemory(pid);
  const error = await eventually("it has been scraped", async () => {
    const { bad: lastError = "" } = await errorsOf(server.base);
    if (lastError === "") throw new Error("not yet");
    return lastError;
  });
  const taken = peakMemory(pid) - before;
  console.log(`${path}: ${taken.toFixed(0)} MiB more: ${error}`);
  // Accepts a timeout instead of the expected error, because the timeout may come first on a slow machine.
  expect([problem, "context deadline exceeded"].some((one) => error.includes(one))).toBe(true);
  expect(taken).toBeLessThan(MAX_MIB);
});
