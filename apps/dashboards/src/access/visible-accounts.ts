import type { Identity } from "@narthex/http";
import type { FastifyRequest } from "fastify";
import { type Action, type Level, LEVEL_OF } from "../auth/levels.ts";
import { accountNotFound, type ServiceAccount, type ServiceAccounts } from "../auth/service-accounts.ts";
import { accessDenied } from "../web/refusal.ts";
import { levelIn } from "./own-permissions.ts";

/** Returns the service accounts that the sender of a request may manage. */
export type VisibleAccountsTo = (request: FastifyRequest) => VisibleAccounts;

/** Returns the function through which all routes read service accounts. */
export const visibleAccountsIn =
  (accounts: ServiceAccounts): VisibleAccountsTo =>
  (request) =>
    new VisibleAccounts(accounts, request.principal.identity, request.routeOptions.config.action ?? "");

/**
 * The service accounts that an account may manage. Admins manage all of them. The level `edit` allows to read and
 * change the account and its tokens; `admin` allows to delete it and to change its permissions.
 */
class VisibleAccounts {
  readonly #accounts: ServiceAccounts;
  readonly #identity: Identity | undefined;
  readonly #right: string;

  /** @param right name of the required right, for the message of refusals: `serviceaccounts:write` */
  constructor(accounts: ServiceAccounts, identity: Identity | undefined, right: string) {
    this.#accounts = accounts;
    this.#identity = identity;
    this.#right = right;
  }

  #level({ permissions = [] }: ServiceAccount): Level {
    if (this.#identity === undefined) return 0;
    return this.#identity.role === "Admin" ? LEVEL_OF.admin : levelIn(permissions, this.#identity);
  }

  may(action: Action, account: ServiceAccount): boolean {
    return this.#level(account) >= LEVEL_OF[action];
  }

  /** Reports whether the sender may perform an action on at least one service account, or is an admin. */
  mayAnywhere(action: Action): boolean {
    return this.#identity?.role === "Admin" || this.#accounts.values().some((account) => this.may(action, account));
  }

  /** Returns the service accounts that the sender may read, sorted by name. */
  list(): readonly ServiceAccount[] {
    return this.#accounts.list().filter((account) => this.may("edit", account));
  }

  /**
   * Returns a service account. Throws a refusal if it does not exist, or if the sender may not perform the action on
   * it.
   */
  account(id: number, action: Action): ServiceAccount {
    const account = this.#accounts.byId(id);
    if (account !== undefined && this.may(action, account)) return account;
    // Only admins get the answer "not found", so that other users cannot find out which accounts exist.
    throw this.#identity?.role === "Admin" ? accountNotFound() : accessDenied(this.#right);
  }
}
