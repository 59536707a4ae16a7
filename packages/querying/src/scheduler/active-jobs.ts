import type { Listing } from "../listing/listing.ts";
import type { QueryOrigin } from "./query-lane.ts";

/** The kind of a job. A listing has the kind of its content. */
export type ActiveJobKind = "query" | "query_range" | "rule" | "explain" | Listing["kind"];

/** Resources that a job has used so far. */
export interface JobProgress {
  /** Number of samples that were read, each counted once. */
  readonly samples: number;
  /** Memory that the job holds. */
  readonly bytes: number;
}

/** Where a job runs, and how to follow its progress. */
export interface JobPlace {
  readonly thread: string;
  progress(): JobProgress;
}

/** The description of a job when it arrives. */
export interface JobDescription {
  readonly lane: string;
  readonly kind: ActiveJobKind;
  /** The expression; for a listing, its selectors. */
  readonly text: string;
  readonly origin: QueryOrigin | undefined;
  /** The user who made the request, if known. */
  readonly principal: string | undefined;
}

/** A job that waits for its slot, runs, or whose answer is being read. */
export interface ActiveJob extends JobDescription, JobProgress {
  readonly id: number;
  readonly state: "waiting" | "running" | "answering";
  /** Time at which the job arrived, ms since 1970. */
  readonly startedAt: number;
  /** Name of the thread; undefined while the job waits. */
  readonly thread: string | undefined;
}

const NOTHING_DONE: JobProgress = { samples: 0, bytes: 0 };

/** The entry of a job, until its answer has been sent. */
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

  /** Signal that is aborted when the client disconnects, or when a user cancels the job. */
  get signal(): AbortSignal {
    return this.#canceled.signal;
  }

  /** Records where the job runs. If the thread ends, the job runs on another one later. */
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

/** The jobs of all lanes. The jobs can be listed and cancelled. */
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

  /** Returns the jobs, the oldest first. */
  list(): readonly ActiveJob[] {
    return Array.from(this.#entries.values(), (entry) => entry.describe());
  }

  /**
   * Ends a job as if its client had disconnected. If the client still waits, it gets an error that says that the job
   * was cancelled. Returns false if there is no such job.
   */
  cancel(id: number): boolean {
    const entry = this.#entries.get(id);
    entry?.cancel();
    return entry !== undefined;
  }
}
