/**
 * Kinds of content (such as text, tag, attribute or script) at a position of an HTML document, with the names of Go's
 * html/template.
 */
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

/** Kind of character that ends the value of an HTML attribute. */
export type Delimiter = "DoubleQuote" | "None" | "SingleQuote" | "SpaceOrTagEnd";

/** Part of a URL that contains a position: its start, the part before the query, or its query or fragment. */
type UrlPart = "None" | "PreQuery" | "QueryOrFrag";

/** Meaning that browsers give to the value of an HTML attribute, such as URL or script. */
export type AttributeKind = "MetaContent" | "None" | "Script" | "ScriptType" | "Srcset" | "Style" | "URL";

/** The HTML element whose tag or content contains a position. "None" if the element does not affect escaping. */
export type ElementKind = "Meta" | "None" | "Script" | "Style" | "Textarea" | "Title";

/** A position in an HTML document, as Go's html/template describes it. */
export interface Place {
  readonly state: State;
  readonly delim: Delimiter;
  readonly urlPart: UrlPart;
  /** Meaning of a slash at this position of a script: a division, or the start of a regular expression. */
  readonly slash: "DivOp" | "Regexp";
  /** For each open `${` of a JavaScript template literal, the number of open braces. */
  readonly braces: readonly number[];
  readonly attribute: AttributeKind;
  readonly element: ElementKind;
}

/** The position outside of tags, where every document starts. */
export const TEXT: Place = {
  state: "Text",
  delim: "None",
  urlPart: "None",
  slash: "Regexp",
  braces: [],
  attribute: "None",
  element: "None",
};

/** Position in the HTML document after a piece of text, and the length of the piece. */
export type Step = readonly [next: Place, length: number];

/**
 * A template is refused because browsers may interpret its HTML differently. The message is that of Go's html/template.
 */
export class HtmlFault extends Error {
  override readonly name = "HtmlFault";
}

/** Formats a position as in the messages of Go's html/template. */
export function printPlace({ state, delim, urlPart, slash, braces, attribute, element }: Place): string {
  const words = [`state${state}`, `delim${delim}`, `urlPart${urlPart}`, `jsCtx${slash}`, `[${braces.join(" ")}]`];
  return `{${words.join(" ")} attr${attribute} element${element} <nil>}`;
}

/** Returns the index of the first occurrence of any of the characters at or after `from`, or -1. */
export function indexOfAny(text: string, characters: string, from = 0): number {
  for (let at = from; at < text.length; at++) if (characters.includes(text[at]!)) return at;
  return -1;
}
