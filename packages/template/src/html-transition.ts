import { quote } from "@narthex/model";
import { attributeKind, isScriptType } from "./attribute-kind.ts";
import {
  type AttributeKind,
  type Delimiter,
  type ElementKind,
  HtmlFault,
  indexOfAny,
  type Place,
  type State,
  type Step,
  TEXT,
} from "./html-place.ts";
import { stepScript, stepScriptLiteral, stepTemplateLiteral } from "./script-place.ts";
import { stepStyle, stepStyleText, stepUrl } from "./style-place.ts";

const BLANK = /[\t\n\f\r ]/;

const ELEMENTS: ReadonlyMap<string, ElementKind> = new Map([
  ["meta", "Meta"],
  ["script", "Script"],
  ["style", "Style"],
  ["textarea", "Textarea"],
  ["title", "Title"],
]);

const CONTENT: Readonly<Record<ElementKind, State>> = {
  Meta: "Text",
  None: "Text",
  Script: "JS",
  Style: "CSS",
  Textarea: "RCDATA",
  Title: "RCDATA",
};

const VALUE: Readonly<Record<AttributeKind, State>> = {
  MetaContent: "MetaContent",
  None: "Attr",
  Script: "JS",
  ScriptType: "Attr",
  Srcset: "Srcset",
  Style: "CSS",
  URL: "URL",
};

/** Returns the kind of content at the start of an attribute's value. */
export const valueState = (attribute: AttributeKind): State => VALUE[attribute];

/** Reports whether the position is in a string, template literal or regular expression of a script. */
export const isInScriptLiteral = ({ state }: Place): boolean =>
  state === "JSDqStr" || state === "JSRegexp" || state === "JSSqStr" || state === "JSTmplLit";

export const isComment = ({ state }: Place): boolean => state.endsWith("Cmt");

/** Reads one piece of a template's literal text. Returns the position after it. Throws HtmlFault. */
export function stepHtml(place: Place, text: string): Step {
  return place.delim === "None" ? stepContent(place, text) : stepValue(place, text);
}

function stepContent(place: Place, text: string): Step {
  let step: Step | undefined;
  let fault: unknown;
  try {
    step = transition(place, text);
  } catch (error) {
    // Remembers the error, and throws it only if the element does not end before the invalid text.
    fault = error;
  }
  const end = elementEnd(place, text, step?.[1] ?? text.length);
  if (end < 0 && step === undefined) throw fault;
  if (end < 0) return step!;
  return end === 0 ? [TEXT, 0] : transition(place, text.slice(0, end));
}

/** Length of the longest end tag that is searched, with the character after its name. */
const LONGEST_END = "</textarea>".length;

/**
 * Returns the position of the end tag of the current element, or -1 if the end tag is not within `length` characters.
 * The limit is needed because a search of the whole remaining document for each piece of text would take quadratic
 * time.
 */
function elementEnd(place: Place, text: string, length: number): number {
  const { element } = place;
  if (element === "None" || element === "Meta") return -1;
  if (element === "Script" && (isInScriptLiteral(place) || isComment(place))) return -1;
  const end = text.slice(0, length + LONGEST_END).search(END_TAGS[element]);
  return end < length ? end : -1;
}

const END_TAGS: Readonly<Record<"Script" | "Style" | "Textarea" | "Title", RegExp>> = {
  Script: /<\/script[\t\n\f />]/i,
  Style: /<\/style[\t\n\f />]/i,
  Textarea: /<\/textarea[\t\n\f />]/i,
  Title: /<\/title[\t\n\f />]/i,
};

function stepValue(place: Place, text: string): Step {
  const bare = place.delim === "SpaceOrTagEnd";
  const ends = bare ? "\t\n\f\r >" : place.delim === "DoubleQuote" ? '"' : "'";
  const found = indexOfAny(text, ends);
  const end = found < 0 ? text.length : found;
  const value = text.slice(0, end);
  const odd = bare ? indexOfAny(value, "\"'<=`") : -1;
  if (odd >= 0) throw new HtmlFault(`${quote(value[odd]!)} in unquoted attr: ${quote(value)}`);
  if (found < 0) {
    let here = place;
    // Decodes entities first, because a quote in a script may be written as an entity.
    for (let rest = decodeEntities(value); rest !== "";) {
      const [next, length] = transition(here, rest);
      [here, rest] = [next, rest.slice(length)];
    }
    return [here, text.length];
  }
  const isData = place.state === "Attr" && place.attribute === "ScriptType" && !isScriptType(value);
  const element = isData ? "None" : place.element;
  return [{ ...TEXT, state: "Tag", element }, end + (bare ? 0 : 1)];
}

function transition(place: Place, text: string): Step {
  switch (place.state) {
    case "Text":
      return stepText(place, text);
    case "Tag":
      return stepTag(place, text);
    case "AttrName": {
      const end = nameEnd(text, 0);
      return [end === text.length ? place : { ...place, state: "AfterName" }, end];
    }
    case "AfterName":
      return stepAfterName(place, text);
    case "BeforeValue":
      return stepBeforeValue(place, text);
    case "HTMLCmt": {
      const end = text.indexOf("-->");
      return end < 0 ? [place, text.length] : [TEXT, end + 3];
    }
    case "Srcset":
    case "URL":
      return stepUrl(place, text);
    case "JS":
      return stepScript(place, text);
    case "JSTmplLit":
      return stepTemplateLiteral(place, text);
    case "JSDqStr":
    case "JSSqStr":
    case "JSRegexp":
      return stepScriptLiteral(place, text);
    case "CSS":
      return stepStyle(place, text);
    case "CSSDqStr":
    case "CSSSqStr":
    case "CSSDqURL":
    case "CSSSqURL":
    case "CSSURL":
      return stepStyleText(place, text);
    case "JSBlockCmt":
      return stepBlockComment(place, text, "JS");
    case "CSSBlockCmt":
      return stepBlockComment(place, text, "CSS");
    case "JSLineCmt":
    case "JSHTMLOpenCmt":
    case "JSHTMLCloseCmt":
      return stepLineComment(place, text, "JS");
    case "CSSLineCmt":
      return stepLineComment(place, text, "CSS");
    case "MetaContent": {
      const at = text.search(/url=/i);
      return at < 0 ? [place, text.length] : [{ ...place, state: "MetaContentURL" }, at + 4];
    }
    case "MetaContentURL": {
      const end = text.indexOf(";");
      return end < 0 ? [place, text.length] : [{ ...place, state: "MetaContent" }, end + 1];
    }
    case "Attr":
    case "RCDATA":
      return [place, text.length];
  }
}

function stepText(place: Place, text: string): Step {
  for (let at = text.indexOf("<"); at >= 0 && at + 1 < text.length; at = text.indexOf("<", at)) {
    if (text.startsWith("<!--", at)) return [{ ...TEXT, state: "HTMLCmt" }, at + 4];
    const [whole, slash, name] = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*(?:[:-][a-zA-Z0-9]+)*)?/.exec(text.slice(at))!;
    at += Math.max(whole.length, 1);
    if (name === undefined) continue;
    const element = slash === "/" ? "None" : (ELEMENTS.get(name.toLowerCase()) ?? "None");
    return [{ ...TEXT, state: "Tag", element }, at];
  }
  return [place, text.length];
}

function stepTag(place: Place, text: string): Step {
  const start = blanks(text);
  if (start === text.length) return [place, start];
  const { element } = place;
  if (text[start] === ">") return [{ ...TEXT, state: CONTENT[element], element }, start + 1];
  const end = nameEnd(text, start);
  if (end === start) {
    throw new HtmlFault(`expected space, attr name, or end of tag, but got ${quote(text.slice(start))}`);
  }
  const attribute = attributeKind(element, text.slice(start, end).toLowerCase());
  return [{ ...TEXT, state: end === text.length ? "AttrName" : "AfterName", element, attribute }, end];
}

function stepAfterName(place: Place, text: string): Step {
  const start = blanks(text);
  if (start === text.length) return [place, start];
  return text[start] === "=" ? [{ ...place, state: "BeforeValue" }, start + 1] : [{ ...place, state: "Tag" }, start];
}

function stepBeforeValue(place: Place, text: string): Step {
  const start = blanks(text);
  if (start === text.length) return [place, start];
  const quoted: Readonly<Record<string, Delimiter>> = { '"': "DoubleQuote", "'": "SingleQuote" };
  const delim = quoted[text[start]!];
  const state = VALUE[place.attribute];
  return [{ ...place, state, delim: delim ?? "SpaceOrTagEnd" }, start + (delim === undefined ? 0 : 1)];
}

function stepBlockComment(place: Place, text: string, state: State): Step {
  const end = text.indexOf("*/");
  return end < 0 ? [place, text.length] : [{ ...place, state }, end + 2];
}

/** Reads a JavaScript or CSS comment up to the end of its line, which is not part of the comment. */
function stepLineComment(place: Place, text: string, state: State): Step {
  const end = indexOfAny(text, state === "JS" ? "\n\r\u2028\u2029" : "\n\f\r");
  return end < 0 ? [place, text.length] : [{ ...place, state }, end];
}

const blanks = (text: string): number => {
  let at = 0;
  while (at < text.length && BLANK.test(text[at]!)) at++;
  return at;
};

function nameEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const char = text[at]!;
    if (BLANK.test(char) || char === "=" || char === ">") return at;
    if ("'\"<".includes(char)) throw new HtmlFault(`${quote(char)} in attribute name: ${quote(beginning(text))}`);
  }
  return text.length;
}

/** Returns the first 32 characters of a text, which Go's error messages show. */
const beginning = (text: string): string => Array.from(text.slice(0, 64)).slice(0, 32).join("");

const NAMED: Readonly<Record<string, string>> = { amp: "&", apos: "'", gt: ">", lt: "<", quot: '"' };

/** Decodes the HTML entities that could end a string. */
const decodeEntities = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|apos|gt|lt|quot));?/g, (whole, dec, hex, name) => {
    if (name !== undefined) return NAMED[name as string]!;
    const code = dec === undefined ? parseInt(hex as string, 16) : Number(dec);
    return code > 0x10_ffff ? whole : String.fromCodePoint(code);
  });
