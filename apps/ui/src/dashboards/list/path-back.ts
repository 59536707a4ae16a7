import { addressBelow } from "../../api/address-below.ts";
import { rootPath } from "../../api/root-path.ts";

/**
 * The path that the parameter `redirectTo` of the sign-in page names, below the role's own; undefined where there is none, or where it
 * would lead to another site, or to signing in or out again.
 */
export function pathBack(search: string): string | undefined {
  const back = addressBelow(rootPath, new URLSearchParams(search).get("redirectTo") ?? "");
  return back === undefined || /^\/(?:login|logout)(?:\/|$)/.test(back.path) ? undefined : back.address;
}
