import type { ToolArguments, ToolParameters } from "./arguments.ts";

/** Answer of a route of the server's own API. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** How a tool reads data. Each call has the rights of the sender of the request, and can only read. */
export interface ToolContext {
  /** Sends a GET request to a route below `/api/v1` of this server, as the sender of the request. */
  readonly api: (path: string, parameters: URLSearchParams) => Promise<ApiAnswer>;
  /** Sends a form to the route `/api/v1/narthex/backtest` of this server, as the sender of the request. */
  readonly backtest: (form: URLSearchParams) => Promise<ApiAnswer>;
  /**
   * Sends a GET request to the API of an Alertmanager of this server, with the credentials of the configuration. Rejects
   * if no Alertmanager answers, and if the sender may read only some series.
   */
  readonly alertmanager: (path: string, parameters: URLSearchParams) => Promise<unknown>;
  /**
   * Sends a GET request to a path below `/api` of the dashboards role, with the credentials of the sender. Rejects if
   * the server knows no dashboards.
   */
  readonly dashboards: (path: string) => Promise<unknown>;
  readonly now: () => number;
}

/** A tool of the door for assistants. */
export interface Tool {
  readonly name: string;
  /** Says to the assistant when to use the tool. */
  readonly about: string;
  readonly parameters: ToolParameters;
  /** Resolves with data for JSON. Rejects with ToolError if there is no answer. */
  readonly run: (args: ToolArguments, context: ToolContext) => Promise<unknown>;
}

/** A call has no answer. The message is shown to the assistant. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** Returns the data and the warnings of an answer of the API. Throws ToolError with the API's error. */
export function dataOf({ status, body }: ApiAnswer): unknown {
  const answer = parsed(body);
  if (status === 200 && answer?.status === "success") {
    const { data, warnings = [], infos = [] } = answer;
    return warnings.length + infos.length === 0 ? data : { data, warnings, infos };
  }
  throw new ToolError(answer?.error ?? `the server answered with the status ${status}`);
}

interface Envelope {
  readonly status?: string;
  readonly data?: unknown;
  readonly error?: string;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

function parsed(body: string): Envelope | undefined {
  try {
    return JSON.parse(body) as Envelope;
  } catch {
    return undefined;
  }
}
