import type { ResolvedTimeRange } from "@narthex/dashboards";
import type { AnnotationRequest } from "./annotation-request.ts";
import type { DashboardAnnotation } from "../../contracts/dashboard-annotation.ts";

/** The marks of one annotation query. */
export interface AnnotationData {
  readonly marks: readonly DashboardAnnotation[];
  readonly isLoading: boolean;
  readonly error: string | undefined;
  /** A message that some marks are left out, and why. */
  readonly notice?: string;
}

export const noMarks: AnnotationData = { marks: [], isLoading: false, error: undefined };

interface SentRequest {
  readonly request: AnnotationRequest;
  readonly range: ResolvedTimeRange;
  readonly now: number;
}

function isSame(a: SentRequest, b: SentRequest): boolean {
  const isSameRange = a.range.from === b.range.from && a.range.to === b.range.to;
  return a.request.key === b.request.key && isSameRange && a.now === b.now;
}

/**
 * Requests the marks of one annotation query. If the time range changes or a refresh is due, the next request waits
 * until the running one has ended. A different query aborts the running request.
 */
export class AnnotationFeed {
  readonly #onChange: () => void;
  #data = noMarks;
  #sent: SentRequest | undefined;
  #control: AbortController | undefined;
  #next: SentRequest | undefined;
  /** Whether marks changed after the running request was sent, so that its answer may not contain the change. */
  #isOutdated = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get data(): AnnotationData {
    return this.#data;
  }

  /**
   * Sends a request, unless the same request is running or has been answered.
   * @param now time of the last refresh, epoch ms
   */
  request(request: AnnotationRequest, range: ResolvedTimeRange, now: number): void {
    const sent = { request, range, now };
    if (this.#sent !== undefined && isSame(this.#sent, sent)) {
      // A request for an older range that waits is dropped. If marks have changed since, the same request is repeated.
      this.#next = this.#isOutdated ? sent : undefined;
      return;
    }
    if (this.#control !== undefined && this.#sent?.request.key === request.key) {
      this.#next = sent;
      return;
    }
    this.#control?.abort();
    void this.#run(sent);
  }

  /** Repeats the last request, because the user has changed a mark. */
  renew(): void {
    if (this.#sent === undefined) return;
    if (this.#control === undefined) return void this.#run(this.#sent);
    this.#isOutdated = true;
    this.#next ??= this.#sent;
  }

  /** Aborts the running request, and shows an error instead of marks. */
  fail(error: string): void {
    this.close();
    this.#publish({ marks: [], isLoading: false, error });
  }

  /** Aborts the running request and forgets all requests. */
  close(): void {
    this.#control?.abort();
    this.#control = undefined;
    this.#sent = undefined;
    this.#next = undefined;
    this.#isOutdated = false;
  }

  async #run(sent: SentRequest): Promise<void> {
    const control = new AbortController();
    this.#control = control;
    this.#sent = sent;
    this.#next = undefined;
    this.#isOutdated = false;
    this.#publish({ ...this.#data, isLoading: true });
    let data: AnnotationData;
    try {
      data = { ...(await sent.request.run(sent.range, control.signal)), isLoading: false, error: undefined };
    } catch (error) {
      data = { ...this.#data, isLoading: false, error: error instanceof Error ? error.message : String(error) };
    }
    if (control.signal.aborted) return;
    this.#control = undefined;
    this.#publish(data);
    if (this.#next !== undefined) void this.#run(this.#next);
  }

  #publish(data: AnnotationData): void {
    this.#data = data;
    this.#onChange();
  }
}
