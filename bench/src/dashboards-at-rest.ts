import { join } from "node:path";
import { flag, rounds } from "./flags.ts";
import { inTurn } from "./in-turn.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { startSourcesRole, untilPages } from "./sources-role.ts";

const USUAL_ROUNDS = 5;
const ROUNDS = rounds(USUAL_ROUNDS);
/** Wait in ms from the ready state until memory is measured. */
const SETTLE_MS = 15_000;
const MIB = 1024 ** 2;

interface Memory {
  readonly resident: number[];
  readonly proportional: number[];
}

/** Starts the role of a checkout with one source of metrics, and adds its memory at rest in MiB. */
async function measure(checkout: string, memory: Memory): Promise<void> {
  using folder = new ScratchFolder();
  const sources = [{ name: "Main", uid: "main", type: "prometheus", url: "http://127.0.0.1:9", isDefault: true }];
  const { program } = await startSourcesRole({ folder: folder.path, sources, dashboards: [], checkout });
  await using _ended = program;
  await pause(SETTLE_MS);
  memory.resident.push(program.tree().residentBytes / MIB);
  memory.proportional.push(program.proportionalBytes().reduce((sum, { bytes }) => sum + bytes, 0) / MIB);
}

/** Builds the bundle and the pages of a checkout before the first measurement. */
async function build(checkout: string): Promise<void> {
  using folder = new ScratchFolder();
  const { program, base } = await startSourcesRole({ folder: folder.path, sources: [], dashboards: [], checkout });
  await using _ended = program;
  await untilPages(base);
}

/** Measures the memory of the dashboards role without viewers, also of the role of another checkout. */
export const dashboardsAtRestCase: BenchCase = {
  name: "dashboards-at-rest",
  usualRounds: USUAL_ROUNDS,
  async run(): Promise<CaseResult> {
    const own = join(import.meta.dirname, "../..");
    const other = flag("before", "");
    const [ours, before]: readonly Memory[] = [
      { resident: [], proportional: [] },
      { resident: [], proportional: [] },
    ];
    for (const checkout of [own, other]) if (checkout !== "") await build(checkout);
    for (let round = 0; round < ROUNDS; round++) {
      const turns = [async () => measure(own, ours!)];
      if (other !== "") turns.push(async () => measure(other, before!));
      for (const turn of inTurn(turns, round)) await turn();
    }
    const figure = (what: string, key: keyof Memory) =>
      ({ what, unit: "MiB", better: "lower", ours: ours![key], before: before![key], peer: [] }) as const;
    return {
      setting: `a source of the type prometheus, no dashboards, ${SETTLE_MS / 1000} s after the start`,
      figures: [figure("resident memory", "resident"), figure("proportional memory", "proportional")],
    };
  },
};
