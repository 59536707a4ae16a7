import { quote } from "@narthex/model";
import { HtmlFault, indexOfAny, type Place, type State, type Step } from "./html-place.ts";

const BLANKS = /^[\t\n\f\r ]*/;

/** Moves through CSS up to the next string, URL or comment, and returns the position there. */
export function stepStyle(place: Place, text: string): Step {
  for (let at = indexOfAny(text, "(\"'/"); at >= 0; at = indexOfAny(text, "(\"'/", at + 1)) {
    const enter = (state: State, length: number): Step => [{ ...place, state }, at + length];
    switch (text[at]) {
      case '"':
        return enter("CSSDqStr", 1);
      case "'":
        return enter("CSSSqStr", 1);
      case "/":
        if (text[at + 1] === "/") return enter("CSSLineCmt", 2);
        if (text[at + 1] === "*") return enter("CSSBlockCmt", 2);
        break;
      case "(": {
        if (!/(?<![\w-])url[\t\n\f\r ]*$/i.test(text.slice(0, at))) break;
        const open = 1 + BLANKS.exec(text.slice(at + 1))![0].length;
        if (text[at + open] === '"') return enter("CSSDqURL", open + 1);
        return text[at + open] === "'" ? enter("CSSSqURL", open + 1) : enter("CSSURL", open);
      }
    }
  }
  return [place, text.length];
}

/** Moves through a string or URL in CSS up to its end, and returns the position there. */
export function stepStyleText(place: Place, text: string): Step {
  const { state } = place;
  const special = state === "CSSURL" ? "\\\t\n\f\r )" : state === "CSSDqStr" || state === "CSSDqURL" ? '\\"' : "\\'";
  let here = place;
  let from = 0;
  for (let at = indexOfAny(text, special); at >= 0; at = indexOfAny(text, special, at + 1)) {
    if (text[at] !== "\\") return [{ ...here, state: "CSS" }, at + 1];
    if (++at === text.length) throw new HtmlFault(`unfinished escape sequence in CSS string: ${quote(text)}`);
    [here] = stepUrl(here, decodeStyle(text.slice(0, at + 1)));
    from = at + 1;
  }
  [here] = stepUrl(here, decodeStyle(text.slice(from)));
  return [here, text.length];
}

/** Moves through a URL in CSS, and changes the position when the query of the URL begins. */
export function stepUrl(place: Place, text: string): Step {
  if (/[#?]/.test(text)) return [{ ...place, urlPart: "QueryOrFrag" }, text.length];
  const begins = place.urlPart === "None" && !/^[\t\n\f\r ]*$/.test(text);
  return [begins ? { ...place, urlPart: "PreQuery" } : place, text.length];
}

/** Decodes the backslash escapes in a CSS text. */
export const decodeStyle = (text: string): string =>
  text.replace(/\\(?:([0-9a-fA-F]{1,6})(?:\r\n|[\t\n\f\r ])?|(.))/gsu, (_, hex?: string, char?: string) => {
    if (hex === undefined) return char!;
    const code = parseInt(hex, 16);
    return code > 0x10_ffff ? "\ufffd" : String.fromCodePoint(code);
  });
