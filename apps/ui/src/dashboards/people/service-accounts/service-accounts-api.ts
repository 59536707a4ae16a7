import { fetchJson } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import type { OrgRole } from "../frame/RoleSelect.tsx";

interface ServiceAccount {
  readonly id: number;
  readonly name: string;
  readonly login: string;
  readonly role: OrgRole;
  readonly isDisabled: boolean;
}

/** A service account in the list, with the number of its tokens. */
export interface ListedAccount extends ServiceAccount {
  readonly tokens: number;
}

export interface AccountDetails extends ServiceAccount {
  readonly teams: readonly string[];
}

export interface Token {
  readonly id: number;
  readonly name: string;
  readonly created: string;
  readonly lastUsedAt: string | null;
  readonly expiration: string | null;
  readonly hasExpired: boolean;
  /** The rights to which the token is limited; undefined if it has all rights of its account. */
  readonly scopes?: readonly string[];
  /** Selector of the series that the token may read; undefined for all series. */
  readonly matchers?: string;
}

export interface AccountDraft {
  readonly name: string;
  readonly role: OrgRole;
}

/** Maximum number of results in one response of the API. */
const MAX_OF_PAGE = 5000;
const ACCOUNTS = `${rootPath}/api/serviceaccounts`;

/** Query cache key of all lists of service accounts, and of single ones with their tokens. */
export const accountsKey = ["service accounts"] as const;

export const searchAccounts = (
  query: string,
  signal: AbortSignal,
): Promise<{ readonly serviceAccounts: readonly ListedAccount[] }> =>
  fetchJson(`${ACCOUNTS}/search`, {
    params: { query: query === "" ? undefined : query, perpage: MAX_OF_PAGE },
    signal,
  });

/** A service account with its tokens. */
export interface FoundAccount {
  readonly account: AccountDetails;
  readonly tokens: readonly Token[];
}

/** @throws {ApiError} with status 404 if there is no such service account */
export async function fetchAccount(id: string, signal: AbortSignal): Promise<FoundAccount> {
  const path = `${ACCOUNTS}/${encodeURIComponent(id)}`;
  const [account, tokens] = await Promise.all([
    fetchJson<AccountDetails>(path, { signal }),
    fetchJson<readonly Token[]>(`${path}/tokens`, { signal }),
  ]);
  return { account, tokens };
}

/** @throws {ApiError} if the name is taken */
export const addAccount = (draft: AccountDraft): Promise<{ readonly id: number }> =>
  fetchJson(ACCOUNTS, { method: "POST", json: draft });

/** @throws {ApiError} if the name is taken */
export const changeAccount = (id: number, change: Partial<AccountDraft & { isDisabled: boolean }>): Promise<unknown> =>
  fetchJson(`${ACCOUNTS}/${id}`, { method: "PATCH", json: change });

export const deleteAccount = (id: number): Promise<unknown> => fetchJson(`${ACCOUNTS}/${id}`, { method: "DELETE" });

export interface TokenDraft extends Pick<Token, "name" | "scopes" | "matchers"> {
  /** Lifetime in seconds; 0 for a token that does not expire. */
  readonly secondsToLive: number;
}

/**
 * Adds a token. Only this response contains the token's key. @throws {ApiError} if the name is taken, or the matchers
 * are invalid
 */
export const addToken = (id: number, draft: TokenDraft): Promise<{ readonly key: string }> =>
  fetchJson(`${ACCOUNTS}/${id}/tokens`, { method: "POST", json: draft });

export const revokeToken = (id: number, tokenId: number): Promise<unknown> =>
  fetchJson(`${ACCOUNTS}/${id}/tokens/${tokenId}`, { method: "DELETE" });
