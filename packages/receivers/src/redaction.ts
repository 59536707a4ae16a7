import { Secret } from "@narthex/config";
import { splitUserInfo } from "@narthex/http";
import { truncateBytes } from "./templates/truncate.ts";

/** Maximum length in bytes of a service's message in a log line or in an API response. */
const LONGEST = 1024;
/** Minimum length of a secret that is redacted. Shorter ones would match ordinary text. */
const SHORTEST = 4;
/**
 * Minimum length of a part of a URL that is redacted. Shorter parts are probably words, but longer parts may be tokens.
 */
const SHORTEST_URL_PART = 16;
const HIDDEN = "<secret>";

/** Replaces the secrets of one attempt in messages. A service knows these secrets, and may repeat them in an error. */
export class Redaction {
  readonly #secrets: Set<string>;
  readonly #sent = new Set<string>();

  constructor(secrets: Iterable<string> = []) {
    this.#secrets = new Set(secrets);
  }

  /** Text that identifies the account at the service. Equal for attempts with the same secrets. */
  get credential(): string {
    return [...this.#secrets].sort().join("\0");
  }

  /** Redacts a secret from now on, and returns it. */
  hide(secret: string): string {
    if (secret.length >= SHORTEST) this.#secrets.add(secret);
    return secret;
  }

  /** Redacts all parts of a request's URL from now on, because any part may be a token. */
  hideUrl(text: string): void {
    const url = URL.parse(text);
    if (url === null) return;
    const { href, pathname, search, searchParams, password } = url;
    const segments = pathname.split("/").filter((part) => part.length >= SHORTEST_URL_PART);
    const values = [...searchParams.values()].filter((value) => value.length >= SHORTEST_URL_PART);
    for (const part of [text, href, pathname + search, pathname, password, ...segments, ...values])
      this.#hideSent(part);
  }

  /** Redacts the value of an Authorization field from now on. */
  hideAuthorization(field: string): void {
    const [, scheme = "", credentials = field] = /^(\S+) (.*)$/s.exec(field) ?? [];
    this.#hideSent(credentials);
    if (/^basic$/i.test(scheme))
      this.#hideSent(
        Buffer.from(credentials, "base64")
          .toString()
          .replace(/^[^:]*:/, ""),
      );
  }

  /** Reports whether a text contains one of the secrets. */
  isIn(text: string): boolean {
    return spellingsOf(this.#secrets).some((secret) => text.includes(secret));
  }

  /** Returns a text without the secrets, cut to at most 1 KiB. */
  redact(text: string): string {
    let shown = text;
    for (const secret of this.#inOrder()) shown = shown.replaceAll(secret, HIDDEN);
    return truncateBytes(shown, LONGEST);
  }

  #hideSent(text: string): void {
    if (text.length >= SHORTEST) this.#sent.add(text);
  }

  #inOrder(): string[] {
    return spellingsOf([...this.#secrets, ...this.#sent]);
  }
}

/**
 * Returns the secrets in all spellings in which services may repeat them, the longest first. The order is needed
 * because one spelling may be part of another.
 */
function spellingsOf(secrets: Iterable<string>): string[] {
  const spellings = [...secrets].flatMap((text) => [
    text,
    text.replaceAll("/", "\\/"),
    text.replaceAll("&", "&amp;"),
    text.replaceAll("&", "\\u0026"),
    encodeURIComponent(text.toWellFormed()),
    decoded(text),
  ]);
  return [...new Set(spellings)].filter(({ length }) => length >= SHORTEST).sort((a, b) => b.length - a.length);
}

/** Returns the texts of all secrets in a configuration. */
export function secretsIn(config: unknown): readonly string[] {
  if (config instanceof Secret) return [config.reveal()].filter(({ length }) => length >= SHORTEST);
  if (typeof config === "string") return secretsInUrl(config);
  if (config instanceof Map) return [...config.values()].flatMap(secretsIn);
  if (typeof config !== "object" || config === null) return [];
  return Object.values(config).flatMap(secretsIn);
}

/** Returns the password of a URL, and the forms in which it is sent. */
function secretsInUrl(text: string): readonly string[] {
  const { authorization } = splitUserInfo(text);
  if (authorization === "") return [];
  const pair = authorization.replace(/^Basic /, "");
  const password = Buffer.from(pair, "base64")
    .toString()
    .replace(/^[^:]*:/, "");
  return [pair, password, URL.parse(text)?.password ?? ""].filter(({ length }) => length >= SHORTEST);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
