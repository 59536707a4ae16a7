import { attributeType } from "./attribute-kind.ts";
import { printValue } from "./print.ts";
import { decodeStyle } from "./style-place.ts";
import { toJson } from "./json.ts";
import { GoTime } from "./time.ts";
import { textOf, TrustedText, type Value } from "./value.ts";

/** Text that Go's html/template prints instead of a value that it considers unsafe. */
const REFUSED = "ZgotmplZ";

const ENTITY: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "&": "&amp;",
  "'": "&#39;",
  "+": "&#43;",
  "<": "&lt;",
  ">": "&gt;",
};

const textOfValue = (value: Value): string => (value === undefined || value === null ? "" : printValue(value));

const entities = (text: string): string => text.replace(/[\0"&'+<>]/g, (char) => ENTITY[char]!);

/** Escapes a text that is trusted HTML: keeps entities that the text already contains. */
const normalized = (text: string): string => text.replace(/[\0"'+<>]/g, (char) => ENTITY[char]!);

/** Escapes a value that is printed between tags. */
export const inText = (value: Value): string =>
  value instanceof TrustedText && value.kind === "html" ? value.text : entities(textOfValue(value));

/** Escapes a value in <title> or <textarea>, which contain text without tags. */
export const inRawText = (value: Value): string =>
  value instanceof TrustedText && value.kind === "html" ? normalized(value.text) : entities(textOfValue(value));

/** Returns a text without HTML tags. A tag ends at the next `>`. */
function withoutTags(text: string): string {
  let out = "";
  let from = 0;
  for (let open = text.indexOf("<"); open >= 0; open = text.indexOf("<", from)) {
    const close = text.indexOf(">", open);
    if (close < 0) break;
    out += text.slice(from, open);
    from = close + 1;
  }
  return out + text.slice(from);
}

/** Escapes a value in a quoted HTML attribute. */
export const inAttribute = (value: Value): string =>
  value instanceof TrustedText && value.kind === "html"
    ? normalized(withoutTags(value.text))
    : entities(textOfValue(value));

/**
 * Escapes a text in an unquoted HTML attribute. White space and other characters that would end the attribute become
 * entities.
 */
export function withoutSpace(text: string): string {
  if (text === "") return REFUSED;
  return text.replace(/[\0\t\n\v\f\r "&'+<=>`]/g, (char) =>
    char === "\0" ? "&#xfffd;" : (ENTITY[char] ?? `&#${char.charCodeAt(0)};`),
  );
}

/** Escapes a value that is a whole unquoted HTML attribute value. */
export const inBareAttribute = (value: Value): string =>
  withoutSpace(value instanceof TrustedText && value.kind === "html" ? withoutTags(value.text) : textOfValue(value));

const SAFE_SCHEME = /^(?:https?|mailto)$/i;

/** Escapes a value at the start of a URL. A URL with an unknown scheme is replaced by a harmless text. */
export const atUrlStart = (value: Value): string => normalizeUrl(filteredUrl(value));

function filteredUrl(value: Value): string {
  const text = textOfValue(value);
  return (value instanceof TrustedText && value.kind === "url") || isSafeUrl(text) ? text : `#${REFUSED}`;
}

function isSafeUrl(text: string): boolean {
  const colon = text.indexOf(":");
  const scheme = text.slice(0, Math.max(colon, 0));
  return colon < 0 || scheme.includes("/") || SAFE_SCHEME.test(scheme);
}

/** Escapes a value of the HTML attribute `srcset`: a list of URLs, each with a size or density. */
export function inSourceSet(value: Value): string {
  const text = textOfValue(value);
  if (value instanceof TrustedText && value.kind === "url") return normalizeUrl(text).replaceAll(",", "%2c");
  const shown = (element: string): string => {
    const [, before = "", url = "", after = ""] = /^([\t\n\f\r ]*)([^\t\n\f\r ]*)(.*)$/s.exec(element)!;
    const isWhole = isSafeUrl(url) && /^[\t\n\f\r 0-9A-Za-z]*$/.test(after);
    return isWhole ? before + normalizeUrl(url) + after : `#${REFUSED}`;
  };
  return text.split(",").map(shown).join(",");
}

/** Escapes a value in the path of a URL. Reserved characters and `%xx` are unchanged. */
export const inUrlPath = (value: Value): string => normalizeUrl(textOfValue(value));

/** Escapes a value after ? or # of a URL. All characters are encoded except the unreserved ones. */
export const inUrlQuery = (value: Value): string =>
  value instanceof TrustedText && value.kind === "url"
    ? normalizeUrl(value.text)
    : percentEncode(textOfValue(value), /[A-Za-z0-9\-._~]/);

const normalizeUrl = (text: string): string => percentEncode(text, /[A-Za-z0-9\-._~!#$&*+,/:;=?@[\]]/, true);

function percentEncode(text: string, keep: RegExp, keepEscapes = false): string {
  let out = "";
  for (let at = 0; at < text.length;) {
    const char = String.fromCodePoint(text.codePointAt(at)!);
    const escaped = keepEscapes && char === "%" && /^[0-9a-fA-F]{2}$/.test(text.slice(at + 1, at + 3));
    if (escaped || keep.test(char)) out += char;
    else for (const byte of Buffer.from(char)) out += `%${byte.toString(16).padStart(2, "0")}`;
    at += char.length;
  }
  return out;
}

/** Filters a value in CSS. Only plain words, numbers and colours are printed. */
export function inStyle(value: Value): string {
  const text = decodeStyle(textOfValue(value));
  if (/[\0"'()/;@[\\\]`{}<>]/.test(text) || text.includes("--")) return REFUSED;
  return /expression|mozbinding/.test(text.replace(/[^\w]/g, "").toLowerCase()) ? REFUSED : text;
}

/**
 * Escapes a value in a CSS string. At the start of the string, a URL with an unknown scheme is replaced by a harmless
 * text.
 */
export function inStyleString(value: Value, isAtStart: boolean): string {
  const text = isAtStart ? filteredUrl(value) : textOfValue(value);
  return text.replace(/[\0\t\n\f\r"&'()+/:;<>\\{}]/g, (char, at: number) => {
    if (char === "\\") return "\\\\";
    const next = text[at + 1] ?? " ";
    return `\\${char.charCodeAt(0).toString(16)}${/[0-9a-fA-F\t\n\f\r ]/.test(next) ? " " : ""}`;
  });
}

/** Converts a value to a JavaScript expression, which is its JSON. */
export function inScript(value: Value): string {
  const text = value instanceof TrustedText ? value.text : value instanceof GoTime ? undefined : textOf(value);
  const json = toJson(text ?? value);
  return /^["[{]/.test(json) ? json : ` ${json} `;
}

/** Escapes a value inside a JavaScript string. */
export const inScriptString = (value: Value): string =>
  textOfValue(value).replace(
    /[\0-\u001f"&'+/<>\\`\u2028\u2029]/g,
    (char) => SCRIPT_ESCAPE[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const SCRIPT_ESCAPE: Readonly<Record<string, string>> = {
  "\t": "\\t",
  "\n": "\\n",
  "\f": "\\f",
  "\r": "\\r",
  "/": "\\/",
  "\\": "\\\\",
};

/** Escapes a value in a JavaScript template literal, outside of `${}`. */
export const inScriptTemplate = (value: Value): string =>
  inScriptString(value).replace(/[${}]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);

/** Escapes a value in a JavaScript regular expression, so that it matches its own text. */
export function inScriptPattern(value: Value): string {
  const text = textOfValue(value).replace(/[\0-\u001f"$&'()*+\-./<>?[\\\]^{|}\u2028\u2029]/g, (char) =>
    PATTERN_PUNCTUATION.includes(char) ? `\\${char}` : (SCRIPT_SPACE[char] ?? unicodeEscape(char)),
  );
  return text === "" ? "(?:)" : text;
}

const PATTERN_PUNCTUATION = "$()*-./?[\\]^{|}";
const SCRIPT_SPACE: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r" };

const unicodeEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Filters a value that is printed as the name of an HTML attribute. Only attributes with plain text are allowed. */
export function inName(value: Value): string {
  const name = textOfValue(value).toLowerCase();
  return /^[a-z0-9]+$/.test(name) && attributeType(name) === "plain" ? name : REFUSED;
}

export { entities };
