import { reaches, type PluginManifest, SOURCE_URL } from "@narthex/plugins";
import type { SourceClient, SourceRequest } from "../outgoing/source-client.ts";
import { QueryFailure } from "../query-failure.ts";

/** A request of a plugin, after its check. */
export type CheckedRequest = Pick<SourceRequest, "method" | "path" | "parameters" | "body">;

const MAX_PARAMETERS = 200;
const NAMES: ReadonlySet<string> = new Set(["path", "method", "query", "body"]);

/** Checks what a plugin asks for. Throws QueryFailure for a request that a plugin may not send. */
export function checkedRequest(given: unknown): CheckedRequest {
  if (typeof given !== "object" || given === null) throw refused("a request must be an object");
  const request = given as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(request).find((name) => !NAMES.has(name));
  if (unknown !== undefined)
    throw refused(`a request has no property "${unknown.slice(0, 100)}"; there are ${[...NAMES].join(", ")}`);
  const { path, method = "GET", query = {}, body } = request;
  if (typeof path !== "string") throw refused('"path" of a request must be a text');
  checkPath(path);
  if (method !== "GET" && method !== "POST") throw refused('"method" of a request must be GET or POST');
  if (method === "GET" && body !== undefined) throw refused("a GET request has no body; use POST");
  if (typeof query !== "object" || query === null) throw refused('"query" of a request must be an object');
  const entries = Object.entries(query);
  if (entries.length > MAX_PARAMETERS) throw refused(`a request may have at most ${MAX_PARAMETERS} parameters`);
  const parameters = new URLSearchParams();
  for (const [name, value] of entries) {
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
      throw refused(`the parameter "${name.slice(0, 100)}" of a request must be a text, a number or a truth value`);
    parameters.append(name, String(value));
  }
  return { method, path, parameters, ...(method === "POST" && { body: bodyOf(body) }) };
}

function bodyOf(body: unknown): { readonly type: string; readonly text: string } {
  if (typeof body === "string") return { type: "text/plain; charset=utf-8", text: body };
  return { type: "application/json", text: JSON.stringify(body ?? null) };
}

/** Throws QueryFailure for a path that could leave the URL of the source, or that contains parameters. */
function checkPath(path: string): void {
  if (!path.startsWith("/") || path.startsWith("//") || /[?#\\\u0000-\u0020]|%2f|%5c/i.test(path))
    throw refused(
      '"path" of a request must begin with one / and contain no ?, #, \\, %2F, %5C or spaces; use "query" for parameters',
    );
  for (const segment of path.split("/"))
    if (/^(?:\.|%2e){1,2}$/i.test(segment)) throw refused('"path" of a request must not contain the segments . and ..');
}

/** Throws QueryFailure if the settings of a source name a server that its plugin may not reach. */
export function checkServer({ id, hosts }: PluginManifest, base: URL): void {
  if (reaches(hosts, base, base)) return;
  throw new QueryFailure(
    403,
    `the plugin "${id}" may reach only ${hosts.join(", ")}; change the URL of the source, or "hosts" of the plugin`,
  );
}

/** Returns a check of redirects: they may lead only to hosts that the plugin names. */
export const redirectCheck =
  ({ id, hosts }: PluginManifest, base: URL) =>
  (url: URL): void => {
    if (reaches(hosts, base, url)) return;
    const place = hosts.includes(SOURCE_URL) ? "the host of the source's URL" : hosts.join(", ");
    throw new QueryFailure(403, `the server redirects to ${url.host}, but the plugin "${id}" may reach only ${place}`);
  };

/** Sends a request of a plugin. Resolves with the status and the body. */
export async function sendRequest(
  client: SourceClient,
  request: CheckedRequest & Pick<SourceRequest, "checkRedirect" | "timeoutMs" | "account">,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await client.send({ ...request, accept: "*/*" }, signal);
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body) pieces.push(Uint8Array.from(piece));
    return { status: response.status, text: new TextDecoder().decode(Buffer.concat(pieces)) };
  } finally {
    response.close();
  }
}

const refused = (problem: string): QueryFailure => new QueryFailure(400, problem);
