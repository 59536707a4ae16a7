import type { Feature } from "@narthex/http";
import type { Auth } from "../auth/auth.ts";
import { sessionBeginner } from "../auth/begin-session.ts";
import { SessionCookies } from "../auth/cookies.ts";
import type { Context } from "../context.ts";
import { mailSender } from "../mail/mailer.ts";
import type { Stores } from "../state/stores.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { Invitations } from "./invitations.ts";

/** Opens the invitations and adds their API. Rejects with StoreError or SettingsError. */
export async function openInvitations(context: Context, { store }: Stores, accounts: Auth): Promise<Feature> {
  const { clock, settings, address, host } = context;
  const invitations = await Invitations.open(store, clock, settings["users.user_invite_max_lifetime_duration"]);
  const begin = sessionBeginner(accounts.sessions, new SessionCookies(settings, address));
  const sendMail = mailSender(settings, host);
  return {
    name: "invitations",
    routes: ({ app }) => invitationRoutes(app, { context, accounts, invitations, begin, sendMail }),
  };
}
