import type { Socket } from "node:net";
import type { buildConnector } from "undici";

/** Why a connection was not established, as Go's connection tracker tells them apart. */
export const DIAL_FAILURES = ["refused", "resolution", "timeout", "unknown"] as const;

type DialFailure = (typeof DIAL_FAILURES)[number];

const ATTEMPTED = 0;
const ESTABLISHED = 1;
const CLOSED = 2;
const FAILED = 3;
const IN_USE = FAILED + DIAL_FAILURES.length;
const FIELDS = IN_USE + 1;

/** What became of the connections that clients of one name opened. On shared memory: clients may be on another thread. */
export class DialCounts {
  readonly buffer: SharedArrayBuffer;
  readonly #fields: Float64Array;

  constructor(buffer = new SharedArrayBuffer(FIELDS * Float64Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#fields = new Float64Array(buffer);
  }

  /** There has been a client of that name. */
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

  /** A connection is being opened; the socket tells what becomes of it. */
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

  /** As watch(), where the socket is handed over when it stands. */
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
        // The connection stood; what failed was TLS.
        this.#add(ESTABLISHED);
        this.#add(CLOSED);
      }
      take(error, null);
    };
  }

  /** As Go's tracker: but for names that do not resolve, what it has a name for it counts as unknown, too. */
  #countFailure(error: Error | null): void {
    const { code = "", syscall = "" } = (rootOf(error) ?? {}) as NodeJS.ErrnoException;
    if (syscall === "getaddrinfo") return this.#fail("resolution");
    if (code === "ECONNREFUSED") this.#fail("refused");
    // A socket that is destroyed before it stands has waited for too long.
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

/** Of several addresses that were tried, the error of the first; of a proxy that is not reached, why. */
function rootOf(error: Error | null): Error | null {
  if (error instanceof AggregateError) return rootOf(error.errors[0] as Error);
  return error?.cause instanceof Error ? rootOf(error.cause) : error;
}

function isDialError(error: Error): boolean {
  const { code = "", syscall = "" } = (rootOf(error) ?? {}) as NodeJS.ErrnoException;
  return syscall === "connect" || syscall === "getaddrinfo" || code === CONNECT_TIMEOUT;
}

/** The counts of all clients, by the names of what they connect to. */
export class Dialers {
  readonly #counts = new Map<string, DialCounts>();

  of(name: string): DialCounts {
    let counts = this.#counts.get(name);
    if (counts === undefined) this.#counts.set(name, (counts = new DialCounts()));
    return counts;
  }

  /** Those that there have been clients of. */
  inUse(): readonly (readonly [name: string, counts: DialCounts])[] {
    return [...this.#counts].filter(([, counts]) => counts.isInUse);
  }
}
