import { type Stats, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { HttpClientConfig } from "@narthex/config";
import type { Clock } from "@narthex/runtime";
import { readProblem, unreadableFile } from "./failure.ts";
import type { HttpClient } from "./http-client.ts";
import { OAuth2Tokens } from "./oauth2.ts";
import type { RequestFields } from "./request-head.ts";
import { basicAuthorization } from "./user-info.ts";

/** Computes the header fields of each request from the credentials and http_headers of a configuration section. */
export class Credentials {
  /** The header fields if they never change, which means that they need no files or tokens. Otherwise undefined. */
  readonly fixed: RequestFields | undefined;
  readonly #config: HttpClientConfig;
  readonly #clock: Clock;
  readonly #tokens: OAuth2Tokens | undefined;
  readonly #files = new Map<string, CachedTextFile>();

  constructor(config: HttpClientConfig, connect: (config: HttpClientConfig) => Promise<HttpClient>, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
    this.#tokens = config.oauth2 === undefined ? undefined : new OAuth2Tokens(config.oauth2, connect, clock);
    this.fixed = isFixed(config) ? { ...inlineAuthorization(config), ...inlineHeaders(config) } : undefined;
  }

  /** Whether the section uses access tokens. Their Authorization header replaces every other one. */
  get areTokens(): boolean {
    return this.#tokens !== undefined;
  }

  /**
   * Returns the current header fields. Reads changed files again.
   * @param userAgent User-Agent for requests to the server that issues tokens
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
      return { Authorization: basicAuthorization(user, word) };
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

  /**
   * Returns the current text of a file.
   * @param what kind of content, for error messages; "" for a header
   */
  async #file(what: string, path: string): Promise<string> {
    let file = this.#files.get(path);
    if (file === undefined) this.#files.set(path, (file = new CachedTextFile(path, this.#clock)));
    try {
      return await file.read();
    } catch (cause) {
      if (what !== "") throw unreadableFile(what, path, cause);
      throw new Error(`unable to read headers file ${path}: ${readProblem(path, cause)}`, { cause });
    }
  }
}

/** Returns whether all header fields are known without reading a file or fetching a token. */
function isFixed({ basicAuth, authorization, oauth2, httpHeaders }: HttpClientConfig): boolean {
  const paths = [basicAuth?.usernameFile, basicAuth?.passwordFile, authorization?.credentialsFile];
  if (oauth2 !== undefined || paths.some((path) => path !== undefined && path !== "")) return false;
  return [...httpHeaders.values()].every(({ files }) => files.length === 0);
}

function inlineAuthorization({ basicAuth, authorization }: HttpClientConfig): RequestFields {
  if (basicAuth !== undefined) {
    return { Authorization: basicAuthorization(basicAuth.username, basicAuth.password?.reveal() ?? "") };
  }
  if (authorization === undefined) return {};
  return { Authorization: `${authorization.type} ${authorization.credentials?.reveal() ?? ""}` };
}

/** Returns the http_headers whose values are given in the configuration, not in files. */
function inlineHeaders({ httpHeaders }: HttpClientConfig): Record<string, readonly string[]> {
  const out: Record<string, readonly string[]> = {};
  for (const [name, { values, secrets }] of httpHeaders) {
    out[name] = [...values, ...secrets.map((secret) => secret.reveal())];
  }
  return out;
}

/** Resolution of modification times in ms: two changes within this time may have the same modification time. */
const MTIME_RESOLUTION_MS = 2000;

/**
 * The current text of a small file, without surrounding white space. Reads the file again only if its metadata shows a
 * change.
 */
export class CachedTextFile {
  readonly #path: string;
  readonly #clock: Clock;
  #text = "";
  #version = "";

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Returns the text of the file without white space around it. Rejects if the file cannot be read. */
  async read(): Promise<string> {
    const version = this.#look();
    if (version !== "" && version === this.#version) return this.#text;
    this.#text = (await readFile(this.#path, "utf8")).trim();
    this.#version = version;
    return this.#text;
  }

  /**
   * Returns a text that identifies the current version of the file. Returns "" if the version is uncertain, so that the
   * next call reads the file again.
   */
  #look(): string {
    let stats: Stats | undefined;
    try {
      stats = statSync(this.#path, { throwIfNoEntry: false });
    } catch {
      // Ignores a failure to read the file's metadata, because the next read of the file reports the error.
      return "";
    }
    if (stats === undefined || this.#clock.now() - stats.ctimeMs < MTIME_RESOLUTION_MS) return "";
    return `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
  }
}
