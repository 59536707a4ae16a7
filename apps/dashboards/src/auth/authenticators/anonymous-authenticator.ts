import type { OrgRole, Principal } from "@narthex/http";
import { visitor } from "../identity.ts";
import type { ReadLimits } from "../read-limit.ts";
import type { Authenticator } from "./authenticator.ts";

/** Gives every request the role of visitors who are not signed in. Used only if anonymous access is enabled. */
export class AnonymousAuthenticator implements Authenticator {
  readonly #principal: Principal;

  constructor(role: OrgRole, limits: ReadLimits) {
    this.#principal = { kind: "anonymous", name: "", identity: visitor(role, limits.of(role, [])) };
  }

  identify(): Promise<Principal> {
    return Promise.resolve(this.#principal);
  }
}
