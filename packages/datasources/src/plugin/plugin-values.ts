import type { JsonObject } from "@narthex/dashboards";
import type { Annotation, Health, VariableValue } from "../data-source.ts";
import { QueryFailure } from "../query-failure.ts";

const MAX_ITEMS = 10_000;
const MAX_MESSAGE = 1000;

/** Reads what `health` of a plugin returned. Throws QueryFailure. */
export function readHealth(value: unknown): Health {
  const { status, message } = readObject(value, "health");
  if ((status !== "OK" && status !== "ERROR") || typeof message !== "string")
    throw wrong('health must return { status: "OK" or "ERROR", message: a text }');
  return { status, message: message.slice(0, MAX_MESSAGE) };
}

/** Reads what `variableValues` of a plugin returned. Throws QueryFailure. */
export const readOptions = (value: unknown): readonly VariableValue[] =>
  listOf(value, "variableValues").map((item) => {
    const { text, value: option } = readObject(item, "variableValues");
    if (typeof text !== "string" || typeof option !== "string")
      throw wrong("variableValues must return a list of { text, value }, which are texts");
    return { text, value: option };
  });

/** Reads what `annotations` of a plugin returned. Throws QueryFailure. */
export const readAnnotations = (value: unknown): readonly Annotation[] =>
  listOf(value, "annotations").map((item) => {
    const { time, timeEnd, title = "", text = "", tags = [] } = readObject(item, "annotations");
    if (typeof time !== "number" || !(timeEnd === undefined || typeof timeEnd === "number"))
      throw wrong("the time of an annotation must be a number of milliseconds");
    if (typeof title !== "string" || typeof text !== "string" || !isTexts(tags))
      throw wrong("the title, the text and the tags of an annotation must be texts");
    return { time, ...(timeEnd !== undefined && { timeEnd }), title, text, tags };
  });

export function readObject(value: unknown, name = "resource"): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw wrong(`${name} returned something other than an object`);
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(`${name} must return a list`);
  if (value.length > MAX_ITEMS) throw wrong(`${name} returned more than ${MAX_ITEMS} items; return fewer`);
  return value as unknown[];
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

const wrong = (problem: string): QueryFailure => new QueryFailure(502, `the plugin answered wrongly: ${problem}`);
