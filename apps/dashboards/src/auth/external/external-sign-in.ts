import type { Clock } from "@narthex/runtime";
import type { Settings } from "../../settings/setting-table.ts";
import { Refusal } from "../../web/refusal.ts";
import { isSubject } from "../credentials/credential.ts";
import type { Credentials } from "../credentials/credentials.ts";
import type { Teams } from "../teams.ts";
import { isMember, isServiceAccountLogin, type User, type Users } from "../users/users.ts";
import { type ExternalAccount, groupsUnknown, SignInError } from "./external-account.ts";

interface ExternalSignInParts {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly teams: Teams;
  readonly settings: Settings;
  readonly clock: Clock;
}

/** Finds the user who signs in with an account of another system, or adds one. */
export class ExternalSignIn {
  readonly #parts: ExternalSignInParts;

  constructor(parts: ExternalSignInParts) {
    this.#parts = parts;
  }

  /**
   * Returns the user of an account. Updates the user's names, role and teams with those that the provider sends.
   * Rejects with SignInError if the account may not sign in, or with StoreError.
   * @param maySignUp whether a user is added for an account without a user
   * @param isTrusted whether an account without a user may take over the user with the same login or address; otherwise
   * only `auth.oauth_allow_insecure_email_lookup` allows this
   */
  async userOf(account: ExternalAccount, maySignUp: boolean, isTrusted = false): Promise<User> {
    if (account.login === "" || !isSubject(account.subject)) throw new SignInError("no-account");
    // Refuses an account with an incomplete list of groups, because it would leave the teams of the missing groups and
    // lose their read limits.
    if (account.areGroupsOmitted === true && this.#parts.teams.haveGroups) throw groupsUnknown(account);
    const found = this.#find(account) ?? (await this.#adopt(account, isTrusted));
    if (found?.isDisabled === true) throw new SignInError("disabled");
    if (found === undefined && !maySignUp) throw new SignInError("sign-up-off");
    const user = found === undefined ? await this.#signUp(account) : await this.#update(found, account);
    const groups = isMember(user) ? account.groups : account.groups && [];
    if (groups !== undefined) await this.#parts.teams.syncGroups(user.id, new Set(groups));
    return user;
  }

  #find({ provider, subject }: ExternalAccount): User | undefined {
    const id = this.#parts.credentials.userOf(provider, subject);
    return id === undefined ? undefined : this.#parts.users.byId(id);
  }

  /**
   * Links the account to the existing user with its login or address, if its provider is trusted or the settings trust
   * the addresses of all providers.
   */
  async #adopt(account: ExternalAccount, isTrusted: boolean): Promise<User | undefined> {
    const { users, settings } = this.#parts;
    const { login, email } = account;
    if (isServiceAccountLogin(login)) throw new SignInError("name-taken");
    const byLogin = isTrusted ? users.named(login) : undefined;
    const isByEmail = email !== "" && (isTrusted || settings["auth.oauth_allow_insecure_email_lookup"]);
    const user = byLogin ?? (isByEmail ? users.withEmail(email) : undefined);
    if (user !== undefined && isTrusted && this.#hasChosenNames(user)) throw new SignInError("name-taken");
    return user && users.bind(user, { provider: account.provider, subject: account.subject });
  }

  /**
   * Reports whether a user's names come from an OAuth provider, where people choose their names themselves. Such a user
   * could have chosen the name of a colleague.
   */
  #hasChosenNames({ id }: User): boolean {
    const { credentials, settings } = this.#parts;
    if (settings["auth.oauth_allow_insecure_email_lookup"]) return false;
    return credentials.externalOf(id).some(({ provider }) => provider.startsWith("oauth_"));
  }

  async #signUp(account: ExternalAccount): Promise<User> {
    const { users, settings, clock } = this.#parts;
    const { provider, subject, login, email, name, role, isServerAdmin = false } = account;
    const now = clock.now();
    const draft = {
      login,
      email,
      name,
      role: role ?? settings["users.auto_assign_org_role"],
      isServerAdmin,
      isDisabled: false,
      createdAt: now,
      updatedAt: now,
    };
    try {
      return await users.add(draft, { kind: "external", provider, subject });
    } catch (error) {
      throw error instanceof Refusal ? new SignInError("name-taken", { cause: error }) : error;
    }
  }

  /** Updates a user with the names and the role of the account. A name that another user already has is not changed. */
  async #update(user: User, account: ExternalAccount): Promise<User> {
    const { users, clock } = this.#parts;
    // Returns a name if no other user has it. Unchanged names are not looked up: proxies and JWTs send names with each
    // request, and a lookup reads all users.
    const free = (name: string, before: string): string => {
      if (name === "" || name === before || isServiceAccountLogin(name)) return before;
      return (users.holderOf(name) ?? user).id === user.id ? name : before;
    };
    const next = {
      login: free(account.login, user.login),
      email: free(account.email, user.email),
      name: account.name === "" ? user.name : account.name,
      role: account.role ?? user.role,
      isServerAdmin: account.isServerAdmin ?? user.isServerAdmin,
    };
    const isSame = Object.entries(next).every(([key, value]) => user[key as keyof typeof next] === value);
    if (isSame) return user;
    try {
      return (await users.change(user.id, () => ({ ...next, updatedAt: clock.now() }))) ?? user;
    } catch (error) {
      // Ignores the refusal to remove the last admin's rights: the last admin stays an admin, whatever the provider
      // says.
      if (!(error instanceof Refusal)) throw error;
      const { login, email, name } = next;
      return (await users.change(user.id, () => ({ login, email, name, updatedAt: clock.now() }))) ?? user;
    }
  }
}
