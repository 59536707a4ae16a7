import type { ApiCall } from "../prometheus/prometheus-api.ts";
import type { QueryDesk } from "./query-desk.ts";

/**
 * Number of data sources opened so far. The number is part of the keys of shared requests, so that a source that is
 * opened again does not join old requests.
 */
let opened = 0;

/** Sends the requests of one data source, in slots of the users. */
export class SourceRequests {
  readonly #desk: QueryDesk;
  readonly #uid: string;
  /** Start of the keys of this source. Another source, or the same source with changed settings, has another one. */
  readonly prefix: string;

  constructor(desk: QueryDesk, uid: string) {
    this.#desk = desk;
    this.#uid = uid;
    this.prefix = `${uid}\u0000source\u0000${++opened}\u0000`;
  }

  /** Sends a request. If a request with the same key is running, waits for its answer instead. */
  send<T>(
    key: string,
    { user, signal }: { readonly user: string; readonly signal: AbortSignal },
    send: (call: ApiCall) => Promise<T>,
  ): Promise<T> {
    return this.#desk.flights.join(this.prefix + key, signal, (shared) =>
      this.#desk.slots.run(user, this.#uid, shared, (count) => send({ signal: shared, count })),
    );
  }
}
