import { Labels } from "@narthex/model";
import { createEngine, DEFAULT_FEATURES } from "@narthex/promql";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import fc from "fast-check";
import { parseBehaviourFile } from "../behaviour/behaviour-file.ts";
import { withBehaviours } from "../behaviour/load-behaviour-files.ts";
import type { DueAlert, GroupContext } from "../group.ts";
import { RuleGroup } from "../group.ts";
import { parseRuleFile } from "../rule-file.ts";
import { engineQuery } from "../rule-query.ts";
import type { GroupSpec } from "../rule-spec.ts";
import { slotOffset } from "../schedule.ts";

const MINUTE = 60_000;
const FILE = "rules.yml";
const GROUP = "g";

/** Value of a series at each evaluation, one a minute; null for no sample. */
export type Values = readonly (number | null)[];

/** Returns the groups of a rule file with the behaviours of a behaviour file. */
export function behavedGroups(rules: string, behaviours: string): readonly GroupSpec[] {
  const loaded = parseRuleFile(rules, FILE);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const entries = parseBehaviourFile(behaviours, "behaviours.yml");
  if (!entries.ok) throw new Error(JSON.stringify(entries.problems));
  const result = withBehaviours(new Map([[FILE, loaded.value]]), entries.value, {});
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.files.get(FILE)!;
}

/** Returns a storage with the series `load` of each instance. The samples are 1 ms before the evaluations. */
async function storageOf(series: Readonly<Record<string, Values>>): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const [instance, values] of Object.entries(series)) {
    const appender = storage.appender();
    const ref = appender.series(Labels.of({ __name__: "load", instance }));
    const batch = createSampleBatch(values.length);
    for (const [at, value] of values.entries()) {
      if (value === null) continue;
      batch.refs[batch.count] = ref;
      batch.timestamps[batch.count] = evaluationTime(at) - 1;
      batch.values[batch.count++] = value;
    }
    appender.append(batch);
    await appender.commit();
  }
  return storage;
}

/** Returns the time of an evaluation, Unix ms. */
const evaluationTime = (at: number): number =>
  Math.floor(Number(slotOffset(FILE, GROUP, MINUTE)) / 1e6) + (at + 1) * MINUTE;

/** A rule group over series, which is evaluated once a minute. */
export class BehaviourScenario {
  readonly clock = new ManualClock(evaluationTime(0) - MINUTE / 2);
  readonly sent: DueAlert[] = [];
  readonly logger = memoryLogger();
  readonly #storage: MemoryStorage;
  readonly #spec: GroupSpec;
  #group: RuleGroup;

  private constructor(storage: MemoryStorage, spec: GroupSpec) {
    this.#storage = storage;
    this.#spec = spec;
    this.#group = this.#open(false);
  }

  static async open(spec: GroupSpec, series: Readonly<Record<string, Values>>): Promise<BehaviourScenario> {
    return new BehaviourScenario(await storageOf(series), spec);
  }

  get group(): RuleGroup {
    return this.#group;
  }

  /** Evaluates the group once, and returns its alerts as texts. */
  async step(at: number): Promise<string[]> {
    await this.clock.advance(evaluationTime(at) + 500 - this.clock.now());
    return this.#group.rules
      .flatMap(({ spec, alertState }) => (alertState?.activeAlerts ?? []).map((alert) => ({ spec, alert })))
      .map(({ spec, alert }) =>
        [spec.name, alert.labels.get("instance"), alert.state, alert.heldBy ?? "-", ...alert.annotations.values()].join(
          " ",
        ),
      )
      .sort();
  }

  /**
   * Ends the process without a word, and starts another one.
   * @param at the first evaluation of the other process. Default: the next one.
   */
  async restart(at?: number): Promise<void> {
    await this.#group.stop();
    if (at !== undefined) await this.clock.advance(evaluationTime(at) - MINUTE / 2 - this.clock.now());
    this.#group = this.#open(true);
  }

  stop(): Promise<void> {
    return this.#group.stop();
  }

  /** Returns the samples of the alerts' series as texts. */
  samples(): readonly string[] {
    return [...this.#storage.series.values()]
      .filter(({ labels }) => labels.get("__name__").startsWith("ALERTS"))
      .flatMap(({ labels, samples }) =>
        Array.from({ length: samples.count }, (_, at) =>
          [labels.toString(), samples.timestamps[at], samples.values[at]].join(" "),
        ),
      )
      .sort();
  }

  #open(shouldRestore: boolean): RuleGroup {
    const engine = createEngine({ clock: this.clock, lookbackMs: MINUTE / 2, features: DEFAULT_FEATURES });
    const context: GroupContext = {
      clock: this.clock,
      logger: this.logger,
      query: engineQuery(this.clock, (request) => engine.query({ ...request, queryable: this.#storage })),
      storage: this.#storage,
      history: this.#storage,
      notify: (alerts) => this.sent.push(...alerts),
      reportError: (error) => {
        throw error;
      },
      observer: { rule: () => undefined, group: () => undefined, expansion: () => undefined },
      externalUrl: "http://narthex.example",
      resendDelayMs: MINUTE,
      restore: { outageToleranceMs: 60 * MINUTE, gracePeriodMs: 0 },
    };
    const defaults = { intervalMs: MINUTE, queryOffsetMs: 0, externalLabels: Labels.EMPTY };
    const group = new RuleGroup(FILE, this.#spec, defaults, context, shouldRestore);
    group.start();
    return group;
  }
}

/** Settings of a rule `load > 6` and its behaviour. Times are in minutes. */
export interface BehaviourSettings {
  readonly forMinutes: number;
  readonly keepMinutes: number;
  readonly onNoData: "keep" | "fire" | "resolve" | undefined;
  readonly threshold: number | undefined;
  readonly damping: { readonly maxChanges: number; readonly window: number } | undefined;
  /** Query offset of the group. Default: 0. */
  readonly offsetMinutes?: number;
}

export const behaviourSettings: fc.Arbitrary<BehaviourSettings> = fc
  .record({
    forMinutes: fc.constantFrom(0, 0, 1, 3),
    keepMinutes: fc.constantFrom(0, 0, 2, 4),
    onNoData: fc.constantFrom("keep" as const, "fire" as const, "resolve" as const, undefined),
    threshold: fc.constantFrom(undefined, 3, 6),
    damping: fc.constantFrom(undefined, { maxChanges: 2, window: 5 }, { maxChanges: 4, window: 12 }),
  })
  .filter(({ onNoData, threshold, damping }) => (onNoData ?? threshold ?? damping) !== undefined);

/** Random values around the limits 3 and 6, with gaps. */
export const behaviourValues: fc.Arbitrary<Values> = fc
  .array(fc.tuple(fc.constantFrom(1, 5, 5, 9, 9, null, null), fc.integer({ min: 1, max: 4 })), {
    minLength: 8,
    maxLength: 18,
  })
  .map((runs) => runs.flatMap(([value, length]) => Array<number | null>(length).fill(value)).slice(0, 36));

/** Returns the rule file and the behaviour file of settings. */
export function behaviourTexts(settings: BehaviourSettings) {
  const { forMinutes, keepMinutes, onNoData, threshold, damping, offsetMinutes = 0 } = settings;
  const rule = `{ alert: A, expr: load > 6, for: ${forMinutes}m, keep_firing_for: ${keepMinutes}m, annotations: { v: '{{ $value }}' } }`;
  const parts = [
    "alert: A",
    ...(onNoData === undefined ? [] : [`on_no_data: ${onNoData}`]),
    ...(threshold === undefined ? [] : [`recovery_threshold: ${threshold}`]),
    ...(damping === undefined
      ? []
      : [`flap_damping: { max_changes: ${damping.maxChanges}, window: ${damping.window}m }`]),
  ];
  return {
    rules: `groups: [{ name: ${GROUP}, query_offset: ${offsetMinutes}m, rules: [${rule}] }]`,
    behaviours: `behaviours: [{ ${parts.join(", ")} }]`,
  };
}
