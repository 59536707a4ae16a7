import type { Socket } from "node:net";
import type { buildConnector } from "undici";

/** Reasons why opening a connection can fail, as in Go's connection tracker (conntrack). */
export const DIAL_FAILURES = ["refused", "resolution", "timeout", "unknown"] as const;

type DialFailure = (typeof DIAL_FAILURES)[number];

const ATTEMPTED = 0;
const ESTABLISHED = 1;
const CLOSED = 2;
const FAILED = 3;
const IN_USE = FAILED + DIAL_FAILURES.length;
const FIELDS = IN_USE + 1;

/**
 * Counts the connections that HTTP clients of one name opened. The counts are in shared memory, because the clients may
 * be on another thread.
 */
export class DialCounts {
  readonly buffer: SharedArrayBuffer;
  readonly #fields: Float64Array;

  constructor(buffer = new SharedArrayBuffer(FIELDS * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#fields = new Float64Array(buffer);
  }

  /** Whether a client of this name has ever been created. */
  get isInUse(): boolean {
    return this.#fields[IN_USE] !== 0;
  }

  get attempted(): number {
    return this.#fields[ATTEMPTED]!;
  }

  get established(): number {
    return this.#fields[ESTABLISHED]!;
  }

  get closed(): number {
    return this.#fields[CLOSED]!;
  }

  failed(reason: DialFailure): number {
    return this.#fields[FAILED + DIAL_FAILURES.indexOf(reason)]!;
  }

  markInUse(): void {
    this.#fields[IN_USE] = 1;
  }

  /** Counts a connection attempt, and counts its result when the socket reports it. */
  watch<T extends Socket>(socket: T): T {
    this.#add(ATTEMPTED);
    let isEstablished = false;
    socket.once("connect", () => {
      isEstablished = true;
      this.#add(ESTABLISHED);
    });
    socket.once("close", () => {
      if (isEstablished) this.#add(CLOSED);
      else this.#countFailure(socket.errored);
    });
    return socket;
  }

  /**
   * Counts a connection attempt like watch(). For connectors that return the socket only after the connection is
   * established.
   */
  watching(take: buildConnector.Callback): buildConnector.Callback {
    this.#add(ATTEMPTED);
    return (...[error, socket]) => {
      if (error === null) {
        this.#add(ESTABLISHED);
        socket.once("close", () => this.#add(CLOSED));
        return take(null, socket);
      }
      if (isDialError(error)) this.#countFailure(error);
      else {
        // Counts an established connection, although TLS has failed.
        this.#add(ESTABLISHED);
        this.#add(CLOSED);
      }
      take(error, null);
    };
  }

  /**
   * Counts a failed connection attempt. As in Go's connection tracker, every failure except a failed name resolution
   * also counts as unknown.
   */
  #countFailure(error: Error | null): void {
    const { code = "", syscall = "" } = (rootOf(error) ?? {}) as NodeJS.ErrnoException;
    if (syscall === "getaddrinfo") return this.#fail("resolution");
    if (code === "ECONNREFUSED") this.#fail("refused");
    // Counts a timeout if the socket was destroyed before it was connected.
    else if (error === null || code === CONNECT_TIMEOUT) this.#fail("timeout");
    this.#fail("unknown");
  }

  #fail(reason: DialFailure): void {
    this.#add(FAILED + DIAL_FAILURES.indexOf(reason));
  }

  #add(field: number): void {
    this.#fields[field]!++;
  }
}

const CONNECT_TIMEOUT = "UND_ERR_CONNECT_TIMEOUT";

/**
 * Returns the original error of a failure: the error of the first address if several were tried, or the cause if a
 * proxy was not reached.
 */
function rootOf(error: Error | null): Error | null {
  if (error instanceof AggregateError) return rootOf(error.errors[0] as Error);
  return error?.cause instanceof Error ? rootOf(error.cause) : error;
}

function isDialError(error: Error): boolean {
  const { code = "", syscall = "" } = (rootOf(error) ?? {}) as NodeJS.ErrnoException;
  return syscall === "connect" || syscall === "getaddrinfo" || code === CONNECT_TIMEOUT;
}

export class Dialers {
  readonly #counts = new Map<string, DialCounts>();

  of(name: string): DialCounts {
    let counts = this.#counts.get(name);
    if (counts === undefined) this.#counts.set(name, (counts = new DialCounts()));
    return counts;
  }

  /** Returns the counts of all names for which a client has ever been created. */
  inUse(): readonly (readonly [name: string, counts: DialCounts])[] {
    return [...this.#counts].filter(([, counts]) => counts.isInUse);
  }
}
