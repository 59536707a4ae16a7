import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { contenders } from "./contenders.ts";
import { flag, numberFlag } from "./flags.ts";
import { LiveTargets, parseShape, type Shape, shapeName } from "./live-targets.ts";
import { pause } from "./program.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { ScratchFolder } from "./scratch-folder.ts";
import { prometheusVersion, type Server } from "./servers.ts";

const SHAPES = "10x1000@15s,200x5000@15s";
/** Seconds between two readings of a data folder. */
const READING_SECONDS = 5;
/** Minutes before the highest value is recorded, because the series themselves are most of the first minutes' bytes. */
const FIRST_MINUTES = 2;
/** Minutes after the start for which the table has a row. Minutes after the end of the run have none. */
const MINUTES = [1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180];

/** Bytes of a data folder, by the first part of the path: `wal`, `chunks_head`, `chunk_snapshot` and so on. */
type Parts = ReadonlyMap<string, number>;

interface Reading {
  readonly minutes: number;
  readonly samples: number;
  readonly parts: Parts;
}

/**
 * Measures the size of the data folder per stored sample over time, and its parts, while this project's server and
 * Prometheus scrape their own targets at the same time.
 */
export const diskCurveCase: BenchCase = {
  name: "disk-curve",
  byName: true,
  async run(): Promise<CaseResult> {
    const minutes = numberFlag("minutes", 15);
    const figures: Figure[] = [];
    for (const shape of flag("shapes", SHAPES).split(",").map(parseShape)) {
      const names = contenders().filter(({ name }) => name !== "VictoriaMetrics");
      const readings = await Promise.all(names.map((side) => measure(side, shape, minutes)));
      const of = (name: string): readonly Reading[] => readings[names.findIndex((side) => side.name === name)] ?? [];
      figures.push(...figuresOf(shape, minutes, of));
    }
    return { setting: `default flags, all programs at the same time; ${prometheusVersion()}`, figures };
  },
};

async function measure(side: ReturnType<typeof contenders>[number], shape: Shape, minutes: number) {
  using folder = new ScratchFolder();
  await using targets = await LiveTargets.start(shape);
  await using server = await side.start(folder.path, await targets.config());
  const readings: Reading[] = [];
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 60_000;
  while (elapsed() < minutes) {
    await pause(READING_SECONDS * 1000);
    // Reads the number of samples first, so that all counted samples are in the folder that is read afterwards.
    const samples = await storedSamples(server);
    if (samples > 0) readings.push({ minutes: elapsed(), samples, parts: partsOf(join(folder.path, "data")) });
  }
  if (readings.length === 0) throw new Error(`${side.name} has stored no samples`);
  return readings;
}

async function storedSamples({ base }: Server): Promise<number> {
  const page = await (await fetch(`${base}/metrics`)).text();
  const count = /^prometheus_tsdb_head_samples_appended_total\{type="float"\} (\S+)$/m.exec(page)?.[1];
  // Prometheus has no counter before the first sample.
  return Number(count ?? 0);
}

function partsOf(dir: string): Parts {
  const parts = new Map<string, number>();
  for (const name of readdirSync(dir, { recursive: true }) as string[]) {
    const [first] = name.split(/[./]/) as [string];
    const part = /^[0-9A-Z]{26}$/.test(first) ? "blocks" : first;
    try {
      const stat = statSync(join(dir, name));
      if (stat.isFile()) parts.set(part, (parts.get(part) ?? 0) + stat.size);
    } catch {
      // Ignores a file that was removed after the folder was listed.
    }
  }
  return parts;
}

const sum = (parts: Parts): number => parts.values().reduce((all, bytes) => all + bytes, 0);

function figuresOf(shape: Shape, minutes: number, of: (name: string) => readonly Reading[]): Figure[] {
  const figure = (what: string, value: (readings: readonly Reading[]) => number | undefined): Figure => {
    const only = (name: string): number[] => {
      const one = of(name).length === 0 ? undefined : value(of(name));
      return one === undefined ? [] : [one];
    };
    const [ours, before, peer] = [only("ours"), only("before"), only("Prometheus")];
    return { what: `${shapeName(shape)}: ${what}`, unit: "B", better: "lower", ours, before, peer };
  };
  const perSample = ({ parts, samples }: Reading): number => sum(parts) / samples;
  const rows = MINUTES.filter((minute) => minute < minutes).map((minute) =>
    figure(`disk per stored sample after ${minute} min`, (readings) => {
      const reading = readings.find((one) => one.minutes >= minute);
      return reading === undefined ? undefined : perSample(reading);
    }),
  );
  const names = new Set(
    ["ours", "before", "Prometheus"].flatMap((name) => {
      const last = of(name).at(-1);
      return [...(last?.parts ?? [])].flatMap(([part, bytes]) => (bytes > sum(last!.parts) / 1000 ? [part] : []));
    }),
  );
  return [
    ...rows,
    figure(`disk per stored sample at the end`, (readings) => perSample(readings.at(-1)!)),
    figure(`highest disk per stored sample after ${FIRST_MINUTES} min`, (readings) => {
      const later = readings.filter((one) => one.minutes >= FIRST_MINUTES).map(perSample);
      return later.length === 0 ? undefined : Math.max(...later);
    }),
    ...[...names].toSorted().map((part) =>
      figure(`at the end, ${part} per stored sample`, (readings) => {
        const { parts, samples } = readings.at(-1)!;
        return (parts.get(part) ?? 0) / samples;
      }),
    ),
  ];
}
