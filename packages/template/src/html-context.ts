import {
  atUrlStart,
  entities,
  inAttribute,
  inBareAttribute,
  inName,
  inRawText,
  inScript,
  inScriptString,
  inStyle,
  inText,
  inUrlPath,
  inUrlQuery,
  withoutSpace,
} from "./html-escape.ts";
import type { Value } from "./value.ts";

type State = "afterName" | "attributeName" | "beforeValue" | "comment" | "raw" | "tag" | "tagName" | "text" | "value";
type Content = "plain" | "script" | "style" | "url";

const URL_ATTRIBUTES: ReadonlySet<string> = new Set([
  "action",
  "archive",
  "background",
  "cite",
  "classid",
  "codebase",
  "data",
  "formaction",
  "href",
  "icon",
  "longdesc",
  "manifest",
  "poster",
  "profile",
  "src",
  "usemap",
  "xmlns",
]);

const RAW_ELEMENTS: ReadonlySet<string> = new Set(["script", "style", "textarea", "title"]);

/**
 * Where in an HTML document the output stands. Literal text of the template moves it, values are escaped for it and
 * never move it out of its place (html/template's rule). Comments are dropped.
 */
export class HtmlContext {
  #state: State = "text";
  /** Name of the tag being read, then of the element whose raw text follows. */
  #element = "";
  #closing = false;
  #attribute = "";
  #content: Content = "plain";
  /** Quote around the attribute's value, "" without quotes. */
  #delim = "";
  #urlPart: "none" | "path" | "query" = "none";
  /** Quote of the JavaScript string that is open, or "". */
  #scriptQuote = "";

  /** Passes literal text of the template through; returns what is printed of it. */
  literal(text: string): string {
    let out = "";
    for (let at = 0; at < text.length;) {
      const [length, shown] = this.#step(text, at);
      if (typeof shown === "string") out += shown;
      else if (shown) out += text.slice(at, at + length);
      at += length;
    }
    return out;
  }

  /** Escapes a value for the present place. */
  value(value: Value): string {
    switch (this.#state) {
      case "text":
        return inText(value);
      case "comment":
        return "";
      case "raw":
        return this.#inRaw(value);
      case "tagName":
      case "attributeName":
        return inName(value);
      case "tag":
        this.#state = "attributeName";
        return inName(value);
      case "afterName":
        this.#state = "attributeName";
        return inName(value);
      case "beforeValue":
        this.#startValue("");
        return this.#inValue(value);
      case "value":
        return this.#inValue(value);
    }
  }

  #inRaw(value: Value): string {
    if (this.#element === "script") return this.#scriptQuote === "" ? inScript(value) : inScriptString(value);
    return this.#element === "style" ? inStyle(value) : inRawText(value);
  }

  #inValue(value: Value): string {
    const quoted = this.#delim !== "";
    switch (this.#content) {
      case "plain":
        return quoted ? inAttribute(value) : inBareAttribute(value);
      case "style":
        return this.#wrap(inStyle(value));
      case "script":
        return this.#wrap(this.#scriptQuote === "" ? inScript(value) : inScriptString(value));
      case "url": {
        const text =
          this.#urlPart === "none"
            ? atUrlStart(value)
            : this.#urlPart === "path"
              ? inUrlPath(value)
              : inUrlQuery(value);
        return this.#wrap(text);
      }
    }
  }

  #wrap(text: string): string {
    return this.#delim === "" ? withoutSpace(text) : entities(text);
  }

  /** Reads one piece; returns its length and whether it is printed, or what is printed in its place. */
  #step(text: string, at: number): [number, boolean | string] {
    switch (this.#state) {
      case "text":
        return this.#stepText(text, at);
      case "comment": {
        const end = text.indexOf("-->", at);
        if (end < 0) return [text.length - at, false];
        this.#state = "text";
        return [end + 3 - at, false];
      }
      case "raw":
        return this.#stepRaw(text, at);
      case "value":
        return [this.#stepValue(text, at), true];
      default:
        return [this.#stepTag(text, at), true];
    }
  }

  #stepText(text: string, at: number): [number, boolean | string] {
    const open = text.indexOf("<", at);
    if (open < 0) return [text.length - at, true];
    if (open > at) return [open - at, true];
    if (text.startsWith("<!--", at)) {
      this.#state = "comment";
      return [4, false];
    }
    const name = /^<(\/?)([a-zA-Z][a-zA-Z0-9:-]*)/.exec(text.slice(at, at + 80));
    if (name === null) return [1, /^<[!?/]/.test(text.slice(at, at + 2)) ? true : "&lt;"];
    this.#closing = name[1] === "/";
    this.#element = name[2]!.toLowerCase();
    this.#state = "tagName";
    return [name[0].length, true];
  }

  #stepRaw(text: string, at: number): [number, boolean] {
    const end = text.toLowerCase().indexOf(`</${this.#element}`, at);
    const length = (end < 0 ? text.length : end) - at;
    if (this.#element === "script") this.#trackQuotes(text.slice(at, at + length));
    if (end < 0) return [length, true];
    this.#state = "tagName";
    this.#closing = true;
    this.#scriptQuote = "";
    return [length + 2 + this.#element.length, true];
  }

  #stepTag(text: string, at: number): number {
    const char = text[at]!;
    if (this.#state === "beforeValue") {
      if (/\s/.test(char)) return 1;
      if (char === '"' || char === "'") {
        this.#startValue(char);
        return 1;
      }
      if (char !== ">") {
        this.#startValue("");
        return 0;
      }
    }
    if (char === ">") {
      this.#endTag();
      return 1;
    }
    if (/[\s/]/.test(char)) {
      this.#state = this.#state === "attributeName" || this.#state === "afterName" ? "afterName" : "tag";
      return 1;
    }
    if (char === "=" && this.#state !== "tag" && this.#state !== "tagName") {
      this.#state = "beforeValue";
      return 1;
    }
    return this.#stepName(text, at);
  }

  #stepName(text: string, at: number): number {
    if (this.#state === "tagName") return 1;
    const name = /^[^\s=>/"']+/.exec(text.slice(at))?.[0] ?? text[at]!;
    this.#attribute = (this.#state === "attributeName" ? this.#attribute : "") + name.toLowerCase();
    this.#state = "attributeName";
    return name.length;
  }

  #startValue(delim: string): void {
    this.#delim = delim;
    this.#content = contentOf(this.#attribute);
    this.#urlPart = "none";
    this.#scriptQuote = "";
    this.#state = "value";
  }

  #endTag(): void {
    const raw = !this.#closing && RAW_ELEMENTS.has(this.#element);
    this.#state = raw ? "raw" : "text";
    this.#attribute = "";
  }

  #stepValue(text: string, at: number): number {
    const rest = text.slice(at);
    const end = this.#delim === "" ? rest.search(/[\s>]/) : rest.indexOf(this.#delim);
    const part = end < 0 ? rest : rest.slice(0, end);
    if (this.#content === "url") this.#trackUrl(part);
    if (this.#content === "script") this.#trackQuotes(part);
    if (end < 0) return rest.length;
    this.#state = "tag";
    this.#attribute = "";
    return end + this.#delim.length;
  }

  #trackUrl(part: string): void {
    if (/[?#]/.test(part)) this.#urlPart = "query";
    else if (this.#urlPart === "none" && part.trim() !== "") this.#urlPart = "path";
  }

  #trackQuotes(part: string): void {
    for (let i = 0; i < part.length; i++) {
      const char = part[i]!;
      if (this.#scriptQuote !== "" && char === "\\") i++;
      else if (this.#scriptQuote === char) this.#scriptQuote = "";
      else if (this.#scriptQuote === "" && (char === '"' || char === "'" || char === "`")) this.#scriptQuote = char;
    }
  }
}

function contentOf(attribute: string): Content {
  const name = attribute.replace(/^data-/, "").replace(/^.*:/, (prefix) => (prefix === "xmlns:" ? "xmlns" : ""));
  if (name.startsWith("on")) return "script";
  if (name === "style") return "style";
  if (URL_ATTRIBUTES.has(name) || /src|uri|url/.test(name)) return "url";
  return "plain";
}
