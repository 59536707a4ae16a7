import { percentBytes } from "@narthex/bytes";
import { bodyOf, goJson } from "@narthex/http";
import { quote } from "@narthex/model";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiFault, required } from "./api-fault.ts";

/** Sends JSON as bytes, because for a string the web framework would add a charset to the Content-Type. */
export const sendBytes = (reply: FastifyReply, json: string, status: number): FastifyReply =>
  reply.code(status).header("content-type", "application/json").send(Buffer.from(json));

/**
 * Sends an error in the form of Alertmanager's API framework. Unlike the errors of Alertmanager's handlers, the body
 * has no newline at its end.
 */
export const sendFault = (reply: FastifyReply, status: number, code: number, message: string): FastifyReply =>
  sendBytes(reply, goJson({ code, message }), status);

/** Sends a value as JSON in the format of Go's encoder, which escapes `<`, `>` and `&`. */
export const sendGoJson = (reply: FastifyReply, value: unknown, status = 200): FastifyReply =>
  sendBytes(reply, `${goJson(value)}\n`, status);

/**
 * Sends a value as JSON without escapes for `<`, `>` and `&`, as Alertmanager does for types without their own encoder.
 */
export const sendPlainJson = (reply: FastifyReply, value: unknown, status = 200): FastifyReply =>
  sendBytes(reply, `${plainJson(value)}\n`, status);

export const plainJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);

/**
 * Returns the text of a request's body. Throws ApiFault if the body is not declared to be JSON.
 * @param name name of the body parameter in error messages
 */
export function jsonText(request: FastifyRequest, name: string): string {
  const text = Buffer.from(bodyOf(request)).toString();
  if (text === "") throw required(name);
  const fault = mediaTypeFault(request);
  if (fault !== undefined) throw fault;
  return text;
}

/** Returns the error for a request whose Content-Type is not JSON, or undefined if it is JSON. */
export function mediaTypeFault(request: FastifyRequest): ApiFault | undefined {
  const type = mediaType(request.headers["content-type"] ?? "");
  if (type instanceof ApiFault) return type;
  if (type === "application/json") return undefined;
  if (type === "*/*") return new ApiFault(500, 500, `no consumer registered for ${type}`);
  return new ApiFault(415, 415, `unsupported media type "${type}", only [application/json] are allowed`);
}

const PARAMETER = /^\s*;\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[^"\\]|\\.)*")/;
const TYPE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\/([!#$%&'*+.^_`|~0-9A-Za-z-]+))?/;

/** Returns the media type of a Content-Type header in lower case, or the error with the text of Go's parser. */
function mediaType(header: string): string | ApiFault {
  if (header === "") return "application/octet-stream";
  const refuse = (reason: string): ApiFault =>
    new ApiFault(400, 400, `parsing Content-Type header from ${quote(header)} failed, because ${reason}`);
  const type = header.split(";", 1)[0]!.trim().toLowerCase();
  const found = TYPE.exec(type);
  if (found === null) return refuse("mime: no media type");
  if (found[0].length < type.length) {
    return refuse(
      found[2] === undefined
        ? "mime: expected slash after first token"
        : "mime: unexpected content after media subtype",
    );
  }
  let rest = header.slice(header.split(";", 1)[0]!.length);
  for (let part = PARAMETER.exec(rest); part !== null; part = PARAMETER.exec(rest)) rest = rest.slice(part[0].length);
  if (!["", ";"].includes(rest.trim())) return refuse("mime: invalid media parameter");
  return found[2] === undefined ? refuse(`mediatype: malformed: ${quote(type)} has no subtype`) : type;
}

/**
 * Returns the values of a repeatable query parameter. As in Go, a pair that is badly escaped or contains a semicolon is
 * skipped.
 */
export function queryList(request: FastifyRequest, name: string): readonly string[] {
  const mark = request.url.indexOf("?");
  if (mark < 0) return [];
  return request.url
    .slice(mark + 1)
    .split("&")
    .filter((pair) => pair !== "" && !/;|%(?![0-9a-fA-F]{2})/.test(pair))
    .flatMap((pair) => {
      const at = pair.indexOf("=");
      const key = unescapeQuery(at < 0 ? pair : pair.slice(0, at));
      return key === name ? [at < 0 ? "" : unescapeQuery(pair.slice(at + 1))] : [];
    });
}

/** Decodes a query text. Bytes that are not UTF-8 become U+FFFD. */
const unescapeQuery = (text: string): string => percentBytes(text.replaceAll("+", " ")).toString();

/**
 * Returns a boolean query parameter; `missing` if the request does not have it. A value that Go does not accept as true
 * counts as false.
 */
export function queryFlag(request: FastifyRequest, name: string, missing = true): boolean {
  const value = queryList(request, name).at(-1);
  if (value === undefined) return missing;
  return value === "" || /^(?:true|1|yes|ok|y|on|selected|checked|t|enabled)$/i.test(value);
}
