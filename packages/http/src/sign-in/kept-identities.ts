import { createHmac, randomBytes } from "node:crypto";
import { type Clock, type Logger, logOnChange } from "@narthex/runtime";
import type { SentCredentials } from "./credentials-of.ts";
import type { AskIdentity, IdentityAnswer } from "./identity-client.ts";

/** Time in ms for which an answer is used without a new question. A revoked token is refused after this time. */
const FRESH_MS = 5000;
/** Time in ms for which the last answer is used while the dashboards role cannot be reached. */
const KEPT_MS = 60_000;
/** Time in ms after a failed question before the next one with the same credentials. */
const PAUSE_MS = 1000;
/** Largest number of kept answers, and of questions at the same time. */
const [MAX_KEPT, MAX_ASKED] = [10_000, 100];

interface Kept {
  answer: IdentityAnswer | undefined;
  /** Times of the answer and of the last failed question, monotonic ms. */
  answeredAt: number;
  failedAt: number;
  asked: Promise<void> | undefined;
}

/**
 * Keeps the answers of the dashboards role for a few seconds. The keys are digests with a random key, so the memory of
 * the process contains no list of secrets. Requests with the same credentials share one question.
 */
export class KeptIdentities {
  readonly #ask: AskIdentity;
  readonly #clock: Clock;
  readonly #log: ReturnType<typeof logOnChange>;
  readonly #digestKey = randomBytes(32);
  readonly #kept = new Map<string, Kept>();
  #asked = 0;

  constructor(ask: AskIdentity, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#ask = ask;
    this.#clock = clock;
    this.#log = logOnChange(logger, "Asking the dashboards role who sends a request");
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Returns the answer for these credentials. Returns undefined if the role cannot be reached. */
  async of(credentials: SentCredentials | undefined): Promise<IdentityAnswer | undefined> {
    const kept = this.#entryOf(credentials);
    const now = this.#clock.monotonic();
    if (kept.answer === undefined || now - kept.answeredAt >= FRESH_MS) {
      if (kept.asked === undefined && now - kept.failedAt >= PAUSE_MS && this.#asked < MAX_ASKED)
        kept.asked = this.#renew(kept, credentials).finally(() => (kept.asked = undefined));
      await kept.asked;
    }
    return this.#clock.monotonic() - kept.answeredAt < KEPT_MS ? kept.answer : undefined;
  }

  #entryOf(credentials: SentCredentials | undefined): Kept {
    const key =
      credentials === undefined
        ? "nobody"
        : createHmac("sha256", this.#digestKey).update(`${credentials.kind}\0${credentials.secret}`).digest("base64");
    const kept = this.#kept.get(key) ?? {
      answer: undefined,
      answeredAt: -Infinity,
      failedAt: -Infinity,
      asked: undefined,
    };
    // The entry moves to the end, so that the first entry is the one that was used least recently.
    this.#kept.delete(key);
    if (this.#kept.size >= MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    this.#kept.set(key, kept);
    return kept;
  }

  async #renew(kept: Kept, credentials: SentCredentials | undefined): Promise<void> {
    this.#asked++;
    try {
      kept.answer = await this.#ask(credentials);
      kept.answeredAt = this.#clock.monotonic();
      this.#log.succeeded();
    } catch (error) {
      kept.failedAt = this.#clock.monotonic();
      this.#log.failed(error instanceof Error ? error.message : String(error));
    } finally {
      this.#asked--;
    }
  }
}
