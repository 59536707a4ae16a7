import type { RoleName } from "./roles.ts";

/** A simulated client that changes the data of a server and records the acknowledged changes. */
export interface Load {
  /** Description of the data for reports. */
  readonly what: string;
  /** The server that stores the data. */
  readonly role: RoleName;
  readonly acknowledged: number;
  /** Milliseconds between changes. */
  readonly intervalMs: number;
  /** Makes one change. Rejects if the change was not acknowledged; the next call then repeats the change. */
  change(): Promise<void>;
  /**
   * Reads all data. Resolves with a message for each data item that is missing, duplicate, or different from what was
   * acknowledged.
   * @param restarts number of restarts of the server so far
   */
  problems(restarts: number): Promise<readonly string[]>;
}

/** Time limit in ms of a load's request. */
const REQUEST_MS = 10_000;

/**
 * Sends a request; rejects if the status is not a success.
 * @returns the body's text
 */
export async function request(url: string, method = "GET", body?: object | string): Promise<string> {
  const isJson = typeof body === "object";
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(REQUEST_MS),
    ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
    ...(isJson ? { headers: { "content-type": "application/json" } } : {}),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: status ${response.status}: ${text}`);
  return text;
}
