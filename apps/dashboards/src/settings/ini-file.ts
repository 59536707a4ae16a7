import type { Problem } from "@narthex/config";

/** An entry of an ini file: the text of its value, and its line number. */
export interface IniEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly line: number;
  /** Whether the value is in triple quotes, so that `%(key)s` in it is not replaced. */
  readonly isRaw: boolean;
}

export interface IniFile {
  readonly entries: readonly IniEntry[];
  readonly problems: readonly Problem[];
}

/** Triple quotes, which enclose a value that may span several lines. */
const LONG_QUOTES = ['"""', "'''"];
const QUOTES = ['"', "'", "`"];

/**
 * Reads grafana.ini by the rules of Grafana's ini reader in Go. Entries have the form `key = value` or `key: value`
 * below `[section]`. Comments start with `;` or `#`, also after a value; a value that contains these characters needs
 * quotes. A backslash at the end continues a line.
 */
export function readIni(text: string, file: string): IniFile {
  const lines = (text.startsWith("\ufeff") ? text.slice(1) : text).split(/\r?\n/);
  const entries: IniEntry[] = [];
  const problems: Problem[] = [];
  let section = "DEFAULT";
  for (let i = 0; i < lines.length; i++) {
    const line = i + 1;
    const found = lines[i]!.trim();
    if (found === "" || found.startsWith(";") || found.startsWith("#")) continue;
    const refuse = (message: string, hint: string): void =>
      void problems.push({ file, line, column: 1, code: "ini-syntax", message, hint });
    if (found.startsWith("[")) {
      const end = found.indexOf("]");
      if (end === -1) refuse(`unclosed section ${found.slice(0, 80)}`, "write [section]");
      else section = found.slice(1, end).trim();
      continue;
    }
    const sign = found.search(/[=:]/);
    if (sign < 1) {
      refuse(`not a key and a value: ${found.slice(0, 80)}`, "write key = value, or begin the line with ;");
      continue;
    }
    const key = found
      .slice(0, sign)
      .trim()
      .replace(/^["'`](.*)["'`]$/, "$1");
    const rest = found.slice(sign + 1).trim();
    const long = LONG_QUOTES.find((quotes) => rest.startsWith(quotes));
    if (long !== undefined) {
      const taken = takeLong(lines, i, long);
      if (taken === undefined) refuse(`${key}: the value is not closed`, `end it with ${long}`);
      else {
        entries.push({ section, key, value: taken.value, line, isRaw: true });
        i = taken.last;
      }
      continue;
    }
    let value = rest;
    while (value.endsWith("\\") && i + 1 < lines.length) value = value.slice(0, -1) + lines[++i]!.trim();
    entries.push({ section, key, value: bare(value), line, isRaw: false });
  }
  return { entries, problems };
}

/** Reads a value in triple quotes. Returns the value and the line in which it ends. */
function takeLong(
  lines: readonly string[],
  first: number,
  quotes: string,
): { value: string; last: number } | undefined {
  const start = lines[first]!.indexOf(quotes) + quotes.length;
  const pieces: string[] = [];
  for (let i = first; i < lines.length; i++) {
    const piece = i === first ? lines[i]!.slice(start) : lines[i]!;
    const end = piece.indexOf(quotes);
    if (end !== -1) return { value: [...pieces, piece.slice(0, end)].join("\n"), last: i };
    pieces.push(piece);
  }
  return undefined;
}

/** Returns a value without its quotes. From a value without quotes, removes a comment at its end. */
function bare(value: string): string {
  const quote = QUOTES.find((one) => value.startsWith(one));
  const end = quote === undefined ? -1 : value.indexOf(quote, 1);
  if (end !== -1) return value.slice(1, end);
  const comment = value.search(/[#;]/);
  return comment === -1 ? value : value.slice(0, comment).trimEnd();
}
