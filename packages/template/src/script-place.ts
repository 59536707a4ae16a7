import { quote } from "@narthex/model";
import { HtmlFault, indexOfAny, type Place, type State, type Step } from "./html-place.ts";

const BLANKS = "\t\n\f\r \u2028\u2029";

/** JavaScript words after which a slash begins a regular expression. After any other word, it is a division. */
const BEFORE_REGEXP: ReadonlySet<string> = new Set(
  "break case continue delete do else finally in instanceof return throw try typeof void".split(" "),
);

/** Moves through JavaScript up to the next string, comment or brace, and returns the position there. */
export function stepScript(place: Place, text: string): Step {
  const at = indexOfAny(text, "\"`'/{}<-#");
  if (at < 0) return [{ ...place, slash: slashAfter(text, place.slash) }, text.length];
  const slash = slashAfter(text.slice(0, at), place.slash);
  const here = { ...place, slash };
  const enter = (state: State, length = 1): Step => [{ ...here, state }, at + length];
  const rest = text.slice(at, at + 4);
  switch (text[at]) {
    case '"':
      return [{ ...here, state: "JSDqStr", slash: "Regexp" }, at + 1];
    case "'":
      return [{ ...here, state: "JSSqStr", slash: "Regexp" }, at + 1];
    case "`":
      return [{ ...here, state: "JSTmplLit", slash: "Regexp" }, at + 1];
    case "/":
      if (rest[1] === "/") return enter("JSLineCmt", 2);
      if (rest[1] === "*") return enter("JSBlockCmt", 2);
      return slash === "Regexp" ? enter("JSRegexp") : [{ ...here, slash: "Regexp" }, at + 1];
    // Treats `<!--` as the start of a comment that ends with the line, as in old JavaScript.
    case "<":
      return rest === "<!--" ? enter("JSHTMLOpenCmt", 4) : enter("JS");
    case "-":
      return rest.startsWith("-->") ? enter("JSHTMLCloseCmt", 3) : enter("JS");
    case "#":
      return rest[1] === "!" ? enter("JSLineCmt", 2) : enter("JS");
  }
  return [inBraces(here, text[at] === "{" ? 1 : -1), at + 1];
}

/**
 * Returns the position after a brace in JavaScript. After the brace that closes `${`, the position is in the template
 * literal again.
 */
function inBraces(place: Place, change: 1 | -1): Place {
  const inside: Place = { ...place, slash: "Regexp" };
  if (place.braces.length === 0) return inside;
  const open = place.braces.at(-1)! + change;
  const outer = place.braces.slice(0, -1);
  return open < 0 ? { ...place, braces: outer, state: "JSTmplLit" } : { ...inside, braces: [...outer, open] };
}

const WORD = /[$\w]/;

/** Returns the meaning of a slash after a piece of JavaScript: a division, or the start of a regular expression. */
function slashAfter(text: string, before: Place["slash"]): Place["slash"] {
  let end = text.length;
  while (end > 0 && BLANKS.includes(text[end - 1]!)) end--;
  if (end === 0) return before;
  const last = text[end - 1]!;
  if (last === "+" || last === "-") {
    let start = end - 1;
    while (start > 0 && text[start - 1] === last) start--;
    // After `++` or `--`, a slash is a division. An odd number of signs ends with a single operator, after which a
    // slash begins a regular expression.
    return (end - start) % 2 === 1 ? "Regexp" : "DivOp";
  }
  if (last === ".") return end > 1 && /\d/.test(text[end - 2]!) ? "DivOp" : "Regexp";
  if (",<>=*%&|^?!~([:;{}".includes(last)) return "Regexp";
  let start = end;
  while (start > 0 && WORD.test(text[start - 1]!)) start--;
  return BEFORE_REGEXP.has(text.slice(start, end)) ? "Regexp" : "DivOp";
}

/** Moves through a JavaScript template literal up to its end or `${`, and returns the position there. */
export function stepTemplateLiteral(place: Place, text: string): Step {
  for (let at = indexOfAny(text, "`\\$"); at >= 0; at = indexOfAny(text, "`\\$", at + 1)) {
    const char = text[at];
    if (char === "`") return [{ ...place, state: "JS" }, at + 1];
    if (char === "\\" && ++at === text.length) throw unfinished("JS string", text);
    if (char === "$" && text[at + 1] === "{") return [{ ...place, state: "JS", braces: [...place.braces, 0] }, at + 2];
  }
  return [place, text.length];
}

/** Moves through a JavaScript string or regular expression up to its end, and returns the position there. */
export function stepScriptLiteral(place: Place, text: string): Step {
  const special = place.state === "JSSqStr" ? "\\'" : place.state === "JSRegexp" ? "\\/[]" : '\\"';
  let inSet = false;
  for (let at = indexOfAny(text, special); at >= 0; at = indexOfAny(text, special, at + 1)) {
    const char = text[at]!;
    if (char === "\\") {
      if (++at === text.length) throw unfinished("JS string", text);
    } else if (char === "[" || char === "]") inSet = char === "[";
    else if (char === "/" && /^<\/script$/i.test(text.slice(at - 1, at + 7))) at++;
    else if (!inSet) return [{ ...place, state: "JS", slash: "DivOp" }, at + 1];
  }
  if (inSet) throw new HtmlFault(`unfinished JS regexp charset: ${quote(text)}`);
  return [place, text.length];
}

const unfinished = (what: string, text: string): HtmlFault =>
  new HtmlFault(`unfinished escape sequence in ${what}: ${quote(text)}`);
