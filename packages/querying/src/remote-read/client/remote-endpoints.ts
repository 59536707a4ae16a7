import type { RemoteRead, RemoteReader, RemoteSelection } from "../source/remote-reader.ts";
import type { RemoteEndpoint } from "./remote-endpoint.ts";
import { messageOf } from "../../errors/error-message.ts";

/** Reads from all servers of the section `remote_read` in the current configuration. */
export class RemoteEndpoints implements RemoteReader {
  readonly #count = new Int32Array(new SharedArrayBuffer(4));
  #list: readonly RemoteEndpoint[] = [];

  get endpoints(): number {
    return this.#list.length;
  }

  /** Shared memory that shows other threads the number of configured servers. */
  get count(): SharedArrayBuffer {
    return this.#count.buffer;
  }

  /** Replaces the servers. Requests in progress to the old servers continue to their end. */
  replace(list: readonly RemoteEndpoint[]): readonly RemoteEndpoint[] {
    const old = this.#list;
    this.#list = list;
    Atomics.store(this.#count, 0, list.length);
    return old;
  }

  concerns(minTime: number): Promise<boolean> {
    return Promise.resolve(this.#list.some((endpoint) => endpoint.concerns(minTime)));
  }

  async read(selection: RemoteSelection, signal: AbortSignal | undefined): Promise<RemoteRead> {
    const endpoints = this.#list.filter((endpoint) => endpoint.wants(selection));
    const outcomes = await Promise.allSettled(endpoints.map((endpoint) => endpoint.read(selection, signal)));
    const answers = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    const close = (): void => {
      for (const answer of answers) answer.close();
    };
    const problems = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [messageOf(outcome.reason)] : []));
    return { answers, problems, close };
  }
}
