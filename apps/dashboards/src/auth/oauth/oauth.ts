import type { FastifyInstance } from "fastify";
import type { ConditionalStore } from "@narthex/store";
import type { Context } from "../../context.ts";
import { OAUTH_SECTIONS } from "../../settings/sign-in-settings.ts";
import type { SecretBox } from "../../secrets/secret-box.ts";
import type { BeginSession } from "../sessions/begin-session.ts";
import type { SessionCookies } from "../sessions/cookies.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import type { Organization } from "../organization/organization.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { oauthRoutes } from "./oauth-routes.ts";
import { OAuthSessions } from "./oauth-sessions.ts";

/** Sign-in with accounts of OAuth and OpenID Connect providers. */
export interface OAuth {
  readonly sessions: OAuthSessions;
  /** Part of the page settings for the sign-in page. */
  frontend(): Readonly<Record<string, unknown>>;
  routes(app: FastifyInstance): void;
  close(): Promise<void>;
}

interface OAuthParts {
  readonly store: ConditionalStore;
  readonly box: SecretBox;
  readonly signIn: ExternalSignIn;
  readonly cookies: SessionCookies;
  readonly begin: BeginSession;
  readonly sessions: Sessions;
  readonly organization: Organization;
}

/** Opens the OAuth providers that the settings enable. Throws SettingsError, and rejects with StoreError. */
export async function openOAuth(context: Context, parts: OAuthParts): Promise<OAuth> {
  const { clock, settings, logger } = context;
  const isEnabled = OAUTH_SECTIONS.some((section) => settings[`${section}.enabled`]);
  // Loads the libraries for OAuth only if a provider is enabled, because loading takes time and memory.
  const providers = isEnabled
    ? (await import("./open-providers.ts")).openProviders(settings, clock, parts.organization)
    : [];
  const { store, box, signIn } = parts;
  const oauthSessions = await OAuthSessions.open({
    store,
    box,
    clock,
    logger,
    providers,
    signIn,
    sessions: parts.sessions,
  });
  const isAutomatic = settings["auth.oauth_auto_login"] && providers.length === 1;
  return {
    sessions: oauthSessions,
    frontend: () => ({
      oauth: Object.fromEntries(providers.map(({ key, label }) => [key, { name: label, icon: "signin" }])),
      oauthAutoLogin: providers.find((provider) => isAutomatic || provider.settings.auto_login)?.key ?? "",
    }),
    routes(app) {
      if (providers.length > 0) oauthRoutes(app, { ...parts, context, providers, oauthSessions });
    },
    async close() {
      for (const provider of providers) await provider.close();
    },
  };
}
