import type { Feature } from "@narthex/http";
import type { Auth } from "../auth/auth.ts";
import { sessionBeginner } from "../auth/sessions/begin-session.ts";
import { SessionCookies } from "../auth/sessions/cookies.ts";
import type { Context } from "../context.ts";
import type { SendMail } from "../mail/mailer.ts";
import type { Stores } from "../state/stores.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { Invitations } from "./invitations.ts";

interface InvitationsOptions {
  readonly auth: Auth;
  /** Function that sends mails; undefined if mails are disabled. */
  readonly sendMail: SendMail | undefined;
}

/** Opens the invitations and adds their API. Rejects with StoreError. */
export async function openInvitations(
  context: Context,
  { store }: Stores,
  { auth: accounts, sendMail }: InvitationsOptions,
): Promise<Feature> {
  const { clock, settings, address } = context;
  const invitations = await Invitations.open(store, clock, settings["users.user_invite_max_lifetime_duration"]);
  const begin = sessionBeginner(accounts.sessions, new SessionCookies(settings, address));
  return {
    name: "invitations",
    routes: ({ app }) => invitationRoutes(app, { context, accounts, invitations, begin, sendMail }),
  };
}
