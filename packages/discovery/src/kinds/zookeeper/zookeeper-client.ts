import { connect, type Socket } from "node:net";
import { type Clock, errorText, type StateLog } from "@narthex/runtime";
import { bytesField, CODE, FieldReader, frame, Frames, int32, int64, OP, textField, textList, XID } from "./wire.ts";

/** Port of a ZooKeeper server whose address contains no port. */
const DEFAULT_PORT = 2181;
const CONNECT_TIMEOUT_MS = 1000;
/** Time in ms after which a request without an answer ends the connection. Prometheus waits without a limit. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Pause after all servers were tried without success. */
const RECONNECT_PAUSE_MS = 1000;
/** Maximum size in bytes of the paths in one message that sets watches again. Servers refuse messages of 1 MiB. */
const MAX_WATCHES_BYTES = 128 * 1024;

const NO_SESSION = { id: 0n, password: Buffer.alloc(16) };

/** Error that a server returned for a request. */
export class ZooKeeperError extends Error {
  override readonly name = "ZooKeeperError";
  readonly code: number;

  constructor(code: number, path: string) {
    super(code === CODE.noNode ? `node ${path} does not exist` : `ZooKeeper refused ${path} with error code ${code}`);
    this.code = code;
  }
}

export interface ZooKeeperClientOptions {
  /** Addresses of the servers, in the order in which they are tried. */
  readonly servers: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Log of the state of the connection. */
  readonly log: StateLog;
  /** Called with the path of a node for which a watch fired. */
  readonly onEvent: (path: string) => void;
  /** Called when all watches are lost, because the session has expired. */
  readonly onExpired: () => void;
}

/** A request to a server that was not answered yet. */
interface Unanswered {
  readonly pending: Pending;
  readonly cancelDeadline: () => void;
}

interface Pending {
  readonly op: number;
  readonly path: string;
  /** Paths with a watch of the request's kind. */
  readonly watches: Set<string>;
  resolve(answer: FieldReader): void;
  reject(error: Error): void;
}

/**
 * A session with a ZooKeeper ensemble. After the loss of a connection the session continues with another server, which
 * also reports the changes of watched nodes that happened in between. Requests wait while there is no connection.
 */
export class ZooKeeperClient {
  readonly #options: ZooKeeperClientOptions;
  readonly #dataWatches = new Set<string>();
  readonly #childWatches = new Set<string>();
  /** Requests that wait for a connection. */
  #waiting: Pending[] = [];
  #connection: Connection | undefined;
  #session: Session = NO_SESSION;
  /** Number of the last change that this client has seen. */
  #lastChange = 0n;
  /** Number of servers in a row that closed the connection instead of continuing the session. */
  #refusals = 0;

  constructor(options: ZooKeeperClientOptions) {
    this.#options = options;
  }

  /** Connects to one server after the other until the signal aborts. Resolves when the session is closed. */
  async run(): Promise<void> {
    const { servers, clock, signal, log } = this.#options;
    for (let i = 0; !signal.aborted; i++) {
      const server = servers[i % servers.length]!;
      try {
        await this.#serveConnection(server);
      } catch (error) {
        if (signal.aborted) break;
        log.failed(`${server}: ${errorText(error)}`);
      }
      if (i % servers.length === servers.length - 1)
        await clock.sleep(RECONNECT_PAUSE_MS, signal).catch(() => undefined);
    }
    for (const pending of this.#waiting.splice(0)) pending.reject(new Error("stopped"));
  }

  /** Returns the data of a node, and watches it. Rejects with ZooKeeperError if the node does not exist. */
  async watchData(path: string): Promise<Buffer> {
    const answer = await this.#request(OP.getData, path, this.#dataWatches);
    return answer.bytes();
  }

  /** Returns the names of a node's children, and watches the list. */
  async watchChildren(path: string): Promise<readonly string[]> {
    const answer = await this.#request(OP.getChildren2, path, this.#childWatches);
    return answer.texts();
  }

  async #request(op: number, path: string, watches: Set<string>): Promise<FieldReader> {
    this.#options.signal.throwIfAborted();
    try {
      return await new Promise<FieldReader>((resolve, reject) => {
        const pending: Pending = { op, path, watches, resolve, reject };
        if (this.#connection === undefined) this.#waiting.push(pending);
        else send(this.#connection, pending);
      });
    } catch (error) {
      watches.delete(path);
      throw error;
    }
  }

  async #serveConnection(server: string): Promise<void> {
    const { clock, signal, sessionTimeoutMs, log } = this.#options;
    const connection = new Connection(await openSocket(server, clock, signal), clock, (path, type) =>
      this.#onEvent(path, type),
    );
    const logout = (): void => connection.logout();
    signal.addEventListener("abort", logout, { once: true });
    try {
      this.#session = await this.#login(connection, sessionTimeoutMs);
      if (this.#session === NO_SESSION) return this.#expire();
      this.#refusals = 0;
      log.succeeded();
      connection.restoreWatches(this.#lastChange, this.#dataWatches, this.#childWatches);
      this.#connection = connection;
      for (const pending of this.#waiting.splice(0)) send(connection, pending);
      await connection.ended;
    } finally {
      signal.removeEventListener("abort", logout);
      this.#connection = undefined;
      if (this.#session !== NO_SESSION && connection.lastChange > this.#lastChange)
        this.#lastChange = connection.lastChange;
      connection.close();
    }
  }

  /**
   * Opens or continues the session. A server that knows fewer changes than this client closes the connection, because
   * it has missed changes. If all servers close the connection, the ensemble is a new one, and the client opens a new
   * session.
   */
  async #login(connection: Connection, timeoutMs: number): Promise<Session> {
    try {
      return await connection.login(this.#session, this.#lastChange, timeoutMs);
    } catch (error) {
      this.#refusals++;
      if (this.#session === NO_SESSION || this.#refusals < this.#options.servers.length) throw error;
      return NO_SESSION;
    }
  }

  #onEvent(path: string, type: number): void {
    if (type !== EVENT.children) this.#dataWatches.delete(path);
    if (type !== EVENT.data) this.#childWatches.delete(path);
    this.#options.onEvent(path);
  }

  #expire(): void {
    this.#dataWatches.clear();
    this.#childWatches.clear();
    this.#lastChange = 0n;
    this.#refusals = 0;
    this.#options.onExpired();
  }
}

/** Sends a request. Its watch counts from now on, and not before, or a new session would restore it. */
function send(connection: Connection, pending: Pending): void {
  pending.watches.add(pending.path);
  connection.send(pending);
}

/** Types of events of watched nodes. Other types report that a node was created or deleted. */
const EVENT = { data: 3, children: 4 } as const;

interface Session {
  readonly id: bigint;
  readonly password: Buffer;
}

/** One connection to a server. */
class Connection {
  /** Number of the last change in the answers of the server. */
  lastChange = 0n;
  /** Rejects when the connection ends. */
  readonly ended: Promise<never>;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #onEvent: (path: string, type: number) => void;
  readonly #frames = new Frames();
  readonly #unanswered = new Map<number, Unanswered>();
  /** Functions that cancel the deadlines of messages that set watches again, in the order of the messages. */
  readonly #restoring: (() => void)[] = [];
  readonly #fail: (error: Error) => void;
  #loggedIn: ((answer: FieldReader) => void) | undefined;
  #xid = 0;
  #cancelPing = (): void => undefined;
  #cancelDeadline = (): void => undefined;
  #silenceMs = 0;

  constructor(socket: Socket, clock: Clock, onEvent: (path: string, type: number) => void) {
    this.#socket = socket;
    this.#clock = clock;
    this.#onEvent = onEvent;
    const { promise, reject } = Promise.withResolvers<never>();
    this.ended = promise;
    promise.catch(() => undefined);
    this.#fail = (error) => {
      reject(error);
      this.close();
    };
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the connection was closed")));
  }

  /** Opens a session, or continues one. Returns NO_SESSION if the session to continue has expired. */
  async login({ id, password }: Session, lastChange: bigint, timeoutMs: number): Promise<Session> {
    this.#watchSilence((timeoutMs * 2) / 3);
    const answered = new Promise<FieldReader>((resolve) => (this.#loggedIn = resolve));
    this.#socket.write(frame([int32(0), int64(lastChange), int32(timeoutMs), int64(id), bytesField(password)]));
    const answer = await Promise.race([answered, this.ended]);
    answer.int32();
    const granted = answer.int32();
    const session = { id: answer.int64(), password: answer.bytes() };
    if (granted <= 0 || session.id === 0n) return NO_SESSION;
    this.#watchSilence((granted * 2) / 3);
    this.#pingEach(granted / 3);
    return session;
  }

  send(pending: Pending): void {
    this.#xid = (this.#xid + 1) & 0x7fff_ffff;
    this.#unanswered.set(this.#xid, { pending, cancelDeadline: this.#startDeadline(pending.path) });
    this.#socket.write(frame([int32(this.#xid), int32(pending.op), textField(pending.path), Buffer.of(1)]));
  }

  /** Sets the watches of earlier connections. The server reports those nodes that have changed since `lastChange`. */
  restoreWatches(lastChange: bigint, data: ReadonlySet<string>, children: ReadonlySet<string>): void {
    const none: readonly string[] = [];
    for (const paths of batches(data)) this.#setWatches(lastChange, paths, none);
    for (const paths of batches(children)) this.#setWatches(lastChange, none, paths);
  }

  /** Ends the session, so that the server forgets its watches at once, and the connection. */
  logout(): void {
    if (this.#socket.writable) this.#socket.write(frame([int32(0), int32(OP.close)]));
    this.close();
  }

  close(): void {
    this.#cancelPing();
    this.#cancelDeadline();
    for (const cancel of this.#restoring.splice(0)) cancel();
    const unanswered = [...this.#unanswered.values()];
    this.#unanswered.clear();
    for (const { pending, cancelDeadline } of unanswered) {
      cancelDeadline();
      pending.reject(new Error("the connection to ZooKeeper was lost"));
    }
    this.#socket.destroySoon();
  }

  #setWatches(lastChange: bigint, data: readonly string[], children: readonly string[]): void {
    const watches = [int64(lastChange), textList(data), textList([]), textList(children)];
    this.#restoring.push(this.#startDeadline("the watches"));
    this.#socket.write(frame([int32(XID.setWatches), int32(OP.setWatches), ...watches]));
  }

  #pingEach(ms: number): void {
    this.#cancelPing = this.#clock.after(ms, () => {
      this.#socket.write(frame([int32(XID.ping), int32(OP.ping)]));
      this.#pingEach(ms);
    });
  }

  /**
   * Ends the connection if the server does not answer a request in time, although it answers pings. Returns a function
   * that cancels the deadline.
   * @param what path of the node, or another subject of the request
   */
  #startDeadline(what: string): () => void {
    return this.#clock.after(REQUEST_TIMEOUT_MS, () =>
      this.#fail(new Error(`the server did not answer a request for ${what} within ${REQUEST_TIMEOUT_MS} ms`)),
    );
  }

  /** Ends the connection if the server is silent for this time. */
  #watchSilence(ms: number): void {
    this.#silenceMs = ms;
    this.#cancelDeadline();
    this.#cancelDeadline = this.#clock.after(ms, () => this.#fail(new Error(`the server was silent for ${ms} ms`)));
  }

  #onData(chunk: Buffer): void {
    this.#watchSilence(this.#silenceMs);
    try {
      for (const bytes of this.#frames.add(chunk)) this.#onFrame(new FieldReader(bytes));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #onFrame(fields: FieldReader): void {
    if (this.#loggedIn !== undefined) {
      this.#loggedIn(fields);
      this.#loggedIn = undefined;
      return;
    }
    const xid = fields.int32();
    const change = fields.int64();
    const code = fields.int32();
    if (xid === XID.event) return this.#onWatch(fields);
    if (change > this.lastChange) this.lastChange = change;
    if (xid === XID.setWatches) this.#restoring.shift()?.();
    const unanswered = this.#unanswered.get(xid);
    if (unanswered === undefined) return;
    this.#unanswered.delete(xid);
    unanswered.cancelDeadline();
    const { pending } = unanswered;
    if (code === 0) pending.resolve(fields);
    else pending.reject(new ZooKeeperError(code, pending.path));
  }

  #onWatch(fields: FieldReader): void {
    const type = fields.int32();
    fields.int32();
    this.#onEvent(fields.text(), type);
  }
}

/** Splits paths into lists that fit into one message. */
function* batches(paths: Iterable<string>): Generator<readonly string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const path of paths) {
    batch.push(path);
    bytes += path.length * 3 + 4;
    if (bytes < MAX_WATCHES_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

/** Opens a connection to `host`, `host:port` or `[address]:port`. */
async function openSocket(server: string, clock: Clock, signal: AbortSignal): Promise<Socket> {
  const colon = server.lastIndexOf(":");
  const host = (colon < 0 ? server : server.slice(0, colon)).replace(/^\[(.*)\]$/, "$1");
  const port = colon < 0 ? DEFAULT_PORT : Number(server.slice(colon + 1));
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) throw new Error("the address has no valid port");
  const socket = connect({ host, port, noDelay: true });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const stop = (): void => reject(new Error("stopped"));
  const cancel = clock.after(CONNECT_TIMEOUT_MS, () => reject(new Error("connection timed out")));
  signal.addEventListener("abort", stop, { once: true });
  socket.once("connect", () => resolve(socket));
  socket.on("error", reject);
  try {
    return await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}
