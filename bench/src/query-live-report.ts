import { median } from "./calibration.ts";
import { type Shape, shapeName } from "./live-targets.ts";
import { type LiveTimes, quantile } from "./live-times.ts";
import type { LiveMeasured } from "./query-live.ts";
import type { Figure } from "./report.ts";

/**
 * Limits of a query's median time under writes: relative to the time without load, relative to Prometheus, and in ms
 * for the query that counts all series.
 */
const [OF_REST, OF_PEER, COUNT_MS] = [1.3, 0.8, 1000];

/** Returns the result table of one program. The table is printed as soon as this program is measured. */
export function liveTable(shape: Shape, measured: readonly LiveMeasured[]): string {
  const lines = measured.flatMap((one) => [
    `\n### ${shapeName(shape)}, ${one.name}\n`,
    `${one.cpuMicrosPerSample.toFixed(2)} µs CPU per sample without queries; cores used under writes with queries ` +
      `${one.cores.underWrites.toFixed(2)}, at rest ${one.cores.atRest.toFixed(2)}; a fixed loop of the client took ` +
      `${one.loopMs.underWrites.toFixed(2)} and ${one.loopMs.atRest.toFixed(2)} ms; peak memory ${one.residentMb.toFixed(0)} MB; ` +
      `scrapes missed or late ${one.scrapes.missedOrLate}, down ${one.scrapes.down}, longest interval ${one.scrapes.worstIntervalS.toFixed(1)} s\n`,
    "| query, ms | at rest p50 | p99 | under writes p50 | p99 | writes / rest | CPU at rest | under writes | writes / rest | answered | failed |",
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ...one.underWrites.map((writes, i) => row(writes, one.atRest[i]!)),
    ...reasons(one),
  ]);
  return `${lines.join("\n")}\n`;
}

function row(writes: LiveTimes, rest: LiveTimes): string {
  const cells = [
    writes.query.name,
    ...[rest, writes].flatMap(({ ms }) => [digits(median(ms)), digits(quantile(ms, 0.99))]),
    digits(ofRest(writes, rest)),
    digits(median(rest.cpuMs)),
    digits(median(writes.cpuMs)),
    digits(cpuOfRest(writes, rest)),
    `${rest.ms.length} + ${writes.ms.length}`,
    `${rest.failures.length} + ${writes.failures.length}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Returns the distinct errors of failed queries. */
function reasons({ underWrites, atRest }: LiveMeasured): string[] {
  const all = new Map<string, number>();
  for (const { query, failures } of [...underWrites, ...atRest])
    for (const failure of failures) {
      const reason = `${query.name}: ${failure.slice(0, 160)}`;
      all.set(reason, (all.get(reason) ?? 0) + 1);
    }
  return all.size === 0 ? [] : ["", ...[...all].map(([reason, times]) => `- ${times} × ${reason}`)];
}

const ofRest = (writes: LiveTimes, rest: LiveTimes): number => median(writes.ms) / median(rest.ms);
const cpuOfRest = (writes: LiveTimes, rest: LiveTimes): number => median(writes.cpuMs) / median(rest.cpuMs);

/**
 * Returns the figures for which performance targets exist. Each figure compares this project's server with the other
 * servers.
 */
export function liveFigures(shape: Shape, measured: readonly LiveMeasured[]): Figure[] {
  const of = (name: LiveMeasured["name"]): LiveMeasured | undefined => measured.find((one) => one.name === name);
  const [ours, before, peer, victoria] = [of("ours"), of("before"), of("Prometheus"), of("VictoriaMetrics")];
  const figure = (what: string, unit: string, pick: (one: LiveMeasured) => number): Figure => {
    const values = (one: LiveMeasured | undefined): number[] => (one === undefined ? [] : [pick(one)]);
    return {
      what: `${shapeName(shape)}: ${what}`,
      unit,
      better: "lower",
      ours: values(ours),
      before: values(before),
      peer: values(peer),
      victoria: values(victoria),
    };
  };
  const queries = (measured[0]?.underWrites ?? []).map(({ query }) => query.name);
  return [
    ...queries.map((name, i) => figure(`${name}, p50 at rest`, "ms", ({ atRest }) => median(atRest[i]!.ms))),
    ...queries.map((name, i) =>
      figure(`${name}, p50 under writes`, "ms", ({ underWrites }) => median(underWrites[i]!.ms)),
    ),
    ...queries.map((name, i) =>
      figure(`${name}, under writes / at rest`, "ratio", (one) => ofRest(one.underWrites[i]!, one.atRest[i]!)),
    ),
    ...queries.map((name, i) =>
      figure(`${name}, CPU under writes`, "ms", ({ underWrites }) => median(underWrites[i]!.cpuMs)),
    ),
    ...queries.map((name, i) =>
      figure(`${name}, CPU under writes / at rest`, "ratio", (one) => cpuOfRest(one.underWrites[i]!, one.atRest[i]!)),
    ),
    figure("queries failed", "", ({ underWrites, atRest }) =>
      [...underWrites, ...atRest].reduce((sum, { failures }) => sum + failures.length, 0),
    ),
    figure("scrapes missed or late while queries come", "", ({ scrapes }) => scrapes.missedOrLate + scrapes.down),
    figure("CPU per sample without queries", "µs", (one) => one.cpuMicrosPerSample),
    figure("peak memory", "MB", (one) => one.residentMb),
  ];
}

/** Returns one sentence for each performance target: met or missed. */
export function liveVerdicts(shape: Shape, measured: readonly LiveMeasured[]): string {
  const ours = measured.find(({ name }) => name === "ours");
  const peer = measured.find(({ name }) => name === "Prometheus");
  if (ours === undefined) return "";
  const lines: string[] = [];
  const say = (what: string, value: number, limit: number): void => {
    // A NaN means that every query remained unanswered, which counts as a missed target.
    lines.push(`- ${value <= limit ? "met" : "MISSED"}: ${what} ${digits(value)}, at most ${limit}`);
  };
  for (const [i, writes] of ours.underWrites.entries()) {
    say(`${writes.query.name}, under writes / at rest`, ofRest(writes, ours.atRest[i]!), OF_REST);
    if (peer !== undefined)
      say(`${writes.query.name}, of Prometheus'`, median(writes.ms) / median(peer.underWrites[i]!.ms), OF_PEER);
  }
  say("count of all series under writes, ms", median(ours.underWrites[0]!.ms), COUNT_MS);
  const failed = [...ours.underWrites, ...ours.atRest].reduce((sum, { failures }) => sum + failures.length, 0);
  say("queries failed", failed, 0);
  return `\n${shapeName(shape)}\n${lines.join("\n")}\n`;
}

const digits = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));
