import { loadavg } from "node:os";
import { AFTER_S, BEFORE_S, BOUND_MB, type AttackFigures, HOLD_S } from "./measure-attack.ts";
import { flag } from "./flags.ts";
import type { HealthTimes } from "./health-probe.ts";
import { pipelineScene } from "./hostile-roles.ts";
import { matchScene, targetsScene, togetherScene, unreadScene, writersScene } from "./hostile-server.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion } from "./servers.ts";

const SCENES = {
  unread: unreadScene,
  pipeline: pipelineScene,
  targets: targetsScene,
  together: togetherScene,
  match: matchScene,
  writers: writersScene,
} as const;

/**
 * Compares this project's servers with the programs that they replace under clients that do not read, endless targets,
 * and requests for all data.
 */
export const hostileCase: BenchCase = {
  name: "hostile",
  byName: true,
  async run(): Promise<CaseResult> {
    const before = loadavg()[0]!;
    const chosen = flag("scenes", Object.keys(SCENES).join(",")).split(",");
    const endured: AttackFigures[] = [];
    process.stdout.write(HEAD);
    for (const [name, scene] of Object.entries(SCENES)) {
      if (!chosen.includes(name)) continue;
      using folder = new ScratchFolder();
      for await (const one of scene(folder.path)) {
        process.stdout.write(row(one));
        endured.push(one);
      }
    }
    return {
      setting:
        `${BEFORE_S} s of quiet, ${HOLD_S} s under attack, ${AFTER_S} s after; a program over ${BOUND_MB} MB is killed; load of the ` +
        `machine ${before.toFixed(1)} before, ${loadavg()[0]!.toFixed(1)} after; ${prometheusVersion()}`,
      figures: figures(endured),
    };
  },
};

const HEAD =
  "\n| scene | program | health, quiet p50 / p99 / max ms | attacked p50 / p99 / max ms | no answer | memory before / peak / after MB | " +
  "each 5 s, MB | cores | scrapes missed or late, down, longest s | seen |\n" +
  "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

function row({
  scene,
  program,
  quiet,
  attacked,
  memoryMb,
  timelineMb,
  cores,
  killed,
  scrapes,
  observations,
}: AttackFigures): string {
  const times = ({ p50, p99, max }: HealthTimes): string => [p50, p99, max].map((ms) => ms.toFixed(1)).join(" / ");
  const cells = [
    scene,
    program,
    times(quiet),
    times(attacked),
    `${attacked.failed} of ${attacked.requests}`,
    Object.values(memoryMb)
      .map((mb) => mb.toFixed(0))
      .join(" / "),
    timelineMb.map((mb) => mb.toFixed(0)).join(" "),
    cores.toFixed(2),
    scrapes === undefined ? "–" : `${scrapes.missedOrLate}, ${scrapes.down}, ${scrapes.worstIntervalS.toFixed(1)}`,
    killed ? `killed at ${BOUND_MB} MB; ${observations}` : observations,
  ];
  return `| ${cells.join(" | ")} |\n`;
}

function figures(endured: readonly AttackFigures[]): Figure[] {
  const scenes = [...new Set(endured.map(({ scene }) => scene))];
  return scenes.flatMap((scene) => {
    const figure = (what: string, unit: string, pick: (one: AttackFigures) => number | undefined): Figure => {
      const of = (...programs: readonly AttackFigures["program"][]): number[] =>
        endured
          .filter((one) => one.scene === scene && programs.includes(one.program))
          .flatMap((one) => pick(one) ?? []);
      return {
        what: `${scene}: ${what}`,
        unit,
        better: "lower",
        ours: of("ours"),
        before: of("before"),
        peer: of("peer", "Prometheus"),
        victoria: of("VictoriaMetrics"),
      };
    };
    return [
      figure("health under attack, p99", "ms", ({ attacked }) => attacked.p99),
      figure("… the longest", "ms", ({ attacked }) => attacked.max),
      figure("peak memory above that before", "MB", ({ memoryMb }) => memoryMb.peak - memoryMb.before),
      figure("scrapes missed, late or down", "", ({ scrapes }) =>
        scrapes === undefined ? undefined : scrapes.missedOrLate + scrapes.down,
      ),
    ];
  });
}
