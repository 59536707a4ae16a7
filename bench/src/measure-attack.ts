import { numberFlag } from "./flags.ts";
import { HealthProbe, type HealthTimes } from "./health-probe.ts";
import { pause, type Program } from "./program.ts";
import type { ScrapeTimes } from "./scrape-times.ts";
import { TreeWatch } from "./tree-watch.ts";

/**
 * Durations in seconds before, during and after an attack. The durations are long enough to include scrapes of the
 * other programs.
 */
export const [BEFORE_S, HOLD_S, AFTER_S] = [numberFlag("quiet", 10), numberFlag("hold", 30), numberFlag("after", 15)];
/** Memory limit in MB. A program that exceeds it is killed, to protect the machine. */
export const BOUND_MB = numberFlag("bound-mb", 6000);

/** Measurements of one program under attack. */
export interface AttackFigures {
  readonly scene: string;
  readonly program: "ours" | "before" | "peer" | "VictoriaMetrics" | "Prometheus";
  readonly quiet: HealthTimes;
  readonly attacked: HealthTimes;
  /**
   * Resident memory of the process tree in MB: before the attack, at the peak, and some time after the end of the
   * attack.
   */
  readonly memoryMb: { readonly before: number; readonly peak: number; readonly after: number };
  /** Maximum resident memory in MB in each period of 5 s during the attack. */
  readonly timelineMb: readonly number[];
  readonly cores: number;
  readonly killed: boolean;
  readonly scrapes: ScrapeTimes | undefined;
  /** Observations of the attacking clients, as text. */
  readonly observations: string;
}

/** A running attack. */
export interface Attack {
  /** Ends the attack. Resolves with the observations of the attacking clients. */
  readonly end: () => Promise<string>;
}

/** Measures health checks of a program before and during an attack, and its memory before, during and after it. */
export async function measureAttack(
  program: Program,
  healthUrl: string,
  attack: () => Promise<Attack>,
): Promise<Omit<AttackFigures, "scene" | "program" | "scrapes">> {
  const probe = new HealthProbe(healthUrl);
  probe.start();
  await pause(BEFORE_S * 1000);
  const quiet = await probe.stop();
  const before = program.tree();
  using watch = new TreeWatch(program, BOUND_MB * 1e6);
  probe.start();
  const began = performance.now();
  const running = await attack();
  await untilOver(program, HOLD_S * 1000);
  const attacked = await probe.stop();
  const cores = ((program.tree().cpuSeconds - before.cpuSeconds) * 1000) / (performance.now() - began);
  const memory = [...watch.memory];
  const observations = await running.end();
  await untilOver(program, AFTER_S * 1000);
  const peak = watch.peakBytes / 1e6;
  const after = program.tree().residentBytes / 1e6;
  return {
    quiet,
    attacked,
    memoryMb: { before: before.residentBytes / 1e6, peak, after },
    timelineMb: timeline(memory),
    cores,
    killed: watch.killed,
    observations: program.ended ? `${observations}; the program ended` : observations,
  };
}

async function untilOver(program: Program, ms: number): Promise<void> {
  for (const until = performance.now() + ms; performance.now() < until && !program.ended;) await pause(250);
}

const timeline = (memory: readonly number[]): number[] =>
  Array.from({ length: Math.ceil(memory.length / 10) }, (_, i) => Math.max(...memory.slice(i * 10, i * 10 + 10)) / 1e6);
