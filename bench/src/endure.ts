import { numberFlag } from "./flags.ts";
import { HealthProbe, type HealthTimes } from "./health-probe.ts";
import { pause, type Program } from "./program.ts";
import type { ScrapeTimes } from "./scrape-times.ts";
import { TreeWatch } from "./tree-watch.ts";

/** Of 20 answers times a second, before and during; long enough for the peers' scrapes to be counted. */
export const [BEFORE_S, HOLD_S, AFTER_S] = [numberFlag("quiet", 10), numberFlag("hold", 30), numberFlag("after", 15)];
/** A program that is larger is killed: the machine has others to serve. */
export const BOUND_MB = numberFlag("bound-mb", 6000);

/** What one program went through. */
export interface Endured {
  readonly scene: string;
  readonly program: "ours" | "before" | "peer" | "VictoriaMetrics" | "Prometheus";
  readonly quiet: HealthTimes;
  readonly attacked: HealthTimes;
  /** Resident memory of the process tree, MB: before, the most meanwhile, some time after the end. */
  readonly memoryMb: { readonly before: number; readonly peak: number; readonly after: number };
  /** of each 5 s of the attack, the most */
  readonly timelineMb: readonly number[];
  readonly cores: number;
  readonly killed: boolean;
  readonly scrapes: ScrapeTimes | undefined;
  /** What the attackers saw. */
  readonly note: string;
}

/** An attack under way. */
export interface Attack {
  /** Ends it, and tells what was seen. */
  readonly end: () => Promise<string>;
}

/** Asks a program for its health in quiet, while it is attacked, and looks at its memory meanwhile and after. */
export async function endure(
  program: Program,
  healthUrl: string,
  attack: () => Promise<Attack>,
): Promise<Omit<Endured, "scene" | "program" | "scrapes">> {
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
  const looks = [...watch.looks];
  const note = await running.end();
  await untilOver(program, AFTER_S * 1000);
  const peak = watch.peakBytes / 1e6;
  const after = program.tree().residentBytes / 1e6;
  return {
    quiet,
    attacked,
    memoryMb: { before: before.residentBytes / 1e6, peak, after },
    timelineMb: timeline(looks),
    cores,
    killed: watch.killed,
    note: program.ended ? `${note}; the program ended` : note,
  };
}

async function untilOver(program: Program, ms: number): Promise<void> {
  for (const until = performance.now() + ms; performance.now() < until && !program.ended;) await pause(250);
}

const timeline = (looks: readonly number[]): number[] =>
  Array.from({ length: Math.ceil(looks.length / 10) }, (_, i) => Math.max(...looks.slice(i * 10, i * 10 + 10)) / 1e6);
