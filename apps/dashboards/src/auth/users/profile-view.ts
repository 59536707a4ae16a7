import { deviceOf } from "../sessions/device.ts";
import type { Session } from "../sessions/sessions.ts";
import type { Teams } from "../teams.ts";
import type { User } from "./users.ts";

/** The only organization, with its initial name. This server does not support several organizations. */
export const ORG = { id: 1, name: "Main Org." } as const;

/**
 * Returns a user in the format in which Grafana's `/api/user` returns the signed-in user.
 *
 * @param labels names of the ways in which the user has signed in with accounts of other systems
 */
export const profileOf = (user: User, labels: readonly string[] = []): object => ({
  id: user.id,
  uid: user.uid,
  email: user.email,
  name: user.name,
  login: user.login,
  theme: user.theme ?? "",
  orgId: ORG.id,
  isGrafanaAdmin: user.isServerAdmin,
  isDisabled: user.isDisabled,
  isExternal: labels.length > 0,
  isExternallySynced: false,
  isGrafanaAdminExternallySynced: false,
  authLabels: labels,
  updatedAt: new Date(user.updatedAt).toISOString(),
  createdAt: new Date(user.createdAt).toISOString(),
  avatarUrl: "",
});

/** Returns a service account in the format in which Grafana's `/api/user` returns the sender of a request. */
export const accountProfileOf = ({ id, uid, name, login, email }: User): object => ({
  id,
  uid,
  email,
  name,
  login,
  theme: "",
  orgId: ORG.id,
  isGrafanaAdmin: false,
});

/**
 * Returns the time of a user's last activity, Unix ms: the newest rotation of a session, otherwise the user's creation.
 */
export const lastSeen = (user: User, sessions: readonly Session[]): number =>
  sessions.reduce((latest, { rotatedAt }) => Math.max(latest, rotatedAt), user.createdAt);

/** Returns the teams of a user in the format of Grafana's API. */
export const teamsOf = (teams: Teams, userId: number): readonly object[] =>
  [...teams.ofUser(userId)].flatMap((id) => {
    const team = teams.byId(id);
    if (team === undefined) return [];
    const { uid, name, email, members } = team;
    return [{ id, uid, orgId: ORG.id, name, email, avatarUrl: "", memberCount: members.length }];
  });

/** Additional data of a user that lists of users show. */
export interface UserUse {
  readonly sessions: readonly Session[];
  /** Names of the ways in which the user has signed in with accounts of other systems. */
  readonly labels: readonly string[];
  /** Unix ms. */
  readonly now: number;
}

export const userItem = (user: User, { sessions, labels, now }: UserUse): object => ({
  id: user.id,
  uid: user.uid,
  name: user.name,
  login: user.login,
  email: user.email,
  avatarUrl: "",
  isAdmin: user.isServerAdmin,
  isDisabled: user.isDisabled,
  isProvisioned: false,
  ...seenView(lastSeen(user, sessions), now),
  authLabels: labels,
});

export const memberItem = (user: User, { sessions, labels, now }: UserUse): object => ({
  orgId: ORG.id,
  userId: user.id,
  uid: user.uid,
  email: user.email,
  name: user.name,
  avatarUrl: "",
  login: user.login,
  role: user.role,
  ...seenView(lastSeen(user, sessions), now),
  isDisabled: user.isDisabled,
  isProvisioned: false,
  authLabels: labels,
  isExternallySynced: false,
});

function seenView(seenMs: number, nowMs: number): object {
  return { lastSeenAt: new Date(seenMs).toISOString(), lastSeenAtAge: ageOf(nowMs - seenMs) };
}

const MINUTE_MS = 60_000;
const UNITS = [
  [365 * 24 * 60 * MINUTE_MS, "y"],
  [30 * 24 * 60 * MINUTE_MS, "M"],
  [24 * 60 * MINUTE_MS, "d"],
  [60 * MINUTE_MS, "h"],
  [MINUTE_MS, "m"],
] as const;

/** Formats a duration as an age, for example `3d`. A duration below one minute becomes `< 1 minute`. */
function ageOf(ms: number): string {
  for (const [unit, letter] of UNITS) if (ms >= unit) return `${Math.floor(ms / unit)}${letter}`;
  return "< 1 minute";
}

export const tokenView = (session: Session, current: Session | undefined): object => ({
  id: session.id,
  isActive: session.id === current?.id,
  clientIp: session.address,
  ...deviceOf(session.agent),
  createdAt: new Date(session.createdAt).toISOString(),
  seenAt: new Date(session.rotatedAt).toISOString(),
});
