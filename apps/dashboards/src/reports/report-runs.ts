import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import { Documents } from "../state/documents.ts";

/** A sending of a report, or a time at which it was not sent. */
export interface ReportRun {
  /** `missed`: no instance of this server ran at that time, nor within the time in which a report is sent later. */
  readonly status: "sent" | "failed" | "missed";
  /** Time at which the report was due, Unix ms. */
  readonly due: number;
  /** Time at which the last attempt began, Unix ms. */
  readonly started: number;
  readonly seconds: number;
  /** Size of the attachments, bytes. */
  readonly bytes: number;
  readonly attempts: number;
  /** Reason of the failure, or the recipients that the mail server refused; empty for none. */
  readonly error: string;
}

/** A sending that has begun and not ended. */
export interface OpenRun {
  readonly due: number;
  /** Number of attempts that have begun. */
  readonly attempt: number;
  /** Time from which an instance may begin the next attempt, Unix ms. Until then, the last one runs or has to wait. */
  readonly until: number;
}

interface StoredRuns {
  readonly id: number;
  /** The last time for which the report was sent, has failed, or was missed, Unix ms. */
  readonly lastDue: number;
  readonly open?: OpenRun | undefined;
  /** The last runs, the newest first. */
  readonly runs: readonly ReportRun[];
}

/** Number of runs that are kept for each report. */
const KEPT_RUNS = 20;
/** Maximum length of the error of a run, characters. */
const MAX_ERROR = 500;

/**
 * The runs of reports. An instance must claim a run before it begins, so that two instances with a shared database do
 * not send the same report.
 */
export class ReportRuns {
  readonly #documents: Documents<StoredRuns>;
  readonly #clock: Clock;

  private constructor(documents: Documents<StoredRuns>, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** Rejects with StoreError. */
  static async open(store: ConditionalStore, clock: Clock): Promise<ReportRuns> {
    return new ReportRuns(await Documents.open<StoredRuns>(store, "report_runs", { clock }), clock);
  }

  /** Returns the last runs of a report, the newest first. */
  of(id: number): readonly ReportRun[] {
    return this.#documents.get(String(id))?.runs ?? [];
  }

  lastDue(id: number): number {
    return this.#documents.get(String(id))?.lastDue ?? 0;
  }

  openRun(id: number): OpenRun | undefined {
    return this.#documents.get(String(id))?.open;
  }

  /**
   * Begins the next attempt to send a report. Resolves with its number. Resolves with undefined if another instance was
   * faster. Rejects with StoreError.
   * @param leaseMs time after which another instance may try again, if this one has ended without a result
   */
  async claim(id: number, due: number, leaseMs: number): Promise<number | undefined> {
    const now = this.#clock.now();
    let attempt: number | undefined;
    await this.#documents.update(String(id), (before = { id, lastDue: 0, runs: [] }) => {
      const { open } = before;
      attempt = undefined;
      if (before.lastDue >= due || (open !== undefined && open.until > now)) return before;
      attempt = open?.due === due ? open.attempt + 1 : 1;
      return { ...before, open: { due, attempt, until: now + leaseMs } };
    });
    return attempt;
  }

  /** Lets an instance begin the next attempt after `until`. Rejects with StoreError. */
  async retryAt(id: number, due: number, until: number, attempt: number): Promise<void> {
    await this.#documents.update(String(id), (before) =>
      before?.open?.due === due ? { ...before, open: { due, attempt, until } } : before,
    );
  }

  /** Records the end of a run. Rejects with StoreError. */
  async end(id: number, run: ReportRun): Promise<void> {
    await this.#documents.update(String(id), (before = { id, lastDue: 0, runs: [] }) => ({
      id,
      lastDue: Math.max(before.lastDue, run.due),
      runs: withRun(before.runs, run),
    }));
  }

  /** Records a run that a user requested. Runs of the schedule do not depend on it. Rejects with StoreError. */
  async note(id: number, run: ReportRun): Promise<void> {
    await this.#documents.update(String(id), (before = { id, lastDue: 0, runs: [] }) => ({
      ...before,
      runs: withRun(before.runs, run),
    }));
  }

  async remove(id: number): Promise<void> {
    await this.#documents.remove(String(id));
  }

  /** Calls the listener after each change, including changes of other instances. */
  onChange(listener: () => void): void {
    this.#documents.onChange(listener);
  }
}

const withRun = (runs: readonly ReportRun[], run: ReportRun): readonly ReportRun[] =>
  [{ ...run, error: run.error.slice(0, MAX_ERROR) }, ...runs].slice(0, KEPT_RUNS);
