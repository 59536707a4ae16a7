import type { RoleName } from "./roles.ts";

/** Clients of one kind, which change what a role keeps and know what it acknowledged. */
export interface Load {
  /** What is kept, for people. */
  readonly what: string;
  /** The role that keeps it. */
  readonly role: RoleName;
  /** Changes that were acknowledged. */
  readonly acknowledged: number;
  /** Milliseconds between changes. */
  readonly intervalMs: number;
  /** One change; rejects where it was not acknowledged, and tries the same one again when it is called next. */
  change(): Promise<void>;
  /** Asks for everything. Sentences on what is missing, there twice, or other than it was acknowledged. @param restarts of the role so far */
  problems(restarts: number): Promise<readonly string[]>;
}

/** No request of a load takes longer. */
const REQUEST_MS = 10_000;

/** Sends a request; rejects where the answer is no success. @returns the body's text */
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
