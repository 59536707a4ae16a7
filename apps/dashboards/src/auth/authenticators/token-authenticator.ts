import type { Principal } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import { namedRefusal, type Refusal } from "../../web/refusal.ts";
import type { PrincipalOf } from "../identity.ts";
import type { ServiceAccounts } from "../service-accounts.ts";
import type { Tokens } from "../tokens/tokens.ts";
import type { Authenticator } from "./authenticator.ts";
import { authorizationOf, basicCredentials, TOKEN_USER } from "./authorization.ts";

interface TokenAuthenticatorParts {
  readonly tokens: Tokens;
  readonly serviceAccounts: ServiceAccounts;
  readonly principalOf: PrincipalOf;
}

/** Identifies service accounts by a token in the Authorization header. */
export class TokenAuthenticator implements Authenticator {
  readonly #parts: TokenAuthenticatorParts;

  constructor(parts: TokenAuthenticatorParts) {
    this.#parts = parts;
  }

  async identify(request: FastifyRequest): Promise<Principal | Refusal | undefined> {
    const { tokens, serviceAccounts, principalOf } = this.#parts;
    const text = tokenIn(request);
    if (text === undefined) return undefined;
    const token = await tokens.find(text);
    const account = token === undefined ? undefined : serviceAccounts.byId(token.accountId);
    if (token === undefined || account === undefined || account.isDisabled)
      return namedRefusal(401, "api-key.invalid", "Invalid API key");
    if (tokens.isExpired(token)) return namedRefusal(401, "api-key.expired", "Expired API key");
    request.tokenId = token.id;
    return principalOf(account, token);
  }
}

function tokenIn(request: FastifyRequest): string | undefined {
  const bearer = authorizationOf(request, "bearer");
  if (bearer !== undefined) return bearer.trim();
  const basic = authorizationOf(request, "basic");
  const [name, password] = basic === undefined ? [] : (basicCredentials(basic) ?? []);
  return name === TOKEN_USER ? password : undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Id of the service account's token with which the request was identified. */
    tokenId?: number;
  }
}
