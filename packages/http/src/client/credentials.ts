import type { HttpClientConfig } from "@narthex/config";
import type { Clock } from "@narthex/runtime";
import type { HttpClient } from "./http-client.ts";
import { OAuth2Tokens } from "./oauth2.ts";
import { readProblem } from "./read-problem.ts";
import type { RequestFields } from "./request-fields.ts";
import { WatchedText } from "./watched-text.ts";

/** The fields that a section's credentials and http_headers add to each request. */
export class Credentials {
  /** Those of a section without files and tokens, which are always the same. */
  readonly fixed: RequestFields | undefined;
  readonly #config: HttpClientConfig;
  readonly #clock: Clock;
  readonly #tokens: OAuth2Tokens | undefined;
  readonly #files = new Map<string, WatchedText>();

  constructor(config: HttpClientConfig, connect: (config: HttpClientConfig) => Promise<HttpClient>, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    this.#tokens = config.oauth2 === undefined ? undefined : new OAuth2Tokens(config.oauth2, connect);
    this.fixed = isFixed(config) ? { ...inlineAuthorization(config), ...inlineHeaders(config) } : undefined;
  }

  /**
   * As they are now: files that have changed are read anew.
   *
   * @param userAgent for the server that gives tokens
   */
  async read(userAgent: string | undefined): Promise<RequestFields> {
    return { ...(await this.#authorization(userAgent)), ...(await this.#headers()) };
  }

  async #authorization(userAgent: string | undefined): Promise<RequestFields> {
    const { basicAuth, authorization } = this.#config;
    if (basicAuth !== undefined) {
      const { username, usernameFile, password, passwordFile } = basicAuth;
      const user = usernameFile === "" ? username : await this.#file("basic auth username", usernameFile);
      const word =
        passwordFile === "" ? (password?.reveal() ?? "") : await this.#file("basic auth password", passwordFile);
      return { Authorization: `Basic ${basic(user, word)}` };
    }
    if (authorization !== undefined) {
      const { type, credentials, credentialsFile } = authorization;
      const word =
        credentialsFile === ""
          ? (credentials?.reveal() ?? "")
          : await this.#file("authorization credentials", credentialsFile);
      return { Authorization: `${type} ${word}` };
    }
    return this.#tokens === undefined ? {} : { Authorization: await this.#tokens.header(userAgent) };
  }

  async #headers(): Promise<RequestFields> {
    const out: Record<string, readonly string[]> = inlineHeaders(this.#config);
    for (const [name, { files }] of this.#config.httpHeaders) {
      if (files.length === 0) continue;
      const read = await Promise.all(files.map((path) => this.#file("", path)));
      out[name] = [...(out[name] ?? []), ...read];
    }
    return out;
  }

  /** @param what it holds; "" for a header */
  async #file(what: string, path: string): Promise<string> {
    let file = this.#files.get(path);
    if (file === undefined) this.#files.set(path, (file = new WatchedText(path, this.#clock)));
    try {
      return await file.read();
    } catch (error) {
      const problem = readProblem(path, error);
      throw new Error(
        what === ""
          ? `unable to read headers file ${path}: ${problem}`
          : `unable to read ${what}: unable to read file ${path}: ${problem}`,
        { cause: error },
      );
    }
  }
}

/** Does nothing of it have to be read or fetched? */
function isFixed({ basicAuth, authorization, oauth2, httpHeaders }: HttpClientConfig): boolean {
  const paths = [basicAuth?.usernameFile, basicAuth?.passwordFile, authorization?.credentialsFile];
  if (oauth2 !== undefined || paths.some((path) => path !== undefined && path !== "")) return false;
  return [...httpHeaders.values()].every(({ files }) => files.length === 0);
}

function inlineAuthorization({ basicAuth, authorization }: HttpClientConfig): RequestFields {
  if (basicAuth !== undefined) {
    return { Authorization: `Basic ${basic(basicAuth.username, basicAuth.password?.reveal() ?? "")}` };
  }
  if (authorization === undefined) return {};
  return { Authorization: `${authorization.type} ${authorization.credentials?.reveal() ?? ""}` };
}

/** What http_headers say without their files. */
function inlineHeaders({ httpHeaders }: HttpClientConfig): Record<string, readonly string[]> {
  const out: Record<string, readonly string[]> = {};
  for (const [name, { values, secrets }] of httpHeaders) {
    out[name] = [...values, ...secrets.map((secret) => secret.reveal())];
  }
  return out;
}

const basic = (user: string, password: string): string => Buffer.from(`${user}:${password}`).toString("base64");
