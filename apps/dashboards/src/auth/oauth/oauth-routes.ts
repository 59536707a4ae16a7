import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../../context.ts";
import { pathParameter } from "../../web/request-body.ts";
import { refusal } from "../../web/refusal.ts";
import type { BeginSession } from "../sessions/begin-session.ts";
import type { SessionCookies } from "../sessions/cookies.ts";
import { SignInError } from "../external/external-account.ts";
import type { ExternalSignIn } from "../external/external-sign-in.ts";
import { wantedPath } from "../sessions/login-routes.ts";
import { needs } from "../rights.ts";
import { rememberFlow, takeFlow } from "./flow-cookie.ts";
import type { OAuthProvider } from "./oauth-provider.ts";
import type { OAuthSessions } from "./oauth-sessions.ts";

interface OAuthRoutesOptions {
  readonly context: Context;
  readonly providers: readonly OAuthProvider[];
  readonly oauthSessions: OAuthSessions;
  readonly signIn: ExternalSignIn;
  readonly cookies: SessionCookies;
  readonly begin: BeginSession;
}

/** Adds the routes that lead a browser to a provider and back. */
export function oauthRoutes(app: FastifyInstance, options: OAuthRoutesOptions): void {
  const { context, providers, cookies } = options;
  const { address, settings, logger } = context;
  const redirectUri = ({ key }: OAuthProvider): string => `${address.url}/login/${key}`;
  const refused = (error: unknown, provider: OAuthProvider, reply: FastifyReply): FastifyReply => {
    if (!(error instanceof SignInError)) throw error;
    logger.warn("A sign-in with a provider was refused", {
      provider: provider.key,
      reason: error.problem,
      ...(error.cause instanceof Error ? { err: messageOf(error.cause) } : {}),
    });
    return reply.code(302).header("location", `${address.path}/login?error=${error.problem}`).send();
  };
  app.get("/login/:provider", needs("none"), async (request, reply) => {
    const provider = providers.find(({ key }) => key === pathParameter(request, "provider"));
    if (provider === undefined) throw refusal(404, "Not found");
    const query = request.url.includes("?") ? request.url.slice(request.url.indexOf("?")) : "";
    const isBack = /[?&](?:code|error)=/.test(query);
    try {
      if (isBack) return await finish(provider, query, request, reply);
      const { url, flow } = await provider.begin(redirectUri(provider));
      rememberFlow(reply, cookies, flow, settings["auth.oauth_state_cookie_max_age"]);
      return reply.code(302).header("location", url).send();
    } catch (error) {
      return refused(error, provider, reply);
    }
  });

  async function finish(
    provider: OAuthProvider,
    query: string,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { signIn, oauthSessions, begin } = options;
    const flow = takeFlow(request, reply, cookies);
    if (flow?.key !== provider.key) throw new SignInError("expired");
    const { account, tokens } = await provider.finish(redirectUri(provider), query, flow);
    const user = await signIn.userOf(account, provider.settings.allow_sign_up);
    const wanted = wantedPath(request);
    const session = await begin(user, request, reply);
    await oauthSessions.begin(session, provider, tokens);
    cookies.remember(reply, "");
    // The response has no referrer, because the address of this request contains the code, which the next page must not
    // get.
    return reply
      .code(302)
      .header("location", `${address.path}${wanted}`)
      .header("referrer-policy", "no-referrer")
      .send();
  }
}

/**
 * Returns the messages of an error and of its cause, for the log. They contain no responses of a provider, which may
 * contain tokens.
 */
function messageOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
