import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

const CAPABILITIES = { low: 0xa2_09, high: 0x00_08 };
const COM_QUERY = 3;
const COM_RESET_CONNECTION = 31;
const OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

/** Sends a packet with this sequence number and payload. */
type SendPacket = (sequence: number, payload: Buffer) => void;

/** A MySQL server that accepts every login, and answers the queries of a test with given packets. */
export class FakeMysqlServer {
  /** All bytes that clients have sent. */
  readonly received: Buffer[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(onQuery: (sql: string, send: SendPacket, socket: Socket) => void) {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      let isLoggedIn = false;
      const send: SendPacket = (sequence, payload) => {
        const head = Buffer.alloc(4);
        head.writeUIntLE(payload.length, 0, 3);
        head[3] = sequence;
        socket.write(Buffer.concat([head, payload]));
      };
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        this.received.push(bytes);
        const sql = bytes[4] === COM_QUERY ? bytes.toString("utf8", 5) : "";
        if (!isLoggedIn) {
          isLoggedIn = true;
          send(2, OK);
        } else if (bytes[4] === COM_RESET_CONNECTION) send(1, OK);
        else if (/^(?:SET|START|ROLLBACK)/.test(sql)) send(1, OK);
        else if (sql !== "") onQuery(sql, send, socket);
      });
      send(0, greeting());
    });
  }

  static async open(onQuery: (sql: string, send: SendPacket, socket: Socket) => void): Promise<FakeMysqlServer> {
    const fake = new FakeMysqlServer(onQuery);
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

function greeting(): Buffer {
  const short = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from("8.0.0\0"),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from("saltsalt\0"),
    short(CAPABILITIES.low),
    Buffer.from([45, 2, 0]),
    short(CAPABILITIES.high),
    Buffer.from([21]),
    Buffer.alloc(10),
    Buffer.from("saltsaltsalt\0"),
    Buffer.from("mysql_native_password\0"),
  ]);
}
