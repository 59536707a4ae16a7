import { createHmac, randomBytes } from "node:crypto";
import { type Clock, type Logger, logOnChange } from "@narthex/runtime";
import type { SentCredentials } from "./credentials-of.ts";
import type { AskIdentity, IdentityAnswer } from "./identity-client.ts";

/** Time in ms for which an answer of the dashboards role is cached. A revoked token is refused after this time. */
const FRESH_MS = 5000;
/** Time in ms for which the last answer is used while the dashboards role cannot be reached. */
const KEPT_MS = 60_000;
/** Time in ms between a failed request to the dashboards role and the next request with the same credentials. */
const PAUSE_MS = 1000;
/**
 * Largest number of cached answers, and largest number of concurrent requests to the dashboards role. Both limits exist
 * twice: for known people, and separately for unknown credentials, so that invented tokens cannot displace people.
 */
const [MAX_KEPT, MAX_ASKED] = [10_000, 100];

interface Kept {
  readonly key: string;
  answer: IdentityAnswer | undefined;
  /** Time of the answer, ms of the monotonic clock. `failedAt` is the time of the last failed request. */
  answeredAt: number;
  failedAt: number;
  asked: Promise<void> | undefined;
}

/**
 * Caches the answers of the dashboards role for a few seconds. The cache keys are digests with a random key, so that
 * the memory of the process contains no list of secrets. Concurrent requests with the same credentials share one
 * request to the role.
 */
export class KeptIdentities {
  readonly #ask: AskIdentity;
  readonly #clock: Clock;
  readonly #log: ReturnType<typeof logOnChange>;
  readonly #digestKey = randomBytes(32);
  readonly #people = new KeptAnswers();
  readonly #unknown = new KeptAnswers();

  constructor(ask: AskIdentity, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#ask = ask;
    this.#clock = clock;
    this.#log = logOnChange(logger, "Asking the dashboards role who sends a request");
  }

  get size(): number {
    return this.#people.size + this.#unknown.size;
  }

  /**
   * Returns the answer of the dashboards role for the given credentials; undefined if the dashboards role cannot be
   * reached.
   */
  async of(credentials: SentCredentials | undefined): Promise<IdentityAnswer | undefined> {
    const key = this.#keyOf(credentials);
    const known = this.#people.used(key);
    const part = known === undefined ? this.#unknown : this.#people;
    const kept = known ?? this.#unknown.used(key) ?? this.#unknown.added(newEntry(key));
    const now = this.#clock.monotonic();
    if (kept.answer === undefined || now - kept.answeredAt >= FRESH_MS) {
      if (kept.asked === undefined && now - kept.failedAt >= PAUSE_MS && part.asked < MAX_ASKED)
        kept.asked = this.#renew(kept, part, credentials).finally(() => (kept.asked = undefined));
      // Whether the last answer may be used. After a failure, requests then do not wait for the dashboards role.
      const isUsable = kept.failedAt > kept.answeredAt && now - kept.answeredAt < KEPT_MS;
      if (!isUsable) await kept.asked;
    }
    return this.#clock.monotonic() - kept.answeredAt < KEPT_MS ? kept.answer : undefined;
  }

  #keyOf(credentials: SentCredentials | undefined): string {
    if (credentials === undefined) return "nobody";
    const { kind, secret } = credentials;
    return createHmac("sha256", this.#digestKey).update(`${kind}\0${secret}`).digest("base64");
  }

  async #renew(kept: Kept, part: KeptAnswers, credentials: SentCredentials | undefined): Promise<void> {
    part.asked++;
    try {
      kept.answer = await this.#ask(credentials);
      kept.answeredAt = this.#clock.monotonic();
      const isPerson = kept.answer.principal !== undefined || credentials === undefined;
      (isPerson ? this.#unknown : this.#people).removed(kept.key);
      (isPerson ? this.#people : this.#unknown).added(kept);
      this.#log.succeeded();
    } catch (error) {
      kept.failedAt = this.#clock.monotonic();
      this.#log.failed(error instanceof Error ? error.message : String(error));
    } finally {
      part.asked--;
    }
  }
}

const newEntry = (key: string): Kept => ({
  key,
  answer: undefined,
  answeredAt: -Infinity,
  failedAt: -Infinity,
  asked: undefined,
});

/** Cached answers by the digest of their credentials. The least recently used answer is removed first. */
class KeptAnswers {
  readonly #entries = new Map<string, Kept>();
  /** Number of requests to the dashboards role without an answer yet. */
  asked = 0;

  get size(): number {
    return this.#entries.size;
  }

  /** Returns an entry of the cache and records its use. */
  used(key: string): Kept | undefined {
    const kept = this.#entries.get(key);
    return kept && this.added(kept);
  }

  added(kept: Kept): Kept {
    this.#entries.delete(kept.key);
    if (this.#entries.size >= MAX_KEPT) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(kept.key, kept);
    return kept;
  }

  removed(key: string): void {
    this.#entries.delete(key);
  }
}
