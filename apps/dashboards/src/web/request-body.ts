import type { FastifyRequest } from "fastify";
import { badRequest } from "./refusal.ts";

export type Body = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns the body of a request as an object. Throws Refusal if the body is not a JSON object. */
export function bodyOfRequest(request: FastifyRequest): Body {
  if (!isObject(request.body)) throw badRequest();
  return request.body;
}

const own = (body: Body, key: string): unknown => (Object.hasOwn(body, key) ? body[key] : undefined);

/** Returns the text under a key of a request body; empty if it is missing. Throws Refusal for any other type. */
export function textAt(body: Body, key: string): string {
  const value = own(body, key) ?? "";
  if (typeof value !== "string") throw badRequest();
  return value;
}

/** Returns the number under a key of a request body; undefined if it is missing. Throws Refusal for any other type. */
export function numberAt(body: Body, key: string): number | undefined {
  const value = own(body, key) ?? undefined;
  if (value !== undefined && (typeof value !== "number" || !Number.isFinite(value))) throw badRequest();
  return value;
}

/** Returns the boolean under a key of a request body; false if it is missing. Throws Refusal for any other type. */
export function flagAt(body: Body, key: string): boolean {
  const value = own(body, key) ?? false;
  if (typeof value !== "boolean") throw badRequest();
  return value;
}

/** Returns the list of texts under a key; empty if it is missing. Throws Refusal for any other type. */
export function textsAt(body: Body, key: string): readonly string[] {
  const value = own(body, key) ?? [];
  if (!Array.isArray(value) || value.some((one) => typeof one !== "string")) throw badRequest();
  return value as readonly string[];
}

/** Returns the object under a key; undefined if it is missing. Throws Refusal for any other type. */
export function objectAt(body: Body, key: string): Body | undefined {
  const value = own(body, key) ?? undefined;
  if (value !== undefined && !isObject(value)) throw badRequest();
  return value;
}

export const pathParameter = (request: FastifyRequest, name: string): string =>
  (request.params as Readonly<Record<string, string>>)[name] ?? "";

export function queryOf(request: FastifyRequest): URLSearchParams {
  const queryAt = request.url.indexOf("?");
  return new URLSearchParams(queryAt === -1 ? "" : request.url.slice(queryAt + 1));
}

/** Returns a URL parameter that is a whole number from 1 to `most`, or the fallback if it is missing or invalid. */
export function countParameter(query: URLSearchParams, name: string, fallback: number, most: number): number {
  const text = query.get(name) ?? "";
  return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Math.min(Number(text), most) : fallback;
}

/** Returns one page of a list, as the URL parameters `page` and `perpage` request it. */
export function pageOf<T>(
  list: readonly T[],
  query: URLSearchParams,
): { shown: readonly T[]; page: number; perPage: number } {
  const perPage = countParameter(query, "perpage", 1000, 5000);
  const page = countParameter(query, "page", 1, 1_000_000);
  return { shown: list.slice((page - 1) * perPage, page * perPage), page, perPage };
}
