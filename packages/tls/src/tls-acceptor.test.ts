import { once } from "node:events";
import { connect as connectPlain, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { connect, type ConnectionOptions } from "node:tls";
import { decodeYaml } from "@narthex/config";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serverTlsSection } from "./server-section.ts";
import { type ServerTerms, serverTerms } from "./server-terms.ts";
import { Authority, hasOpenssl, type KeyPair } from "./testing/authority.ts";
import { TlsAcceptor } from "./tls-acceptor.ts";

/** Result of a client's connection. `heard` is the server's greeting, or "" if the client was refused. */
interface Meeting {
  received: string;
  /** TLS version and cipher suite that client and server agreed on, or "none" if the client was refused. */
  agreed: string;
  protocol: string;
  isResumed: boolean;
  session: Buffer | undefined;
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => void socket.once("close", () => resolve()));

describe.skipIf(!hasOpenssl())("TlsAcceptor", () => {
  let own: Authority, other: Authority, server: KeyPair, client: KeyPair, foreign: KeyPair;

  beforeAll(() => {
    own = new Authority("own");
    other = new Authority("other");
    server = own.issue("server", "DNS:localhost");
    client = own.issue("client", "DNS:client.test");
    foreign = other.issue("foreign", "DNS:client.test");
  });
  afterAll(() => {
    own[Symbol.dispose]();
    other[Symbol.dispose]();
  });

  const termsOf = (...lines: readonly string[]): ServerTerms => {
    const files: Record<string, string> = { "c.pem": server.cert, "k.pem": server.key, "ca.pem": own.pair.cert };
    const yaml = ["cert_file: c.pem", "key_file: k.pem", ...lines].join("\n");
    const loaded = decodeYaml(yaml, "tls.yml", serverTlsSection);
    if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join());
    return serverTerms(loaded.value, "tls.yml", (path) => files[path]!)!;
  };

  /** A TLS server that sends a greeting to the clients that it accepts. */
  class Greeter implements AsyncDisposable {
    readonly clock = new ManualClock(Date.parse("2026-01-01"));
    readonly logger = memoryLogger();
    readonly verified: string[] = [];
    readonly acceptor: TlsAcceptor;
    readonly #server: Server;
    #terms: ServerTerms;

    constructor(terms: ServerTerms, protocols?: readonly string[], maxHandshakes = Infinity) {
      this.#terms = terms;
      this.acceptor = new TlsAcceptor({
        terms: () => this.#terms,
        clock: this.clock,
        maxHandshakes,
        ...(protocols === undefined ? {} : { protocols }),
        accept: (socket, certificate) => {
          this.verified.push(certificate?.subject ?? "");
          socket.on("error", () => undefined).end("hello");
        },
        logger: this.logger,
        plainAnswer: "speak TLS",
      });
      // Allows half-open connections, like the servers of node:http.
      this.#server = createServer({ allowHalfOpen: true }, (socket) => this.acceptor.take(socket));
    }

    async listen(): Promise<this> {
      await once(this.#server.listen(0, "127.0.0.1"), "listening");
      return this;
    }

    get port(): number {
      return (this.#server.address() as AddressInfo).port;
    }

    demand(terms: ServerTerms): void {
      this.#terms = terms;
    }

    /** Connects a client to the server. Returns what happened. */
    async meets(options: ConnectionOptions = {}): Promise<Meeting> {
      const ca = own.pair.cert;
      const socket = connect({ host: "127.0.0.1", port: this.port, servername: "localhost", ca, ...options });
      const meeting: Meeting = { received: "", agreed: "none", protocol: "", isResumed: false, session: undefined };
      socket.on("secureConnect", () => {
        meeting.isResumed = socket.isSessionReused();
        meeting.protocol = String(socket.alpnProtocol);
        meeting.agreed = `${socket.getProtocol()} ${socket.getCipher().name}`;
      });
      socket.on("data", (bytes) => (meeting.received += String(bytes)));
      socket.on("session", (ticket) => (meeting.session ??= ticket));
      socket.on("error", () => socket.destroy());
      await closed(socket);
      return meeting;
    }

    async [Symbol.asyncDispose](): Promise<void> {
      this.acceptor.close();
      await new Promise((resolve) => this.#server.close(resolve));
    }
  }

  const VERIFYING = ["client_auth_type: RequireAndVerifyClientCert", "client_ca_file: ca.pem"];

  test("new terms apply to the next connection, even if it resumes an earlier session", async () => {
    await using greeter = await new Greeter(termsOf("client_auth_type: RequestClientCert")).listen();
    const { received, session } = await greeter.meets(foreign);
    expect(received).toBe("hello");
    expect(await greeter.meets({ ...foreign, session: session! })).toMatchObject({
      received: "hello",
      isResumed: true,
    });
    greeter.demand(termsOf(...VERIFYING));
    expect(await greeter.meets({ ...foreign, session: session! })).toMatchObject({ received: "", isResumed: false });
    expect((await greeter.meets()).received).toBe("");
    expect((await greeter.meets(client)).received).toBe("hello");
    expect(greeter.verified).toEqual(["", "", "CN=client"]);
    expect(greeter.logger.lines).toMatchObject([
      { level: "warn", fields: { err: "failed to verify certificate: x509: certificate signed by unknown authority" } },
      { level: "warn", fields: { err: "client didn't provide a certificate" } },
    ]);
  });

  test("a session ends with its certificate's validity", async () => {
    await using greeter = await new Greeter(termsOf(...VERIFYING)).listen();
    const { received, session } = await greeter.meets(client);
    expect(received).toBe("hello");
    await greeter.clock.advance(1000 * 86_400_000);
    expect(await greeter.meets({ ...client, session: session! })).toMatchObject({ received: "", isResumed: true });
    expect(greeter.logger.lines[0]?.fields["err"]).toContain("expired");
  });

  test("configured versions, suites and curves restrict the negotiation", async () => {
    const suites = "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]";
    await using greeter = await new Greeter(termsOf(suites)).listen();
    const agreed = async (options: ConnectionOptions): Promise<string> => (await greeter.meets(options)).agreed;
    const tls12 = { maxVersion: "TLSv1.2" } as const;
    const both = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384";
    expect(await agreed({ ...tls12, ciphers: both })).toBe("TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384");
    expect(await agreed({ ...tls12, ciphers: "ECDHE-ECDSA-CHACHA20-POLY1305" })).toBe("none");
    greeter.demand(termsOf(suites, "prefer_server_cipher_suites: false"));
    expect(await agreed({ ...tls12, ciphers: both })).toBe("TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256");
    greeter.demand(termsOf("cipher_suites: [TLS_AES_128_GCM_SHA256]"));
    expect(await agreed(tls12)).toBe("none");
    expect(await agreed({ ciphers: "TLS_CHACHA20_POLY1305_SHA256" })).toBe("TLSv1.3 TLS_CHACHA20_POLY1305_SHA256");
    greeter.demand(termsOf("min_version: TLS13"));
    expect(await agreed(tls12)).toBe("none");
    greeter.demand(termsOf("max_version: TLS12"));
    expect(await agreed({ minVersion: "TLSv1.3" })).toBe("none");
    greeter.demand(termsOf("min_version: TLS10"));
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    expect(await agreed(old)).toBe("TLSv1 ECDHE-ECDSA-AES128-SHA");
    greeter.demand(termsOf());
    expect(await agreed(old)).toBe("none");
    greeter.demand(termsOf("curve_preferences: [CurveP384]"));
    expect(await agreed({ ecdhCurve: "X25519:P-256" })).toBe("none");
    expect(await agreed({ ecdhCurve: "X25519:P-384" })).toMatch(/^TLSv1.3/);
  });

  test("a client that disconnects before the handshake leaves nothing open", async () => {
    await using greeter = await new Greeter(termsOf()).listen();
    const gone = connectPlain(greeter.port, "127.0.0.1");
    gone.resume().end();
    await closed(gone);
  });

  // Runs only on Linux, because other systems have no second address of the loopback interface.
  test.skipIf(process.platform !== "linux")(
    "silent clients do not prevent others from connecting: the oldest handshake of the address with the most ends",
    async () => {
      await using greeter = await new Greeter(termsOf(), undefined, 3).listen();
      const silent = async (localAddress: string): Promise<{ socket: Socket; ended: () => boolean }> => {
        const socket: Socket = connectPlain({ port: greeter.port, host: "127.0.0.1", localAddress });
        let ended = false;
        socket
          .on("error", () => undefined)
          .on("close", () => (ended = true))
          .resume();
        await once(socket, "connect");
        return { socket, ended: () => ended };
      };
      const other = await silent("127.0.0.2");
      const [first, second] = [await silent("127.0.0.1"), await silent("127.0.0.1")];
      await expect.poll(() => greeter.acceptor.handshakes).toBe(3);
      expect((await greeter.meets({ localAddress: "127.0.0.3" } as ConnectionOptions)).received).toBe("hello");
      await expect.poll(first.ended).toBe(true);
      expect([other.ended(), second.ended()]).toEqual([false, false]);
      for (const { socket } of [other, second]) socket.destroy();
    },
  );

  test("protocols are offered; close() ends unfinished handshakes", async () => {
    await using greeter = await new Greeter(termsOf(), ["h2", "http/1.1"]).listen();
    expect((await greeter.meets({ ALPNProtocols: ["http/1.1"] })).protocol).toBe("http/1.1");
    const silent: Socket = connectPlain(greeter.port, "127.0.0.1");
    await once(silent, "connect");
    // Waits for a complete handshake. Connections are accepted in order, so the acceptor has then accepted the silent
    // connection too.
    await greeter.meets();
    greeter.acceptor.close();
    silent.on("error", () => undefined).resume();
    await closed(silent);
    for (const [sent, expected] of [
      ["GET / HTTP/1.1\r\n\r\n", "speak TLS"],
      ["nothing of the kind\r\n", ""],
    ] as const) {
      const plain = connectPlain(greeter.port, "127.0.0.1");
      let text = "";
      plain.on("error", () => undefined).on("data", (bytes) => (text += bytes.toString("latin1")));
      plain.write(sent);
      await closed(plain);
      // If the server sends no plain-text answer, the client gets a TLS alert instead.
      expect(text.includes("speak TLS")).toBe(expected !== "");
      expect(greeter.logger.lines.at(-1)?.level).toBe("debug");
    }
  });
});
