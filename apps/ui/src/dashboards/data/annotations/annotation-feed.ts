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

interface Asked {
  readonly request: AnnotationRequest;
  readonly range: ResolvedTimeRange;
  readonly now: number;
}

function isSame(a: Asked, b: Asked): boolean {
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
  #asked: Asked | undefined;
  #control: AbortController | undefined;
  #next: Asked | undefined;
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
  ask(request: AnnotationRequest, range: ResolvedTimeRange, now: number): void {
    const asked = { request, range, now };
    if (this.#asked !== undefined && isSame(this.#asked, asked)) {
      // A request for an older range that waits is dropped. If marks have changed since, the same request is repeated.
      this.#next = this.#isOutdated ? asked : undefined;
      return;
    }
    if (this.#control !== undefined && this.#asked?.request.key === request.key) {
      this.#next = asked;
      return;
    }
    this.#control?.abort();
    void this.#run(asked);
  }

  /** Repeats the last request, because the user has changed a mark. */
  renew(): void {
    if (this.#asked === undefined) return;
    if (this.#control === undefined) return void this.#run(this.#asked);
    this.#isOutdated = true;
    this.#next ??= this.#asked;
  }

  /** Aborts the running request, and shows an error instead of marks. */
  fail(error: string): void {
    this.close();
    this.#tell({ marks: [], isLoading: false, error });
  }

  /** Aborts the running request and forgets all requests. */
  close(): void {
    this.#control?.abort();
    this.#control = undefined;
    this.#asked = undefined;
    this.#next = undefined;
    this.#isOutdated = false;
  }

  async #run(asked: Asked): Promise<void> {
    const control = new AbortController();
    this.#control = control;
    this.#asked = asked;
    this.#next = undefined;
    this.#isOutdated = false;
    this.#tell({ ...this.#data, isLoading: true });
    let data: AnnotationData;
    try {
      data = { ...(await asked.request.run(asked.range, control.signal)), isLoading: false, error: undefined };
    } catch (error) {
      data = { ...this.#data, isLoading: false, error: error instanceof Error ? error.message : String(error) };
    }
    if (control.signal.aborted) return;
    this.#control = undefined;
    this.#tell(data);
    if (this.#next !== undefined) void this.#run(this.#next);
  }

  #tell(data: AnnotationData): void {
    this.#data = data;
    this.#onChange();
  }
}
