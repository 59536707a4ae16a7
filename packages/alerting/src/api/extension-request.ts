import type { Matcher } from "@narthex/model";
import type { FastifyRequest } from "fastify";
import { jsonText } from "./api-exchange.ts";
import { ApiFault, HandlerError, required } from "./api-fault.ts";
import { type MatcherMode, parseMatcher } from "../matchers/matcher-syntax.ts";
import { MatcherError } from "../matchers/matcher-text.ts";

/** Returns the fields of a JSON request body, for an endpoint that Alertmanager does not have. Throws ApiFault. */
export function bodyFields(request: FastifyRequest, name: string): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = JSON.parse(jsonText(request, name));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ApiFault(400, 400, `parsing ${name} body failed: ${error.message}`);
  }
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw required(name);
}

/** Returns a field of a request body that must be a string. Throws ApiFault. */
export function fieldText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new ApiFault(422, 601, `${name} in body must be of type string: ${JSON.stringify(value)}`);
}

/** Reads an object whose values are strings. Returns `{}` if the object is missing. Throws ApiFault. */
export function textMap(value: unknown, name: string): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  const isMap = typeof value === "object" && !Array.isArray(value);
  if (isMap && Object.values(value).every((each) => typeof each === "string")) return value as Record<string, string>;
  throw new ApiFault(422, 601, `${name} in body must be an object of strings`);
}

/** Reads the label matchers of repeated `filter` query parameters. Throws HandlerError. */
export function readMatchers(texts: readonly string[], mode: MatcherMode): readonly Matcher[] {
  try {
    return texts.map((text) => parseMatcher(text, mode));
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    throw new HandlerError(400, error.message);
  }
}
