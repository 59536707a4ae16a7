import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";
import { useQuery } from "@tanstack/react-query";
import { fetchJson } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";
import { localPath } from "../data/dashboard-api.ts";
import { type FrontendSettings, frontendSettingsQuery } from "../../api/frontend-settings.ts";
import { choosePasskey } from "./passkey-dialog.ts";
import { passkeySiteOf } from "./passkey-site.ts";

/** The parts of an invitation that the invited person sees. */
export interface Invitation {
  readonly email: string;
  readonly name: string;
  readonly username: string;
  readonly invitedBy: string;
}

export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly username: string;
  readonly password: string;
}

/** The ways to sign in that the server offers. */
interface SignInOptions {
  /** Whether users can sign in with a password. */
  readonly hasForm: boolean;
  /** File that contains the password of the first user. Undefined if the password has changed, and for strangers. */
  readonly firstPassword: string | undefined;
  /** Whether the server sends mails, which users need to replace a lost password. */
  readonly sendsMails: boolean;
  /** Whether the server accepts passkeys, and this browser can use them at this address. */
  readonly hasPasskeys: boolean;
  readonly providers: readonly SignInProvider[];
  /** The provider to which the sign-in page leads at once, if any. */
  readonly automatic: SignInProvider | undefined;
}

/** An OAuth or OpenID Connect provider. */
interface SignInProvider {
  readonly name: string;
  /** Address that leads to the provider. */
  readonly address: string;
}

function signInOptionsOf(settings: FrontendSettings): SignInOptions {
  const { oauth = {}, oauthAutoLogin = "" } = settings;
  const passkeys = passkeySiteOf(settings);
  const providers = new Map(
    Object.entries(oauth).map(([key, { name }]) => [key, { name, address: `${rootPath}/login/${key}` }]),
  );
  return {
    hasForm: settings.disableLoginForm !== true,
    firstPassword: settings.narthexFirstPassword,
    sendsMails: settings.narthexMailEnabled === true,
    hasPasskeys: passkeys !== undefined && passkeys.isHere && passkeys.isSupported,
    providers: [...providers.values()],
    automatic: providers.get(oauthAutoLogin),
  };
}

/** Returns the ways to sign in that the server offers; undefined while the request runs. */
export const useSignInOptions = (): SignInOptions | undefined =>
  useQuery({ ...frontendSettingsQuery, select: signInOptionsOf }).data;

/** Answer to a sign-in. */
interface SignInAnswer {
  readonly redirectUrl?: unknown;
  readonly narthexGeneratedPassword?: boolean;
}

/** Result of a sign-in with a password. */
export interface SignedIn {
  /** The next page, a path of this server. */
  readonly path: string;
  /** Whether the password is the generated one of the first start. */
  readonly hasGeneratedPassword: boolean;
}

/** The values of the sign-in form. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
  /** Code of the authenticator app, or a recovery code. */
  readonly code?: string;
}

/**
 * Signs in.
 * @throws {ApiError} with the server's message. Its `messageId` is `two-step.required` if a code is missing
 */
export async function signIn(credentials: Credentials): Promise<SignedIn> {
  const answer = await post<SignInAnswer>("/login", credentials);
  return { path: pageAfter(answer), hasGeneratedPassword: answer.narthexGeneratedPassword === true };
}

/**
 * Signs in with a passkey that the user chooses in a dialog of the browser.
 * @returns the next page, a path of this server
 * @throws {ApiError} with the server's message
 * @throws {PasskeyError} if the user chooses no passkey, or the browser fails
 */
export async function signInWithPasskey(): Promise<string> {
  const options = await post<PublicKeyCredentialRequestOptionsJSON>("/login/passkey/options", {});
  return pageAfter(await post<SignInAnswer>("/login/passkey", await choosePasskey(options)));
}

const pageAfter = ({ redirectUrl }: SignInAnswer): string => localPath(redirectUrl);

/** @throws {ApiError} if the invitation does not exist, was accepted, or has expired */
export const fetchInvitation = (code: string, signal: AbortSignal): Promise<Invitation> =>
  fetchJson<Invitation>(`${rootPath}/api/user/invite/${encodeURIComponent(code)}`, { signal });

/**
 * Accepts an invitation, which signs the person in.
 * @throws {ApiError} with the server's message
 */
export const acceptInvitation = (inviteCode: string, account: NewAccount): Promise<unknown> =>
  post("/api/user/invite/complete", { inviteCode, ...account });

/** Requests a mail with a link. The server does not reveal whether the user exists. */
export const requestReset = (userOrEmail: string): Promise<unknown> =>
  post("/api/user/password/send-reset-email", { userOrEmail });

/** @throws {ApiError} with the server's message */
export const resetPassword = (code: string, password: string): Promise<unknown> =>
  post("/api/user/password/reset", { code, newPassword: password, confirmPassword: password });

/** @throws {ApiError} if the old password is wrong, or the new one does not follow the rules */
export const changePassword = (oldPassword: string, newPassword: string): Promise<unknown> =>
  fetchJson(`${rootPath}/api/user/password`, { method: "PUT", json: { oldPassword, newPassword } });

const post = <T = unknown>(path: string, json: unknown): Promise<T> =>
  fetchJson<T>(`${rootPath}${path}`, { method: "POST", json });
