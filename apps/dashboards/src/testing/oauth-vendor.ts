import { createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, SignJWT } from "jose";
import { onTestFinished } from "vitest";
import { CLIENT_URL } from "./oidc-server.ts";

export interface VendorRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

interface VendorAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Response body: a text is sent as HTML, other values as JSON. */
  readonly body?: unknown;
}

/** Functions that respond to API requests, by path. */
type Api = Record<string, (request: VendorRequest) => VendorAnswer | Promise<VendorAnswer>>;

interface VendorOptions {
  readonly tokenPath: string;
  readonly keysPath?: string;
  /** Reports whether a sign-in with these URL parameters gets a refresh token. */
  readonly givesRefreshToken?: (parameters: URLSearchParams) => boolean;
}

/** A fake of a company at which people sign in with OAuth. Tests change its account. */
export interface OAuthVendor {
  readonly url: string;
  /** Functions that respond to API requests, by path. */
  readonly api: Api;
  /** Claims of the ID token; undefined if the company issues no ID tokens. */
  idToken: Readonly<Record<string, unknown>> | undefined;
  accessToken: string;
  /** Additional fields of the responses that contain tokens. */
  tokens: Readonly<Record<string, unknown>>;
  /** Replaces the responses that contain tokens. */
  tokenAnswer: VendorAnswer | undefined;
  /** The requests to the API. */
  readonly requests: VendorRequest[];
  /**
   * Signs the account in at the address of the sign-in page. Returns the query string with which the browser comes
   * back.
   */
  signIn(address: string): string;
}

/** Starts a fake company whose OAuth client is `narthex` with the secret `shared`. */
export async function startOAuthVendor(options: VendorOptions): Promise<OAuthVendor> {
  const double = new VendorDouble(options);
  const server = createServer((request, response) => void double.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void (server.closeAllConnections(), server.close()));
  double.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return double;
}

class VendorDouble implements OAuthVendor {
  url = "";
  readonly api: Api = {};
  idToken: OAuthVendor["idToken"];
  accessToken = "access-token-of-the-account";
  tokens: OAuthVendor["tokens"] = {};
  tokenAnswer: OAuthVendor["tokenAnswer"];
  readonly requests: VendorRequest[] = [];
  readonly #options: VendorOptions;
  readonly #key = generateKeyPairSync("ec", { namedCurve: "P-256" });
  /** URL parameters of the sign-ins whose codes have not been used, by code. */
  readonly #codes = new Map<string, URLSearchParams>();
  #refreshToken = "";
  #issued = 0;

  constructor(options: VendorOptions) {
    this.#options = options;
  }

  signIn(address: string): string {
    const { searchParams } = new URL(address);
    const code = `code-${++this.#issued}`;
    this.#codes.set(code, searchParams);
    return `?${new URLSearchParams({ code, state: searchParams.get("state") ?? "" }).toString()}`;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { pathname: path, searchParams: query } = new URL(request.url ?? "/", this.url);
    const call = { method: request.method ?? "", path, query, body };
    const answer = await this.#answer(call, request);
    const isText = typeof answer.body === "string";
    response.writeHead(answer.status ?? 200, {
      "content-type": isText ? "text/html" : "application/json; charset=utf-8",
      ...answer.headers,
    });
    response.end(isText ? answer.body : JSON.stringify(answer.body ?? {}));
  }

  async #answer(call: VendorRequest, { headers }: IncomingMessage): Promise<VendorAnswer> {
    const { tokenPath, keysPath } = this.#options;
    // Refuses requests without a User-Agent, as GitHub does.
    if ((headers["user-agent"] ?? "") === "") return { status: 403, body: { message: "no User-Agent" } };
    if (call.path === keysPath) return { body: { keys: [await publicKey(this.#key.publicKey)] } };
    if (call.path === tokenPath) return this.tokenAnswer ?? (await this.#token(new URLSearchParams(call.body)));
    this.requests.push(call);
    if (headers.authorization !== `Bearer ${this.accessToken}`) return { status: 401, body: { message: "no token" } };
    return this.api[call.path]?.(call) ?? { status: 404, body: { message: "Not Found" } };
  }

  async #token(form: URLSearchParams): Promise<VendorAnswer> {
    const refused = { status: 400, body: { error: "invalid_grant" } };
    if (form.get("client_id") !== "narthex" || form.get("client_secret") !== "shared") return refused;
    if (form.get("grant_type") === "refresh_token") {
      const isValid = this.#refreshToken !== "" && form.get("refresh_token") === this.#refreshToken;
      return isValid ? { body: await this.#tokens(true, undefined) } : refused;
    }
    const code = form.get("code") ?? "";
    const begun = this.#codes.get(code);
    this.#codes.delete(code);
    if (begun === undefined || form.get("redirect_uri") !== begun.get("redirect_uri")) return refused;
    const challenge = begun.get("code_challenge");
    if (challenge !== null && challenge !== challengeOf(form.get("code_verifier") ?? "")) return refused;
    const hasRefresh = this.#options.givesRefreshToken?.(begun) ?? false;
    return { body: await this.#tokens(hasRefresh, begun.get("nonce") ?? undefined) };
  }

  /** Returns a response with new tokens. Each refresh token can be used once. */
  async #tokens(hasRefresh: boolean, nonce: string | undefined): Promise<Readonly<Record<string, unknown>>> {
    if (hasRefresh) this.#refreshToken = `refresh-token-${++this.#issued}`;
    return {
      access_token: this.accessToken,
      token_type: "bearer",
      ...(this.idToken === undefined ? {} : { id_token: await this.#signed({ ...this.idToken, nonce }) }),
      ...(hasRefresh ? { refresh_token: this.#refreshToken, expires_in: 600 } : {}),
      ...this.tokens,
    };
  }

  #signed(claims: Readonly<Record<string, unknown>>): Promise<string> {
    const token = new SignJWT({ aud: "narthex", ...claims }).setProtectedHeader({ alg: "ES256", kid: "vendor" });
    return token.setIssuer(this.url).setIssuedAt().setExpirationTime("1h").sign(this.#key.privateKey);
  }
}

const publicKey = async (key: KeyObject): Promise<object> => ({
  ...(await exportJWK(key)),
  kid: "vendor",
  use: "sig",
  alg: "ES256",
});

const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");

/** Returns the address to which the browser comes back from the sign-in page. */
export const backTo = (key: string): string => `${CLIENT_URL}/login/${key}`;

/** Returns one page of a list, and the `Link` header with which GitHub and GitLab name the next page. */
export function pageOf<T>({ query }: VendorRequest, entries: readonly T[], base: string): VendorAnswer {
  const size = Math.min(Number(query.get("per_page") ?? 30), 100);
  const page = Number(query.get("page") ?? 1);
  const last = Math.max(1, Math.ceil(entries.length / size));
  const link =
    page < last ? { link: `<${base}?page=${page + 1}>; rel="next", <${base}?page=${last}>; rel="last"` } : {};
  return { body: entries.slice((page - 1) * size, page * size), headers: link };
}
