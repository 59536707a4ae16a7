import { readFileSync, statSync } from "node:fs";
import type { Target } from "./target.ts";

type Place = Pick<Target, "database" | "host" | "port" | "user">;

/**
 * Returns the password from the first matching line of a .pgpass file (`host:port:database:user:password`, where `*`
 * matches anything). Undefined if no line matches or, as in libpq, if other users may read the file.
 */
export function passwordFromFile(path: string, place: Place): string | undefined {
  let text: string;
  try {
    if ((statSync(path).mode & 0o077) !== 0) return undefined;
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  return findPassword(text, place);
}

/** Returns the password of the first matching line in the text of a .pgpass file. */
export function findPassword(text: string, { host, port, database, user }: Place): string | undefined {
  const wanted = [host.startsWith("/") ? "localhost" : host, String(port), database, user];
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const fields = splitLine(line.replace(/\r$/, ""));
    if (fields.length === 5 && wanted.every((value, i) => fields[i] === "*" || fields[i] === value)) return fields[4];
  }
  return undefined;
}

/** Splits a line of a .pgpass file at its colons. A backslash escapes the next character. */
function splitLine(line: string): string[] {
  const fields = [""];
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (character === ":" && fields.length < 5) fields.push("");
    else fields[fields.length - 1] += character === "\\" && i + 1 < line.length ? line[++i]! : character;
  }
  return fields;
}
