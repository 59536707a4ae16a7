import { addressBelow } from "../../api/address-below.ts";
import { rootPath } from "../../api/root-path.ts";

/**
 * Returns the path in the sign-in page's parameter `redirectTo`, relative to the server's root. Undefined if there is
 * none, or if it leads to another site, to signing in or to signing out.
 */
export function pathBack(search: string): string | undefined {
  const back = addressBelow(rootPath, new URLSearchParams(search).get("redirectTo") ?? "");
  return back === undefined || /^\/(?:login|logout)(?:\/|$)/.test(back.path) ? undefined : back.address;
}
