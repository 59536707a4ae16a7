import { type Clock, errorText, type StateLog } from "@narthex/runtime";
import type { ApiResource, RawObject } from "./api-object.ts";
import { keyOf } from "./api-object.ts";
import { type ApiServer, ApiStatusError, ConnectionError, errorOfStatus } from "./api-server.ts";
import { JsonLines } from "./json-lines.ts";
import type { ObjectSelector } from "./section.ts";

/** Number of Kubernetes objects per page of a list. */
const PAGE_SIZE = 500;
/** Time in ms without data after which a list request fails. */
const LIST_SILENCE_MS = 60_000;
/**
 * Time in ms without data after which a watch is opened again from its last resource version. Bookmarks arrive about
 * once a minute.
 */
const WATCH_SILENCE_MS = 180_000;
/**
 * Minimum duration of a watch in seconds. The requested duration is random between 5 and 10 minutes, so that the
 * watches of many clients do not end at the same time.
 */
const MIN_WATCH_S = 300;
/** Duration in ms. A watch that ends earlier without an event counts as failed, so that the next attempt is delayed. */
const SHORT_WATCH_MS = 1000;

const FIRST_DELAY_MS = 800;
const LAST_DELAY_MS = 30_000;
/** Maximum delay in ms before a retry, even if the API server requests a longer delay. */
const MAX_RETRY_AFTER_MS = 300_000;

/** Receives the current Kubernetes objects of one kind. */
export interface ObjectSink<T> {
  /** Replaces all known objects by a complete list. */
  replace(objects: ReadonlyMap<string, T>): void;
  /** Applies changes in order. An undefined `object` means that the object was removed. */
  apply(changes: readonly (readonly [key: string, object: T | undefined])[]): void;
}

/** The server, and the objects to list and watch. */
export interface ListWatchOptions<T> {
  readonly server: ApiServer;
  readonly resource: ApiResource<T>;
  /** Namespace of the objects, or "" for all. */
  readonly namespace: string;
  readonly selector: ObjectSelector;
  readonly sink: ObjectSink<T>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: StateLog;
  /** Returns a random number in [0, 1). */
  readonly random: () => number;
  /** Called with the error of each failed list or watch request. */
  readonly failed: (error: unknown) => void;
}

interface ListAnswer {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly RawObject[] | null;
}

interface WatchEvent {
  readonly type: string;
  readonly object: RawObject;
}

/**
 * Keeps a sink equal to the API server's objects of one kind. Lists the objects, and then watches changes from the
 * list's resource version. Lists again if the server no longer has that version, or if reopening the watch cannot fix
 * an error. https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export class ListWatch<T> {
  readonly #options: ListWatchOptions<T>;
  /** Resource version of the objects in the sink. Undefined if the objects must be listed first. */
  #version: string | undefined;
  #failures = 0;
  /** Whether the server reported an expired resource version, and has sent no data since. */
  #forgotten = false;

  constructor(options: ListWatchOptions<T>) {
    this.#options = options;
  }

  /** Runs until the signal aborts. Never rejects. */
  async run(): Promise<void> {
    const { signal, log, failed } = this.#options;
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list();
        else await this.#watch(this.#version);
      } catch (error) {
        if (signal.aborted) return;
        if (!isTemporary(error)) this.#version = undefined;
        if (error instanceof ApiStatusError && error.isExpired && !this.#forgotten) {
          // A resource version often expires, because the server keeps only a few minutes of history. It counts as a
          // failure only if it happens again right after a list.
          this.#forgotten = true;
          continue;
        }
        failed(error);
        log.failed(errorText(error));
        await this.#rest(error);
        this.#failures++;
      }
    }
  }

  async #list(): Promise<void> {
    const { server, resource, sink, clock, signal, log } = this.#options;
    const accept = resource.metadataOnly === true ? partial("PartialObjectMetadataList") : "application/json";
    const patience = { clock, signal, silenceMs: LIST_SILENCE_MS };
    const objects = new Map<string, T>();
    let next = "";
    let version: string;
    do {
      const query = { limit: String(PAGE_SIZE), ...(next === "" ? {} : { continue: next }) };
      const answer = (await server.json(this.#path(query), accept, patience)) as ListAnswer;
      for (const raw of answer.items ?? []) objects.set(keyOfRaw(raw), resource.keep(raw));
      next = answer.metadata?.continue ?? "";
      version = answer.metadata?.resourceVersion ?? "";
    } while (next !== "");
    sink.replace(objects);
    this.#version = version;
    log.succeeded();
  }

  async #watch(version: string): Promise<void> {
    const { server, resource, clock, signal, random } = this.#options;
    const accept = resource.metadataOnly === true ? partial("PartialObjectMetadata") : "application/json";
    const seconds = Math.floor(MIN_WATCH_S * (1 + random()));
    const query = {
      watch: "true",
      resourceVersion: version,
      allowWatchBookmarks: "true",
      timeoutSeconds: String(seconds),
    };
    const begun = clock.monotonic();
    const stream = await server.stream(this.#path(query), accept, { clock, signal, silenceMs: WATCH_SILENCE_MS });
    const lines = new JsonLines();
    let hasEvents = false;
    try {
      for await (const chunk of stream) {
        const events = lines.push(chunk);
        if (events.length === 0) continue;
        hasEvents = true;
        this.#take(events as WatchEvent[]);
      }
    } finally {
      stream.close();
    }
    if (hasEvents || clock.monotonic() - begun >= SHORT_WATCH_MS) this.#works();
    else throw new ApiStatusError(503, "the watch ended at once");
  }

  /** Passes watch events to the sink. Throws at an ERROR event, after all earlier events were passed on. */
  #take(events: readonly WatchEvent[]): void {
    const { resource, sink } = this.#options;
    const changes: [string, T | undefined][] = [];
    let problem: Error | undefined;
    for (const { type, object } of events) {
      if (type === "ERROR") {
        problem = errorOfStatus(object, 500);
        break;
      }
      if (type === "ADDED" || type === "MODIFIED") changes.push([keyOfRaw(object), resource.keep(object)]);
      else if (type === "DELETED") changes.push([keyOfRaw(object), undefined]);
      this.#version = object.metadata.resourceVersion ?? this.#version;
    }
    if (changes.length > 0) sink.apply(changes);
    if (problem !== undefined) throw problem;
    this.#works();
  }

  #works(): void {
    this.#failures = 0;
    this.#forgotten = false;
    this.#options.log.succeeded();
  }

  /**
   * Waits before a retry. The delay is the one that the server requested, or else grows with each consecutive failure.
   */
  async #rest(error: unknown): Promise<void> {
    const { clock, signal, random } = this.#options;
    const retryAfterMs = error instanceof ApiStatusError ? error.retryAfterMs : undefined;
    const longer = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(this.#failures, 10));
    const delay = retryAfterMs === undefined ? longer : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
    try {
      await clock.sleep(delay * (1 + random() / 2), signal);
    } catch {
      // Ignores the error: the wait was aborted because the discoverer was stopped.
    }
  }

  #path(query: Readonly<Record<string, string>>): string {
    const { resource, namespace, selector } = this.#options;
    const within = resource.isNamespaced && namespace !== "" ? `/namespaces/${encodeURIComponent(namespace)}` : "";
    const parameters = new URLSearchParams(query);
    if (selector.label !== "") parameters.set("labelSelector", selector.label);
    if (selector.field !== "") parameters.set("fieldSelector", selector.field);
    return `${resource.group}${within}/${resource.plural}?${parameters.toString()}`;
  }
}

/** Accept header that requests only metadata. Servers that do not support this send whole objects. */
const partial = (kind: string): string => `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;

const keyOfRaw = ({ metadata }: RawObject): string => keyOf(metadata.namespace ?? "", metadata.name);

/**
 * Reports whether the same watch can be reopened after an error. After other errors, the objects must be listed again.
 */
const isTemporary = (error: unknown): boolean =>
  error instanceof ApiStatusError ? error.status === 429 || error.status >= 500 : error instanceof ConnectionError;
