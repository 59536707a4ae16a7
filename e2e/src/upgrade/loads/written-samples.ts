import { Labels } from "@narthex/model";
import { growing } from "../../support/growing-histogram.ts";
import { api } from "../../support/query.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import type { Load } from "../load.ts";

const SERIES = 20;
const NO_VALUES = new Float64Array(0);

interface Round {
  readonly time: number;
  readonly value: number;
}

interface RawSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly histograms?: readonly (readonly [number, { readonly count: string }])[];
}

/**
 * Sends floats and native histograms by remote write. Each acknowledged sample must be stored once, and no other
 * sample.
 */
export class WrittenSamples implements Load {
  readonly what = "samples by remote write";
  readonly role = "server";
  readonly intervalMs = 200;
  readonly #base: string;
  readonly #rounds: Round[] = [];
  /** Samples of the last request, if it was not acknowledged and may or may not have been accepted. */
  #pending: Round | undefined;

  constructor(base: string) {
    this.#base = base;
  }

  get acknowledged(): number {
    return this.#rounds.length * (SERIES + 1);
  }

  async change(): Promise<void> {
    const round = (this.#pending ??= { time: Date.now(), value: this.#rounds.length });
    const floats = Array.from({ length: SERIES }, (_, i) => ({
      labels: Labels.of({ __name__: "upgrade_written", i: String(i) }),
      timestamps: [round.time],
      values: Float64Array.of(round.value + i),
      histograms: [],
    }));
    const histogram = {
      labels: Labels.of({ __name__: "upgrade_written_seconds" }),
      timestamps: [round.time],
      values: NO_VALUES,
      histograms: [growing(round.value, true)],
    };
    await remoteWrite(this.#base, [...floats, histogram]);
    this.#rounds.push(round);
    this.#pending = undefined;
  }

  async problems(): Promise<readonly string[]> {
    const data = await api<{ result: readonly RawSeries[] }>(this.#base, "query", {
      query: '{__name__=~"upgrade_written.*"}[1h]',
    });
    const wanted = (i: number): string[] => this.#rounds.map(({ time, value }) => `${time} ${value + i}`);
    const sets = new Map<string, readonly [wanted: string[], found: string[]]>();
    for (let i = 0; i < SERIES; i++) sets.set(String(i), [wanted(i), []]);
    sets.set("histogram", [this.#rounds.map(({ time, value }) => `${time} ${growing(value, true).count}`), []]);
    for (const { metric, values = [], histograms = [] } of data.result) {
      const found = sets.get(metric["i"] ?? "histogram")![1];
      for (const [time, value] of values) found.push(`${Math.round(time * 1000)} ${value}`);
      for (const [time, { count }] of histograms) found.push(`${Math.round(time * 1000)} ${count}`);
    }
    return [...sets].flatMap(([name, [expected, found]]) => differences(name, expected, found, this.#pending?.time));
  }
}

function differences(
  name: string,
  expected: readonly string[],
  found: readonly string[],
  pending: number | undefined,
): readonly string[] {
  const unknown = found.filter((sample) => !expected.includes(sample) && !sample.startsWith(`${pending} `));
  const missing = expected.filter((sample) => !found.includes(sample));
  const twice = found.length - new Set(found).size;
  const sentence = (count: number, what: string, examples: readonly string[]): readonly string[] =>
    count === 0
      ? []
      : [`series ${name}: ${count} of ${expected.length} samples ${what} ${examples.slice(0, 3).join(", ")}`];
  return [
    ...sentence(missing.length, "are missing:", missing),
    ...sentence(unknown.length, "were never acknowledged:", unknown),
    ...sentence(twice, "are there twice", []),
  ];
}
