import type { Clock } from "@narthex/runtime";
import { type Connection, type ConnectionHandlers, DialError, type Transport } from "../transport.ts";

/** Maximum time in ms until sent bytes arrive at another host. */
const LATENCY_MS = 5;

interface End {
  readonly host: string;
  handlers: ConnectionHandlers | undefined;
  isPaused: boolean;
  isClosed: boolean;
  readonly inbox: (() => void)[];
}

/**
 * A simulated network of hosts that follows the rules of TCP. The test advances its clock. Data between disconnected
 * hosts arrives only when the hosts are connected again.
 */
export class MemoryNetwork {
  readonly #clock: Clock;
  readonly #listeners = new Map<string, (connection: Connection) => void>();
  readonly #cuts = new Set<string>();
  /** For each host, the functions that close its connections. */
  readonly #connections = new Map<string, Set<() => void>>();
  readonly #generations = new Map<string, number>();
  /** Data between disconnected hosts, which heal() delivers. */
  #held: { readonly a: string; readonly b: string; readonly run: () => void }[] = [];
  dials = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Disconnects two hosts from each other. */
  cut(a: string, b: string): void {
    this.#cuts.add([a, b].sort().join(" "));
  }

  /** Connects all hosts again. Data that was sent while they were disconnected arrives. */
  heal(): void {
    this.#cuts.clear();
    const held = this.#held;
    this.#held = [];
    for (const { run } of held) this.#clock.after(LATENCY_MS, run);
  }

  /** Returns the transport of a host. Each host has only one port, with the address `name:1`. */
  transport(name: string): Transport {
    const address = `${name}:1`;
    const generation = this.#generation(name);
    return {
      listen: async (accept) => {
        this.#listeners.set(address, accept);
        return { host: name, port: 1 };
      },
      dial: (to, timeoutMs) =>
        generation === this.#generation(name) ? this.#dial(name, to, timeoutMs) : Promise.reject(new DialError("dead")),
      close: async () => void this.#listeners.delete(address),
    };
  }

  /**
   * Simulates kill -9: the operating system closes the port and the connections, and the process can send nothing more.
   */
  kill(name: string): void {
    this.#listeners.delete(`${name}:1`);
    for (const connection of this.#connections.get(name) ?? []) connection();
    this.#connections.delete(name);
    this.#generations.set(name, this.#generation(name) + 1);
  }

  /**
   * Returns the number of times that a host was killed, by which its current process is distinguished from earlier
   * ones.
   */
  #generation(name: string): number {
    return this.#generations.get(name) ?? 0;
  }

  #isCut(a: string, b: string): boolean {
    return this.#cuts.has([a, b].sort().join(" "));
  }

  #dial(from: string, to: string, timeoutMs: number): Promise<Connection> {
    this.dials++;
    const generation = this.#generation(from);
    const target = to.slice(0, to.lastIndexOf(":"));
    return new Promise((resolve, reject) => {
      if (this.#isCut(from, target)) {
        this.#clock.after(timeoutMs, () => reject(new DialError(`dial ${to}: i/o timeout`)));
        return;
      }
      this.#clock.after(LATENCY_MS, () => {
        const accept = generation === this.#generation(from) ? this.#listeners.get(to) : undefined;
        if (accept === undefined) {
          reject(new DialError(`dial ${to}: connection refused`, true));
          return;
        }
        const [near, far] = this.#pair(from, target);
        resolve(near);
        accept(far);
      });
    });
  }

  #pair(a: string, b: string): readonly [Connection, Connection] {
    const end = (host: string): End => ({ host, handlers: undefined, isPaused: false, isClosed: false, inbox: [] });
    const [near, far] = [end(a), end(b)];
    return [this.#connection(near, far), this.#connection(far, near)];
  }

  /** Calls a function after the network delay, or when the hosts are connected again. The order of calls is kept. */
  #deliver(from: End, to: End, run: () => void): void {
    const arrive = (): void => {
      to.inbox.push(run);
      drain(to);
    };
    if (this.#isCut(from.host, to.host)) this.#held.push({ a: from.host, b: to.host, run: arrive });
    else this.#clock.after(LATENCY_MS, arrive);
  }

  #connection(own: End, other: End): Connection {
    const close = (): void => {
      if (own.isClosed) return;
      own.isClosed = true;
      this.#deliver(own, other, () => {
        if (other.isClosed) return;
        other.isClosed = true;
        other.handlers?.closed("closed by the other side");
      });
    };
    const closes = this.#connections.get(own.host) ?? new Set();
    this.#connections.set(own.host, closes);
    closes.add(() => {
      close();
      own.handlers = undefined;
    });
    return {
      handle(handlers) {
        own.handlers = handlers;
      },
      write: async (bytes) => {
        if (own.isClosed) throw new Error("closed");
        const copy = Uint8Array.from(bytes);
        this.#deliver(own, other, () => {
          if (!other.isClosed) other.handlers?.data(copy);
        });
      },
      pause: () => void (own.isPaused = true),
      resume: () => {
        own.isPaused = false;
        drain(own);
      },
      end: close,
      destroy: () => {
        const wasClosed = own.isClosed;
        close();
        if (!wasClosed) queueMicrotask(() => own.handlers?.closed("closed here"));
      },
    };
  }
}

function drain(end: End): void {
  while (!end.isPaused) {
    const next = end.inbox.shift();
    if (next === undefined) return;
    next();
  }
}
