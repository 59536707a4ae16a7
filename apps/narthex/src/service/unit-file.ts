import { CommandError } from "../command-line/command.ts";
import { quotedWords } from "./quoted-words.ts";
import { digestOf, type Origin, originBehind } from "./written-mark.ts";

/** Thrown for a setting that systemd could not read back. */
export class UnitFileError extends CommandError {
  override readonly name = "UnitFileError";
}

/** Matches a word without special characters, which needs no quotes. */
const BARE = /^[A-Za-z0-9_/.,+=:@-]+$/;

/** Characters that make a unit file unreadable: NUL, and characters that are invalid in Unicode. */
const UNREADABLE = /[\0\p{Noncharacter_Code_Point}\p{Surrogate}]/u;

/**
 * Quotes a word of a setting, such as an assignment or a path, for systemd. Quotes are added only if needed, and
 * specifiers are escaped. Throws UnitFileError for a character that a unit file cannot contain.
 */
export function quoteWord(text: string): string {
  if (UNREADABLE.test(text))
    throw new UnitFileError(`${JSON.stringify(text)}: systemd cannot read a unit file with one of these characters`);
  if (BARE.test(text)) return text;
  const escaped = text.replaceAll("%", "%%").replace(/["\\\u0001-\u001f\u007f]/g, escapeOf);
  return `"${escaped}"`;
}

const escapeOf = (char: string): string =>
  char === '"' || char === "\\" ? `\\${char}` : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** Quotes an argument of a command line. Dollar signs are doubled, because systemd replaces variables there. */
export const quoteArgument = (text: string): string => quoteWord(text.replaceAll("$", "$$$$"));

/**
 * Formats a command line for ExecStart=, one argument on each line. Variables are not escaped in the program path,
 * because systemd does not replace them there.
 */
export function commandLine(program: string, args: readonly string[]): string {
  return [quoteWord(program), ...args.map(quoteArgument)].join(" \\\n  ");
}

/** Returns the program and arguments of a unit's ExecStart=, unquoted. Undefined if the unit starts no program. */
export function execStart(unit: string): readonly string[] | undefined {
  const value = settings(unit).findLast(([name, text]) => name === "ExecStart" && text !== "")?.[1];
  if (value === undefined) return undefined;
  const [program = "", ...args] = quotedWords(value, "unit").map((word) => word.replaceAll("%%", "%"));
  return [program.replace(/^[@:+!-]+/, ""), ...args.map((word) => word.replaceAll("$$", "$"))];
}

/** A setting in a unit file. `line` is the number of its first line, starting at 1. */
export interface SettingLine {
  readonly section: string;
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/**
 * Returns the settings of a unit file in order. A line that ends with a backslash continues on the next line that is
 * not a comment.
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

/** Returns the names and values of a unit file's settings, in order. */
export const settings = (unit: string): readonly Setting[] =>
  settingLines(unit).map(({ name, value }) => [name, value]);

export type Setting = readonly [name: string, value: string];

export interface UnitSection {
  readonly name: "Unit" | "Service" | "Install";
  readonly settings: readonly Setting[];
}

const MARK = "# Written by `narthex service install`";

/** Returns the text of a unit file without the comment that marks this program as its author. */
export const unitText = (sections: readonly UnitSection[]): string =>
  sections
    .map((section) => `[${section.name}]\n${section.settings.map(([key, value]) => `${key}=${value}\n`).join("")}`)
    .join("\n");

/**
 * Returns the text of a unit file that begins with a comment of this program. The comment contains a digest, by which
 * manual changes are detected.
 */
export function unitFile(name: string, sections: readonly UnitSection[]): string {
  const body = unitText(sections);
  return `${MARK} (${digestOf(body)}). Change it with: systemctl edit ${name}\n${body}`;
}

/**
 * Returns who wrote a unit file: `written` is this program, `changed` is this program with later manual changes. `ours`
 * starts this program but has no digest; `foreign` belongs to another program.
 */
export function originOf(unit: string): Origin | "ours" {
  const marked = originBehind(/^# Written by `narthex service install` \((\w+)\)[^\n]*\n(.*)$/s.exec(unit));
  if (marked !== undefined) return marked;
  const program = execStart(unit)?.[0] ?? "";
  return program.endsWith("/bin/narthex") ? "ours" : "foreign";
}
