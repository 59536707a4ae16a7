import type { OrgRole } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import { namedRefusal, refusal } from "../web/refusal.ts";
import { NO_PASSWORD } from "./passwords.ts";
import type { User, Users } from "./users.ts";

/**
 * An account of a program, which signs in with tokens. Service accounts and users have ids of one sequence, because
 * permissions name both by id. Earlier versions of this program read a service account as a user without a password.
 */
export type ServiceAccount = User & { readonly isServiceAccount: true };

/** The properties of a service account that requests and files set. */
export interface ServiceAccountDraft {
  readonly name: string;
  readonly role: OrgRole;
  readonly isDisabled: boolean;
}

/** Largest length of a name, in characters. */
const MAX_NAME = 189;

export class ServiceAccounts {
  readonly #users: Users;
  readonly #clock: Clock;

  constructor(users: Users, clock: Clock) {
    this.#users = users;
    this.#clock = clock;
  }

  /** Returns all service accounts, sorted by name. */
  list(): readonly ServiceAccount[] {
    return [...this.#users.accounts()]
      .filter((account) => isServiceAccount(account))
      .toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }

  byId(id: number): ServiceAccount | undefined {
    const account = this.#users.account(id);
    return account !== undefined && isServiceAccount(account) ? account : undefined;
  }

  named(name: string): ServiceAccount | undefined {
    return this.list().find((account) => account.name === name);
  }

  /** Adds a service account. Rejects with a refusal if its name is taken, or with StoreError. */
  async add(draft: ServiceAccountDraft): Promise<ServiceAccount> {
    const name = checkedName(draft.name);
    const login = loginOf(name);
    const now = this.#clock.now();
    const made = { ...draft, name, login, email: "", isServerAdmin: false, password: NO_PASSWORD };
    const added = await this.#users.addAccount(
      { ...made, isServiceAccount: true, createdAt: now, updatedAt: now },
      nameTaken,
    );
    return added as ServiceAccount;
  }

  /** Changes a service account. Rejects with a refusal if the account does not exist or the name is taken. */
  async change({ id }: ServiceAccount, change: Partial<ServiceAccountDraft>): Promise<ServiceAccount> {
    const names =
      change.name === undefined ? {} : { name: checkedName(change.name), login: loginOf(change.name.trim()) };
    const taken = names.login === undefined ? undefined : this.#users.withLogin(names.login);
    if (taken !== undefined && taken.id !== id) throw nameTaken();
    const changed = await this.#users.change(id, () => ({ ...change, ...names, updatedAt: this.#clock.now() }));
    if (changed === undefined) throw accountNotFound();
    return changed as ServiceAccount;
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
  if (name.length > MAX_NAME)
    throw refusal(400, `service account name cannot contain more than ${MAX_NAME} characters`);
  return name;
}

/** Returns the login of a service account: its organization and its name, with signs replaced by hyphens. */
const loginOf = (name: string): string =>
  `sa-1-${name
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")}`;
