import type { Clock } from "@narthex/runtime";
import type { DBusConnection } from "./d-bus.ts";

/** Time in ms after which an unused connection is closed. */
const IDLE_MS = 300_000;

/**
 * Keeps one connection to the system bus between scrapes, because connecting costs three round trips. Reconnects after
 * a failure. An unused connection does not keep the process running, and is closed after five minutes.
 */
export class KeptConnection {
  readonly #clock: Clock;
  readonly #connect: () => Promise<DBusConnection>;
  #kept: DBusConnection | undefined;
  #cancelIdle: () => void = () => {};

  constructor(clock: Clock, connect: () => Promise<DBusConnection>) {
    this.#clock = clock;
    this.#connect = connect;
  }

  /** Calls `work` with an open connection. Closes the connection if `work` fails. Must not be called concurrently. */
  async use(work: (connection: DBusConnection) => Promise<void>): Promise<void> {
    this.#cancelIdle();
    const kept = this.#kept?.resume() === true ? this.#kept : undefined;
    this.#kept = undefined;
    const connection = kept ?? (await this.#connect());
    try {
      await work(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    if (!connection.pause()) {
      connection.close();
      return;
    }
    this.#kept = connection;
    this.#cancelIdle = this.#clock.after(IDLE_MS, () => connection.close());
  }
}
