import { connect, type Socket } from "node:net";
import type { Clock } from "@narthex/runtime";
import {
  type DBusCall,
  type DBusMessage,
  DBusProtocolError,
  type DBusValue,
  DBusWriter,
  ERROR_REPLY,
  FIXED_HEADER_BYTES,
  messageLength,
  METHOD_RETURN,
  readMessage,
  type Variant,
} from "./d-bus-message.ts";

/** Error that the receiver refused a call. The connection can still be used. */
export class DBusRefusal extends Error {
  override readonly name = "DBusRefusal";
}

/** Returns a function for `catch` that rethrows the error with `what` in front of its message. */
export const withReason =
  (what: string) =>
  (error: unknown): never => {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  };

/** Maximum number of concurrent calls. The system bus refuses a connection with more than 128 calls. */
const CALLS_AT_ONCE = 64;
const READ_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);
/** Maximum bytes of a line during authentication. */
const MAX_LINE_BYTES = 16 * 1024;

const BUS = { destination: "org.freedesktop.DBus", path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus" };

export interface DBusOptions {
  readonly clock: Clock;
  /**
   * Time limit in ms from connecting, or from `resume`, to the last answer. After the limit, the connection is closed.
   */
  readonly limitMs: number;
  /** Whether the socket is that of a bus, which assigns names. False for a service's own socket. */
  readonly isBus: boolean;
}

/** Returns the address of the system bus, as libdbus does. */
export const systemBusAddress = (env: Readonly<Record<string, string | undefined>>): string =>
  env["DBUS_SYSTEM_BUS_ADDRESS"] || "unix:path=/var/run/dbus/system_bus_socket";

/** Connects to the first address that answers. Throws if no address answers or accepts this user. */
export async function connectDBus(addresses: string, options: DBusOptions): Promise<DBusConnection> {
  let failure: unknown = new Error("no D-Bus address");
  for (const address of addresses.split(";")) {
    if (address === "") continue;
    const connection = new DBusConnection(socketPath(address), options);
    try {
      // The addresses are tried one after another: the next address is used only if this one fails.
      // oxlint-disable-next-line no-await-in-loop
      await connection.open();
      return connection;
    } catch (error) {
      connection.close();
      failure = error;
    }
  }
  throw failure;
}

/** Returns the socket of an address such as `unix:path=/run/dbus/system_bus_socket,guid=…`. */
function socketPath(address: string): string {
  const [transport, keys = ""] = address.split(/:(.*)/s);
  const values = new Map(keys.split(",").map((pair) => pair.split(/=(.*)/s) as [string, string]));
  const [path, abstract] = [values.get("path"), values.get("abstract")];
  if (transport !== "unix" || (path === undefined) === (abstract === undefined)) {
    throw new Error(`D-Bus address "${address}" is not supported; give unix:path=… or unix:abstract=…`);
  }
  return decodeURIComponent(path ?? `\0${abstract!}`);
}

interface Waiting {
  readonly call: DBusCall;
  readonly resolve: (body: readonly DBusValue[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Connection to a message bus over a Unix socket. Sends calls without waiting for the answers to earlier calls.
 * Authentication only sends the user id, because the kernel identifies this process to the bus.
 */
export class DBusConnection implements Disposable {
  readonly #socket: Socket;
  readonly #options: DBusOptions;
  #cancelLimit: () => void = () => {};
  readonly #writer = new DBusWriter();
  /** Calls that have no answer yet, by serial number. */
  readonly #open = new Map<number, Waiting>();
  readonly #queue: Waiting[] = [];
  #serial = 0;
  #isFlushing = false;
  /** Received bytes of a message that is not complete. */
  #received: Buffer = NOTHING;
  #failure: Error | undefined;
  /** Callbacks for the next line during the authentication; undefined afterwards. */
  #line: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined;

  constructor(path: string, options: DBusOptions) {
    this.#options = options;
    // Uses one buffer for all reads, because a bus sends many small answers.
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    this.#socket = connect({
      path,
      onread: {
        buffer,
        callback: (length) => {
          this.#receive(buffer.subarray(0, length));
          return true;
        },
      },
    });
    this.#startLimit();
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the connection was closed")));
  }

  /** Authenticates and asks the bus for a name. Throws if the bus refuses. */
  async open(): Promise<void> {
    const user = Buffer.from(String(process.getuid?.() ?? 0)).toString("hex");
    this.#socket.write(`\0AUTH EXTERNAL ${user}\r\n`);
    const answer = await this.#nextLine();
    if (!/^OK\b/.test(answer)) throw new Error(`authentication failed: ${answer}`);
    this.#socket.write("BEGIN\r\n");
    if (this.#options.isBus) await this.call({ ...BUS, member: "Hello" });
  }

  /**
   * Returns the result of a method. Throws DBusRefusal if the method answers with an error, and other errors if it does
   * not answer.
   */
  call(call: DBusCall): Promise<readonly DBusValue[]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#queue.push({ call, resolve, reject });
      this.#sendMore();
    });
  }

  /** Returns the structs that a method lists, with their members as text. Throws the errors of `call`. */
  async list(call: DBusCall): Promise<readonly (readonly string[])[]> {
    const [rows] = await this.call(call);
    if (!Array.isArray(rows)) throw new DBusRefusal(`${call.member} did not return a list`);
    return (rows as readonly DBusValue[]).map((row) =>
      Array.isArray(row) ? row.map((member) => (typeof member === "string" ? member : JSON.stringify(member))) : [],
    );
  }

  /** Reads one property of an object. Throws the errors of `call`. */
  async property(destination: string, path: string, face: string, name: string): Promise<Variant> {
    const args = [face, name];
    const [value] = await this.call({
      destination,
      path,
      interface: "org.freedesktop.DBus.Properties",
      member: "Get",
      args,
    });
    if (typeof value !== "object" || !("signature" in value))
      throw new DBusRefusal(`property ${name} was returned without its type`);
    return value;
  }

  /**
   * Suspends the time limit until `resume`; the process may exit during the pause. Returns false if the connection
   * cannot be kept, because it is closed or not to a bus: systemd sends its signals to everyone on its own socket.
   */
  pause(): boolean {
    if (this.#failure !== undefined || !this.#options.isBus) return false;
    this.#cancelLimit();
    this.#socket.unref();
    return true;
  }

  /** Restarts the time limit after `pause`. Returns false if the connection was closed during the pause. */
  resume(): boolean {
    if (this.#failure !== undefined) return false;
    this.#socket.ref();
    this.#startLimit();
    return true;
  }

  #startLimit(): void {
    const { clock, limitMs } = this.#options;
    this.#cancelLimit = clock.after(limitMs, () => this.#fail(new Error(`no answer within ${limitMs / 1000} s`)));
  }

  close(): void {
    this.#fail(new Error("the connection was closed"));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #nextLine(): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) reject(this.#failure);
      else this.#line = { resolve, reject };
    });
  }

  #sendMore(): void {
    while (this.#open.size < CALLS_AT_ONCE) {
      const next = this.#queue.shift();
      if (next === undefined) break;
      this.#open.set(++this.#serial, next);
      this.#writer.call(this.#serial, next.call);
    }
    if (this.#isFlushing || this.#writer.isEmpty) return;
    this.#isFlushing = true;
    // Sends all calls of one event loop iteration with one write.
    queueMicrotask(() => {
      this.#isFlushing = false;
      const bytes = this.#writer.take();
      if (this.#failure === undefined) this.#socket.write(bytes);
    });
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    try {
      const taken = this.#line === undefined ? this.#takeMessages(bytes) : this.#takeLine(bytes);
      this.#received = taken === bytes.length ? NOTHING : Buffer.from(bytes.subarray(taken));
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Reads one line of the authentication. Returns the number of bytes that were used. */
  #takeLine(bytes: Buffer): number {
    const end = bytes.indexOf("\r\n");
    if (end === -1) {
      if (bytes.length > MAX_LINE_BYTES)
        throw new DBusProtocolError(`a line of the authentication is longer than ${MAX_LINE_BYTES} bytes`);
      return 0;
    }
    this.#line!.resolve(bytes.toString("latin1", 0, end));
    this.#line = undefined;
    return end + 2;
  }

  /** Reads whole messages and returns the number of bytes that were used. */
  #takeMessages(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= FIXED_HEADER_BYTES) {
      const length = messageLength(bytes, at);
      if (bytes.length - at < length) break;
      this.#settle(readMessage(bytes.subarray(at, at + length)));
      at += length;
    }
    this.#sendMore();
    return at;
  }

  #settle(message: DBusMessage): void {
    // Ignores signals and calls from other programs.
    if (message.type !== METHOD_RETURN && message.type !== ERROR_REPLY) return;
    const waiting = this.#open.get(message.replyTo);
    if (waiting === undefined) return;
    this.#open.delete(message.replyTo);
    if (message.type === METHOD_RETURN) waiting.resolve(message.body);
    else waiting.reject(new DBusRefusal(typeof message.body[0] === "string" ? message.body[0] : message.errorName));
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#cancelLimit();
    this.#socket.destroy();
    this.#line?.reject(error);
    for (const { reject } of [...this.#open.values(), ...this.#queue]) reject(error);
    this.#open.clear();
    this.#queue.length = 0;
  }
}
