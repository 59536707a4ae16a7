import {
  atUrlStart,
  entities,
  inAttribute,
  inBareAttribute,
  inName,
  inRawText,
  inScript,
  inScriptPattern,
  inScriptString,
  inScriptTemplate,
  inSourceSet,
  inStyle,
  inStyleString,
  inText,
  inUrlPath,
  inUrlQuery,
  withoutSpace,
} from "./html-escape.ts";
import { HtmlFault, type Place, printPlace, TEXT } from "./html-place.ts";
import { isComment, isInScriptLiteral, stepHtml, valueState } from "./html-transition.ts";
import type { Value } from "./value.ts";

/**
 * Tracks the current position of a template's output in the HTML document, like Go's html/template. Only literal text
 * changes the position; escaped values cannot change it. Comments are removed.
 */
export class HtmlContext {
  #place: Place = TEXT;

  /** Processes literal text of the template. Returns the text to print. Throws HtmlFault. */
  literal(text: string): string {
    const printed = new Printed(text);
    for (let at = 0; at < text.length;) {
      const before = this.#place;
      const [after, length] = stepHtml(before, text.slice(at));
      const end = at + length;
      if (before.state === "Text" || before.state === "RCDATA") {
        // Leaves the last `<` unescaped, because it begins the tag or comment.
        const tag = after.state === before.state ? -1 : text.lastIndexOf("<", end - 1);
        escapeTags(printed, at, tag < at ? end : tag);
      } else if (isPlainComment(before))
        printed.replace(printed.at, end, spaceFor(before, text.slice(printed.at, end)));
      if (after.state !== before.state && isPlainComment(after)) {
        printed.replace(end - (OPENING_LENGTH[after.state] ?? 2), end, "");
      }
      if (isInScriptLiteral(before) && SCRIPT_TAG.test(text.slice(at, end))) {
        printed.replace(at, end, text.slice(at, end).replace(SCRIPT_TAGS, "\\x3C$1"));
      }
      this.#place = after;
      at = end;
    }
    return printed.end(!isPlainComment(this.#place));
  }

  /** Escapes a value for the current position. */
  value(value: Value): string {
    const place = (this.#place = nudged(this.#place));
    const { delim } = place;
    if (place.state === "Attr") return delim === "SpaceOrTagEnd" ? inBareAttribute(value) : inAttribute(value);
    if (place.state === "JS") this.#place = { ...place, slash: "DivOp" };
    const text = inPlace(place, value);
    if (delim === "None") return text;
    return delim === "SpaceOrTagEnd" ? withoutSpace(text) : entities(text);
  }

  /**
   * Checks that the HTML document can end at the current position. Throws HtmlFault within a tag, comment, script or
   * style.
   */
  end(): void {
    if (this.#place.state !== "Text") throw new HtmlFault(`ends in a non-text context: ${printPlace(this.#place)}`);
  }
}

const SCRIPT_TAG = /<(script|\/script|!--)/i;
const SCRIPT_TAGS = /<(script|\/script|!--)/gi;
const DOCTYPE = /^<!doctype/i;

/** Number of characters that open a comment, by kind of comment. Default: 2. */
const OPENING_LENGTH: Readonly<Record<string, number>> = { HTMLCmt: 4, JSHTMLCloseCmt: 3, JSHTMLOpenCmt: 4 };

/** A copy of a text in which parts are replaced, in order. */
class Printed {
  /** Position in the original text up to which it was copied. */
  at = 0;
  readonly text: string;
  #out = "";

  constructor(text: string) {
    this.text = text;
  }

  replace(from: number, to: number, by: string): void {
    this.#out += this.text.slice(this.at, from) + by;
    this.at = to;
  }

  end(withRest: boolean): string {
    if (this.at === 0) return this.text;
    return withRest ? this.#out + this.text.slice(this.at) : this.#out;
  }
}

/** Reports whether a position is in a comment that is removed. Comments within attributes are kept. */
const isPlainComment = (place: Place): boolean => place.delim === "None" && isComment(place);

/** Returns the white space that replaces a removed comment. */
function spaceFor({ state }: Place, comment: string): string {
  if (state === "JSBlockCmt") return /[\n\r\u2028\u2029]/.test(comment) ? "\n" : " ";
  return state === "CSSBlockCmt" ? " " : "";
}

/** Replaces each `<` in a range without tags by an entity, except the `<` of `<!doctype`. */
function escapeTags(printed: Printed, from: number, to: number): void {
  const { text } = printed;
  for (let at = text.indexOf("<", from); at >= 0 && at < to; at = text.indexOf("<", at + 1)) {
    if (!DOCTYPE.test(text.slice(at, at + 9))) printed.replace(at, at + 1, "&lt;");
  }
}

/**
 * Returns the position in the HTML document at which a printed value begins. In a tag, a value may begin an attribute
 * name or an unquoted attribute value, so the position differs from `place`.
 */
function nudged(place: Place): Place {
  switch (place.state) {
    case "Tag":
      return { ...place, state: "AttrName" };
    case "AfterName":
      return { ...place, state: "AttrName", attribute: "None" };
    case "BeforeValue":
      return { ...place, state: valueState(place.attribute), delim: "SpaceOrTagEnd", attribute: "None" };
    default:
      return place;
  }
}

function inPlace(place: Place, value: Value): string {
  switch (place.state) {
    case "Text":
      return inText(value);
    case "RCDATA":
      return inRawText(value);
    case "AttrName":
      return inName(value);
    case "JS":
      return inScript(value);
    case "JSDqStr":
    case "JSSqStr":
      return inScriptString(value);
    case "JSTmplLit":
      return inScriptTemplate(value);
    case "JSRegexp":
      return inScriptPattern(value);
    case "CSS":
      return inStyle(value);
    case "Srcset":
      return inSourceSet(value);
    case "URL":
    case "MetaContentURL":
    case "CSSDqURL":
    case "CSSSqURL":
    case "CSSURL":
    case "CSSDqStr":
    case "CSSSqStr":
      return inUrl(place, value);
    case "MetaContent":
      return inRawText(value);
    default:
      return "";
  }
}

/** Escapes a value in a URL, which may itself be a string in CSS. */
function inUrl({ state, urlPart }: Place, value: Value): string {
  if (urlPart === "QueryOrFrag") return inUrlQuery(value);
  if (state === "CSSDqStr" || state === "CSSSqStr") return inStyleString(value, urlPart === "None");
  return urlPart === "None" ? atUrlStart(value) : inUrlPath(value);
}
