import {
  type ExaminedRule,
  FIRING_SELECTOR,
  type FiringSamples,
  type QualityReport,
  reportQuality,
} from "@narthex/alert-quality";
import { ApiError } from "@narthex/http";
import { forEachSample, type QueryResult } from "@narthex/promql";
import type { QueryLane } from "@narthex/querying";
import type { RuleGroup } from "@narthex/rules";
import { type Clock, TimeSlice } from "@narthex/runtime";
import type { Requester } from "../querying/request-origin.ts";

interface Options {
  readonly clock: Clock;
  readonly lane: Pick<QueryLane, "evaluate">;
  readonly groups: () => readonly RuleGroup[];
  /** Returns the time of the oldest stored sample, Unix ms. */
  readonly oldestMs: () => number;
}

const DAY_MS = 86_400_000;

/** Longest range of a report. */
export const MAX_DAYS = 90;

/** Time in ms for which a report is kept. */
const KEPT_MS = 5 * 60_000;

/** Number of reports that are kept, and of reports that are made at the same time. */
const MAX_KEPT = 8;
const MAX_RUNNING = 2;

interface KeptReport {
  /** Time on the monotonic clock until which the report is used, ms. */
  readonly until: number;
  readonly answer: Promise<QualityAnswer>;
}

export interface QualityAnswer extends QualityReport {
  /** Start and end of the range, RFC 3339. The range begins later than requested if older samples do not exist. */
  readonly from: string;
  readonly to: string;
}

/** Reports how the loaded alerting rules have behaved. Requests for the same number of days share a report. */
export class AlertQuality {
  readonly #options: Options;
  readonly #kept = new Map<number, KeptReport>();
  #running = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Resolves with a kept report or a new one. Rejects with ApiError if too many reports are being made. */
  async report(days: number, requester: Requester): Promise<QualityAnswer> {
    const now = this.#options.clock.monotonic();
    for (const [key, { until }] of this.#kept) if (until <= now) this.#kept.delete(key);
    const kept = this.#kept.get(days);
    if (kept !== undefined) return kept.answer;
    if (this.#running >= MAX_RUNNING)
      throw new ApiError("unavailable", `${MAX_RUNNING} reports are already being made; send the request again later`);
    const answer = this.#report(days, requester);
    this.#keep(days, { until: now + KEPT_MS, answer });
    return answer;
  }

  /** Keeps a report that is being made, unless it fails. Drops the oldest report beyond the limit. */
  #keep(days: number, kept: KeptReport): void {
    this.#running++;
    this.#kept.set(days, kept);
    for (const oldest of this.#kept.keys()) if (this.#kept.size > MAX_KEPT) this.#kept.delete(oldest);
    const forget = (): void => {
      if (this.#kept.get(days) === kept) this.#kept.delete(days);
    };
    void kept.answer.catch(forget).finally(() => this.#running--);
  }

  async #report(days: number, requester: Requester): Promise<QualityAnswer> {
    const { clock, lane, groups, oldestMs } = this.#options;
    const endMs = Math.floor(clock.now());
    const oldest = oldestMs();
    const startMs = Math.max(endMs - days * DAY_MS, Number.isFinite(oldest) ? Math.min(oldest, endMs) : endMs);
    const read = async (end: number, length: number): Promise<readonly FiringSamples[]> => {
      const text = `${FIRING_SELECTOR}[${length}ms]`;
      const { series } = await lane.evaluate({ text, time: end, ...requester });
      return series.map(firingSamples);
    };
    const range = { startMs, endMs };
    const report = await reportQuality(groups().flatMap(examinedRules), range, read, new TimeSlice(clock));
    return { from: new Date(startMs).toISOString(), to: new Date(endMs).toISOString(), ...report };
  }
}

/** Returns the samples of an alert. The times are listed when they are read, so that only one list is in memory. */
const firingSamples = (series: QueryResult["series"][number]): FiringSamples => ({
  labels: series.labels,
  get times() {
    const times: number[] = [];
    forEachSample(series, (time) => void times.push(time));
    return times;
  },
});

const examinedRules = ({ file, spec: group, intervalMs }: RuleGroup): readonly ExaminedRule[] =>
  group.rules
    .filter(({ kind }) => kind === "alerting")
    .map(({ name, labels }) => ({ file, group: group.name, name, labels, intervalMs }));
