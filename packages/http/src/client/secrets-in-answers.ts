import { type HttpClientConfig, Secret } from "@narthex/config";
import { xmlText } from "../xml/xml-text.ts";

/** Names of request headers whose values are secrets. */
const SECRET_HEADER = /auth|token|secret|signature|consumer|key/i;

/** Credentials in a header: the scheme and the word after it. */
const CREDENTIALS = /\b(?:Bearer|Basic|token=) ?[^\s"',;<>\\]{4,8192}/gi;

/** Signed tokens (JWT): assertions with which programs request tokens, and the tokens. Their header is JSON in base64. */
const SIGNED_TOKEN = /\beyJ[\w-]{8,8192}\.[\w-]{8,16384}(?:\.[\w-]{0,8192})?/g;

/** Names of fields in forms of token requests whose values are secrets. */
const SECRET_FIELD = /(?:^|_)(?:assertion|key|password|secret|token)$/;

const FORM = "application/x-www-form-urlencoded";

/** Shorter texts are no secrets, but would occur in any message. */
const MIN_LENGTH = 4;

/** Returns the secrets in the settings of an HTTP client. Secrets in files are not included. */
export function secretsOf(config: HttpClientConfig): readonly string[] {
  const found: string[] = [];
  const left: unknown[] = [config];
  for (let value = left.pop(); value !== undefined || left.length > 0; value = left.pop()) {
    if (value instanceof Secret) found.push(value.reveal());
    else if (typeof value === "object" && value !== null)
      for (const inner of value instanceof Map ? value.values() : Object.values(value)) left.push(inner);
  }
  return found;
}

/** Returns the values of request headers that contain secrets. */
export const secretHeaders = (headers: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(headers).flatMap(([name, value]) => (SECRET_HEADER.test(name) ? [value] : []));

/** Returns the values in the form of a token request that are secrets: none if the body is no form. */
export function secretFormFields(headers: Readonly<Record<string, string>>, body: unknown): readonly string[] {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  if (typeof body !== "string" || !type.toLowerCase().startsWith(FORM)) return [];
  return [...new URLSearchParams(body)].flatMap(([name, value]) => (SECRET_FIELD.test(name) ? [value] : []));
}

/**
 * Replaces secrets in the text of a service by `<secret>`. Some services and proxies repeat the request in their error
 * messages, which are logged.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let hidden = text.replaceAll(CREDENTIALS, "<secret>").replaceAll(SIGNED_TOKEN, "<secret>");
  for (const secret of secrets) {
    if (secret.length < MIN_LENGTH) continue;
    for (const written of spellingsOf(secret)) hidden = hidden.replaceAll(written, "<secret>");
  }
  return hidden;
}

/** Returns the spellings of a secret in plain text, JSON, XML and forms. */
const spellingsOf = (secret: string): ReadonlySet<string> =>
  new Set([
    secret,
    JSON.stringify(secret).slice(1, -1),
    xmlText(secret),
    new URLSearchParams([["", secret]]).toString().slice(1),
  ]);
