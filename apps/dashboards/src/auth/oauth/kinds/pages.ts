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
  /** True if the list has more pages than the maximum that is read. */
  readonly isCut: boolean;
}

/**
 * Reads a list that GitHub or GitLab returns in pages, and converts its entries with `read`. Page numbers are added to
 * the given address, because the access token must never be sent to an address in a response. Rejects with SignInError.
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
    // Whether there is a next page. A server may return fewer entries per page than requested; it then links to the
    // next page.
    const hasNext = link === "" ? list.length >= PAGE : link.includes('rel="next"');
    if (!hasNext) return { entries, isCut: false };
  }
  return { entries, isCut: true };
}

/**
 * Returns a response that must be a list. Throws SignInError for any other response, because an empty list would take
 * rights away.
 */
export function listIn(json: unknown, { origin, pathname }: URL): readonly unknown[] {
  if (Array.isArray(json)) return json;
  throw new SignInError("provider-unavailable", {
    cause: new Error(`the answer of ${origin}${pathname} does not contain a list`),
  });
}

/** The groups of an account, and whether some are missing. */
export type Groups = Pick<AccountData, "groups" | "areGroupsOmitted" | "groupsError">;

/**
 * Requests the groups of an account. If the provider refuses, for example because a permission is missing, the groups
 * count as omitted. Rejects with SignInError if the provider cannot be reached.
 */
export async function groupsOrError(request: () => Promise<Groups>): Promise<Groups> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof SignInError) || error.problem !== "provider-refused") throw error;
    return { groups: [], areGroupsOmitted: true, groupsError: error.cause instanceof Error ? error.cause : error };
  }
}
