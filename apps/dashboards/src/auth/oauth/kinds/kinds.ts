import type { OAuthKind } from "../oauth-kind.ts";
import { azureadKind } from "./azuread.ts";
import { genericKind } from "./generic.ts";
import { githubKind } from "./github.ts";
import { gitlabKind } from "./gitlab.ts";
import { googleKind } from "./google.ts";
import { oktaKind } from "./okta.ts";

/** All kinds of OAuth providers, in the order of the buttons on the sign-in page. */
export const OAUTH_KINDS: readonly OAuthKind[] = [
  githubKind,
  gitlabKind,
  googleKind,
  azureadKind,
  oktaKind,
  genericKind,
];
