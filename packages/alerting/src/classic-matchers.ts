import type { MatchType } from "@narthex/model";
import { MatcherError, type MatcherText } from "./matcher-text.ts";

const SHAPE = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*$/s;

/** The syntax of Alertmanager before 0.27. Throws MatcherError. */
export function parseClassic(input: string): readonly MatcherText[] {
  return splitList(input).map(parseOne);
}

/** Takes the braces off and splits at commas that stand outside quotes. */
function splitList(input: string): string[] {
  const inner = input.startsWith("{") ? input.slice(1) : input;
  const body = inner.endsWith("}") ? inner.slice(0, -1) : inner;
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  for (let i = 0; i < body.length; i++) {
    const char = body[i]!;
    if (char === "\\" && i + 1 < body.length) {
      part += char + body[++i]!;
      continue;
    }
    if (char === '"') quoted = !quoted;
    if (char === "," && !quoted) {
      parts.push(part);
      part = "";
    } else part += char;
  }
  // A comma may stand after the last one.
  if (part !== "") parts.push(part);
  return parts;
}

function parseOne(text: string): MatcherText {
  const found = SHAPE.exec(text);
  if (found === null) throw new MatcherError(`bad matcher format: ${text}`);
  const [, name, type, raw] = found as unknown as [string, string, MatchType, string];
  return { name, type, value: unquote(raw) };
}

function unquote(raw: string): string {
  if (!raw.isWellFormed()) throw new MatcherError(`matcher value not valid UTF-8: ${raw}`);
  let text = raw;
  const quoted = text.startsWith('"');
  if (quoted) text = text.slice(1);
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\\" && i + 1 < text.length) {
      const next = text[++i]!;
      out += next === "n" ? "\n" : next === '"' || next === "\\" ? next : `\\${next}`;
    } else if (char === '"') {
      if (!quoted || i < text.length - 1) {
        throw new MatcherError(`matcher value contains unescaped double quote: ${raw}`);
      }
      return out;
    } else out += char;
  }
  if (quoted) throw new MatcherError(`matcher value contains unescaped double quote: ${raw}`);
  return out;
}
