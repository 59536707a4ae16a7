import type { MetricFamily } from "@narthex/exposition";
import type { Clock, Logger } from "@narthex/runtime";
import { isMailAddress } from "../mail/mailer.ts";
import { failureMail } from "./report-mail.ts";
import { type DeliveryOptions, refusedText, ReportAccessError, type ReportDelivery } from "./report-delivery.ts";
import type { OpenRun, ReportRun, ReportRuns } from "./report-runs.ts";
import type { ReportStore } from "./report-store.ts";
import type { Report } from "./report.ts";
import { nextTime, previousTime } from "./schedule/occurrences.ts";

/**
 * Time in ms for which a report is sent later, if this server did not run when it was due. If several times were
 * missed, only the last one is used.
 */
const CATCH_UP_MS = 6 * 3_600_000;
/** Pauses in ms before the second and the third attempt. */
const RETRY_PAUSES_MS: readonly number[] = [60_000, 300_000];
/** Maximum time in ms between two looks at the schedules, because the clock of the machine may be set. */
const MAX_WAIT_MS = 3_600_000;
/** Time in ms for mail server and waiting renderings, in addition to the renderings of a report. */
const LEASE_MS = 600_000;

interface ReportScheduleOptions extends Pick<DeliveryOptions, "context" | "auth" | "sendMail"> {
  readonly store: ReportStore;
  readonly runs: ReportRuns;
  readonly delivery: Pick<ReportDelivery, "send" | "principalOf">;
}

/** Sends reports when they are due, one after the other. */
export class ReportSchedule {
  readonly #options: ReportScheduleOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stopped = new AbortController();
  readonly #counts = { sent: 0, failed: 0, missed: 0 };
  #cancel: () => void = () => undefined;
  #running: Promise<void> | undefined;

  constructor(options: ReportScheduleOptions) {
    this.#options = options;
    this.#clock = options.context.clock;
    this.#logger = options.context.logger;
  }

  start(): void {
    const { store, runs } = this.#options;
    store.onChange(() => this.#arm());
    runs.onChange(() => this.#arm());
    this.#arm();
  }

  /** Ends a running rendering. The report is then sent at the next start, or by another instance. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error("this server stops"));
    this.#cancel();
    await this.#running;
  }

  families(): readonly MetricFamily[] {
    return [
      {
        name: "narthex_dashboards_report_runs_total",
        help: "Reports that were sent on their schedules, that failed, or that were missed.",
        type: "counter",
        samples: Object.entries(this.#counts).map(([status, value]) => ({
          suffix: "",
          labels: ["status", status],
          value,
        })),
      },
    ];
  }

  /** Sets the timer to the next time at which there is something to do. */
  #arm(): void {
    this.#cancel();
    if (this.#stopped.signal.aborted || this.#running !== undefined) return;
    const now = this.#clock.now();
    let next = Infinity;
    for (const report of this.#options.store.scheduled()) next = Math.min(next, this.#nextWork(report, now));
    if (next === Infinity) return;
    this.#cancel = this.#clock.after(Math.min(Math.max(0, next - now), MAX_WAIT_MS), () => {
      this.#running = this.#work()
        .catch((error: unknown) => this.#logger.error("The schedule of reports failed", { err: error }))
        .finally(() => {
          this.#running = undefined;
          this.#arm();
        });
    });
  }

  /** Returns the next time at which a report needs an attempt; now if it is overdue; Infinity for never. */
  #nextWork(report: Report, now: number): number {
    const due = this.#dueTime(report, now);
    if (due !== undefined) return Math.max(now, this.#openRun(report)?.until ?? now);
    return nextTime(report.schedule, now) ?? Infinity;
  }

  /** Returns the run of a report that has begun and not ended; undefined for none. */
  #openRun(report: Report): OpenRun | undefined {
    const open = this.#options.runs.openRun(report.id);
    return open !== undefined && open.due > this.#doneUntil(report) ? open : undefined;
  }

  /** Returns the time until which a report needs no more attempts. Times before it was saved are not sent. */
  #doneUntil({ id, updated }: Report): number {
    return Math.max(this.#options.runs.lastDue(id), updated);
  }

  /** Returns the time at which a report was due and for which there is no result; undefined for none. */
  #dueTime(report: Report, now: number): number | undefined {
    const due = this.#openRun(report)?.due ?? previousTime(report.schedule, now);
    return due !== undefined && due > this.#doneUntil(report) ? due : undefined;
  }

  async #work(): Promise<void> {
    for (const report of this.#options.store.scheduled()) {
      if (this.#stopped.signal.aborted) return;
      const now = this.#clock.now();
      const due = this.#dueTime(report, now);
      const open = this.#openRun(report);
      if (due === undefined || (open !== undefined && open.until > now)) continue;
      if (open === undefined && now - due > CATCH_UP_MS) await this.#miss(report, due, now);
      else await this.#attempt(report, due);
    }
  }

  async #miss({ id, name }: Report, due: number, now: number): Promise<void> {
    // The claim prevents that several instances record the same time.
    if ((await this.#options.runs.claim(id, due, LEASE_MS)) === undefined) return;
    this.#counts.missed++;
    this.#logger.warn("A report was not sent, because this server did not run", { report: name });
    const error = "this server did not run at that time";
    await this.#options.runs.end(id, { status: "missed", due, started: now, seconds: 0, bytes: 0, attempts: 0, error });
  }

  async #attempt(report: Report, due: number): Promise<void> {
    const { runs, delivery, context } = this.#options;
    const renderings = report.dashboards.length * report.formats.length;
    const lease = renderings * context.settings["reporting.rendering_timeout"] + LEASE_MS;
    const attempts = await runs.claim(report.id, due, lease);
    if (attempts === undefined) return;
    const started = this.#clock.now();
    const result = (status: ReportRun["status"], bytes: number, error: string): ReportRun => {
      return { status, due, started, seconds: (this.#clock.now() - started) / 1000, bytes, attempts, error };
    };
    try {
      const principal = delivery.principalOf(report);
      const sent = await delivery.send(report, report.recipients, principal, this.#stopped.signal);
      this.#counts.sent++;
      await runs.end(report.id, result("sent", sent.bytes, refusedText(sent)));
    } catch (error) {
      // An attempt that the stop of this server has ended does not count.
      if (this.#stopped.signal.aborted) await runs.retryAt(report.id, due, this.#clock.now(), attempts - 1);
      else await this.#fail(report, error, result("failed", 0, messageOf(error)));
    }
  }

  async #fail(report: Report, cause: unknown, run: ReportRun): Promise<void> {
    const { runs, store } = this.#options;
    const pause = RETRY_PAUSES_MS[run.attempts - 1];
    const { id, name } = report;
    const isFinal = cause instanceof ReportAccessError;
    if (!isFinal && pause !== undefined) {
      this.#logger.warn("A report was not sent and is tried again", { report: name, err: run.error });
      await runs.retryAt(id, run.due, this.#clock.now() + pause, run.attempts);
      return;
    }
    this.#counts.failed++;
    this.#logger.error("A report was not sent", { report: name, err: run.error });
    if (isFinal) await store.pause(id, run.error);
    await runs.end(id, run);
    await this.#tellCreator(report, run.error);
  }

  /** Sends a mail to the account that saved the report, if it has an address. */
  async #tellCreator({ id, userId, name }: Report, reason: string): Promise<void> {
    const { auth, sendMail, context } = this.#options;
    const account = auth.users.account(userId);
    if (account === undefined || account.isDisabled || sendMail === undefined || !isMailAddress(account.email)) return;
    try {
      await sendMail([account.email], failureMail(name, reason, `${context.address.url}/reports/edit/${id}`));
    } catch (error) {
      this.#logger.error("The mail about a failed report was not sent", { report: name, err: messageOf(error) });
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
