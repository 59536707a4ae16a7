import type { Readable } from "node:stream";
import { limitedBody } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import { type ApiAnswer, ToolError } from "./tools/tool.ts";

/** Largest answer of a route, bytes. The answer is parsed in one turn of the event loop. */
export const MAX_ROUTE_BYTES = 4 * 1024 * 1024;

const FORM = "application/x-www-form-urlencoded";

/** A request to a route of this server: a GET request, or a POST request with a form. */
export interface RouteRequest {
  readonly url: string;
  /** Fields of the form. */
  readonly form?: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  readonly signal: AbortSignal;
}

/**
 * Sends a request to a route of this server, without a connection. If the answer is too long, the route is stopped
 * as if its client had disconnected, and the promise rejects with ToolError.
 */
export async function readOwnRoute(app: FastifyInstance, request: RouteRequest): Promise<ApiAnswer> {
  const { form, ...rest } = request;
  const { headers, signal } = rest;
  const sent =
    form === undefined
      ? ({ ...rest, method: "GET" } as const)
      : ({ ...rest, method: "POST", headers: { ...headers, "content-type": FORM }, payload: form.toString() } as const);
  try {
    const answer = await app.inject({ ...sent, payloadAsStream: true });
    try {
      return { status: answer.statusCode, body: await textOf(answer.stream()) };
    } finally {
      answer.raw.res.destroy();
    }
  } catch (error) {
    if (error instanceof ToolError || !signal.aborted) throw error;
    throw new ToolError(signal.reason instanceof ToolError ? signal.reason.message : "the call was cancelled");
  }
}

async function textOf(body: Readable): Promise<string> {
  const tooLong = (): Error =>
    new ToolError(`the answer has more than ${MAX_ROUTE_BYTES} bytes; ask for fewer series, entries or points`);
  return (await limitedBody(body, MAX_ROUTE_BYTES, tooLong)).toString("utf8");
}
