import type { FastifyInstance } from "fastify";
import type { Accounts } from "../auth/accounts.ts";
import type { BeginSession } from "../auth/sessions/begin-session.ts";
import { areNamesTrusted } from "../auth/external/trusted-names.ts";
import { accountIdOf } from "../auth/identity.ts";
import { isRole } from "../auth/levels.ts";
import { hashPassword, passwordProblem } from "../auth/passwords/passwords.ts";
import { ORG } from "../auth/users/profile-view.ts";
import { needs } from "../auth/rights.ts";
import { COMPLETE_INVITE_PATH } from "../auth/same-origin.ts";
import { checkUserLogin, type NewUser, type User, type Users } from "../auth/users/users.ts";
import type { Context } from "../context.ts";
import { isMailAddress, mailDisabled, type SendMail } from "../mail/mailer.ts";
import { invitationMail } from "../mail/mails.ts";
import { refusal } from "../web/refusal.ts";
import { type Body, bodyOfRequest, flagAt, pathParameter, textAt } from "../web/request-body.ts";
import type { Invitation, Invitations } from "./invitations.ts";

export interface InvitationRoutesOptions {
  readonly context: Context;
  readonly accounts: Pick<Accounts, "users" | "organization">;
  readonly invitations: Invitations;
  readonly begin: BeginSession;
  /** Function that sends mails; undefined if mails are disabled. */
  readonly sendMail: SendMail | undefined;
}

/** Maximum body size of a request from a client that is not signed in, in bytes. */
const MAX_OPEN_BYTES = 65_536;

/** Adds Grafana's routes for invitations. */
export function invitationRoutes(app: FastifyInstance, options: InvitationRoutesOptions): void {
  adminRoutes(app, options);
  guestRoutes(app, options);
}

/** Adds the routes with which admins invite users. Admins may give any role, because no role is higher. */
function adminRoutes(app: FastifyInstance, options: InvitationRoutesOptions): void {
  const { context, accounts, invitations } = options;
  app.get("/api/org/invites", needs("admin", "org.users:add"), () =>
    invitations.pending().map((invitation) => itemOf(invitation, accounts.users)),
  );
  app.post("/api/org/invites", needs("admin", "org.users:add"), async (request) => {
    const body = bodyOfRequest(request);
    const [email, name] = [textAt(body, "loginOrEmail").trim(), textAt(body, "name").trim()];
    const role = textAt(body, "role");
    if (!isRole(role)) throw refusal(400, "Invalid role specified");
    if (email === "") throw refusal(400, "bad request data");
    if (accounts.users.holderOf(email) !== undefined)
      throw refusal(412, `User ${email} is already added to organization`);
    if (context.settings["auth.disable_login_form"]) throw refusal(400, "Cannot invite when login is disabled.");
    const isMailed = flagAt(body, "sendEmail") && isMailAddress(email);
    const sendMail = isMailed ? options.sendMail : undefined;
    if (isMailed && sendMail === undefined) throw mailDisabled();
    const { invitation, code } = await invitations.add({ email, name, role, invitedBy: accountIdOf(request) });
    const url = `${context.address.url}/invite/${code}`;
    // The invitation link is returned only if no mail contains it, because anyone with the link can accept the
    // invitation.
    if (sendMail === undefined) return { message: `Created invite for ${email}`, narthexUrl: url };
    await mail(options, sendMail, { invitation, code, url });
    return { message: `Sent invite to ${email}` };
  });
  app.patch("/api/org/invites/:code/revoke", needs("admin", "org.users:add"), async (request) => {
    if (!(await invitations.revoke(pathParameter(request, "code")))) throw refusal(404, "Invite not found");
    return { message: "Invite revoked" };
  });
}

/** Sends the mail with an invitation link. If that fails, revokes the invitation, because its link is lost. */
async function mail(
  { context, accounts, invitations }: InvitationRoutesOptions,
  sendMail: SendMail,
  { invitation, code, url }: { readonly invitation: Invitation; readonly code: string; readonly url: string },
): Promise<void> {
  const { email, name, invitedBy } = invitation;
  try {
    await sendMail(
      email,
      invitationMail({
        name: name || email,
        invitedBy: nameOf(accounts.users.account(invitedBy)),
        organization: accounts.organization.name,
        url,
        lifetimeMs: invitations.lifetimeMs,
      }),
    );
  } catch (error) {
    context.logger.error("The mail of an invitation was not sent", { to: email, err: (error as Error).message });
    await invitations.revoke(code);
    throw refusal(500, "Failed to send email invite");
  }
  await invitations.noteMailed(code, invitation);
}

const nameOf = (user: User | undefined): string => user?.name || user?.email || user?.login || "An admin";

/** Returns an invitation in the format of Grafana's list. The `code` in it can only revoke the invitation. */
function itemOf({ id, uid, name, email, role, invitedBy, mailed, created }: Invitation, users: Users): object {
  const by = users.account(invitedBy);
  return {
    id,
    orgId: ORG.id,
    name,
    email,
    role,
    invitedByLogin: by?.login ?? "",
    invitedByEmail: by?.email ?? "",
    invitedByName: by?.name ?? "",
    code: uid,
    status: "InvitePending",
    url: "",
    emailSent: mailed > 0,
    emailSentOn: mailed > 0 ? new Date(mailed).toISOString() : "0001-01-01T00:00:00Z",
    createdOn: new Date(created).toISOString(),
  };
}

/** Adds the routes for invited people, who are not signed in. The secret code in the link allows them to accept. */
function guestRoutes(app: FastifyInstance, options: InvitationRoutesOptions): void {
  const { context, accounts, invitations, begin } = options;
  const { users } = accounts;
  app.get("/api/user/invite/:code", needs("none"), (request) => {
    const invitation = invitations.withCode(pathParameter(request, "code"));
    if (invitation === undefined) throw refusal(404, "Invite not found");
    const { email, name, invitedBy } = invitation;
    return { email, name, username: email, invitedBy: nameOf(users.account(invitedBy)) };
  });
  const right = { ...needs("none"), bodyLimit: MAX_OPEN_BYTES };
  app.post(COMPLETE_INVITE_PATH, right, async (request, reply) => {
    const body = bodyOfRequest(request);
    const code = textAt(body, "inviteCode");
    const known = invitations.withCode(code);
    if (known === undefined) throw refusal(404, "Invite not found");
    if (context.settings["auth.disable_login_form"])
      throw refusal(403, "the login form is disabled: auth.disable_login_form");
    const draft = newUserOf(body, known, context);
    const password = passwordIn(body, context);
    if (users.isKnown(draft)) throw alreadyExists(draft);
    const hash = await hashPassword(password);
    const invitation = await invitations.take(code);
    if (invitation === undefined) throw refusal(404, "Invite not found");
    const user = await users.add(draft, { kind: "password", hash }).catch(async (error: unknown) => {
      await invitations.putBack(code, invitation);
      throw error;
    });
    await begin(user, request, reply);
    return { message: "User created and logged in", id: user.id };
  });
}

/** Returns the new user for an invited person. Throws Refusal if the person's input is invalid. */
function newUserOf(
  body: Body,
  { email: invited, name: called, role }: Invitation,
  { clock, settings }: Context,
): NewUser {
  const email = textAt(body, "email").trim() || invited;
  const login = textAt(body, "username").trim() || email;
  checkUserLogin(login);
  const isInvited = [email, login].every((chosen) => chosen.toLowerCase() === invited.toLowerCase());
  if (!isInvited && areNamesTrusted(settings))
    throw refusal(400, `People sign in here by their names: use ${invited} as e-mail address and username`);
  const now = clock.now();
  const name = textAt(body, "name").trim() || called;
  return { login, email, name, role, isServerAdmin: false, isDisabled: false, createdAt: now, updatedAt: now };
}

function passwordIn(body: Body, { settings }: Context): string {
  const [password, confirmed] = [textAt(body, "password"), textAt(body, "confirmPassword")];
  if (confirmed !== "" && confirmed !== password) throw refusal(400, "Passwords do not match");
  const problem = passwordProblem(password, settings["auth.basic.password_policy"]);
  if (problem !== undefined) throw refusal(400, problem);
  return password;
}

const alreadyExists = ({ login, email }: NewUser): Error =>
  refusal(412, `User with email '${email}' or username '${login}' already exists`);
