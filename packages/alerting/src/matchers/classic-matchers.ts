import { GO_SPACE, Matcher, type MatchType, trimLetters } from "@narthex/model";
import { createMatcher, MatcherError } from "./matcher-text.ts";

/** Splits a label matcher into name, operator and value. The value still includes surrounding blanks. */
const SHAPE = /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)([^]*)$/;
/** Characters that `\s` matches in Go's regular expressions. */
const BLANKS = "\t\n\f\r ";

/** Parses a list of matchers in the syntax of Alertmanager before 0.27. Throws MatcherError. */
export const parseClassicList = (input: string): Matcher[] => splitList(input).map(parseClassic);

/** Removes the braces around a list of matchers and splits the list at commas that are not in quotes. */
function splitList(input: string): string[] {
  const inner = input.startsWith("{") ? input.slice(1) : input;
  const body = inner.endsWith("}") ? inner.slice(0, -1) : inner;
  const parts: string[] = [];
  let part = "";
  let quoted = false;
  let escaped = false;
  for (const char of body) {
    if (char === "," && !quoted) {
      parts.push(part);
      part = "";
      continue;
    }
    if (char === '"' && !escaped) quoted = !quoted;
    escaped = char === "\\" && !escaped;
    part += char;
  }
  // Ignores an empty text after a comma at the end of the list.
  const last = trimLetters(part, GO_SPACE);
  if (last !== "") parts.push(last);
  return parts;
}

/** Parses one matcher in the syntax of Alertmanager before 0.27. Throws MatcherError. */
export function parseClassic(text: string): Matcher {
  const found = SHAPE.exec(text);
  if (found === null) throw new MatcherError(`bad matcher format: ${text}`);
  const [, name, type, raw] = found as unknown as [string, string, MatchType, string];
  return createMatcher({ name, type, value: unquote(trimLetters(raw, BLANKS)) });
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
