import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** Returns a message of PostgreSQL's protocol. */
export function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const ready = (state: string): Buffer => message("Z", Buffer.from(state));
const done = (tag: string): Buffer => message("C", Buffer.from(`${tag}\0`));

/** Messages of a successful login. */
export const LOGIN = Buffer.concat([
  message("R", int32(0)),
  message("K", Buffer.concat([int32(1), int32(2)])),
  ready("I"),
]);

/** Messages that answer the statements which begin a transaction. */
const BEGUN = Buffer.concat([done("SET"), done("BEGIN"), done("SET"), ready("T")]);

/** A PostgreSQL server that answers the login and the first statement of a query with given bytes. */
export class FakePostgresServer {
  /** All bytes that clients have sent. */
  readonly received: Buffer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(login: Buffer, answer: Buffer) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      let number = 0;
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        this.received.push(bytes);
        const reply = [login, BEGUN, answer][number++];
        if (reply !== undefined) socket.write(reply);
      });
    });
  }

  static async open(login: Buffer, answer: Buffer = Buffer.alloc(0)): Promise<FakePostgresServer> {
    const fake = new FakePostgresServer(login, answer);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
