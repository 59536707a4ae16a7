import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { bytesField, CODE, FieldReader, frame, Frames, int32, int64, OP, textField, textList, XID } from "../wire.ts";

/** Types of watch events. */
const EVENT = { created: 1, deleted: 2, data: 3, children: 4 } as const;
/** Bytes of a node's statistics, which clients of this project ignore. */
const STAT = Buffer.alloc(68);

interface FakeNode {
  data: string;
  version: bigint;
  /** Number of the last change of the list of children. */
  childrenVersion: bigint;
}

interface Client {
  readonly socket: Socket;
  readonly frames: Frames;
  session: bigint;
  readonly data: Set<string>;
  readonly children: Set<string>;
}

/** A ZooKeeper server on loopback with nodes, watches and sessions. */
export class FakeZooKeeper implements AsyncDisposable {
  /** Number of nodes whose data was requested. */
  reads = 0;
  /** Whether the server answers logins and pings alone. */
  isStuck = false;
  /** Called for each request. Returns an error code to refuse it, otherwise 0. */
  refusal: (path: string) => number = () => 0;
  readonly #server: Server;
  readonly #nodes = new Map<string, FakeNode>([["/", { data: "", version: 0n, childrenVersion: 0n }]]);
  readonly #clients = new Set<Client>();
  readonly #sessions = new Set<bigint>();
  #change = 0n;
  #lastSession = 0n;

  private constructor() {
    // Without noDelay, the kernel delays small answers by 40 ms, in which the clock of a test passes the deadlines.
    this.#server = createServer({ noDelay: true }, (socket) => this.#onConnection(socket));
  }

  static async start(): Promise<FakeZooKeeper> {
    const fake = new FakeZooKeeper();
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openSessions(): number {
    return this.#sessions.size;
  }

  /** Creates a node, or changes its data. */
  put(path: string, data: unknown): void {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    const node = this.#nodes.get(path);
    const version = ++this.#change;
    if (node === undefined) {
      this.#nodes.set(path, { data: text, version, childrenVersion: version });
      this.#changeChildren(parentOf(path));
    } else {
      node.data = text;
      node.version = version;
      for (const client of this.#clients) this.#fire(client, path, EVENT.data);
    }
  }

  /** Deletes a node and the nodes below it, the lowest first. */
  remove(path: string): void {
    for (const name of this.#childrenOf(path)) this.remove(`${path}/${name}`);
    this.#nodes.delete(path);
    this.#change++;
    for (const client of this.#clients) this.#fire(client, path, EVENT.deleted);
    this.#changeChildren(parentOf(path));
  }

  /** Cuts all connections. Sessions stay, and clients can continue them. */
  cut(): void {
    for (const { socket } of this.#clients) socket.destroy();
    this.#clients.clear();
  }

  /** Ends all sessions and connections, as after a long outage. */
  expire(): void {
    this.#sessions.clear();
    this.cut();
  }

  /** Replaces the server by a new one without nodes and sessions. */
  reset(): void {
    this.#nodes.clear();
    this.#nodes.set("/", { data: "", version: 0n, childrenVersion: 0n });
    this.#change = 0n;
    this.expire();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #onConnection(socket: Socket): void {
    const client: Client = { socket, frames: new Frames(), session: 0n, data: new Set(), children: new Set() };
    this.#clients.add(client);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#clients.delete(client));
    socket.on("data", (chunk: Buffer) => {
      for (const bytes of client.frames.add(chunk)) this.#onFrame(client, new FieldReader(bytes));
    });
  }

  #onFrame(client: Client, fields: FieldReader): void {
    if (client.session === 0n) return this.#login(client, fields);
    const xid = fields.int32();
    const op = fields.int32();
    if (op === OP.ping) return this.#answer(client, XID.ping, 0, []);
    if (this.isStuck && op !== OP.close) return;
    if (op === OP.setWatches) return this.#setWatches(client, fields);
    if (op === OP.close) {
      this.#sessions.delete(client.session);
      client.socket.end();
      return;
    }
    const path = fields.text();
    const node = this.#nodes.get(path);
    const code = this.refusal(path) || (node === undefined ? CODE.noNode : 0);
    if (code !== 0) return this.#answer(client, xid, code, []);
    if (op === OP.getData) {
      this.reads++;
      client.data.add(path);
      this.#answer(client, xid, 0, [bytesField(Buffer.from(node!.data)), STAT]);
    } else {
      client.children.add(path);
      this.#answer(client, xid, 0, [textList(this.#childrenOf(path)), STAT]);
    }
  }

  #login(client: Client, fields: FieldReader): void {
    fields.int32();
    if (fields.int64() > this.#change) {
      client.socket.destroy();
      return;
    }
    const timeout = fields.int32();
    const wanted = fields.int64();
    if (wanted !== 0n && !this.#sessions.has(wanted)) {
      client.socket.end(frame([int32(0), int32(0), int64(0n), bytesField(Buffer.alloc(16))]));
      return;
    }
    client.session = wanted === 0n ? ++this.#lastSession : wanted;
    this.#sessions.add(client.session);
    client.socket.write(frame([int32(0), int32(timeout), int64(client.session), bytesField(Buffer.alloc(16, 1))]));
  }

  /** Sets watches again, and reports at once those nodes that have changed in the meantime. */
  #setWatches(client: Client, fields: FieldReader): void {
    const since = fields.int64();
    this.#answer(client, XID.setWatches, 0, []);
    const [data, , children] = [fields.texts(), fields.texts(), fields.texts()];
    for (const path of data) {
      client.data.add(path);
      const node = this.#nodes.get(path);
      if (node === undefined) this.#fire(client, path, EVENT.deleted);
      else if (node.version > since) this.#fire(client, path, EVENT.data);
    }
    for (const path of children) {
      client.children.add(path);
      const node = this.#nodes.get(path);
      if (node === undefined) this.#fire(client, path, EVENT.deleted);
      else if (node.childrenVersion > since) this.#fire(client, path, EVENT.children);
    }
  }

  #changeChildren(path: string): void {
    const node = this.#nodes.get(path);
    if (node !== undefined) node.childrenVersion = this.#change;
    for (const client of this.#clients) this.#fire(client, path, EVENT.children);
  }

  #fire(client: Client, path: string, type: number): void {
    const isData = type !== EVENT.children && client.data.delete(path);
    const isChildren = type !== EVENT.data && client.children.delete(path);
    if (!isData && !isChildren) return;
    client.socket.write(frame([int32(XID.event), int64(-1n), int32(0), int32(type), int32(3), textField(path)]));
  }

  #answer(client: Client, xid: number, code: number, parts: readonly Uint8Array[]): void {
    client.socket.write(frame([int32(xid), int64(this.#change), int32(code), ...parts]));
  }

  #childrenOf(path: string): string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    return [...this.#nodes.keys()]
      .filter((other) => other.startsWith(prefix) && other !== "/" && !other.slice(prefix.length).includes("/"))
      .map((other) => other.slice(prefix.length));
  }
}

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf("/")));
