import { createHash } from "node:crypto";

/**
 * Author of a service file: `written` is this program, `changed` is this program with later manual changes, `foreign`
 * is another program.
 */
export type Origin = "written" | "changed" | "foreign";

/** Returns the digest of a file's text after the first comment. Manual changes are detected by this digest. */
export const digestOf = (body: string): string => createHash("sha256").update(body).digest("hex").slice(0, 16);

/**
 * Returns an XML document that begins with a comment of this program. The comment contains a digest of the document.
 */
export const markedXml = (body: string): string =>
  `<!-- Written by narthex service install (${digestOf(body)}). -->\n${body}`;

/** Returns who wrote an XML document. `markedXml` writes the documents of this program. */
export const xmlOrigin = (text: string): Origin =>
  originBehind(/<!-- Written by narthex service install \((\w+)\)\. -->\n(.*)$/s.exec(text)) ?? "foreign";

/**
 * Compares a digest with the text after it; both are groups of the match. Returns `written` if the digest is correct,
 * `changed` if not, and undefined without a match.
 */
export function originBehind(mark: RegExpExecArray | null): "written" | "changed" | undefined {
  const [, digest, body] = mark ?? [];
  if (digest === undefined) return undefined;
  return digest === digestOf(body!) ? "written" : "changed";
}
