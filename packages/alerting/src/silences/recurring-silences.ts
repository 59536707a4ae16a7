import { randomUUID } from "node:crypto";
import { formatDuration } from "@narthex/model";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { Change, Collection, Entry } from "@narthex/store";
import { LONGEST_OCCURRENCE_MS, nextOccurrences } from "./occurrences.ts";
import {
  readInterval,
  readRule,
  type RecurringSilence,
  RULE_ANNOTATION,
  serializeRule,
  silenceId,
  silenceOf,
} from "./recurring-silence.ts";
import { entryReader } from "../stored-entries.ts";
import { SilenceError } from "./silence.ts";
import type { Silences } from "./silences.ts";
import type { TimeInterval } from "../routing/time-interval.ts";

/** Time in ms before an occurrence at which its silence is created, so that users can see it and cancel it. */
const AHEAD_MS = 7 * 86_400_000;

/** Time after which a failed check of the rules is repeated, ms. Also the maximum time between two checks. */
const RETRY_MS = 60_000;
const LONGEST_WAIT_MS = 86_400_000;

/** Number of occurrences of a recurring silence whose length is checked when a user creates it. */
const CHECKED_OCCURRENCES = 8;

export interface RecurringSilencesOptions {
  readonly collection: Collection;
  readonly silences: Silences;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The fields of a recurring silence that a client's request contains. */
export type RuleRequest = Pick<RecurringSilence, "annotations" | "comment" | "createdBy" | "matchers" | "written">;

/**
 * Rules that create silences repeatedly. Each rule has ordinary silences for its current and its next occurrence, which
 * users can expire or change separately. The id of a silence is derived from the rule and the start, so several
 * instances create the same silences.
 */
export class RecurringSilences {
  readonly name = "recurring silences";
  readonly #options: RecurringSilencesOptions;
  readonly #rules = new Map<string, RecurringSilence>();
  readonly #stateLog: StateLog;
  readonly #read: (entries: readonly Entry[]) => readonly RecurringSilence[];
  /** Ids of rules that end() is removing. No more silences are written for them. */
  readonly #ending = new Set<string>();
  #cancelTimer: (() => void) | undefined;
  #stopped = false;
  #making: Promise<void> = Promise.resolve();

  private constructor(options: RecurringSilencesOptions) {
    this.#options = options;
    this.#stateLog = logOnChange(options.logger, "Making silences of recurring ones");
    this.#read = entryReader("recurring_silences", options.logger, ({ key, value }) => readRule(key, value));
  }

  /** Reads the stored rules and creates the silences that are due. */
  static async start(options: RecurringSilencesOptions): Promise<RecurringSilences> {
    const recurring = new RecurringSilences(options);
    options.collection.watch((change) => recurring.#follow(change));
    recurring.#takeIn(await options.collection.entries());
    await recurring.#make();
    return recurring;
  }

  /** Returns all rules, the oldest first. */
  all(): readonly RecurringSilence[] {
    return [...this.#rules.values()].toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  get(id: string): RecurringSilence | undefined {
    return this.#rules.get(id);
  }

  /** Creates a rule, and the silences that are due at once. Throws SilenceError. */
  async add(request: RuleRequest): Promise<RecurringSilence> {
    const createdAt = this.#options.clock.now();
    const interval = readInterval(request.written);
    checkInterval(interval, createdAt);
    const rule: RecurringSilence = { ...request, id: randomUUID(), interval, createdAt, madeUntil: 0 };
    await this.#keep(rule);
    await this.#make();
    return this.#rules.get(rule.id) ?? rule;
  }

  /** Removes a rule and expires its silences. Returns false if the rule does not exist. */
  async end(id: string): Promise<boolean> {
    if (!this.#rules.has(id)) return false;
    this.#ending.add(id);
    try {
      await this.#making;
      await this.#options.collection.remove(id);
      this.#rules.delete(id);
    } finally {
      this.#ending.delete(id);
    }
    const { silences } = this.#options;
    const made = silences.all().filter(({ annotations }) => annotations[RULE_ANNOTATION] === id);
    for (const silence of made) await silences.expire(silence.id);
    return true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer?.();
    await this.#making;
  }

  /** Creates the silences of all rules that are due, after a call in progress has ended. */
  #make(): Promise<void> {
    this.#making = this.#making.then(() => this.#makeNow());
    return this.#making;
  }

  async #makeNow(): Promise<void> {
    if (this.#stopped) return;
    this.#cancelTimer?.();
    const now = this.#options.clock.now();
    let next = now + LONGEST_WAIT_MS;
    for (const rule of this.#rules.values()) {
      if (this.#ending.has(rule.id)) continue;
      try {
        next = Math.min(next, await this.#makeOf(rule, now));
        this.#stateLog.succeeded();
      } catch (error) {
        this.#stateLog.failed(error instanceof Error ? error.message : String(error), { rule: rule.id });
        next = Math.min(next, now + RETRY_MS);
      }
    }
    this.#cancelTimer = this.#options.clock.after(Math.max(0, next - now), () => void this.#make());
  }

  /** Creates the silences of a rule that are due. Returns the time of the rule's next check, Unix ms. */
  async #makeOf(rule: RecurringSilence, now: number): Promise<number> {
    const [first, second] = nextOccurrences(rule.interval, now, 2);
    if (first === undefined) return Infinity;
    // During an occurrence, creates the silences of the current and the next occurrence. Before an occurrence, creates
    // only the silence of the coming occurrence.
    const candidates = first.startsAt <= now && second !== undefined ? [first, second] : [first];
    const wanted = candidates.filter(({ startsAt }) => startsAt <= now + AHEAD_MS);
    for (const occurrence of wanted) {
      if (occurrence.startsAt > rule.madeUntil) await this.#options.silences.adopt(silenceOf(rule, occurrence));
    }
    const madeUntil = wanted.at(-1)?.startsAt ?? 0;
    if (madeUntil > rule.madeUntil) await this.#keep({ ...rule, madeUntil });
    const moments = [first, second].flatMap((each) =>
      each === undefined ? [] : [each.startsAt - AHEAD_MS, each.startsAt, each.endsAt],
    );
    return moments.filter((moment) => moment > now).reduce((a, b) => Math.min(a, b), Infinity);
  }

  async #keep(rule: RecurringSilence): Promise<void> {
    const entry = { key: rule.id, value: serializeRule(rule), expiresAt: Number.MAX_SAFE_INTEGER };
    await this.#options.collection.put(entry);
    this.#rules.set(rule.id, rule);
  }

  #follow({ put, removed }: Change): void {
    this.#takeIn(put);
    for (const key of removed) this.#rules.delete(key);
    if (put.length > 0) void this.#make();
  }

  #takeIn(entries: readonly Entry[]): void {
    for (const rule of this.#read(entries)) this.#rules.set(rule.id, rule);
  }
}

/** Throws SilenceError if a time interval never occurs or one of its next occurrences is too long. */
export function checkInterval(interval: TimeInterval, now: number): void {
  const found = nextOccurrences(interval, now, CHECKED_OCCURRENCES);
  if (found.length === 0) {
    throw new SilenceError("invalid recurring silence: the time intervals do not occur within the next four years");
  }
  if (found.some(({ startsAt, endsAt }) => endsAt - startsAt > LONGEST_OCCURRENCE_MS)) {
    const longest = formatDuration(LONGEST_OCCURRENCE_MS);
    throw new SilenceError(
      `invalid recurring silence: an occurrence would last longer than ${longest}; make an ordinary silence for that`,
    );
  }
}

/** Returns the next occurrences of a rule or of a time interval, with the ids of their silences. */
export const preview = (
  rule: Pick<RecurringSilence, "id" | "interval">,
  now: number,
  count: number,
): readonly { readonly startsAt: number; readonly endsAt: number; readonly silenceId: string }[] =>
  nextOccurrences(rule.interval, now, count).map((each) => ({ ...each, silenceId: silenceId(rule, each.startsAt) }));
