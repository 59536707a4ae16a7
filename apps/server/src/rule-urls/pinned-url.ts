import { createHash } from "node:crypto";
import { maskPassword } from "@narthex/http";

/** A rule file on another server, whose content is known by its checksum. */
export interface PinnedUrl {
  /** Address without the checksum; may contain a password. */
  readonly url: string;
  /** Address without secrets, which is the name of the rule file. */
  readonly name: string;
  /** SHA-256 of the content, in lowercase hexadecimal digits. */
  readonly sha256: string;
}

/** Returns an address without its secrets: the password and the query, which often contains a token. */
export function shownUrl(text: string): string {
  const query = text.indexOf("?");
  if (query < 0) return maskPassword(text);
  const hash = text.indexOf("#", query);
  return `${maskPassword(text.slice(0, query))}?<secret>${hash < 0 ? "" : text.slice(hash)}`;
}

/** Reads `URL#sha256=HEX`. Returns a problem as a sentence if the text is invalid. */
export function pinnedUrl(text: string): PinnedUrl | string {
  const parsed = URL.parse(text);
  const form = "write http://HOST/PATH#sha256=CHECKSUM";
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return `${shownUrl(text)} is no address; ${form}`;
  const sha256 = /^#sha256=([0-9a-fA-F]{64})$/.exec(parsed.hash)?.[1]?.toLowerCase();
  parsed.hash = "";
  // The name of a file with a hidden query contains the beginning of its checksum, because two may differ in the query.
  const mark = parsed.search === "" ? "" : `#${sha256?.slice(0, 8) ?? ""}`;
  const name = `${shownUrl(parsed.href)}${mark}`;
  if (sha256 === undefined) return `${name} has no valid checksum; ${form} (sha256sum FILE prints it)`;
  return { url: parsed.href, name, sha256 };
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
