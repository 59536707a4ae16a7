/** States of html/template: the kind of content at the output's position. */
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

/** The end of the attribute's value. */
export type Delimiter = "DoubleQuote" | "None" | "SingleQuote" | "SpaceOrTagEnd";

/** The part of a URL: before its query, in it, or nothing seen yet. */
type UrlPart = "None" | "PreQuery" | "QueryOrFrag";

/** The kind of the attribute's value. */
export type AttributeKind = "MetaContent" | "None" | "Script" | "ScriptType" | "Srcset" | "Style" | "URL";

/** The element whose tag or content this is, if it is relevant. */
export type ElementKind = "Meta" | "None" | "Script" | "Style" | "Textarea" | "Title";

/** A position in an HTML document: html/template's context. */
export interface Place {
  readonly state: State;
  readonly delim: Delimiter;
  readonly urlPart: UrlPart;
  /** Whether a slash in the script would begin a regular expression or divide. */
  readonly slash: "DivOp" | "Regexp";
  /** Number of open braces in each open `${` of a template literal. */
  readonly braces: readonly number[];
  readonly attribute: AttributeKind;
  readonly element: ElementKind;
}

/** The position between tags. */
export const TEXT: Place = {
  state: "Text",
  delim: "None",
  urlPart: "None",
  slash: "Regexp",
  braces: [],
  attribute: "None",
  element: "None",
};

/** The position after a piece of the template's text, and the length of the piece. */
export type Step = readonly [next: Place, length: number];

/** html/template refuses a text because browsers interpret it differently; the message is its own. */
export class HtmlFault extends Error {
  override readonly name = "HtmlFault";
}

/** Returns a position as html/template prints it. */
export function printPlace({ state, delim, urlPart, slash, braces, attribute, element }: Place): string {
  const words = [`state${state}`, `delim${delim}`, `urlPart${urlPart}`, `jsCtx${slash}`, `[${braces.join(" ")}]`];
  return `{${words.join(" ")} attr${attribute} element${element} <nil>}`;
}

/** Returns the index of the first of several characters from a position on, or -1. */
export function indexOfAny(text: string, characters: string, from = 0): number {
  for (let at = from; at < text.length; at++) if (characters.includes(text[at]!)) return at;
  return -1;
}
