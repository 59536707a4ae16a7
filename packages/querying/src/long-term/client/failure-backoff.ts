import { formatGoDuration } from "@narthex/model";
import type { Clock } from "@narthex/runtime";

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/** A request that may be sent; who sends it has to tell what came of it, once. */
export interface Attempt {
  succeeded(): void;
  failed(reason: string): void;
  /** Nobody was told whether the server works. */
  left(): void;
}

/** Says when a server that failed is asked again: after pauses that grow, and by one request at first. */
export class FailureBackoff {
  readonly #clock: Pick<Clock, "monotonic">;
  #reason = "";
  #pauseMs = 0;
  #until = -Infinity;
  #failedAt = -Infinity;
  /** The one request that asks whether the server works again. */
  #trial: Attempt | undefined;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Did what came of the last request say that the server works? */
  get isWell(): boolean {
    return this.#pauseMs === 0;
  }

  /** Why nothing is asked now; undefined where it is time to ask. */
  get pause(): string | undefined {
    if (this.isWell) return undefined;
    const left = this.#until - this.#clock.monotonic();
    if (left > 0) return `${this.#reason} (not asked again for ${formatGoDuration(Math.ceil(left / 1000) * 1000)})`;
    return this.#trial === undefined ? undefined : `${this.#reason} (being asked again)`;
  }

  /** Begins a request, unless there is a reason why nothing is asked now. */
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

  /** Of those that fail together, one counts. */
  #failed(attempt: Attempt, reason: string, since: number): void {
    const isTrial = this.#end(attempt);
    this.#reason = reason;
    if (!isTrial && !this.isWell && since <= this.#failedAt) return;
    this.#failedAt = this.#clock.monotonic();
    this.#pauseMs = Math.min(LONGEST_MS, this.#pauseMs === 0 ? FIRST_MS : this.#pauseMs * 2);
    this.#until = this.#failedAt + this.#pauseMs;
  }

  /** Was it the trial? */
  #end(attempt: Attempt): boolean {
    if (this.#trial !== attempt) return false;
    this.#trial = undefined;
    return true;
  }
}
