import { goJson } from "@narthex/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiFault } from "./api-fault.ts";
import { badBody } from "./posted-alerts.ts";

/** A string would get a charset appended to its type. */
export const sendBytes = (reply: FastifyReply, json: string, status: number): FastifyReply =>
  reply.code(status).header("content-type", "application/json").send(Buffer.from(json));

/** The framework's answers have no newline at their end, unlike the handlers'. */
export const sendFault = (reply: FastifyReply, status: number, code: number, message: string): FastifyReply =>
  sendBytes(reply, goJson({ code, message }), status);

/** Sends JSON as Go's encoder writes it. */
export const sendGoJson = (reply: FastifyReply, value: unknown, status = 200): FastifyReply =>
  sendBytes(reply, `${goJson(value)}\n`, status);

/** The JSON of a request's body. Throws ApiFault in the framework's words; `name` is the parameter's. */
export function jsonBody(request: FastifyRequest, name: string): unknown {
  const type = (request.headers["content-type"] ?? "application/octet-stream").split(";")[0]!.trim();
  const text = typeof request.body === "string" ? request.body : "";
  if (text === "") throw new ApiFault(422, 602, `${name} in body is required`);
  if (type !== "application/json") {
    throw new ApiFault(415, 415, `unsupported media type "${type}", only [application/json] are allowed`);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
    const cut = position >= text.trimEnd().length || /end of JSON|Unterminated/.test(message);
    throw badBody(name, cut ? "unexpected EOF" : `invalid JSON: ${message}`);
  }
}

/** Values of a repeatable query parameter. */
export function queryList(request: FastifyRequest, name: string): readonly string[] {
  const value = (request.query as Record<string, string | string[] | undefined>)[name];
  return value === undefined ? [] : [value].flat();
}

/** A boolean query parameter; what is no boolean counts as false. */
export function queryFlag(request: FastifyRequest, name: string): boolean {
  const value = queryList(request, name).at(-1);
  return value === undefined || /^(?:1|t|T|TRUE|true|True)$/.test(value);
}
