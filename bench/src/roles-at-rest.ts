import { settingsOf } from "../../apps/narthex/src/role-settings.ts";
import { rounds } from "./flags.ts";
import { inTurn } from "./in-turn.ts";
import { pause, Program } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { type Role, ROLES, SIDES, startRole } from "./roles.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const USUAL_ROUNDS = 3;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Number of starts of each program in a round. The round counts the fastest one. */
const STARTS = 3;
/** Time in ms from the ready state until memory is measured. Then the CPU time of `REST_MS` is measured. */
const SETTLE_MS = 30_000;
const REST_MS = 30_000;
const SCRAPE_INTERVAL_MS = 5000;
const MEBIBYTE = 2 ** 20;

type Side = (typeof SIDES)[number];

/** Figures of one program. The floor is a process of Node with the same settings that does nothing. */
interface Measured {
  readonly readyMs: number[];
  readonly residentMebibytes: number[];
  readonly proportionalMebibytes: number[];
  readonly cpuMsPerSecond: number[];
}

const nothing = (): Measured => ({
  readyMs: [],
  residentMebibytes: [],
  proportionalMebibytes: [],
  cpuMsPerSecond: [],
});

/** Measures each role alone, without work except for scrapes of its metrics, and Node without any program. */
export const rolesAtRestCase: BenchCase = {
  name: "roles-at-rest",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const figures: Figure[] = [];
    for (const role of ROLES) figures.push(...(await measureRole(role)));
    return {
      setting: `no targets, alerts or groups; /metrics is scraped every ${SCRAPE_INTERVAL_MS / 1000} s; memory ${SETTLE_MS / 1000} s after ready`,
      figures,
    };
  },
};

async function measureRole(role: Role): Promise<Figure[]> {
  const sides = new Map<Side, Measured>(SIDES.map((side) => [side, nothing()]));
  const floor = nothing();
  for (let round = 0; round < ROUNDS; round++) {
    const turns = inTurn(SIDES, round);
    const fastest = new Map<Side, number>(turns.map((side) => [side, Infinity]));
    for (let i = 0; i < STARTS; i++) {
      for (const side of turns) fastest.set(side, Math.min(fastest.get(side)!, await timeStart(role, side)));
    }
    for (const side of turns) sides.get(side)!.readyMs.push(fastest.get(side)!);
    // Measures all programs at the same time, so that other work of the machine concerns each of them.
    await Promise.all([...turns.map((side) => measureRest(role, side, sides.get(side)!)), measureFloor(role, floor)]);
  }
  const figure = (what: string, unit: string, key: keyof Measured): Figure => ({
    what: `${role.name}: ${what}`,
    unit,
    better: "lower",
    ours: sides.get("ours")![key],
    before: sides.get("before")?.[key],
    peer: sides.get("peer")![key],
  });
  return [
    figure("start until ready", "ms", "readyMs"),
    figure("resident memory", "MiB", "residentMebibytes"),
    figure("proportional memory", "MiB", "proportionalMebibytes"),
    figure("CPU", "ms a second", "cpuMsPerSecond"),
    {
      what: `${role.name}: resident memory of Node with the role's settings and no program`,
      unit: "MiB",
      better: "lower",
      ours: floor.residentMebibytes,
      peer: [],
    },
  ];
}

async function timeStart(role: Role, side: Side): Promise<number> {
  using folder = new ScratchFolder();
  const began = performance.now();
  await using _server = await startRole(role, side, folder.path);
  return performance.now() - began;
}

async function measureRest(role: Role, side: Side, measured: Measured): Promise<void> {
  using folder = new ScratchFolder();
  await using server = await startRole(role, side, folder.path);
  const { program } = server;
  await scrapeFor(SETTLE_MS, server.base);
  noteMemory(program, measured);
  const before = program.threadsCpuMs();
  await scrapeFor(REST_MS, server.base);
  measured.cpuMsPerSecond.push(((program.threadsCpuMs() - before) / REST_MS) * 1000);
}

async function scrapeFor(ms: number, base: string): Promise<void> {
  for (let waited = 0; waited < ms; waited += SCRAPE_INTERVAL_MS) {
    const response = await fetch(`${base}/metrics`);
    if (!response.ok) throw new Error(`${base}/metrics: status ${response.status}`);
    await response.arrayBuffer();
    await pause(SCRAPE_INTERVAL_MS);
  }
}

async function measureFloor({ name }: Role, measured: Measured): Promise<void> {
  const { v8, env } = settingsOf(name);
  const words = [...v8, "--eval", "setInterval(() => {}, 1e6)"];
  await using program = new Program(process.execPath, words, { MALLOC_ARENA_MAX: "2", ...env });
  await pause(SCRAPE_INTERVAL_MS);
  noteMemory(program, measured);
}

function noteMemory(program: Program, { residentMebibytes, proportionalMebibytes }: Measured): void {
  residentMebibytes.push(program.tree().residentBytes / MEBIBYTE);
  proportionalMebibytes.push(program.proportionalBytes().reduce((sum, { bytes }) => sum + bytes, 0) / MEBIBYTE);
}
