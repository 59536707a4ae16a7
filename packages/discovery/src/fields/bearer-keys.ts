import type { Rest } from "@narthex/config";

/**
 * Reports whether a section has a bearer token of its own, `bearer_token` or `bearer_token_file`. The HTTP client's
 * section converts both to an authorization, but some errors distinguish them.
 */
export const bearerKeys: Rest<boolean> = {
  entry: "rest",
  claims: (key) => key === "bearer_token" || key === "bearer_token_file",
  decode: (entries) => entries.some(({ value }) => value.kind === "scalar" && value.text !== ""),
  encode: () => [],
};
