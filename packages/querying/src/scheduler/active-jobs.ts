import type { Listing } from "../listing/listing.ts";
import type { QueryOrigin } from "./query-lane.ts";

/** Kind of a job. A listing job has the kind of the listed data. */
export type ActiveJobKind = "query" | "query_range" | "rule" | "explain" | Listing["kind"];

/** Resources that a job has used so far. */
export interface JobProgress {
  /** Number of samples that were read. Each sample counts once. */
  readonly samples: number;
  /** Memory that the job holds, in bytes. */
  readonly bytes: number;
}

/** The thread on which a job runs, with functions that return the job's progress. */
export interface JobPlace {
  readonly thread: string;
  progress(): JobProgress;
}

/** Description of a job at its arrival. */
export interface JobDescription {
  readonly lane: string;
  readonly kind: ActiveJobKind;
  /** The PromQL expression, or the selectors of a listing. */
  readonly text: string;
  readonly origin: QueryOrigin | undefined;
  /** The user who made the request, if known. */
  readonly principal: string | undefined;
}

/** A job that waits, runs, or whose response is being sent. */
export interface ActiveJob extends JobDescription, JobProgress {
  readonly id: number;
  readonly state: "waiting" | "running" | "answering";
  /** Time at which the job arrived, ms since 1970. */
  readonly startedAt: number;
  /** Name of the thread; undefined while the job waits. */
  readonly thread: string | undefined;
}

const NOTHING_DONE: JobProgress = { samples: 0, bytes: 0 };

/** A job in the list of active jobs, until its response has been sent. */
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

  /** Signal that is aborted when the client disconnects or a user cancels the job. */
  get signal(): AbortSignal {
    return this.#canceled.signal;
  }

  /**
   * Records the thread on which the job runs. If the job is restarted on another thread, a second call records the new
   * thread.
   */
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

/** The active jobs of all kinds, which users can list and cancel. */
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
   * Cancels a job. A client that still waits for the response gets an error with the message that the job was canceled.
   * Returns false if the job does not exist.
   */
  cancel(id: number): boolean {
    const entry = this.#entries.get(id);
    entry?.cancel();
    return entry !== undefined;
  }
}
