import {
  type ExaminedRule,
  FIRING_SELECTOR,
  type FiringSamples,
  type QualityReport,
  reportQuality,
} from "@narthex/alert-quality";
import { forEachSample } from "@narthex/promql";
import type { QueryLane } from "@narthex/querying";
import type { RuleGroup } from "@narthex/rules";
import type { Clock } from "@narthex/runtime";
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

export interface QualityAnswer extends QualityReport {
  /** Start and end of the range, RFC 3339. The range begins later than requested if older samples do not exist. */
  readonly from: string;
  readonly to: string;
}

/** Reports how the loaded alerting rules have behaved. Requests for the same number of days share a report. */
export class AlertQuality {
  readonly #options: Options;
  readonly #kept = new Map<number, { readonly until: number; readonly answer: Promise<QualityAnswer> }>();

  constructor(options: Options) {
    this.#options = options;
  }

  report(days: number, requester: Requester): Promise<QualityAnswer> {
    const now = this.#options.clock.monotonic();
    for (const [key, { until }] of this.#kept) if (until <= now) this.#kept.delete(key);
    const kept = this.#kept.get(days);
    if (kept !== undefined) return kept.answer;
    const answer = this.#report(days, requester);
    this.#kept.set(days, { until: now + KEPT_MS, answer });
    answer.catch(() => {
      if (this.#kept.get(days)?.answer === answer) this.#kept.delete(days);
    });
    return answer;
  }

  async #report(days: number, requester: Requester): Promise<QualityAnswer> {
    const { clock, lane, groups, oldestMs } = this.#options;
    const endMs = Math.floor(clock.now());
    const oldest = oldestMs();
    const startMs = Math.max(endMs - days * DAY_MS, Number.isFinite(oldest) ? Math.min(oldest, endMs) : endMs);
    const report = await reportQuality(groups().flatMap(examinedRules), { startMs, endMs }, async (end, length) => {
      const text = `${FIRING_SELECTOR}[${length}ms]`;
      const { series } = await lane.evaluate({ text, time: end, ...requester });
      return series.map((one): FiringSamples => {
        const times: number[] = [];
        forEachSample(one, (time) => void times.push(time));
        return { labels: one.labels, times };
      });
    });
    return { from: new Date(startMs).toISOString(), to: new Date(endMs).toISOString(), ...report };
  }
}

const examinedRules = ({ file, spec: group, intervalMs }: RuleGroup): readonly ExaminedRule[] =>
  group.rules
    .filter(({ kind }) => kind === "alerting")
    .map(({ name, labels }) => ({ file, group: group.name, name, labels, intervalMs }));
