import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { servedKinds } from "@narthex/discovery/testing";
import { rounds, scale } from "./flags.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";

const USUAL_ROUNDS = 3;
const INSTANCES = Math.round(10_000 * scale());

interface Refresh {
  readonly cold: number;
  readonly warm: number;
  readonly targets: number;
  readonly longest: number;
  readonly kept: number;
}

/** Refreshes 10,000 instances of each kind of discovery that asks a service for pages. */
export const discoveryRefreshCase: BenchCase = {
  name: "discovery-refresh",
  usualRounds: USUAL_ROUNDS,
  run(): Promise<CaseResult> {
    const figures = servedKinds.flatMap(({ key, role }, index) => {
      const name = role === "" ? key : `${key} (${role})`;
      const runs = Array.from({ length: rounds(USUAL_ROUNDS) }, () => refresh(index));
      const figure = (what: string, unit: string, pick: (run: Refresh) => number): Figure => ({
        what: `${name}: ${what}`,
        unit,
        better: "lower",
        ours: runs.map(pick),
        peer: [],
      });
      return [
        figure("CPU of the first large refresh", "ms", ({ cold }) => cold),
        figure("CPU of a further refresh", "ms", ({ warm }) => warm),
        figure("longest turn", "ms", ({ longest }) => longest),
        figure("memory that stays after the list became short", "MB", ({ kept }) => kept),
      ];
    });
    return Promise.resolve({
      setting: `${INSTANCES} instances of each kind, on pages as the service has them`,
      figures,
    });
  },
};

function refresh(index: number): Refresh {
  const script = join(import.meta.dirname, "discovery-refresh-process.ts");
  const args = [
    "--expose-gc",
    "--max-semi-space-size=4",
    "--disable-warning=ExperimentalWarning",
    script,
    String(index),
    String(INSTANCES),
  ];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", timeout: 300_000 })) as Refresh;
}
