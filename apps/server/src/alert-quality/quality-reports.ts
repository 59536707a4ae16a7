import {
  type ExaminedRule,
  FIRING_SELECTOR,
  type FiringSamples,
  type QualityReport,
  reportQuality,
} from "@narthex/alert-quality";
import { forEachSample, type QueryResult } from "@narthex/promql";
import type { QueryLane } from "@narthex/querying";
import type { Notifier, RuleGroup } from "@narthex/rules";
import { type Clock, TimeSlice } from "@narthex/runtime";
import { KeptReports } from "../querying/kept-reports.ts";
import type { Requester } from "../querying/request-origin.ts";
import { type Handling, readHandling } from "./handling.ts";

interface Options {
  readonly clock: Clock;
  readonly lane: Pick<QueryLane, "evaluate">;
  readonly groups: () => readonly RuleGroup[];
  /** Returns the time of the oldest stored sample, Unix ms. */
  readonly oldestMs: () => number;
  /** Requests data of an Alertmanager. Rejects if none of them answers. */
  readonly readAlertmanager: Notifier["read"];
}

const DAY_MS = 86_400_000;

/** Longest range of a report. */
export const MAX_DAYS = 90;

/** Time in ms for which a report is kept. */
const KEPT_MS = 5 * 60_000;

/** Number of reports that are kept, and of reports that are made at the same time. */
const MAX_KEPT = 8;
const MAX_RUNNING = 2;

/** Time limit of the question to the Alertmanagers, and the largest length of their answer. */
const HANDLING_MS = 5000;
const MAX_HANDLING_BYTES = 1024 * 1024;

export interface QualityAnswer extends Omit<QualityReport, "rules"> {
  /** Rules with what happened to their firings, if an Alertmanager knows it. */
  readonly rules: readonly (QualityReport["rules"][number] & { readonly handling?: Handling })[];
  /** Start and end of the range, RFC 3339. The range begins later than requested if older samples do not exist. */
  readonly from: string;
  readonly to: string;
}

/** Reports how the loaded alerting rules have behaved. Requests for the same number of days share a report. */
export class AlertQuality {
  readonly #options: Options;
  readonly #reports: KeptReports<number, QualityAnswer>;

  constructor(options: Options) {
    this.#options = options;
    this.#reports = new KeptReports({
      clock: options.clock,
      keptMs: KEPT_MS,
      maxKept: MAX_KEPT,
      maxRunning: MAX_RUNNING,
    });
  }

  /** Resolves with a kept report or a new one. Rejects with ApiError if too many reports are being made. */
  report(days: number, requester: Requester): Promise<QualityAnswer> {
    return this.#reports.get(days, () => this.#report(days, requester));
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
    const handling = await this.#handling();
    return {
      from: new Date(startMs).toISOString(),
      to: new Date(endMs).toISOString(),
      ...report,
      rules: report.rules.map((rule) => ({ ...rule, ...handlingEntry(handling.get(rule.name)) })),
    };
  }

  /** Reads what happened to alerts, by name. Is empty if no Alertmanager has such a history, as with the original's. */
  async #handling(): Promise<ReadonlyMap<string, Handling>> {
    const { clock, readAlertmanager } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(HANDLING_MS, () => late.abort(new Error("the Alertmanager has not answered")));
    try {
      return readHandling(await readAlertmanager("narthex/alert-handling", late.signal, MAX_HANDLING_BYTES));
    } catch {
      // The server reports failures of its Alertmanagers elsewhere. Without them, the report is still useful.
      return new Map();
    } finally {
      cancel();
    }
  }
}

const handlingEntry = (handling: Handling | undefined) => (handling === undefined ? {} : { handling });

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
