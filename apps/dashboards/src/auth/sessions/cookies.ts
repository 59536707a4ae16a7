import { cookieOf } from "@narthex/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Settings } from "../../settings/setting-table.ts";
import type { PublicAddress } from "../../web/public-address.ts";
import { withoutToken } from "../jwt/token-in-url.ts";
import type { Session, Sessions } from "./sessions.ts";

export { cookieOf };

/** Name of the cookie that contains the path to open after the login. */
export const REDIRECT_COOKIE = "redirect_to";

/** Sets and clears the cookies of sessions. */
export class SessionCookies {
  readonly #settings: Settings;
  readonly #name: string;
  readonly #suffix: string;
  readonly #flowSuffix: string;

  constructor(settings: Settings, address: PublicAddress) {
    this.#settings = settings;
    this.#name = settings["auth.login_cookie_name"];
    const sameSite = settings["security.cookie_samesite"];
    const site = sameSite === "disabled" ? "" : `; SameSite=${sameSite.charAt(0).toUpperCase()}${sameSite.slice(1)}`;
    const isSecure = settings["security.cookie_secure"] || sameSite === "none";
    const path = `; Path=${address.path === "" ? "/" : address.path}`;
    this.#suffix = `${path}${site}${isSecure ? "; Secure" : ""}`;
    // Attributes of the cookie for a sign-in at a provider. SameSite is never Strict, because the browser would then
    // not send the cookie when the provider redirects it back.
    this.#flowSuffix = `${path}; SameSite=${sameSite === "none" ? "None" : "Lax"}${isSecure ? "; Secure" : ""}`;
  }

  tokenOf(request: FastifyRequest): string | undefined {
    return cookieOf(request, this.#name);
  }

  /**
   * Sends two cookies to a browser: the session's token, and the time at which a new token is due. Scripts can read
   * only the second one.
   */
  set(reply: FastifyReply, token: string, session: Session, sessions: Sessions): void {
    const age = Math.round(sessions.lifetimeMs / 1000);
    const due = Math.round(sessions.rotationDue(session) / 1000);
    this.#add(reply, `${this.#name}=${token}; Max-Age=${age}${this.#suffix}; HttpOnly`);
    this.#add(reply, `${this.#name}_expiry=${due}; Max-Age=${age}${this.#suffix}`);
  }

  clear(reply: FastifyReply): void {
    this.#add(reply, `${this.#name}=; Max-Age=0${this.#suffix}; HttpOnly`);
    this.#add(reply, `${this.#name}_expiry=; Max-Age=0${this.#suffix}`);
  }

  /** Stores the path to open after the login in a cookie; an empty path removes the cookie. */
  remember(reply: FastifyReply, url: string): void {
    const path = withoutToken(url, this.#settings);
    const age = path === "" ? "; Max-Age=0" : "";
    this.#add(reply, `${REDIRECT_COOKIE}=${encodeURIComponent(path)}${age}${this.#suffix}; HttpOnly`);
  }

  /** Stores the state of a sign-in at a provider in a cookie. A lifetime of 0 seconds removes the cookie. */
  setFlow(reply: FastifyReply, name: string, value: string, seconds: number): void {
    this.#add(reply, `${name}=${value}; Max-Age=${seconds}${this.#flowSuffix}; HttpOnly`);
  }

  #add(reply: FastifyReply, cookie: string): void {
    const before = reply.getHeader("set-cookie");
    const list = before === undefined ? [] : [before].flat().map(String);
    void reply.removeHeader("set-cookie").header("set-cookie", [...list, cookie]);
  }
}
