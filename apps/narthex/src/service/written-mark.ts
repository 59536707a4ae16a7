import { createHash } from "node:crypto";

/** Whose a file of a service is: as this program wrote it, changed since, or somebody else's. */
export type Origin = "written" | "changed" | "foreign";

/** By which a change by hand of what stands behind the mark is seen. */
export const digestOf = (body: string): string => createHash("sha256").update(body).digest("hex").slice(0, 16);

/** An XML document's body behind a comment that says who wrote it. */
export const markedXml = (body: string): string =>
  `<!-- Written by narthex service install (${digestOf(body)}). -->\n${body}`;

/** Whose an XML document is; `markedXml` made those of this program. */
export const xmlOrigin = (text: string): Origin =>
  originBehind(/<!-- Written by narthex service install \((\w+)\)\. -->\n(.*)$/s.exec(text)) ?? "foreign";

/** What a mark says of the text behind it: a match of the digest and of that text; undefined where there is no mark. */
export function originBehind(mark: RegExpExecArray | null): "written" | "changed" | undefined {
  const [, digest, body] = mark ?? [];
  if (digest === undefined) return undefined;
  return digest === digestOf(body!) ? "written" : "changed";
}
