import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rounds, scale } from "./flags.ts";
import { freePort } from "./free-port.ts";
import { POD_RULES, podGroups } from "./kubernetes-targets.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { prometheusVersion } from "./servers.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
const TARGETS = Math.round(10_000 * scale());
/** Number of targets that have a new label when the target file is read again. */
const CHANGED = Math.round(TARGETS / 100);

interface Measured {
  readonly firstSyncMs: number;
  readonly fewChangedMs: number;
  readonly allChangedMs: number;
}

/**
 * Applies twenty relabel rules to the targets of a large cluster. Measures the time at first, and after one in a
 * hundred targets has changed.
 */
export const relabelCase: BenchCase = {
  name: "relabel",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const peer = join(process.env["NARTHEX_PEERS"] ?? "/usr/bin", "prometheus");
    const ours = new URL("../../bin/narthex", import.meta.url).pathname;
    const [own, theirs]: [Measured[], Measured[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      own.push(await measure(ours, ["server"]));
      theirs.push(await measure(peer, []));
    }
    const figure = (what: string, key: keyof Measured): CaseResult["figures"][number] => ({
      what,
      unit: "ms",
      better: "lower",
      ours: own.map((one) => one[key]),
      peer: theirs.map((one) => one[key]),
    });
    return {
      setting: `${TARGETS} targets of about 40 labels, 20 rules, not scraped meanwhile; ${prometheusVersion()}`,
      figures: [
        figure("first sync by the clock (prometheus_target_sync_length_seconds)", "firstSyncMs"),
        figure("CPU to take a file in which one target in a hundred has changed", "fewChangedMs"),
        figure("CPU to take a file in which all have", "allChangedMs"),
      ],
    };
  },
};

async function measure(command: string, first: readonly string[]): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "narthex-bench-"));
  const groups = podGroups(TARGETS, 1);
  const write = (): void => {
    writeFileSync(join(folder, "new"), JSON.stringify(groups));
    renameSync(join(folder, "new"), join(folder, "pods.json"));
  };
  try {
    write();
    const base = `http://127.0.0.1:${await freePort()}`;
    writeFileSync(
      join(folder, "prometheus.yml"),
      `scrape_configs:\n- job_name: pods\n  scrape_interval: 5000h\n  file_sd_configs: [{files: [pods.json], refresh_interval: 1h}]\n  relabel_configs:${POD_RULES}`,
    );
    await using program = new Program(command, [
      ...first,
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${base.slice(7)}`,
    ]);
    await program.ready(`${base}/-/ready`);
    const firstSyncMs = await syncMs(base, program, 0);
    const take = async (changed: number, generation: number): Promise<number> => {
      const cpu = program.cpuSeconds();
      for (const [i, group] of podGroups(TARGETS, generation).slice(0, changed).entries()) groups[i] = group;
      const before = await syncMs(base, program, 0);
      write();
      await syncMs(base, program, before);
      return (program.cpuSeconds() - cpu) * 1000;
    };
    // Runs once without measuring, so that V8 compiles the code first.
    await take(CHANGED, 2);
    return { firstSyncMs, fewChangedMs: await take(CHANGED, 3), allChangedMs: await take(TARGETS, 4) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Waits until the server is idle and the total time of its target syncs is above `beyond` ms. Resolves with this total
 * time in ms.
 */
async function syncMs(base: string, program: Program, beyond: number): Promise<number> {
  for (let cpu = program.cpuSeconds(); ; cpu = program.cpuSeconds()) {
    await pause(2000);
    const rests = program.cpuSeconds() - cpu < 0.2;
    const text = await (await fetch(`${base}/metrics`)).text();
    const value = (name: string): number => {
      const line = text.split("\n").find((one) => one.startsWith(`${name}{`) && one.includes('scrape_job="pods"'));
      return Number(line?.split(" ").at(-1) ?? 0);
    };
    const tookMs = value("prometheus_target_sync_length_seconds_sum") * 1000;
    if (rests && tookMs > beyond && value("prometheus_target_scrape_pool_targets") > 0) return tookMs;
  }
}
