import { useQuery } from "@tanstack/react-query";
import { fetchJson } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";
import { type FrontendSettings, frontendSettingsQuery } from "../data/frontend-settings.ts";

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
  /** Whether the server accepts passwords. */
  readonly hasForm: boolean;
  /** Whether the server sends mails, so that a lost password can be replaced. */
  readonly sendsMails: boolean;
  readonly providers: readonly SignInProvider[];
  /** The provider to which the page leads at once. */
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
  const providers = new Map(
    Object.entries(oauth).map(([key, { name }]) => [key, { name, address: `${rootPath}/login/${key}` }]),
  );
  return {
    hasForm: settings.disableLoginForm !== true,
    sendsMails: settings.narthexMailEnabled === true,
    providers: [...providers.values()],
    automatic: providers.get(oauthAutoLogin),
  };
}

/** Returns the ways to sign in that the server offers; undefined while the request runs. */
export const useSignInOptions = (): SignInOptions | undefined =>
  useQuery({ ...frontendSettingsQuery, select: signInOptionsOf }).data;

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

const post = (path: string, json: unknown): Promise<unknown> =>
  fetchJson(`${rootPath}${path}`, { method: "POST", json });
