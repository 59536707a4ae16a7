import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";

/** Kinds of accounts and groups that can be members or have permissions. */
export type SubjectKind = "user" | "team" | "service account";

export interface Subject {
  readonly id: number;
  readonly name: string;
  /** The login if it differs from the displayed name; otherwise empty. */
  readonly detail: string;
}

interface FoundSubjects {
  readonly users: readonly Subject[];
  readonly teams: readonly Subject[];
  readonly serviceAccounts: readonly Subject[];
}

/**
 * Returns the accounts and teams whose names contain a text, at most 50 of each kind.
 * @throws {ApiError} if the user may change neither permissions nor the members of a team
 */
export async function fetchSubjects(
  query: string,
  signal: AbortSignal,
): Promise<Readonly<Record<SubjectKind, readonly Subject[]>>> {
  const { users, teams, serviceAccounts } = await fetchJson<FoundSubjects>(
    `${rootPath}/api/narthex/permissions/subjects`,
    { params: { query: query === "" ? undefined : query }, signal },
  );
  return { user: users, team: teams, "service account": serviceAccounts };
}
