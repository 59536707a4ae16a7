import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { type AddressInfo, createServer, type Server, type Socket as TcpSocket } from "node:net";
import { type Answer, decode, encode, type Question, streamEncode } from "dns-packet";

/** A DNS reply of the test server. If undefined, the server does not reply. */
interface DnsReply {
  readonly answers?: readonly Answer[];
  readonly rcode?: keyof typeof RCODES;
  /** Whether the answer is marked as truncated, because it does not fit into a datagram. */
  readonly truncated?: boolean;
}

const RCODES = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 };

export type DnsScript = (question: Question, transport: "udp" | "tcp") => DnsReply | undefined;

/** Flags of RFC 1035, section 4.1.1: response, recursion available, answer truncated. */
const RESPONSE = 1 << 15;
const RECURSION_AVAILABLE = 1 << 7;
const TRUNCATED = 1 << 9;

/** A DNS server on loopback, over UDP and TCP on one port that the system chooses. */
export class DnsServer implements AsyncDisposable {
  /** Requests so far: `udp A name`. */
  readonly queries: string[] = [];
  readonly #udp: Socket;
  readonly #tcp: Server;
  readonly #connections = new Set<TcpSocket>();
  #script: DnsScript;

  private constructor(udp: Socket, tcp: Server, script: DnsScript) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.#script = script;
    udp.on("message", (message, peer) => this.#onDatagram(message, peer));
    tcp.on("connection", (socket) => this.#onConnection(socket));
  }

  static async start(script: DnsScript): Promise<DnsServer> {
    for (;;) {
      const tcp = createServer();
      await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
      const udp = createSocket("udp4");
      const bound = await new Promise<boolean>((resolve) => {
        udp.once("error", () => resolve(false));
        udp.bind((tcp.address() as AddressInfo).port, "127.0.0.1", () => resolve(true));
      });
      if (bound) return new DnsServer(udp, tcp, script);
      tcp.close();
    }
  }

  /** `127.0.0.1:port`. */
  get address(): string {
    return `127.0.0.1:${this.#udp.address().port}`;
  }

  /** Replaces the script of answers. */
  answer(script: DnsScript): void {
    this.#script = script;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections) socket.destroy();
    await Promise.all([
      new Promise<void>((resolve) => this.#udp.close(resolve)),
      new Promise((resolve) => this.#tcp.close(resolve)),
    ]);
  }

  #reply(message: Buffer, transport: "udp" | "tcp") {
    const query = decode(message);
    const question = query.questions![0]!;
    this.queries.push(`${transport} ${question.type} ${question.name}`);
    const reply = this.#script(question, transport);
    if (reply === undefined) return undefined;
    return {
      type: "response" as const,
      id: query.id!,
      flags: RESPONSE | RECURSION_AVAILABLE | (reply.truncated ? TRUNCATED : 0) | RCODES[reply.rcode ?? "NOERROR"],
      questions: [question],
      answers: [...(reply.answers ?? [])],
    };
  }

  #onDatagram(message: Buffer, peer: RemoteInfo): void {
    const reply = this.#reply(message, "udp");
    if (reply !== undefined) this.#udp.send(encode(reply), peer.port, peer.address);
  }

  #onConnection(socket: TcpSocket): void {
    this.#connections.add(socket);
    socket.on("close", () => this.#connections.delete(socket));
    socket.on("error", () => undefined);
    let pending: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0);
        const reply = this.#reply(pending.subarray(2, end), "tcp");
        pending = pending.subarray(end);
        if (reply !== undefined) socket.write(streamEncode(reply));
      }
    });
  }
}
