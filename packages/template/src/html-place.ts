/** States of html/template. A state is the kind of content at a position of the output. */
export type State =
  | "AfterName"
  | "Attr"
  | "AttrName"
  | "BeforeValue"
  | "CSS"
  | "CSSBlockCmt"
  | "CSSDqStr"
  | "CSSDqURL"
  | "CSSLineCmt"
  | "CSSSqStr"
  | "CSSSqURL"
  | "CSSURL"
  | "HTMLCmt"
  | "JS"
  | "JSBlockCmt"
  | "JSDqStr"
  | "JSHTMLCloseCmt"
  | "JSHTMLOpenCmt"
  | "JSLineCmt"
  | "JSRegexp"
  | "JSSqStr"
  | "JSTmplLit"
  | "MetaContent"
  | "MetaContentURL"
  | "RCDATA"
  | "Srcset"
  | "Tag"
  | "Text"
  | "URL";

/** Kind of character that ends the attribute's value. */
export type Delimiter = "DoubleQuote" | "None" | "SingleQuote" | "SpaceOrTagEnd";

/** Part of a URL at the position: nothing yet, before the query, or in the query or fragment. */
type UrlPart = "None" | "PreQuery" | "QueryOrFrag";

/** The kind of the attribute's value. */
export type AttributeKind = "MetaContent" | "None" | "Script" | "ScriptType" | "Srcset" | "Style" | "URL";

/** Element of which the position is inside the tag or the content; "None" if the element does not affect escaping. */
export type ElementKind = "Meta" | "None" | "Script" | "Style" | "Textarea" | "Title";

/** A position in an HTML document: html/template's context. */
export interface Place {
  readonly state: State;
  readonly delim: Delimiter;
  readonly urlPart: UrlPart;
  /** Meaning of a slash at this position of a script: division or the start of a regular expression. */
  readonly slash: "DivOp" | "Regexp";
  /** Number of open braces in each open `${` of a template literal. */
  readonly braces: readonly number[];
  readonly attribute: AttributeKind;
  readonly element: ElementKind;
}

/** The position outside of tags, which is the start of every document. */
export const TEXT: Place = {
  state: "Text",
  delim: "None",
  urlPart: "None",
  slash: "Regexp",
  braces: [],
  attribute: "None",
  element: "None",
};

/** The position after a piece of the template's text, and the length of that piece. */
export type Step = readonly [next: Place, length: number];

/**
 * Thrown for a text that html/template refuses because browsers interpret it differently, with html/template's message.
 */
export class HtmlFault extends Error {
  override readonly name = "HtmlFault";
}

/** Formats a position in the form of html/template's messages. */
export function printPlace({ state, delim, urlPart, slash, braces, attribute, element }: Place): string {
  const words = [`state${state}`, `delim${delim}`, `urlPart${urlPart}`, `jsCtx${slash}`, `[${braces.join(" ")}]`];
  return `{${words.join(" ")} attr${attribute} element${element} <nil>}`;
}

/** Returns the index of the first occurrence of any of the characters at or after `from`, or -1. */
export function indexOfAny(text: string, characters: string, from = 0): number {
  for (let at = from; at < text.length; at++) if (characters.includes(text[at]!)) return at;
  return -1;
}
