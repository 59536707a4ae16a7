import type { Principal } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../../web/refusal.ts";
import type { PrincipalOf } from "../identity.ts";
import type { PasswordLogin } from "../passwords/password-login.ts";
import type { Authenticator } from "./authenticator.ts";
import { authorizationOf, basicCredentials, TOKEN_USER } from "./authorization.ts";

/** Identifies users by the name and password in the Authorization header. */
export class BasicAuthenticator implements Authenticator {
  readonly #login: PasswordLogin;
  readonly #principalOf: PrincipalOf;

  constructor(login: PasswordLogin, principalOf: PrincipalOf) {
    this.#login = login;
    this.#principalOf = principalOf;
  }

  async identify(request: FastifyRequest): Promise<Principal | Refusal | undefined> {
    const credentials = authorizationOf(request, "basic");
    if (credentials === undefined) return undefined;
    try {
      const found = basicCredentials(credentials);
      if (found === undefined) return new Refusal(401, { message: "Invalid Basic Auth Header" });
      const [name, password] = found;
      if (name === TOKEN_USER) return undefined;
      return this.#principalOf(await this.#login.login(name, password, request));
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }
}
