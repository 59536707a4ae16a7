import type { Listing } from "../listing/listing.ts";
import type { QueryOrigin } from "./query-lane.ts";

/** What a job does; of listings, what they list. */
export type ActiveJobKind = "query" | "query_range" | "rule" | "explain" | Listing["kind"];

/** What a job has done so far. */
export interface JobProgress {
  /** Samples read, each once. */
  readonly samples: number;
  /** Memory that it holds. */
  readonly bytes: number;
}

/** Where a job runs. */
export interface JobPlace {
  readonly thread: string;
  progress(): JobProgress;
}

/** What is known of a job when it comes in. */
export interface JobDescription {
  readonly lane: string;
  readonly kind: ActiveJobKind;
  /** The expression, or the selectors of a listing. */
  readonly text: string;
  readonly origin: QueryOrigin | undefined;
  /** Who asks, where that is known. */
  readonly principal: string | undefined;
}

/** A job that waits for its slot, runs, or whose answer is being taken. */
export interface ActiveJob extends JobDescription, JobProgress {
  readonly id: number;
  readonly state: "waiting" | "running" | "answering";
  /** ms since 1970. */
  readonly startedAt: number;
  /** undefined while it waits. */
  readonly thread: string | undefined;
}

const NOTHING_DONE: JobProgress = { samples: 0, bytes: 0 };

/** One of the jobs, until its answer has left. */
export class JobEntry {
  state: ActiveJob["state"] = "waiting";
  readonly id: number;
  readonly description: JobDescription;
  readonly startedAt: number;
  readonly #canceled = new AbortController();
  readonly #clientSignal: AbortSignal | undefined;
  readonly #onClientGone = (): void => this.#canceled.abort();
  readonly #remove: (id: number) => void;
  #place: JobPlace | undefined;

  constructor(
    id: number,
    description: JobDescription,
    startedAt: number,
    clientSignal: AbortSignal | undefined,
    remove: (id: number) => void,
  ) {
    this.id = id;
    this.description = description;
    this.startedAt = startedAt;
    this.#clientSignal = clientSignal;
    this.#remove = remove;
    if (clientSignal?.aborted === true) this.#canceled.abort();
    else clientSignal?.addEventListener("abort", this.#onClientGone, { once: true });
  }

  /** Aborted when its client hangs up, and when somebody cancels it. */
  get signal(): AbortSignal {
    return this.#canceled.signal;
  }

  /** It runs here now; one that was lost with its thread runs elsewhere later. */
  placed(place: JobPlace): void {
    this.#place = place;
  }

  cancel(): void {
    this.#canceled.abort();
  }

  end(): void {
    this.#clientSignal?.removeEventListener("abort", this.#onClientGone);
    this.#remove(this.id);
  }

  describe(): ActiveJob {
    const { id, description, state, startedAt } = this;
    const place = state === "waiting" ? undefined : this.#place;
    return { id, ...description, state, startedAt, thread: place?.thread, ...(place?.progress() ?? NOTHING_DONE) };
  }
}

/** The jobs of all lanes: to be listed, and each to be cancelled. */
export class ActiveJobs {
  readonly #entries = new Map<number, JobEntry>();
  readonly #remove = (id: number): void => void this.#entries.delete(id);
  #lastId = 0;

  add(description: JobDescription, startedAt: number, clientSignal: AbortSignal | undefined): JobEntry {
    const id = ++this.#lastId;
    const entry = new JobEntry(id, description, startedAt, clientSignal, this.#remove);
    this.#entries.set(id, entry);
    return entry;
  }

  /** The oldest first. */
  list(): readonly ActiveJob[] {
    return Array.from(this.#entries.values(), (entry) => entry.describe());
  }

  /** Ends a job as if its client had hung up: who waits for the answer is told that it was cancelled. False: there is none. */
  cancel(id: number): boolean {
    const entry = this.#entries.get(id);
    entry?.cancel();
    return entry !== undefined;
  }
}
