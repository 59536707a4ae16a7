import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import type { OrgRole } from "../frame/RoleSelect.tsx";

/** An invitation that is neither accepted nor expired. */
export interface PendingInvitation {
  readonly id: number;
  /** Code that identifies the invitation when it is revoked. */
  readonly code: string;
  readonly email: string;
  readonly name: string;
  readonly role: OrgRole;
  readonly invitedByLogin: string;
  readonly emailSent: boolean;
  readonly createdOn: string;
}

export interface InvitationDraft {
  readonly email: string;
  readonly name: string;
  readonly role: OrgRole;
  readonly isMailed: boolean;
}

/** Query cache key of the pending invitations. */
export const invitationsKey = ["invitations"] as const;

const PATH = `${rootPath}/api/org/invites`;

export const fetchInvitations = (signal: AbortSignal): Promise<readonly PendingInvitation[]> =>
  fetchJson<readonly PendingInvitation[]>(PATH, { signal });

/**
 * Invites a person. Returns the link if no mail was sent.
 * @throws {ApiError} with the server's message
 */
export async function invite({ email, name, role, isMailed }: InvitationDraft): Promise<string | undefined> {
  const json = { loginOrEmail: email, name, role, sendEmail: isMailed };
  return (await fetchJson<{ readonly narthexUrl?: string }>(PATH, { method: "POST", json })).narthexUrl;
}

export const revoke = ({ code }: PendingInvitation): Promise<unknown> =>
  fetchJson(`${PATH}/${encodeURIComponent(code)}/revoke`, { method: "PATCH", json: {} });
