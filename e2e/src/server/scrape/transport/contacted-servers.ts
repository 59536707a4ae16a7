import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type IncomingMessage, request as forward, type ServerResponse } from "node:http";
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import { createServer as createSecure } from "node:https";
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Certificates, Pair } from "../../../support/certificates.ts";

/** One request that a server received. */
export interface Seen {
  /** Name of the server that received the request. */
  readonly at: string;
  readonly line: string;
  /** HTTP header fields, sorted; names are in lower case. */
  readonly fields: readonly string[];
}

/** The members that HTTP/1 and HTTP/2 requests have in common. */
type Request = Pick<IncomingMessage | Http2ServerRequest, "url" | "method" | "httpVersion" | "rawHeaders"> & {
  readonly socket: Socket;
};

const METRICS = "requests_total 1\n";

/**
 * All fake servers to which one scraping server connects. Each of the two scraping servers has its own set, so that
 * their requests can be distinguished.
 */
export class ContactedServers implements AsyncDisposable {
  /** Ports by server name. */
  readonly ports = new Map<string, number>();
  /** Requests by job name; the URL path contains the job name. */
  readonly seen = new Map<string, Map<string, Seen>>();
  /** Latest request by job name. */
  readonly latest = new Map<string, Seen>();
  readonly #sockets = new Set<Socket>();
  readonly #servers: Server[] = [];
  readonly #programs: ChildProcess[] = [];

  async open(certificates: Certificates, caPath: string, pairPath: string): Promise<void> {
    const { server, namesOnly, nameless, expired, stranger, authority } = certificates;
    const answer =
      (at: string) => (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) =>
        this.#answer(at, request as IncomingMessage, response as ServerResponse);
    await this.#listen("plain", createServer(answer("plain")), "::");
    await this.#listen("other", createServer(answer("other")), "::");
    const pairs = { tls: server, names: namesOnly, nameless, expired, stranger };
    for (const [name, pair] of Object.entries(pairs)) await this.#listen(name, createSecure(pair, answer(name)));
    await this.#listen("tls12", createSecure({ ...server, maxVersion: "TLSv1.2" }, answer("tls12")));
    await this.#listen("tls13", createSecure({ ...server, minVersion: "TLSv1.3" }, answer("tls13")));
    const wanting = { ...server, ca: authority.pair.cert, requestCert: true };
    await this.#listen("mutual", createSecure(wanting, answer("mutual")));
    await this.#listen("h2", createSecureServer({ ...server, allowHTTP1: true }, answer("h2")));
    await this.#listen("h2only", createSecureServer(server, answer("h2only")));
    await this.#listen("h2mutual", createSecureServer({ ...wanting, allowHTTP1: true }, answer("h2mutual")));
    await this.#listen(
      "closing",
      createTcp((socket) => socket.once("data", () => socket.end())),
    );
    await this.#listen(
      "resetting",
      createTcp((socket) => socket.once("data", () => socket.resetAndDestroy())),
    );
    await this.#listen(
      "resettingTls",
      createTcp((socket) => socket.once("data", () => socket.resetAndDestroy())),
    );
    await this.#listen(
      "closingTls",
      createTcp((socket) => socket.once("data", () => socket.end())),
    );
    await this.#listen(
      "silent",
      createTcp(() => undefined),
    );
    await this.#proxy("proxy");
    await this.#proxy("proxyTls", server);
    await this.#proxy("strictProxy", undefined, `Basic ${Buffer.from("pu:p@ss").toString("base64")}`);
    await this.#program("strictTls", ["-Verify", "1"], caPath, pairPath);
    await this.#program("strictTls12", ["-Verify", "1", "-tls1_2"], caPath, pairPath);
    await this.#program("strictIssuer", ["-Verify", "1", "-verify_return_error"], caPath, pairPath);
  }

  of(job: string): Seen[] {
    return [...(this.seen.get(job)?.values() ?? [])].toSorted((a, b) =>
      JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
    );
  }

  /** Replaces ports by server names, and values that differ between the two sets of fake servers by common names. */
  neutral(text: string): string {
    let out = text;
    for (const [name, port] of this.ports) out = out.replaceAll(new RegExp(`(:|%3A)${port}\\b`, "g"), `$1<${name}>`);
    return out
      .replaceAll(/(127\.0\.0\.1|\[::1\]):\d+->/g, "$1:<any>->")
      .replaceAll(/current time \S+/g, "current time <now>")
      .replaceAll(/(?:Prometheus|Narthex)\/[\w.+-]+/g, "Agent/1")
      .replaceAll(/\/(?:ours|theirs)\//g, "/side/");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const program of this.#programs) program.kill();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #listen(name: string, server: Server, host = "127.0.0.1"): Promise<void> {
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket.on("error", () => undefined));
      socket.once("close", () => this.#sockets.delete(socket));
    });
    server.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    this.#servers.push(server);
    this.ports.set(name, (server.address() as AddressInfo).port);
  }

  /** Starts a program that serves TLS. Its TLS alert states the reason of a failed handshake. */
  async #program(name: string, args: readonly string[], caPath: string, pairPath: string): Promise<void> {
    const files = ["-cert", pairPath, "-key", pairPath, "-CAfile", caPath];
    const program = spawn("openssl", ["s_server", "-accept", "127.0.0.1:0", "-www", ...files, ...args]);
    this.#programs.push(program);
    const port = await new Promise<number>((resolve, reject) => {
      let output = "";
      program.stdout.on("data", (data: Buffer) => {
        const at = /ACCEPT \S*:(\d+)/.exec((output += String(data)));
        if (at !== null) resolve(Number(at[1]));
      });
      program.stderr.resume();
      program.once("exit", (code) => reject(new Error(`openssl s_server ended with ${code}`)));
    });
    this.ports.set(name, port);
  }

  /**
   * Records a request.
   * @param job name of the scrape job; by default taken from the path
   */
  #record(at: string, request: Request, job = /\/side-(?:[^/]*)\/([\w-]+)/.exec(request.url ?? "")?.[1]): void {
    const fields = new Map<string, string[]>();
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      const name = request.rawHeaders[i]!.toLowerCase();
      fields.set(name, [...(fields.get(name) ?? []), request.rawHeaders[i + 1]!]);
    }
    const list = [...fields].map(([name, values]) => this.neutral(`${name}: ${values.join(" | ")}`)).toSorted();
    const line = this.neutral(`${request.method} ${request.url} HTTP/${request.httpVersion}`);
    const peer = (request.socket as TLSSocket).getPeerCertificate?.();
    const who = peer?.subject === undefined ? at : `${at} (client ${String(peer.subject.CN)})`;
    const seen: Seen = { at: who, line, fields: list };
    const key = job ?? "?";
    if (!this.seen.has(key)) this.seen.set(key, new Map());
    // Only the first request of each kind is kept, because Prometheus 3.5 repeats some header fields in later requests.
    const requests = this.seen.get(key)!;
    if (!requests.has(`${who} ${line}`)) requests.set(`${who} ${line}`, seen);
    this.latest.set(key, seen);
  }

  #answer(at: string, request: IncomingMessage, response: ServerResponse): void {
    this.#record(at, request);
    const url = new URL(request.url!, "http://x");
    const to = url.searchParams.get("to");
    if (url.pathname.startsWith("/token")) return this.#token(at, request, response);
    if (to !== null) {
      const place = to.replace(/<(\w+)>/, (_all, name: string) => String(this.ports.get(name)));
      response.writeHead(Number(url.searchParams.get("status") ?? 302), { location: place });
    } else response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
    response.end(to === null ? METRICS : "");
  }

  /** Responds at `/token/side-x/job?answer=…` with tokens, or with the requested response. */
  #token(at: string, request: IncomingMessage, response: ServerResponse): void {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += String(chunk)));
    request.on("end", () => {
      const job = /\/([\w-]+)(?:\?|$)/.exec(request.url!.slice("/token/side-".length))?.[1] ?? "?";
      const form = [...new URLSearchParams(body)].map(([name, value]) => `${name}=${value}`).toSorted();
      const seen: Seen = { at: `${at} form`, line: form.join(" "), fields: [] };
      this.seen.get(job)?.set(JSON.stringify(seen), seen);
      const requestedAnswer = new URL(request.url!, "http://x").searchParams.get("answer");
      const answers: Readonly<Record<string, readonly [number, string, string]>> = {
        denied: [401, "application/json", `{"error":"invalid_client","error_description":"who are you"}`],
        broken: [500, "text/plain", "out of order"],
        odd: [200, "application/json", `{"access_token":`],
        empty: [200, "application/json", `{"token_type":"bearer"}`],
        form: [200, "application/x-www-form-urlencoded", "access_token=f0rm&expires_in=3600"],
        mac: [200, "application/json", `{"access_token":"m","token_type":"mac"}`],
      };
      const [status, type, text] = answers[requestedAnswer ?? ""] ?? [
        200,
        "application/json",
        `{"access_token":"t0ken","token_type":"bearer","expires_in":3600}`,
      ];
      response.writeHead(status, { "content-type": type });
      response.end(text);
    });
  }

  async #proxy(name: string, pair?: Pair, password?: string): Promise<void> {
    const refuses = (request: IncomingMessage): boolean =>
      password !== undefined && request.headers["proxy-authorization"] !== password;
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      this.#record(name, request);
      if (refuses(request)) {
        response.writeHead(407, { "proxy-authenticate": "Basic" }).end();
        return;
      }
      const url = new URL(request.url!);
      if (url.hostname.endsWith(".invalid")) {
        response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(METRICS);
        return;
      }
      const passed = forward(url, { headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      passed.on("error", () => response.writeHead(502).end()).end();
    };
    const server = pair === undefined ? createServer(handle) : createSecure(pair, handle);
    server.on("connect", (request: IncomingMessage, socket: Socket) => {
      const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(request.url!) ?? [];
      // The job is identified by its own header field, otherwise by the host name.
      this.#record(name, request, String(request.headers["x-job"] ?? host.split(".")[0]));
      if (refuses(request)) socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
      else if (host.startsWith("refused")) socket.end("HTTP/1.1 503 Not Today\r\nContent-Length: 0\r\n\r\n");
      else if (host.startsWith("dropped")) socket.end();
      else {
        const to = connect(Number(port), "127.0.0.1", () => socket.write("HTTP/1.1 200 Connected\r\n\r\n"));
        to.pipe(socket).pipe(to);
        to.on("error", () => socket.destroy());
        socket.on("error", () => to.destroy());
      }
    });
    await this.#listen(name, server);
  }
}
