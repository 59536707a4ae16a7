import type { JsonObject } from "@narthex/dashboards";
import { jsonMistakeAt } from "./json-mistake.ts";

export interface JsonMistake {
  /** Error message that names the line with the mistake. */
  readonly message: string;
  /** Line number from 1; undefined if the error has no position. */
  readonly line: number | undefined;
}

export type ParsedJson =
  | { readonly json: JsonObject; readonly mistake?: undefined }
  | { readonly json?: undefined; readonly mistake: JsonMistake };

/** Maximum number of characters that a message quotes. */
const QUOTED = 30;

export function parseJson(text: string): ParsedJson {
  if (text.trim() === "") return mistaken("The text is empty. Paste the JSON of a dashboard here.");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return notJson(text, jsonMistakeAt(text) ?? text.length);
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return { json: json as JsonObject };
  return mistaken("A dashboard is a JSON object: it starts with { and ends with }.", 1);
}

const mistaken = (message: string, line?: number): ParsedJson => ({ mistake: { message, line } });

function notJson(text: string, at: number): ParsedJson {
  const before = text.slice(0, at).split("\n");
  const line = before.length;
  const rest = text.slice(at).split("\n")[0]!.trim();
  const position = `line ${line}, column ${before.at(-1)!.length + 1}`;
  if (rest === "")
    return mistaken(`The JSON ends too early, at ${position}: a bracket or a quotation mark is not closed.`, line);
  const quote = rest.length > QUOTED ? `${rest.slice(0, QUOTED)}…` : rest;
  return mistaken(`This is not JSON from ${position} on, at ${quote}`, line);
}
