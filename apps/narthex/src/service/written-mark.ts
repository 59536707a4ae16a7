import { createHash } from "node:crypto";

/**
 * Origin of a service's file. `written` means unchanged since this program wrote the file, `changed` means changed
 * since then. A file with the origin `foreign` belongs to another program.
 */
export type Origin = "written" | "changed" | "foreign";

/** Returns the digest of a file's text after the mark, by which manual changes are detected. */
export const digestOf = (body: string): string => createHash("sha256").update(body).digest("hex").slice(0, 16);

/** Returns an XML body after a comment with the mark of this program. */
export const markedXml = (body: string): string =>
  `<!-- Written by narthex service install (${digestOf(body)}). -->\n${body}`;

/** Returns the origin of an XML document. Documents of this program were written with `markedXml`. */
export const xmlOrigin = (text: string): Origin =>
  originBehind(/<!-- Written by narthex service install \((\w+)\)\. -->\n(.*)$/s.exec(text)) ?? "foreign";

/**
 * Compares the digest in a mark with the text after it; the match's groups are the digest and the text. Returns
 * `written` if they agree, `changed` if not, and undefined without a match.
 */
export function originBehind(mark: RegExpExecArray | null): "written" | "changed" | undefined {
  const [, digest, body] = mark ?? [];
  if (digest === undefined) return undefined;
  return digest === digestOf(body!) ? "written" : "changed";
}
