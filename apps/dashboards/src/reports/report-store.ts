import type { Clock } from "@narthex/runtime";
import type { ConditionalStore } from "@narthex/store";
import { Documents } from "../state/documents.ts";
import { MEMORY_LIMITS } from "../state/memory-limit.ts";
import { refusal } from "../web/refusal.ts";
import type { Report, ReportDraft } from "./report.ts";

/** Maximum number of reports. */
const MAX_REPORTS = 500;

/** The stored reports. */
export class ReportStore {
  readonly #documents: Documents<Report>;
  readonly #clock: Clock;

  private constructor(documents: Documents<Report>, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** Rejects with StoreError. */
  static async open(store: ConditionalStore, clock: Clock): Promise<ReportStore> {
    const options = { memory: MEMORY_LIMITS.reports, oneAtATime: true, clock };
    return new ReportStore(await Documents.open<Report>(store, "reports", options), clock);
  }

  get size(): number {
    return this.#documents.size;
  }

  /** Returns all reports, the oldest first. */
  list(): readonly Report[] {
    return [...this.#documents.values()].toSorted((a, b) => a.id - b.id);
  }

  /** Returns the reports that are sent on their schedules. */
  scheduled(): readonly Report[] {
    return this.list().filter(({ state }) => state === "scheduled");
  }

  /** Returns a report. Throws a refusal if it does not exist. */
  byId(id: string): Report {
    const report = this.#documents.get(id);
    if (report === undefined) throw refusal(404, "Report not found");
    return report;
  }

  /** Adds a report. Rejects with a refusal if there are too many, or with StoreError. */
  add(draft: ReportDraft, userId: number): Promise<Report> {
    const now = this.#clock.now();
    return this.#documents.change(() => {
      if (this.#documents.size >= MAX_REPORTS)
        throw refusal(403, `there are ${MAX_REPORTS} reports; delete some first`);
      const result: Report = { id: this.#documents.nextId(), userId, ...draft, notice: "", created: now, updated: now };
      return { put: new Map([[String(result.id), result]]), result };
    });
  }

  /** Changes a report, which then has the rights of the given account. Rejects with a refusal or StoreError. */
  async change(id: string, draft: ReportDraft, userId: number): Promise<void> {
    const now = this.#clock.now();
    await this.#documents.update(id, (before) => {
      if (before === undefined) throw refusal(404, "Report not found");
      const schedule = JSON.stringify([before.state, before.schedule]);
      // A changed schedule begins now. Other changes do not affect which times are due.
      const updated = schedule === JSON.stringify([draft.state, draft.schedule]) ? before.updated : now;
      return { id: before.id, userId, ...draft, notice: "", created: before.created, updated };
    });
  }

  /** Pauses a report with the reason. Rejects with StoreError. */
  async pause(id: number, notice: string): Promise<void> {
    await this.#documents.update(String(id), (before) => before && { ...before, state: "paused", notice });
  }

  async remove(id: number): Promise<void> {
    await this.#documents.remove(String(id));
  }

  /** Calls the listener after each change, including changes of other instances. */
  onChange(listener: () => void): void {
    this.#documents.onChange(listener);
  }
}
