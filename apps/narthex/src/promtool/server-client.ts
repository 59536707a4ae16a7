import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  decodeYaml,
  defaultHttpClient,
  formatProblem,
  httpClientSection,
  urlProblem,
  type HttpClientConfig,
} from "@narthex/config";
import { createHttpClient, describeFailure, limitedBody, splitUserInfo } from "@narthex/http";
import { trimTrailing } from "@narthex/model";
import { buildInfo, type Host, maskPassword } from "@narthex/runtime";

/** Thrown if a request to a server fails or is refused. The message is shown to the user. */
export class ServerError extends Error {
  override readonly name = "ServerError";
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface BytesAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
  /** File name that the server suggests for the body, or "". */
  readonly fileName: string;
}

/** Client of a Prometheus server over HTTP. */
export interface Server extends AsyncDisposable {
  /** URL without a trailing slash. */
  readonly base: string;
  get(path: string): Promise<Answer>;
  getBytes(path: string): Promise<BytesAnswer>;
  /** Posts a form to the query API, with extra headers. */
  post(path: string, form: URLSearchParams, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** Largest size of an answer, bytes. Node's longest text has about as many characters. */
const MAX_ANSWER_BYTES = 2 ** 29;

export const USER_AGENT = `promtool/${buildInfo("promtool").version}`;

/** The URL of a server, and credentials and settings for requests to it. */
interface Connection {
  /** URL without a trailing slash and without credentials. */
  readonly base: string;
  /** Headers with the credentials of the URL. Empty if the URL has none. */
  readonly userInfo: Readonly<Record<string, string>>;
  readonly config: HttpClientConfig;
}

/** Reads a server's URL, and an HTTP client file if one is named. Throws ServerError. */
export function connectionOf(host: Host, url: string, configFile: string): Connection {
  const { url: base, authorization } = splitUserInfo(baseOf(url));
  const config = configFile === "" ? defaultHttpClient : readHttpConfig(resolve(host.cwd, configFile));
  if (configFile !== "" && authorization !== "") {
    throw new ServerError("Cannot set base auth in the server URL and use a http.config.file at the same time");
  }
  return { base, config, userInfo: authorization === "" ? {} : { authorization } };
}

/**
 * Opens a client for the server at `url`, with the settings of an HTTP client file if one is named. An answer of more
 * than `maxBytes` is refused.
 */
export async function openServer(
  host: Host,
  url: string,
  configFile: string,
  timeoutMs: number,
  maxBytes = MAX_ANSWER_BYTES,
): Promise<Server> {
  const { base, userInfo, config } = connectionOf(host, url, configFile);
  const client = await createHttpClient(config);
  const send = async (
    method: "GET" | "POST",
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<BytesAnswer> => {
    const target = base + path;
    try {
      const answer = await client.request(target, {
        method,
        headers: { "user-agent": USER_AGENT, ...userInfo, ...headers },
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body }),
      });
      const fileName = /filename="([^"]*)"/.exec(String(answer.headers["content-disposition"]))?.[1] ?? "";
      const tooLong = (): Error => new Error(`the answer is longer than ${maxBytes} bytes`);
      return { status: answer.statusCode, bytes: await limitedBody(answer.body, maxBytes, tooLong), fileName };
    } catch (error) {
      throw new ServerError(describeFailure(method, target, error), { cause: error });
    }
  };
  return {
    base,
    get: async (path) => asText(await send("GET", path, {})),
    getBytes: (path) => send("GET", path, {}),
    post: async (path, form, headers = {}) =>
      asText(
        await send("POST", path, { "content-type": "application/x-www-form-urlencoded", ...headers }, form.toString()),
      ),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** The methods of a server client that are needed for requests to the API. */
export type ApiClient = Pick<Server, "get" | "post">;

const asText = ({ status, bytes }: BytesAnswer): Answer => ({ status, body: new TextDecoder().decode(bytes) });

/** Adds a scheme to a URL that has none, and removes slashes at its end. Throws ServerError if it is invalid. */
function baseOf(url: string): string {
  const full = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.test(url) ? url : `http://${url.replace(/^\/\//, "")}`;
  const problem = urlProblem(full);
  if (problem !== undefined || !URL.canParse(full))
    throw new ServerError(`invalid URL: ${problem ?? maskPassword(url, "xxxxx")}`);
  return trimTrailing(full, "/");
}

/** Reads a file of settings for the HTTP client. Throws ServerError. */
function readHttpConfig(path: string): HttpClientConfig {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ServerError(`failed to load HTTP config file: open ${path}: ${String(cause)}`, { cause });
  }
  const loaded = decodeYaml(source, path, httpClientSection({ enableHttp2: true }));
  if (loaded.ok) return loaded.value;
  throw new ServerError(`failed to load HTTP config file: ${loaded.problems.map(formatProblem).join("; ")}`);
}
