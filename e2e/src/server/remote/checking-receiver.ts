import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, request, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { TLSSocket } from "node:tls";
import type { Authority } from "../../support/certificates.ts";
import { onLoopback } from "../../support/loopback.ts";

export const AWS = { access: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", region: "eu-west-1" };
export const CLIENT = { id: "sender", secret: "of the sender", scope: "write" };
export const PROXY_USER = "through:the-proxy";
/** A host name that only the test's proxy can resolve. */
export const HIDDEN_HOST = "receiver.invalid";
const TOKEN = "token of an hour";

/**
 * A remote write receiver with a proxy in front of it. The receiver accepts a request only if it is authenticated in
 * the way that its path requires.
 */
export class CheckingReceiver implements AsyncDisposable {
  /** Number of accepted requests, by URL path. */
  readonly taken = new Map<string, number>();
  /** Reasons why requests were refused. */
  readonly problems: string[] = [];
  readonly #servers: (AsyncDisposable & { readonly port: number })[] = [];

  static async open(authority: Authority): Promise<CheckingReceiver> {
    const receiver = new CheckingReceiver();
    const plain: RequestListener = (incoming, response) => void receiver.#receive(incoming, response);
    const { cert, key } = authority.issue({ name: "receiver", alternatives: "IP:127.0.0.1" });
    const tls = { cert, key, ca: authority.pair.cert, requestCert: true, rejectUnauthorized: false };
    for (const server of [createServer(plain), createTlsServer(tls, plain), receiver.#proxy()])
      receiver.#servers.push(await onLoopback(server));
    return receiver;
  }

  get ports(): { readonly plain: number; readonly tls: number; readonly proxy: number } {
    const [plain, tls, proxy] = this.#servers.map(({ port }) => port);
    return { plain: plain!, tls: tls!, proxy: proxy! };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server[Symbol.asyncDispose]();
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of incoming as AsyncIterable<Uint8Array>) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const path = incoming.url!;
    if (path === "/token") return giveToken(incoming, body, response);
    const problem = problemOf(path, incoming, body);
    if (problem === undefined) this.taken.set(path, (this.taken.get(path) ?? 0) + 1);
    else this.problems.push(`${path}: ${problem}`);
    response.writeHead(problem === undefined ? 204 : 401).end(problem);
  }

  /** Starts the proxy. It forwards requests for the hidden host, and marks them with a header. */
  #proxy(): ReturnType<typeof createServer> {
    return createServer((incoming, response) => {
      const { hostname, pathname } = new URL(incoming.url!);
      const credentials = `Basic ${Buffer.from(PROXY_USER).toString("base64")}`;
      if (hostname !== HIDDEN_HOST || incoming.headers["proxy-authorization"] !== credentials) {
        this.problems.push(`proxy: ${incoming.url}`);
        response.writeHead(407).end();
        return;
      }
      const { method, headers } = incoming;
      const to = { host: "127.0.0.1", port: this.ports.plain, method, path: pathname };
      const onward = request({ ...to, headers: { ...headers, via: "1.1 proxy" } }, (answer) => {
        response.writeHead(answer.statusCode!);
        answer.pipe(response);
      });
      incoming.pipe(onward);
    });
  }
}

function giveToken({ headers }: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const form = new URLSearchParams(body.toString());
  const basic = Buffer.from((headers.authorization ?? "").replace(/^Basic /, ""), "base64").toString();
  const [id, secret] = basic.split(":").map((part) => decodeURIComponent(part.replaceAll("+", " ")));
  const isKnown = id === CLIENT.id && secret === CLIENT.secret && form.get("scope") === CLIENT.scope;
  response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" });
  response.end(isKnown ? JSON.stringify({ access_token: TOKEN, token_type: "Bearer", expires_in: 3600 }) : "{}");
}

/** Returns the reason why a request is refused, or undefined if its authentication is correct. */
function problemOf(path: string, incoming: IncomingMessage, body: Buffer): string | undefined {
  const { headers, socket } = incoming;
  const { authorization = "" } = headers;
  const unless = (isRight: boolean, what: string): string | undefined => (isRight ? undefined : what);
  if (path === "/oauth2") return unless(authorization === `Bearer ${TOKEN}`, `the token is ${authorization}`);
  if (path === "/proxied") return unless(headers.via === "1.1 proxy", "did not come through the proxy");
  if (path === "/tls") return unless((socket as TLSSocket).authorized, "the client's certificate is not trusted");
  if (path === "/basic") return unless(authorization === `Basic ${btoa("user:word")}`, `${authorization} is not basic`);
  if (path === "/bearer") return unless(authorization === "Bearer secret", `${authorization} is not the bearer token`);
  return path === "/sigv4" ? signatureProblem(incoming, body) : "is no path";
}

const sha256 = (text: string | Buffer): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/**
 * Computes the AWS signature (version 4) of a request and compares it with the signature in the request. Returns the
 * problem, or undefined.
 */
function signatureProblem({ method, url, headers }: IncomingMessage, body: Buffer): string | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/aps\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/;
  const [, access, day, region, signedHeaders, signature] = pattern.exec(headers.authorization ?? "") ?? [];
  if (access !== AWS.access || region !== AWS.region) return `the authorization is ${headers.authorization}`;
  const time = String(headers["x-amz-date"]);
  if (!time.startsWith(day!)) return `${time} is not of the day ${day}`;
  const lines = signedHeaders!.split(";").map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, "", lines.join(""), signedHeaders, sha256(body)].join("\n");
  const scope = `${day}/${region}/aps/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [region, "aps", "aws4_request"].reduce<Buffer>(hmac, hmac(`AWS4${AWS.secret}`, day!));
  return hmac(key, text).toString("hex") === signature ? undefined : `the signature is another; signed: ${canonical}`;
}
