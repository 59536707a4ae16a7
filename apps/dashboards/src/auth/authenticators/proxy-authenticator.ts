import type { BlockList } from "node:net";
import type { Principal } from "@narthex/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import { SettingsError } from "../../settings/load-settings.ts";
import type { Settings } from "../../settings/setting-table.ts";
import { addressList, isInList, plainAddress } from "../../web/client-address.ts";
import { namedRefusal, type Refusal } from "../../web/refusal.ts";
import type { BeginSession } from "../sessions/begin-session.ts";
import type { SessionCookies } from "../sessions/cookies.ts";
import { type ExternalAccount, SignInError } from "../external/external-account.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import type { PrincipalOf } from "../identity.ts";
import { isRole } from "../levels.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Authenticator } from "./authenticator.ts";

interface ProxyParts {
  readonly settings: Settings;
  readonly signIn: ExternalSignIn;
  readonly sessions: Sessions;
  readonly cookies: SessionCookies;
  readonly begin: BeginSession;
  readonly principalOf: PrincipalOf;
}

const FIELDS = ["Name", "Email", "Login", "Role", "Groups"] as const;
type Field = (typeof FIELDS)[number];

/** Identifies users by the headers of a trusted reverse proxy, which has signed them in. */
export class ProxyAuthenticator implements Authenticator {
  readonly #parts: ProxyParts;
  readonly #header: string;
  readonly #proxies: BlockList | undefined;
  readonly #fields: ReadonlyMap<Field, string>;

  /** Throws SettingsError. */
  constructor(parts: ProxyParts) {
    const { settings } = parts;
    const proxies = settings["auth.proxy.whitelist"];
    this.#parts = parts;
    this.#header = settings["auth.proxy.header_name"].toLowerCase();
    this.#proxies = proxies.trim() === "" ? undefined : addressList("auth.proxy.whitelist", proxies);
    this.#fields = fieldsOf(settings["auth.proxy.headers"]);
  }

  async identify(request: FastifyRequest, reply: FastifyReply): Promise<Principal | Refusal | undefined> {
    const name = textOf(request, this.#header);
    if (name === "") return undefined;
    // The list of proxies is compared with the address of the connection's peer, because any client can send
    // X-Forwarded-For.
    if (this.#proxies !== undefined && !isInList(this.#proxies, plainAddress(request.ip)))
      return namedRefusal(401, "auth-proxy.invalid-ip", "The sign-in header comes from an address that is not a proxy");
    const { settings, signIn, principalOf } = this.#parts;
    try {
      const user = await signIn.userOf(this.#accountOf(name, request), settings["auth.proxy.auto_sign_up"], true);
      if (settings["auth.proxy.enable_login_token"]) await this.#beginSession(user, request, reply);
      return principalOf(user);
    } catch (error) {
      if (error instanceof SignInError) return namedRefusal(401, `auth-proxy.${error.problem}`, error.message);
      throw error;
    }
  }

  #accountOf(name: string, request: FastifyRequest): ExternalAccount {
    const field = (wanted: Field): string => {
      const header = this.#fields.get(wanted);
      return header === undefined ? "" : textOf(request, header);
    };
    const isEmail = this.#parts.settings["auth.proxy.header_property"] === "email";
    const role = field("Role");
    const login = isEmail ? field("Login") : name;
    return {
      provider: "authproxy",
      subject: name,
      login: login === "" ? name : login,
      email: isEmail ? name : field("Email"),
      name: field("Name"),
      ...(isRole(role) ? { role } : {}),
      ...(this.#fields.has("Groups") ? { groups: groupsIn(field("Groups")) } : {}),
    };
  }

  /** Starts a session, unless the request already belongs to a session of this user. */
  async #beginSession(...[user, request, reply]: Parameters<BeginSession>): Promise<void> {
    const { cookies, sessions, begin } = this.#parts;
    const token = cookies.tokenOf(request) ?? "";
    const found = token === "" ? undefined : await sessions.look(token);
    if (found?.session.userId !== user.id) await begin(user, request, reply);
  }
}

/** Returns the value of a header as text. Node.js decodes headers as Latin-1, but proxies send UTF-8. */
function textOf({ headers }: FastifyRequest, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? Buffer.from(value, "latin1").toString("utf8").trim() : "";
}

/** Parses the setting for header names: `Name:X-Name Email:X-Email`. Throws SettingsError. */
function fieldsOf(text: string): ReadonlyMap<Field, string> {
  const pairs = text
    .split(/[\s,]+/)
    .filter((word) => word !== "")
    .map((word): [Field, string] => {
      const [field = "", header = ""] = word.split(":", 2);
      const known = FIELDS.find((one) => one.toLowerCase() === field.toLowerCase());
      if (known === undefined || header === "")
        throw new SettingsError(
          `auth.proxy.headers: ${JSON.stringify(word)} is not one of ${FIELDS.join(", ")} with a header, such as Name:X-Name`,
        );
      return [known, header.toLowerCase()];
    });
  return new Map(pairs);
}

/** Returns the groups in a header value, separated by commas. */
const groupsIn = (text: string): readonly string[] =>
  text
    .split(",")
    .map((group) => group.trim())
    .filter((group) => group !== "");
