import { readFileSync, statSync } from "node:fs";
import type { Target } from "./target.ts";

type Place = Pick<Target, "database" | "host" | "port" | "user">;

/**
 * The password of the first line of a .pgpass file (`host:port:database:user:password`, `*` for any) that fits, or
 * undefined if there is none, or where others may read the file, which libpq does not take either.
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

/** The same for a file's text. */
export function findPassword(text: string, { host, port, database, user }: Place): string | undefined {
  const wanted = [host.startsWith("/") ? "localhost" : host, String(port), database, user];
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) continue;
    const fields = splitLine(line.replace(/\r$/, ""));
    if (fields.length === 5 && wanted.every((value, i) => fields[i] === "*" || fields[i] === value)) return fields[4];
  }
  return undefined;
}

/** Fields between colons; a backslash makes the next character an ordinary one. */
function splitLine(line: string): string[] {
  const fields = [""];
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (character === ":" && fields.length < 5) fields.push("");
    else fields[fields.length - 1] += character === "\\" && i + 1 < line.length ? line[++i]! : character;
  }
  return fields;
}
