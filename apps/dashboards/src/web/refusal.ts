import { randomInt } from "node:crypto";
import { wholeBody } from "@narthex/http";
import type { FastifyInstance, FastifyReply } from "fastify";

/** Error with which a handler refuses a request. Contains the HTTP status and the response body in Grafana's format. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly statusCode: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(statusCode: number, body: Readonly<Record<string, unknown>> & { readonly message: string }) {
    super(body.message);
    this.statusCode = statusCode;
    this.body = body;
  }
}

/** Returns a Refusal with the body `{"message": …}`. */
export const refusal = (status: number, message: string): Refusal => new Refusal(status, { message });

/** Returns a Refusal in Grafana's newer format, which has an id for programs: `auth.unauthorized`. */
export const namedRefusal = (status: number, messageId: string, message: string): Refusal =>
  new Refusal(status, { extra: null, message, messageId, statusCode: status, traceID: "" });

/** Returns the refusal for requests of clients that are not signed in. */
export const unauthorized = (): Refusal => namedRefusal(401, "auth.unauthorized", "Unauthorized");

export const accessDenied = (action: string): Refusal =>
  new Refusal(403, {
    accessErrorId: `ACE${String(randomInt(10_000_000_000)).padStart(10, "0")}`,
    message: `You'll need additional permissions to perform this action. Permissions needed: ${action}`,
    title: "Access denied",
  });

export const badRequest = (): Refusal => refusal(400, "bad request data");

/** Maximum nesting depth of JSON that is accepted. Deeper values could be parsed, but not serialized again. */
const MAX_NESTING = 500;

/** Returns the depth of brackets in a JSON text. Brackets within strings are not counted. */
function nestingOf(text: string): number {
  let [depth, deepest, isInString] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) isInString = !isInString;
    else if (isInString) i += code === BACKSLASH ? 1 : 0;
    else if (code === BRACKET || code === BRACE) deepest = Math.max(deepest, ++depth);
    else if (code === BRACKET + 2 || code === BRACE + 2) depth--;
  }
  return deepest;
}

const [QUOTE, BACKSLASH, BRACKET, BRACE] = [0x22, 0x5c, 0x5b, 0x7b];

/** Parses JSON that a client has sent. Throws Refusal if it is invalid or nested too deeply. */
export function parsedJson(text: string): unknown {
  if (nestingOf(text) > MAX_NESTING) throw badRequest();
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest();
  }
}

/**
 * Configures a scope of routes: each thrown Refusal is sent as a response, and JSON bodies are parsed as in Grafana.
 */
export function useRefusals(app: FastifyInstance): void {
  app.setErrorHandler((error, _request, reply): FastifyReply => {
    if (error instanceof Refusal) return reply.code(error.statusCode).send(error.body);
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status === 413) return reply.code(413).send({ message: "request body too large" });
    if (status < 500) return reply.code(status).send({ message: "bad request data" });
    return reply.code(500).send({ message: "Internal server error" });
  });
  app.addContentTypeParser(
    "application/json",
    wholeBody((body) => {
      const text = body.toString();
      return text.trim() === "" ? undefined : parsedJson(text);
    }),
  );
}
