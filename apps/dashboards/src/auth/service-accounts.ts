import type { OrgRole } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { Permission } from "../access/own-permissions.ts";
import { namedRefusal, refusal } from "../web/refusal.ts";
import { SERVICE_ACCOUNT_PREFIX, type NewUser, type User, type Users } from "./users/users.ts";

/**
 * An account with which a program signs in, using tokens. Service accounts and users share one sequence of ids, because
 * permissions refer to both by id. Earlier versions of this program read a service account as a user without a
 * password.
 */
export type ServiceAccount = User & { readonly isServiceAccount: true };

/** The properties of a service account that a request or a provisioning file sets. */
export interface ServiceAccountDraft {
  readonly name: string;
  readonly role: OrgRole;
  readonly isDisabled: boolean;
}

/** Maximum length of a service account's name, in characters. */
export const MAX_ACCOUNT_NAME = 189;

export class ServiceAccounts {
  readonly #users: Users;
  readonly #clock: Clock;

  constructor(users: Users, clock: Clock) {
    this.#users = users;
    this.#clock = clock;
  }

  /** Returns all service accounts, in any order. */
  values(): IteratorObject<ServiceAccount> {
    return this.#users.accounts().filter(isServiceAccount);
  }

  /** Returns all service accounts, sorted by name. */
  list(): readonly ServiceAccount[] {
    return [...this.values()].toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }

  byId(id: number): ServiceAccount | undefined {
    const account = this.#users.account(id);
    return account !== undefined && isServiceAccount(account) ? account : undefined;
  }

  /** Adds a service account. Rejects with a refusal if its name is taken, or with StoreError. */
  async add(draft: ServiceAccountDraft): Promise<ServiceAccount> {
    return (await this.#users.addAccount(this.#newAccount(draft), { taken: nameTaken })) as ServiceAccount;
  }

  /**
   * Adds a service account, or updates the existing one with this name. Rejects like `add` if another account has the
   * login that belongs to the name.
   */
  async provide(draft: ServiceAccountDraft): Promise<ServiceAccount> {
    const made = this.#newAccount(draft);
    const isSameName = (account: User): boolean => isServiceAccount(account) && account.name === made.name;
    const account = (await this.#users.addAccount(made, { taken: nameTaken, isSame: isSameName })) as ServiceAccount;
    const isSame = account.role === draft.role && account.isDisabled === draft.isDisabled;
    return isSame ? account : this.change(account, { role: draft.role, isDisabled: draft.isDisabled });
  }

  /**
   * Returns the service account with this name, or adds it for an account of another program. Rejects with a refusal if
   * the existing account has another role or is disabled, because the other program's tokens would get its rights.
   */
  async adopt(draft: ServiceAccountDraft): Promise<ServiceAccount> {
    const made = this.#newAccount(draft);
    const isSame = (account: User): boolean => isServiceAccount(account) && account.name === made.name;
    const account = (await this.#users.addAccount(made, { taken: nameTaken, isSame })) as ServiceAccount;
    if (account.role !== draft.role || account.isDisabled !== draft.isDisabled)
      throw refusal(400, "a service account with this name and other rights already exists");
    return account;
  }

  #newAccount(draft: ServiceAccountDraft): NewUser {
    const name = checkedName(draft.name);
    const now = this.#clock.now();
    const names = { name, login: loginOf(name), email: "" };
    const rights = { isServerAdmin: false, isServiceAccount: true };
    return { ...draft, ...names, ...rights, createdAt: now, updatedAt: now };
  }

  /** Changes a service account. Rejects with a refusal if the account does not exist or the name is taken. */
  async change({ id }: ServiceAccount, change: Partial<ServiceAccountDraft>): Promise<ServiceAccount> {
    const names =
      change.name === undefined ? {} : { name: checkedName(change.name), login: loginOf(change.name.trim()) };
    const changed = await this.#users.change(id, () => {
      const taken = names.login === undefined ? undefined : this.#users.withLogin(names.login);
      if (taken !== undefined && taken.id !== id) throw nameTaken();
      return { ...change, ...names, updatedAt: this.#clock.now() };
    });
    if (changed === undefined) throw accountNotFound();
    return changed as ServiceAccount;
  }

  /**
   * Changes the permissions of a service account. `next` gets the permissions at the time of the change. Rejects with a
   * refusal or StoreError.
   */
  async setPermissions(
    { id }: ServiceAccount,
    next: (own: readonly Permission[]) => readonly Permission[],
  ): Promise<void> {
    const changed = await this.#users.change(id, ({ permissions = [] }) => ({
      permissions: next(permissions),
      updatedAt: this.#clock.now(),
    }));
    if (changed === undefined) throw accountNotFound();
  }

  async remove({ id }: ServiceAccount): Promise<void> {
    await this.#users.remove(id);
  }
}

const isServiceAccount = (account: User): account is ServiceAccount => account.isServiceAccount === true;

export const accountNotFound = (): Error =>
  namedRefusal(404, "serviceaccounts.ErrNotFound", "service account not found");

const nameTaken = (): Error => namedRefusal(400, "serviceaccounts.ErrAlreadyExists", "service account already exists");

function checkedName(given: string): string {
  const name = given.trim();
  if (!/[\p{L}\p{N}]/u.test(name)) throw refusal(400, "service account name must have a letter or digit");
  if (name.length > MAX_ACCOUNT_NAME)
    throw refusal(400, `service account name cannot contain more than ${MAX_ACCOUNT_NAME} characters`);
  return name;
}

/**
 * Returns the login of a service account: its organization and its name, with special characters replaced by hyphens.
 */
export const loginOf = (name: string): string =>
  `${SERVICE_ACCOUNT_PREFIX}${name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")}`;
