import { monotonicMs } from "../time/browser-clock.ts";

/** Result of an API call: data, warnings, infos, and the duration. */
export interface Answer<T> {
  readonly data: T;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  readonly elapsedMs: number;
}

/** Parameters of a call. A list becomes repeated parameters, and undefined values are left out. */
export type Params = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Error of a failed call, with the server's message if it sent one. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /**
   * Error type of the API, such as `bad_data`. `network` means that there was no response, and `http` that the response
   * is not in the API's JSON envelope.
   */
  readonly type: string;
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  /** Identifier of the error's reason, such as `sign-in.not-recent`, if the server sent one. */
  readonly messageId: string | undefined;

  constructor(type: string, status: number, message: string, messageId?: string) {
    super(message);
    this.type = type;
    this.status = status;
    this.messageId = messageId;
  }
}

interface Envelope {
  readonly status?: string;
  readonly data?: unknown;
  readonly error?: string;
  /** Error message in a response of the Alertmanager's API. */
  readonly message?: string;
  /** Identifier of the error's reason in a response of the dashboards' API. */
  readonly messageId?: string;
  readonly errorType?: string;
  readonly warnings?: string[];
  readonly infos?: string[];
}

/** Encodes parameters as a query string, in the given order. */
export function encodeParams(params: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) for (const item of value) query.append(name, item);
    else query.append(name, String(value));
  }
  return query.toString();
}

export interface RequestOptions {
  readonly params?: Params;
  readonly signal?: AbortSignal;
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Request body that is sent as JSON. */
  readonly json?: unknown;
  /** Request body of a type other than JSON. */
  readonly body?: { readonly type: string; readonly text: string };
  /** Further headers of the request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Accepted media type of the response. */
  readonly accept?: string;
  /** Whether a preload link in the page's HTML may already have started this request. */
  readonly isPreloaded?: boolean;
  /** Returns true for a response that is accepted as an answer although its status is not 2xx. */
  readonly isAnswer?: (response: Response) => boolean;
}

/**
 * Sends one HTTP request.
 * @throws {ApiError} if there is no response, or its status is not 2xx.
 */
export async function send(url: string, options: RequestOptions = {}): Promise<Response> {
  const query = encodeParams(options.params ?? {});
  const init: RequestInit = {
    method: options.method ?? "GET",
    credentials: "same-origin",
    cache: options.isPreloaded === true ? "default" : "no-store",
  };
  if (options.signal !== undefined) init.signal = options.signal;
  const { json, accept } = options;
  const body = json === undefined ? options.body : { type: "application/json", text: JSON.stringify(json) };
  init.headers = {
    ...(body === undefined ? {} : { "content-type": body.type }),
    ...(accept === undefined ? {} : { accept }),
    ...options.headers,
  };
  if (body !== undefined) init.body = body.text;
  let response: Response;
  try {
    response = await fetch(query === "" ? url : `${url}?${query}`, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError("network", 0, `The server at ${new URL(url, location.href).host} did not respond.`);
  }
  if (!response.ok && options.isAnswer?.(response) !== true) throw await failureOf(response);
  return response;
}

/**
 * Calls an endpoint of the Prometheus API, and returns the data of its response. `parse` reads the response's JSON.
 * @throws {ApiError}
 */
export async function call<T>(
  url: string,
  options: RequestOptions = {},
  parse: (response: Response, signal?: AbortSignal) => Promise<unknown> = (response) => response.json(),
): Promise<Answer<T>> {
  const begin = monotonicMs();
  const response = await send(url, options);
  if (response.status === 204) {
    return { data: null as T, warnings: [], infos: [], elapsedMs: monotonicMs() - begin };
  }
  const envelope = await readJson<Envelope>(response, (answer) => parse(answer, options.signal));
  if (envelope.status !== "success") throw envelopeError(envelope, response.status);
  return {
    data: envelope.data as T,
    warnings: envelope.warnings ?? [],
    infos: envelope.infos ?? [],
    elapsedMs: monotonicMs() - begin,
  };
}

/**
 * Calls an endpoint that returns JSON without an envelope, such as the Alertmanager's.
 * @throws {ApiError}
 */
export async function fetchJson<T>(url: string, options: RequestOptions = {}): Promise<T> {
  return readJson<T>(await send(url, options));
}

async function readJson<T>(
  response: Response,
  parse: (response: Response) => Promise<unknown> = (answer) => answer.json(),
): Promise<T> {
  try {
    return (await parse(response)) as T;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError("http", response.status, "The server's response is not JSON.");
  }
}

async function failureOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const parsed = JSON.parse(text) as Envelope | string;
    if (typeof parsed === "string") return new ApiError("http", response.status, parsed);
    return envelopeError(parsed, response.status);
  } catch {
    const sentence = text.trim().slice(0, 500);
    return new ApiError("http", response.status, sentence === "" ? `HTTP status ${response.status}` : sentence);
  }
}

function envelopeError(envelope: Envelope, status: number): ApiError {
  return new ApiError(
    envelope.errorType ?? "http",
    status,
    envelope.error ?? envelope.message ?? `HTTP status ${status}`,
    envelope.messageId,
  );
}
