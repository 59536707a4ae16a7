import { createHash } from "node:crypto";

/** The origin of a service's file: unchanged since this program wrote it, changed since, or of another program. */
export type Origin = "written" | "changed" | "foreign";

/** Digest that reveals manual changes of the text after the mark. */
export const digestOf = (body: string): string => createHash("sha256").update(body).digest("hex").slice(0, 16);

/** Puts a comment with the mark of this program before an XML document's body. */
export const markedXml = (body: string): string =>
  `<!-- Written by narthex service install (${digestOf(body)}). -->\n${body}`;

/** The origin of an XML document; documents of this program were written with `markedXml`. */
export const xmlOrigin = (text: string): Origin =>
  originBehind(/<!-- Written by narthex service install \((\w+)\)\. -->\n(.*)$/s.exec(text)) ?? "foreign";

/**
 * Compares the digest in a mark with the text after it: the groups of the match. Returns "written" if they agree,
 * "changed" if not, and undefined without a match.
 */
export function originBehind(mark: RegExpExecArray | null): "written" | "changed" | undefined {
  const [, digest, body] = mark ?? [];
  if (digest === undefined) return undefined;
  return digest === digestOf(body!) ? "written" : "changed";
}
