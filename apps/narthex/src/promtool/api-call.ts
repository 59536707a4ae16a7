import { parseTime } from "@narthex/http";
import { flagKinds, type Host } from "@narthex/runtime";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";
import { type ApiClient, openServer, type Server, ServerError } from "./server-client.ts";

/** Time limit of one request of a query command, ms. */
export const QUERY_TIMEOUT_MS = 120_000;

export const queryFlags = {
  format: flagKinds.choice("promql", ["promql", "json"], "Output format of the query.", { short: "o" }),
  "http.config.file": flagKinds.text("", "HTTP client configuration file for promtool to connect to Prometheus."),
};

export const serverOperand = { name: "server", required: true };

/** Calls the API and returns the field `data` of the response. Throws ServerError with the server's message. */
export async function callApi(
  server: ApiClient,
  path: string,
  form: URLSearchParams,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly data: unknown; readonly warnings: readonly string[] }> {
  const answer = await server.post(path, form, headers);
  let parsed: { status?: string; data?: unknown; errorType?: string; error?: string; warnings?: string[] };
  try {
    parsed = JSON.parse(answer.body) as typeof parsed;
  } catch (cause) {
    const kind = answer.status >= 500 ? "server_error: server error" : "client_error: client error";
    throw new ServerError(`${kind}: ${answer.status} (detail: ${answer.body.trim()})`, { cause });
  }
  if (parsed.status !== "success") throw new ServerError(`${parsed.errorType ?? "unknown"}: ${parsed.error ?? ""}`);
  return { data: parsed.data, warnings: parsed.warnings ?? [] };
}

/** Formats a value as JSON, on one line as promtool does. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** Runs the request of one query command. Failures are printed after promtool's prefix. */
export async function exchange(
  host: Host,
  url: string,
  flags: { readonly "http.config.file": string },
  talk: (server: Server) => Promise<string>,
): Promise<number> {
  try {
    await using server = await openServer(host, url, flags["http.config.file"], QUERY_TIMEOUT_MS);
    host.stdout(await talk(server));
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    host.stderr(`query error: ${error.message}\n`);
    return EXIT_FAILURE;
  }
}

/**
 * Parses a time flag and returns it in ms, or the fallback if the flag is empty. For an invalid value, prints the
 * problem and returns undefined.
 */
export function timeFlag(host: Host, text: string, what: string, fallback: number): number | undefined {
  if (text === "") return fallback;
  const time = parseTime(text);
  if (time === undefined)
    host.stderr(`error parsing ${what} time: cannot parse ${JSON.stringify(text)} to a valid timestamp\n`);
  return time;
}

/** Formats ms as seconds with decimals, as the API expects. */
export const seconds = (ms: number): string => String(ms / 1000);
