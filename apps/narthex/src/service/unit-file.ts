import { CommandError } from "../command-line/command.ts";
import { digestOf, type Origin, originBehind } from "./written-mark.ts";

/** A setting that systemd could not read back. */
export class UnitFileError extends CommandError {
  override readonly name = "UnitFileError";
}

/** Characters without a special meaning anywhere in a word. */
const BARE = /^[A-Za-z0-9_/.,+=:@-]+$/;

/** Characters that make a unit file unreadable: no word can contain a NUL, and the others are invalid in Unicode. */
const UNREADABLE = /[\0\p{Noncharacter_Code_Point}\p{Surrogate}]/u;

/**
 * Quotes a word of a setting (an assignment, a path) for systemd: in quotes if needed, with specifiers escaped. Throws
 * UnitFileError for a character that a unit file cannot contain.
 */
export function quoteWord(text: string): string {
  if (UNREADABLE.test(text))
    throw new UnitFileError(`${JSON.stringify(text)}: systemd reads no unit file with one of these characters`);
  if (BARE.test(text)) return text;
  const escaped = text.replaceAll("%", "%%").replace(/["\\\u0001-\u001f\u007f]/g, escapeOf);
  return `"${escaped}"`;
}

const escapeOf = (char: string): string =>
  char === '"' || char === "\\" ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** Quotes an argument of a command line, where variables of the environment are replaced as well. */
export const quoteArgument = (text: string): string => quoteWord(text.replaceAll("$", "$$$$"));

/** Formats a command line of a unit, one argument in each line. systemd replaces no variables in the program's path. */
export function commandLine(program: string, args: readonly string[]): string {
  return [quoteWord(program), ...args.map(quoteArgument)].join(" \\\n  ");
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  s: " ",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** `\x41`, `\u0041`, `\U00000041`, `\101`, or one of the letters; a backslash before anything else is kept. */
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrstv\\"']))/y;

/**
 * Splits a setting's value into words by systemd's rules for quotes and escapes. Does not replace specifiers and
 * variables.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === "\\") {
      ESCAPE.lastIndex = i;
      const match = ESCAPE.exec(text);
      if (match === null) word = (word ?? "") + char;
      else {
        word = (word ?? "") + unescaped(match);
        i += match[0].length - 1;
      }
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function unescaped([, x, u, long, octal, letter]: RegExpExecArray): string {
  if (letter !== undefined) return ESCAPES[letter]!;
  const code = octal === undefined ? Number.parseInt((x ?? u ?? long)!, 16) : Number.parseInt(octal, 8);
  return String.fromCodePoint(code);
}

/** Program and arguments of a unit's ExecStart= after unquoting; undefined if there is none. */
export function execStart(unit: string): readonly string[] | undefined {
  const value = settings(unit).findLast(([name, text]) => name === "ExecStart" && text !== "")?.[1];
  if (value === undefined) return undefined;
  const [program = "", ...args] = splitWords(value).map((word) => word.replaceAll("%%", "%"));
  return [program.replace(/^[@:+!-]+/, ""), ...args.map((word) => word.replaceAll("$$", "$"))];
}

/** A setting of a unit file, and the line where it begins, counted from 1. */
export interface SettingLine {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/**
 * Settings of a unit file in order. A line that ends with a backslash continues in the next line that is not a comment.
 */
export function settingLines(unit: string): readonly SettingLine[] {
  const lines: { text: string; readonly line: number }[] = [];
  let isOpen = false;
  for (const [i, line] of unit.split(/\r?\n/).entries()) {
    if (/^\s*[#;]/.test(line)) continue;
    const text = line.endsWith("\\") ? `${line.slice(0, -1)} ` : line;
    if (isOpen) lines.at(-1)!.text += text;
    else lines.push({ text, line: i + 1 });
    isOpen = line.endsWith("\\");
  }
  let section = "";
  return lines.flatMap(({ text, line }) => {
    section = /^\s*\[(.*)\]\s*$/.exec(text)?.[1] ?? section;
    const [, name, value] = /^\s*(\w+)\s*=(.*)$/s.exec(text) ?? [];
    return name === undefined ? [] : [{ section, name, value: value!.trim(), line }];
  });
}

/** Names and values of a unit file's settings, in order. */
export const settings = (unit: string): readonly Setting[] =>
  settingLines(unit).map(({ name, value }) => [name, value]);

export type Setting = readonly [name: string, value: string];

export interface UnitSection {
  readonly name: "Unit" | "Service" | "Install";
  readonly settings: readonly Setting[];
}

const MARK = "# Written by `narthex service install`";

/** Writes a unit file with a mark of this program and a digest that reveals manual changes. */
export function unitFile(name: string, sections: readonly UnitSection[]): string {
  const body = sections
    .map((section) => `[${section.name}]\n${section.settings.map(([key, value]) => `${key}=${value}\n`).join("")}`)
    .join("\n");
  return `${MARK} (${digestOf(body)}). Change it with: systemctl edit ${name}\n${body}`;
}

/**
 * The origin of a unit file: unchanged since this program wrote it, changed, of this program in another form (an
 * earlier installation or a manual one), or of another program.
 */
export function originOf(unit: string): Origin | "ours" {
  const marked = originBehind(/^# Written by `narthex service install` \((\w+)\)[^\n]*\n(.*)$/s.exec(unit));
  if (marked !== undefined) return marked;
  const program = execStart(unit)?.[0] ?? "";
  return program.endsWith("/bin/narthex") ? "ours" : "foreign";
}
