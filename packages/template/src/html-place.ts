/** What the output stands in: html/template's states. */
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

/** What ends the attribute's value. */
export type Delimiter = "DoubleQuote" | "None" | "SingleQuote" | "SpaceOrTagEnd";

/** The part of a URL: before its query, in it, or nothing seen yet. */
export type UrlPart = "None" | "PreQuery" | "QueryOrFrag";

/** What the attribute's value is. */
export type AttributeKind = "MetaContent" | "None" | "Script" | "ScriptType" | "Srcset" | "Style" | "URL";

/** The element whose tag or content this is, where it matters. */
export type ElementKind = "Meta" | "None" | "Script" | "Style" | "Textarea" | "Title";

/** A place in an HTML document: html/template's context. */
export interface Place {
  readonly state: State;
  readonly delim: Delimiter;
  readonly urlPart: UrlPart;
  /** Would a slash in the script begin a regular expression, or divide? */
  readonly slash: "DivOp" | "Regexp";
  /** Braces open in each `${` of a template literal that is open. */
  readonly braces: readonly number[];
  readonly attribute: AttributeKind;
  readonly element: ElementKind;
}

/** Between tags. */
export const TEXT: Place = {
  state: "Text",
  delim: "None",
  urlPart: "None",
  slash: "Regexp",
  braces: [],
  attribute: "None",
  element: "None",
};

/** The place after a piece of the template's text, and how much of the text the piece is. */
export type Step = readonly [next: Place, length: number];

/** Text that html/template refuses because browsers do not agree on what it is; the message is its own. */
export class HtmlFault extends Error {
  override readonly name = "HtmlFault";
}

/** A place as html/template prints it. */
export function printPlace({ state, delim, urlPart, slash, braces, attribute, element }: Place): string {
  const words = [`state${state}`, `delim${delim}`, `urlPart${urlPart}`, `jsCtx${slash}`, `[${braces.join(" ")}]`];
  return `{${words.join(" ")} attr${attribute} element${element} <nil>}`;
}

/** Index of the first of some characters from a place on, or -1. */
export function indexOfAny(text: string, characters: string, from = 0): number {
  for (let at = from; at < text.length; at++) if (characters.includes(text[at]!)) return at;
  return -1;
}
