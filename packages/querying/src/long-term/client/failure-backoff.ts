import { formatGoDuration } from "@narthex/model";
import type { Clock } from "@narthex/runtime";

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/** A request that may be sent to the server. The sender must report its result exactly once. */
export interface Attempt {
  succeeded(): void;
  failed(reason: string): void;
  /** Ends a request whose result does not show whether the server works. */
  left(): void;
}

/**
 * Decides when requests may be sent to a server that has failed. The waiting times grow with each failure. After a
 * waiting time, only one request is sent as a test.
 */
export class FailureBackoff {
  readonly #clock: Pick<Clock, "monotonic">;
  #reason = "";
  #pauseMs = 0;
  #until = -Infinity;
  #failedAt = -Infinity;
  /** The request that tests whether the server works again. Undefined if no such request is running. */
  #trial: Attempt | undefined;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Whether the last completed request succeeded, so that the server counts as working. */
  get isWell(): boolean {
    return this.#pauseMs === 0;
  }

  /** Reason why no request may be sent now; undefined if a request may be sent. */
  get pause(): string | undefined {
    if (this.isWell) return undefined;
    const left = this.#until - this.#clock.monotonic();
    if (left > 0) return `${this.#reason} (not asked again for ${formatGoDuration(Math.ceil(left / 1000) * 1000)})`;
    return this.#trial === undefined ? undefined : `${this.#reason} (being asked again)`;
  }

  /** Begins a request. Returns the reason instead if no request may be sent now. */
  begin(): Attempt | string {
    const { pause } = this;
    if (pause !== undefined) return pause;
    const since = this.#clock.monotonic();
    const attempt: Attempt = {
      succeeded: () => this.#succeeded(),
      failed: (reason) => this.#failed(attempt, reason, since),
      left: () => this.#end(attempt),
    };
    if (!this.isWell) this.#trial = attempt;
    return attempt;
  }

  #succeeded(): void {
    this.#pauseMs = 0;
    this.#trial = undefined;
  }

  /** Records that a request failed. Several requests that fail at the same time count as one failure. */
  #failed(attempt: Attempt, reason: string, since: number): void {
    const isTrial = this.#end(attempt);
    this.#reason = reason;
    if (!isTrial && !this.isWell && since <= this.#failedAt) return;
    this.#failedAt = this.#clock.monotonic();
    this.#pauseMs = Math.min(LONGEST_MS, this.#pauseMs === 0 ? FIRST_MS : this.#pauseMs * 2);
    this.#until = this.#failedAt + this.#pauseMs;
  }

  /** Ends a request. Returns whether it was the test request, which checks if the server works again. */
  #end(attempt: Attempt): boolean {
    if (this.#trial !== attempt) return false;
    this.#trial = undefined;
    return true;
  }
}
