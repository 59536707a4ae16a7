import type { IncomingHttpHeaders } from "node:http";
import { basicCredentials, TOKEN_USER } from "../server/basic-credentials.ts";
import { cookieOf } from "../server/cookie.ts";

/** Name of the cookie in which the dashboards role keeps the token of a session. Grafana uses the same name. */
const SESSION_COOKIE = "grafana_session";

/** Largest length of a secret that is sent to the dashboards role, in characters. */
const MAX_LENGTH = 4096;

/** A secret of a person or a program. Only the dashboards role can check it. */
export interface SentCredentials {
  readonly kind: "session" | "token";
  readonly secret: string;
}

/** Returns the token in an Authorization header: `Bearer TOKEN`, or `Basic` with the user `api_key`. */
export function sentToken(header: string | undefined): SentCredentials | undefined {
  const [, scheme = "", text = ""] = /^(bearer|basic) (.+)$/i.exec(header ?? "") ?? [];
  if (scheme === "") return undefined;
  const secret = scheme.toLowerCase() === "bearer" ? text.trim() : passwordOf(text);
  return secret === undefined || !isUsable(secret) ? undefined : { kind: "token", secret };
}

function passwordOf(encoded: string): string | undefined {
  const [name, password] = basicCredentials(encoded) ?? [];
  return name === TOKEN_USER ? password : undefined;
}

/** Returns the token of the session cookie. */
export function sentSession(headers: IncomingHttpHeaders): SentCredentials | undefined {
  const secret = cookieOf({ headers }, SESSION_COOKIE);
  return secret === undefined || !isUsable(secret) ? undefined : { kind: "session", secret };
}

/** Returns the header field in which a request to the dashboards role contains the given credentials. */
export const fieldOf = ({ kind, secret }: SentCredentials): Readonly<Record<string, string>> =>
  kind === "session" ? { Cookie: `${SESSION_COOKIE}=${secret}` } : { Authorization: `Bearer ${secret}` };

/** Returns whether a text can be a secret in a header field. */
const isUsable = (text: string): boolean =>
  text.length > 0 && text.length <= MAX_LENGTH && /^[\x21-\x3a\x3c-\x7e]+$/.test(text);
