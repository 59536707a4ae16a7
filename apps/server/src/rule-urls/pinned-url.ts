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

/** Reads `URL#sha256=HEX`. Returns a problem as a sentence if the text is invalid. */
export function pinnedUrl(text: string): PinnedUrl | string {
  const parsed = URL.parse(text);
  const form = "write http://HOST/PATH#sha256=CHECKSUM";
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return `${maskPassword(text)} is no address; ${form}`;
  const sha256 = /^#sha256=([0-9a-fA-F]{64})$/.exec(parsed.hash)?.[1]?.toLowerCase();
  parsed.hash = "";
  const name = maskPassword(parsed.href);
  if (sha256 === undefined) return `${name} has no valid checksum; ${form} (sha256sum FILE prints it)`;
  return { url: parsed.href, name, sha256 };
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
