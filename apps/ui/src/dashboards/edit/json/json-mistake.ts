/** The token that the parser expects next. */
type Wanted = "value" | "key or end" | "key" | "colon" | "comma or end" | "nothing";

const SPACE = /[ \t\r\n]*/y;
const SCALAR =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

const matchAt = (pattern: RegExp, text: string, at: number): string => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
};

/**
 * Returns the index of the first character that makes a text invalid JSON; undefined for valid JSON. The error of
 * `JSON.parse` does not contain a position for every mistake.
 */
export function jsonMistakeAt(text: string): number | undefined {
  const open: string[] = [];
  let wanted: Wanted = "value";
  let canEnd = false;
  for (let at = matchAt(SPACE, text, 0).length; at < text.length; at += matchAt(SPACE, text, at).length) {
    const letter = text[at]!;
    const closes = open.at(-1) === "{" ? "}" : "]";
    if (open.length > 0 && letter === closes && (wanted === "comma or end" || canEnd)) {
      open.pop();
      at++;
      wanted = open.length === 0 ? "nothing" : "comma or end";
    } else if (wanted === "value" && (letter === "{" || letter === "[")) {
      open.push(letter);
      at++;
      wanted = letter === "{" ? "key or end" : "value";
      canEnd = true;
      continue;
    } else if (wanted === "comma or end" && letter === ",") {
      at++;
      wanted = open.at(-1) === "{" ? "key" : "value";
    } else if (wanted === "colon" && letter === ":") {
      at++;
      wanted = "value";
    } else {
      const scalar = matchAt(SCALAR, text, at);
      const isKey: boolean = wanted === "key" || wanted === "key or end";
      if (scalar === "" || (isKey && letter !== '"') || (!isKey && wanted !== "value")) return at;
      at += scalar.length;
      wanted = isKey ? "colon" : open.length === 0 ? "nothing" : "comma or end";
    }
    canEnd = false;
  }
  return wanted === "nothing" ? undefined : text.length;
}
