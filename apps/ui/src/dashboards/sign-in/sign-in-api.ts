import { queryOptions } from "@tanstack/react-query";
import { fetchJson } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";

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

/** Whether the server sends mails, so that a lost password can be replaced. */
export const mailQuery = queryOptions({
  queryKey: ["mail"],
  queryFn: async ({ signal }) => {
    const settings = await fetchJson<{ narthexMailEnabled?: boolean }>(`${rootPath}/api/frontend/settings`, { signal });
    return settings.narthexMailEnabled === true;
  },
  staleTime: Infinity,
});

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
