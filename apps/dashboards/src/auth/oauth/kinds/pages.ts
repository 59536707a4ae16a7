import { isObject } from "../../../web/request-body.ts";
import type { Claims } from "../../external/claims.ts";
import { SignInError } from "../../external/external-account.ts";
import type { AccountData, AccountSource } from "../oauth-kind.ts";

const PAGE = 100;
/** Largest number of pages of a list that are read. */
export const MAX_PAGES = 20;

/** A list that a provider returns in pages. */
interface PagedList<T> {
  readonly entries: readonly T[];
  /** True if the list has more pages than are read. */
  readonly isCut: boolean;
}

/**
 * Returns what `read` finds in the entries of a list of GitHub or GitLab. The number of the page is part of each
 * address: the token is never sent to an address in an answer. Rejects with SignInError.
 */
export async function pagedList<T>(
  { call }: AccountSource,
  address: string,
  read: (entry: Claims) => readonly T[],
): Promise<PagedList<T>> {
  const entries: T[] = [];
  const url = new URL(address);
  url.searchParams.set("per_page", String(PAGE));
  for (let page = 1; page <= MAX_PAGES; page++) {
    url.searchParams.set("page", String(page));
    const { json, link } = await call(url.href);
    const list = listIn(json, url);
    for (const entry of list) if (isObject(entry)) for (const found of read(entry)) entries.push(found);
    // A server may return fewer entries for a page than requested, and then names the next page.
    const hasNext = link === "" ? list.length >= PAGE : link.includes('rel="next"');
    if (!hasNext) return { entries, isCut: false };
  }
  return { entries, isCut: true };
}

/** Returns an answer that must be a list. Throws SignInError for others: an empty list would take rights away. */
export function listIn(json: unknown, { origin, pathname }: URL): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw new SignInError("provider-unavailable", {
    cause: new Error(`the answer of ${origin}${pathname} does not contain a list`),
  });
}

/** The groups of an account, and whether some are missing. */
export type Groups = Pick<AccountData, "groups" | "areGroupsOmitted" | "groupsError">;

/**
 * Requests groups. If the provider refuses the request, for example because a permission is missing, the account has
 * no groups, and they count as omitted. Rejects with SignInError if the provider cannot be reached.
 */
export async function groupsOrError(request: () => Promise<Groups>): Promise<Groups> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof SignInError) || error.problem !== "provider-refused") throw error;
    return { groups: [], areGroupsOmitted: true, groupsError: error.cause instanceof Error ? error.cause : error };
  }
}
