import type { MatchType } from "@narthex/model";
import { alertMatcher } from "../matchers/matcher-text.ts";
import { isTextMap, isTime } from "../untrusted-json.ts";
import type { Silence } from "./silence.ts";

const TYPES: ReadonlySet<string> = new Set<MatchType>(["=", "!=", "=~", "!~"]);

/** Returns a silence as JSON, for the store and for other instances. */
export function printSilence(silence: Silence): string {
  const matchers = silence.matchers.map(({ type, name, value }) => ({ type, name, value }));
  return JSON.stringify({ ...silence, matchers });
}

/** Parses a silence that printSilence() has printed. */
function readSilence(text: string): Silence {
  const kept = JSON.parse(text) as Silence;
  return { ...kept, matchers: kept.matchers.map(({ type, name, value }) => alertMatcher(type, name, value)) };
}

/** Parses a silence from a store or another instance. Throws an Error with the reason if the text is invalid. */
export function readUntrustedSilence(text: string): Silence {
  const found = JSON.parse(text) as Partial<Record<keyof Silence, unknown>> | null;
  const fail = (name: keyof Silence): never => {
    throw new Error(`invalid silence: ${name} is missing or has an invalid value`);
  };
  if (typeof found !== "object" || found === null) throw new Error("invalid silence: it is not a JSON object");
  for (const name of ["id", "createdBy", "comment"] as const) if (typeof found[name] !== "string") fail(name);
  for (const name of ["startsAt", "endsAt", "updatedAt"] as const) if (!isTime(found[name])) fail(name);
  const { id, matchers, annotations } = found;
  if (id === "") fail("id");
  if (!Array.isArray(matchers) || matchers.length === 0 || !matchers.every(isMatcher)) fail("matchers");
  if (!isTextMap(annotations)) fail("annotations");
  return readSilence(text);
}

const isMatcher = (found: unknown): boolean => {
  const { type, name, value } = (found ?? {}) as Record<string, unknown>;
  return typeof type === "string" && TYPES.has(type) && typeof name === "string" && typeof value === "string";
};
