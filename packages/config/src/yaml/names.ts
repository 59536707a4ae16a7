import { type Cursor, isBlank, isBlankOrEnd, isBreak, isBreakOrEnd, isWordCharacter } from "./cursor.ts";
import type { Token } from "./token.ts";

/** `&name` or `*name`. */
export function scanAnchor(cursor: Cursor): Token {
  const at = cursor.mark();
  const kind = cursor.take() === "*" ? "alias" : "anchor";
  const text = takeWord(cursor);
  if (text === "" || !(isBlankOrEnd(cursor.peek()) || "?:,]}%@`".includes(cursor.peek()))) {
    const mend = `a name of letters, digits, - and _ follows ${kind === "alias" ? "*" : "&"}; quote the value if it is meant as text`;
    cursor.fail("did not find expected alphabetic or numeric character", mend);
  }
  return { kind, at, end: cursor.mark(), text, suffix: "", plain: false };
}

/** `!<uri>`, `!suffix` or `!handle!suffix`. */
export function scanTag(cursor: Cursor): Token {
  const at = cursor.mark();
  let handle = "";
  let suffix: string;
  if (cursor.peek(1) === "<") {
    cursor.take(2);
    suffix = takeUri(cursor, "", false);
    if (cursor.peek() !== ">") cursor.fail("did not find the expected '>'", "close the <");
    cursor.take();
  } else {
    handle = takeHandle(cursor, false);
    if (handle.length > 1 && handle.endsWith("!")) suffix = takeUri(cursor, "", false);
    else {
      suffix = takeUri(cursor, handle.slice(1), true);
      handle = "!";
      if (suffix === "") [handle, suffix] = ["", "!"];
    }
  }
  if (!isBlankOrEnd(cursor.peek())) {
    cursor.fail("did not find expected whitespace or line break", "put a space behind the tag, or quote the value");
  }
  return { kind: "tag", at, end: cursor.mark(), text: handle, suffix, plain: false };
}

/** `%YAML 1.1` or `%TAG !handle! prefix`, with its line's end. */
export function scanDirective(cursor: Cursor): Token {
  const at = cursor.mark();
  cursor.take();
  const name = takeWord(cursor);
  if (name === "") cursor.fail("could not find expected directive name", QUOTE_PERCENT, at);
  if (!isBlankOrEnd(cursor.peek())) cursor.fail("found unexpected non-alphabetical character", QUOTE_PERCENT, at);
  if (name !== "YAML" && name !== "TAG") cursor.fail("found unknown directive name", QUOTE_PERCENT, at);
  cursor.skipBlanks();
  const token = name === "YAML" ? scanVersion(cursor) : scanTagDirective(cursor);
  cursor.skipBlanks();
  cursor.skipComment();
  if (!isBreakOrEnd(cursor.peek())) cursor.fail("did not find expected comment or line break", "end the line here");
  if (isBreak(cursor.peek())) cursor.takeBreak();
  return { ...token, at };
}

const QUOTE_PERCENT = "a line that begins with % is a directive of YAML; quote it if it is meant as text";

function scanVersion(cursor: Cursor): Token {
  const at = cursor.mark();
  const version = /^\d{1,2}\.\d{1,2}/.exec(cursor.text.slice(at.offset, at.offset + 5))?.[0];
  if (version === undefined) cursor.fail("did not find expected version number", "write %YAML 1.1");
  const text = cursor.take(version.length);
  if (/^\d$/.test(cursor.peek())) cursor.fail("found extremely long version number", "write %YAML 1.1", at);
  return { kind: "version-directive", at, end: cursor.mark(), text, suffix: "", plain: false };
}

function scanTagDirective(cursor: Cursor): Token {
  const at = cursor.mark();
  const text = takeHandle(cursor, true);
  if (!isBlank(cursor.peek())) cursor.fail("did not find expected whitespace", "write %TAG !handle! prefix");
  cursor.skipBlanks();
  const suffix = takeUri(cursor, "", false);
  if (!isBlankOrEnd(cursor.peek())) {
    cursor.fail("did not find expected whitespace or line break", "write %TAG !handle! prefix");
  }
  return { kind: "tag-directive", at, end: cursor.mark(), text, suffix, plain: false };
}

function takeWord(cursor: Cursor): string {
  let length = 0;
  while (isWordCharacter(cursor.peek(length))) length++;
  return cursor.take(length);
}

function takeHandle(cursor: Cursor, directive: boolean): string {
  if (cursor.peek() !== "!") cursor.fail("did not find expected '!'", "a tag's handle begins with !");
  const handle = cursor.take() + takeWord(cursor);
  if (cursor.peek() === "!") return handle + cursor.take();
  if (directive && handle !== "!") cursor.fail("did not find expected '!'", "end the handle with !");
  return handle;
}

function takeUri(cursor: Cursor, head: string, hasHead: boolean): string {
  let text = head;
  const start = cursor.mark();
  for (let char = cursor.peek(); isWordCharacter(char) || (char !== "" && ";/?:@&=+$,.!~*'()[]%".includes(char));) {
    if (char === "%" && !/^%[0-9a-fA-F]{2}$/.test(cursor.text.slice(cursor.offset, cursor.offset + 3))) {
      cursor.fail("did not find URI escaped octet", "write %25 for a percent sign");
    }
    text += cursor.take(char === "%" ? 3 : 1);
    char = cursor.peek();
  }
  if (!hasHead && start.offset === cursor.offset)
    cursor.fail("did not find expected tag URI", "name a tag, such as !!str");
  return decodeEscapes(text);
}

function decodeEscapes(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
