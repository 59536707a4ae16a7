import type { OrgRole } from "@narthex/http";
import type { ConditionalStore } from "@narthex/store";
import type { Context } from "../context.ts";
import { Documents } from "../state/documents.ts";
import { newUid } from "../state/uids.ts";
import { refusal } from "../web/refusal.ts";
import { type Body, textAt } from "../web/request-body.ts";
import { FirstPassword } from "./first-password.ts";
import { hashPassword, isPassword, newPassword, type PasswordHash } from "./passwords.ts";

/** A user, or a service account if `isServiceAccount` is true. */
export interface User {
  readonly id: number;
  readonly uid: string;
  readonly login: string;
  readonly email: string;
  readonly name: string;
  readonly role: OrgRole;
  readonly isServerAdmin: boolean;
  readonly isDisabled: boolean;
  readonly password: PasswordHash;
  readonly isServiceAccount?: boolean;
  /** Time of creation, Unix ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type NewUser = Omit<User, "id" | "uid">;

export class Users {
  readonly #documents: Documents<User>;
  readonly #firstPassword: FirstPassword;

  private constructor(documents: Documents<User>, { dataFolder }: Context) {
    this.#documents = documents;
    this.#firstPassword = new FirstPassword(dataFolder);
  }

  /**
   * Reads the users, and creates the first one if there are no users. Rejects with StoreError.
   * @param earlier users of an imported Grafana. If such a user already exists here, the user was created while
   *   Grafana's database could not be read, and now gets the data of that database.
   */
  static async open(context: Context, store: ConditionalStore, earlier: readonly NewUser[] = []): Promise<Users> {
    const users = new Users(await Documents.open<User>(store, "users", { oneAtATime: true }), context);
    const known = earlier.filter((user) => users.#isKnown(user));
    for (const user of earlier) if (!known.includes(user)) await users.add(user);
    // Change existing users after all new users were added. A user who is an admin here, but not in Grafana, can lose
    // this right only if another admin exists.
    for (const user of known) await users.#takeOver(user, context);
    await users.#makeFirst(context);
    return users;
  }

  /** Gives an existing user the data of Grafana. Skips a user whose login or address is a service account's login. */
  async #takeOver(user: NewUser, { logger }: Context): Promise<void> {
    const names = [user.login, user.email].filter((name) => name !== "");
    const here = names.map((name) => this.named(name)).find((known) => known !== undefined);
    if (here !== undefined && !names.some((name) => this.withLogin(name)?.isServiceAccount === true)) {
      await this.change(here.id, () => user);
      return;
    }
    logger.warn("a user of Grafana is not imported, because a service account has the login or address of that user", {
      user: user.login,
      hint: "rename the service account, and add the user",
    });
  }

  /** Returns a user. Returns undefined for the id of a service account. */
  byId(id: number): User | undefined {
    const account = this.account(id);
    return account?.isServiceAccount === true ? undefined : account;
  }

  /** Returns a user or service account. */
  account(id: number): User | undefined {
    return this.#documents.get(String(id));
  }

  /** Returns all users and service accounts. */
  accounts(): IteratorObject<User> {
    return this.#documents.values();
  }

  withLogin(login: string): User | undefined {
    return this.#documents.values().find((account) => account.login.toLowerCase() === login.toLowerCase());
  }

  /** Returns the users without service accounts. */
  values(): IteratorObject<User> {
    return this.#documents.values().filter(({ isServiceAccount }) => isServiceAccount !== true);
  }

  /** Returns the user that was created first. */
  first(): User | undefined {
    let first: User | undefined;
    for (const user of this.values()) if (first === undefined || user.id < first.id) first = user;
    return first;
  }

  /** Finds a user by login or e-mail address, ignoring the case of letters. */
  named(loginOrEmail: string): User | undefined {
    const wanted = loginOrEmail.toLowerCase();
    return this.values().find(({ login, email }) => login.toLowerCase() === wanted || email.toLowerCase() === wanted);
  }

  /** Returns the user with a login or address, or the service account with a login. */
  holderOf(name: string): User | undefined {
    return this.named(name) ?? this.withLogin(name);
  }

  #isKnown({ login, email }: NewUser): boolean {
    return [login, email].some((name) => name !== "" && this.holderOf(name) !== undefined);
  }

  /** Adds a user. Rejects with Refusal if another user has the same login or address, or with StoreError. */
  add(draft: NewUser): Promise<User> {
    const { login, email } = draft;
    return this.addAccount(draft, () =>
      refusal(412, `User with email '${email}' or username '${login}' already exists`),
    );
  }

  /**
   * Adds a user or service account. Resolves with the existing account if `isSame` accepts one. Rejects with `taken()`
   * if another account has the same login, or with StoreError.
   */
  addAccount(draft: NewUser, taken: () => Error, isSame?: (account: User) => boolean): Promise<User> {
    const uid = newUid();
    return this.#documents.change(() => {
      const same = isSame && this.accounts().find(isSame);
      if (same !== undefined) return { result: same };
      if (this.#isKnown(draft)) throw taken();
      const result: User = { id: this.#documents.nextId(), uid, ...draft };
      return { put: new Map([[String(result.id), result]]), result };
    });
  }

  /**
   * Removes a user. Rejects with Refusal if the server or its organization would have no active admin, or with
   * StoreError.
   */
  async remove(id: number): Promise<void> {
    await this.#documents.update(String(id), (user) => {
      if (user !== undefined) this.#checkAdminStays({ ...user, isDisabled: true });
      return undefined;
    });
  }

  /** Throws Refusal if the change would leave the server or the organization without an active admin. */
  #checkAdminStays(changed: User): void {
    if (changed.isServiceAccount === true) return;
    const others = [...this.values()].filter(({ id }) => id !== changed.id);
    const all = [...others, changed].filter(({ isDisabled }) => !isDisabled);
    if (!all.some(({ isServerAdmin }) => isServerAdmin)) throw refusal(400, "Cannot remove last grafana admin");
    if (!all.some(({ role }) => role === "Admin")) throw refusal(400, "Cannot remove last organization admin");
  }

  /**
   * Changes a user. Resolves with undefined if the user no longer exists. Rejects with the error that `next` throws, or
   * with StoreError.
   */
  async change(id: number, next: (user: User) => Partial<User>): Promise<User | undefined> {
    let isNewPassword = false;
    const result = await this.#documents.update(String(id), (user) => {
      if (user === undefined) return undefined;
      const changed = { ...user, ...next(user) };
      const isLess =
        changed.isDisabled ||
        (user.isServerAdmin && !changed.isServerAdmin) ||
        (user.role === "Admin" && changed.role !== "Admin");
      if (isLess && !user.isDisabled) this.#checkAdminStays(changed);
      isNewPassword = changed.password !== user.password && user.id === this.first()?.id;
      return changed;
    });
    if (isNewPassword) await this.#firstPassword.remove();
    return result;
  }

  async #makeFirst({ settings, clock, logger }: Context): Promise<void> {
    const { "security.admin_user": login, "security.admin_password": chosen } = settings;
    if (this.first() !== undefined) {
      // The file with the initial password is outdated if another instance, or a program without access to the file,
      // has changed the password.
      await this.#settleFirstPassword();
      const first = this.named(login);
      if (chosen !== "" && first !== undefined && !(await isPassword(chosen, first.password))) {
        logger.warn("security.admin_password differs from the stored password of that user, which is kept", {
          user: login,
          hint: "it is used only at the first start; change the password in the profile",
        });
      }
      return;
    }
    if (settings["security.disable_initial_admin_creation"]) return;
    const password = chosen === "" ? newPassword() : chosen;
    if (chosen === "") await this.#firstPassword.draft(password);
    const now = clock.now();
    const first: User = {
      id: 1,
      uid: newUid(),
      login,
      email: settings["security.admin_email"],
      name: "",
      role: "Admin",
      isServerAdmin: true,
      isDisabled: false,
      password: await hashPassword(password),
      createdAt: now,
      updatedAt: now,
    };
    // If several instances start at the same time, only one of them creates the user.
    const isMade = await this.#documents.change(() =>
      this.#documents.size > 0 ? { result: false } : { put: new Map([["1", first]]), result: true },
    );
    if (chosen !== "") return;
    await this.#settleFirstPassword();
    // Warnings are shown at every log level, so the user always sees the path of the password file.
    const { file } = this.#firstPassword;
    if (isMade) logger.warn("A password was created for the first user; the file contains it", { user: login, file });
  }

  #settleFirstPassword(): Promise<void> {
    return this.#firstPassword.settle((password) => isPassword(password, this.first()?.password));
  }
}

/** Beginning of the logins of service accounts. No user can have such a login, because it would take an account's name. */
export const SERVICE_ACCOUNT_PREFIX = "sa-1-";

/** Throws Refusal if a login belongs to service accounts. */
export function checkUserLogin(login: string): void {
  if (login.toLowerCase().startsWith(SERVICE_ACCOUNT_PREFIX))
    throw refusal(400, `logins that begin with ${SERVICE_ACCOUNT_PREFIX} belong to service accounts`);
}

/**
 * Returns the login, address and name that a request sets for a user. Throws Refusal if another user has one of them.
 */
export function changedNames(users: Users, user: User, body: Body): Pick<User, "login" | "email" | "name"> {
  const login = textAt(body, "login") || user.login;
  const email = textAt(body, "email") || user.email;
  if (login !== user.login) checkUserLogin(login);
  for (const name of [login, email]) {
    const other = users.holderOf(name);
    if (other !== undefined && other.id !== user.id) throw refusal(409, "User with email or login already exists");
  }
  return { login, email, name: textAt(body, "name") };
}
