import { addressBelow } from "../../api/address-below.ts";
import { rootPath } from "../../api/root-path.ts";

/**
 * Returns the path in the parameter `redirectTo` of the sign-in page, relative to the server's root path. Returns
 * undefined if there is no path, or if it leads to another site or to the pages for signing in and out.
 * @param hash fragment of the sign-in page. Browsers keep the fragment of the wanted page when the server redirects to
 *   the sign-in page
 */
export function pathBack(search: string, hash = ""): string | undefined {
  const back = addressBelow(rootPath, new URLSearchParams(search).get("redirectTo") ?? "");
  return back === undefined || /^\/(?:login|logout)(?:\/|$)/.test(back.path) ? undefined : `${back.address}${hash}`;
}
