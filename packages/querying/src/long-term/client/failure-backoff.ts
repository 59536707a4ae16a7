import { formatGoDuration } from "@narthex/model";
import type { Clock } from "@narthex/runtime";

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/** Says when a server that failed is asked again: after pauses that grow, and by one request at first. */
export class FailureBackoff {
  readonly #clock: Pick<Clock, "monotonic">;
  #reason = "";
  #pauseMs = 0;
  #until = -Infinity;
  #failedAt = -Infinity;
  #isTrying = false;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Did what came of the last request say that the server works? */
  get isWell(): boolean {
    return this.#pauseMs === 0;
  }

  /** Why nothing is asked now; undefined where it is time to ask. Each one who may ask has to tell what came of it. */
  get pause(): string | undefined {
    if (this.isWell) return undefined;
    const left = this.#until - this.#clock.monotonic();
    if (left > 0) return `${this.#reason} (not asked again for ${formatGoDuration(Math.ceil(left / 1000) * 1000)})`;
    if (this.#isTrying) return `${this.#reason} (being asked again)`;
    this.#isTrying = true;
    return undefined;
  }

  succeeded(): void {
    this.#pauseMs = 0;
    this.#isTrying = false;
  }

  /** @param since when the request began: of those that fail together, one counts */
  failed(reason: string, since: number): void {
    this.#isTrying = false;
    this.#reason = reason;
    if (!this.isWell && since < this.#failedAt) return;
    this.#failedAt = this.#clock.monotonic();
    this.#pauseMs = Math.min(LONGEST_MS, this.#pauseMs === 0 ? FIRST_MS : this.#pauseMs * 2);
    this.#until = this.#failedAt + this.#pauseMs;
  }

  /** Who asked was not told whether the server works. */
  left(): void {
    this.#isTrying = false;
  }
}
