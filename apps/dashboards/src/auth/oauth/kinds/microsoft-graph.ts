import { isObject } from "../../../web/request-body.ts";
import { claimOf, textsOf } from "../../external/claims.ts";
import type { AccountSource } from "../oauth-kind.ts";
import { type Groups, listIn, MAX_PAGES } from "./pages.ts";

const GRAPH = "https://graph.microsoft.com";

/** Addresses of Microsoft Graph in national clouds, by the host of the cloud's sign-in page. */
const NATIONAL_GRAPHS: Readonly<Record<string, string>> = {
  "login.microsoftonline.us": "https://graph.microsoft.us",
  "login.partner.microsoftonline.cn": "https://microsoftgraph.chinacloudapi.cn",
  "login.chinacloudapi.cn": "https://microsoftgraph.chinacloudapi.cn",
};

/**
 * Requests the ids of all groups of the account that signed in. The address of Graph is computed from the settings,
 * because the access token must never be sent to an address in a token, which anyone could have chosen. Rejects with
 * SignInError.
 */
export async function graphGroups({ settings, call }: AccountSource): Promise<Groups> {
  const { origin } = new URL(settings.api_url === "" ? graphAt(settings.auth_url) : settings.api_url);
  const groups: string[] = [];
  let url = new URL("/v1.0/me/getMemberObjects", origin);
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { json } = await call(url.href, page === 1 ? { securityEnabledOnly: false } : undefined);
    const answer = isObject(json) ? json : {};
    for (const id of textsOf(listIn(answer["value"], url))) groups.push(id);
    const next = claimOf(answer, "@odata.nextLink");
    if (next === "") return { groups };
    const target = URL.parse(next, url.href);
    if (target?.origin !== origin) break;
    url = target;
  }
  return { groups, areGroupsOmitted: true };
}

/** Returns the address of Microsoft Graph in the cloud of a sign-in page. */
function graphAt(authUrl: string): string {
  const host = URL.parse(authUrl)?.hostname ?? "";
  return (Object.hasOwn(NATIONAL_GRAPHS, host) ? NATIONAL_GRAPHS[host] : undefined) ?? GRAPH;
}
