import { isDeepStrictEqual } from "node:util";
import type { Principal } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { FastifyRequest } from "fastify";
import { decodeJwt, type JWTPayload, jwtVerify } from "jose";
import { SettingsError } from "../../settings/load-settings.ts";
import type { Settings } from "../../settings/setting-table.ts";
import { namedRefusal, type Refusal } from "../../web/refusal.ts";
import { isObject, queryOf } from "../../web/request-body.ts";
import { checkPath, claimOf, textIn, textsIn } from "../external/claims.ts";
import { type ExternalAccount, SignInError } from "../external/external-account.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import { CLOCK_TOLERANCE, SIGNATURES } from "../external/remote-keys.ts";
import { mappedRole, type RoleMapping } from "../external/role-mapping.ts";
import type { PrincipalOf } from "../identity.ts";
import type { Authenticator } from "../authenticators/authenticator.ts";
import type { JwtKeys } from "./jwt-keys.ts";
import { TOKEN_PARAMETER } from "./token-in-url.ts";

export interface JwtParts {
  readonly settings: Settings;
  readonly keys: JwtKeys["keys"];
  readonly signIn: ExternalSignIn;
  readonly clock: Clock;
  readonly principalOf: PrincipalOf;
  readonly organization: { readonly name: string };
}

/** Names of the settings that contain JMESPath expressions. */
const PATHS = [
  "auth.jwt.email_attribute_path",
  "auth.jwt.username_attribute_path",
  "auth.jwt.role_attribute_path",
  "auth.jwt.groups_attribute_path",
] as const;

/** Identifies users by a JWT that another system has signed, for example a proxy. */
export class JwtAuthenticator implements Authenticator {
  readonly #parts: JwtParts;
  readonly #header: string;
  readonly #expected: readonly (readonly [claim: string, value: unknown])[];
  readonly #mapping: RoleMapping;

  /** Throws SettingsError. */
  constructor(parts: JwtParts) {
    const { settings } = parts;
    this.#parts = parts;
    this.#header = settings["auth.jwt.header_name"].toLowerCase();
    if (this.#header === "" && !settings["auth.jwt.url_login"])
      throw new SettingsError("auth.jwt.header_name: set it, because auth.jwt.enabled is true");
    this.#expected = expectedClaims(settings["auth.jwt.expect_claims"]);
    for (const key of PATHS) checkPath(key, settings[key]);
    this.#mapping = {
      role_attribute_path: settings["auth.jwt.role_attribute_path"],
      role_attribute_strict: settings["auth.jwt.role_attribute_strict"],
      org_mapping: settings["auth.jwt.org_mapping"],
      allow_assign_grafana_admin: settings["auth.jwt.allow_assign_grafana_admin"],
      skip_org_role_sync: settings["auth.jwt.skip_org_role_sync"],
    };
  }

  async identify(request: FastifyRequest): Promise<Principal | Refusal | undefined> {
    const { settings, signIn, principalOf } = this.#parts;
    const token = this.#tokenIn(request);
    // Ignores other tokens in the header, such as a service account's. Such tokens have no subject.
    if (token === undefined || !hasSubject(token)) return undefined;
    const claims = await this.#verified(token);
    if (claims === undefined) return namedRefusal(401, "jwt.invalid", "Failed to verify JWT");
    try {
      const user = await signIn.userOf(this.#accountOf(claims), settings["auth.jwt.auto_sign_up"], true);
      return principalOf(user);
    } catch (error) {
      if (error instanceof SignInError) return namedRefusal(401, `jwt.${error.problem}`, error.message);
      throw error;
    }
  }

  #tokenIn(request: FastifyRequest): string | undefined {
    const sent = this.#header === "" ? undefined : request.headers[this.#header];
    const inUrl = this.#parts.settings["auth.jwt.url_login"] ? queryOf(request).get(TOKEN_PARAMETER) : null;
    const text = (typeof sent === "string" && sent !== "" ? sent : (inUrl ?? "")).replace(/^Bearer /i, "").trim();
    return text === "" ? undefined : text;
  }

  async #verified(token: string): Promise<JWTPayload | undefined> {
    const { keys, clock } = this.#parts;
    const options = {
      algorithms: SIGNATURES,
      clockTolerance: CLOCK_TOLERANCE,
      currentDate: new Date(clock.now()),
    };
    const claims = await jwtVerify(token, keys, options).then(
      ({ payload }) => payload,
      () => undefined,
    );
    const isExpected = this.#expected.every(([claim, value]) => {
      const found = claims?.[claim];
      // Compares lists of audiences, because the claim `aud` may contain one audience or several.
      if (claim === "aud") return [value].flat().some((one) => [found].flat().includes(one));
      return isDeepStrictEqual(found, value);
    });
    return isExpected ? claims : undefined;
  }

  #accountOf(claims: JWTPayload): ExternalAccount {
    const { settings, organization } = this.#parts;
    const email =
      claimOf(claims, settings["auth.jwt.email_claim"]) || textIn(claims, settings["auth.jwt.email_attribute_path"]);
    const login =
      claimOf(claims, settings["auth.jwt.username_claim"]) ||
      textIn(claims, settings["auth.jwt.username_attribute_path"]);
    const path = settings["auth.jwt.groups_attribute_path"];
    const groups = textsIn(claims, path);
    const fallback = settings["users.auto_assign_org_role"];
    return {
      provider: "jwt",
      subject: claimOf(claims, "sub"),
      login: login === "" ? email : login,
      email,
      name: claimOf(claims, "name"),
      ...(path === "" ? {} : { groups }),
      ...mappedRole(this.#mapping, { claims: [claims], groups, fallback, organization: organization.name }),
    };
  }
}

/** Reports whether a text is a JWT with a subject. The signature is not checked. */
function hasSubject(token: string): boolean {
  try {
    return (decodeJwt(token).sub ?? "") !== "";
  } catch {
    return false;
  }
}

function expectedClaims(text: string): readonly (readonly [claim: string, value: unknown])[] {
  try {
    const claims: unknown = JSON.parse(text === "" ? "{}" : text);
    if (isObject(claims)) return Object.entries(claims);
  } catch {
    // Ignores the parser's error, because the error that follows names the setting.
  }
  throw new SettingsError('auth.jwt.expect_claims: write a JSON object, such as {"iss": "https://login.example.org"}');
}
