import type { OrgRole } from "@narthex/http";
import type { ConditionalStore } from "@narthex/store";
import { DocumentIndex } from "../../state/document-index.ts";
import { Documents } from "../../state/documents.ts";
import type { Permission } from "../../access/own-permissions.ts";
import { newUid } from "../../state/uids.ts";
import { refusal } from "../../web/refusal.ts";
import { type Body, textAt } from "../../web/request-body.ts";
import type { Credential, ExternalCredential, NewCredential } from "../credentials/credential.ts";
import type { Credentials } from "../credentials/credentials.ts";
import type { PasswordHash } from "../passwords/passwords.ts";

/** A user, or a service account if `isServiceAccount` is true. */
export interface User {
  readonly id: number;
  readonly uid: string;
  readonly login: string;
  readonly email: string;
  readonly name: string;
  readonly role: OrgRole;
  /** True if the user was removed from the organization. Such a user has the role None and no permissions. */
  readonly isOutside?: boolean;
  /** The user's theme for Grafana's pages. This program only stores and returns it. */
  readonly theme?: string;
  readonly isServerAdmin: boolean;
  readonly isDisabled: boolean;
  readonly isServiceAccount?: boolean;
  /** For a service account: the permissions of users and teams to manage it. */
  readonly permissions?: readonly Permission[];
  /** Time of creation, Unix ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type NewUser = Omit<User, "id" | "uid">;

/** A user as stored by earlier versions, which kept the password in the user's document. */
type StoredUser = User & { readonly password?: PasswordHash };

export class Users {
  readonly #documents: Documents<StoredUser>;
  readonly #credentials: Credentials;
  /** Users and service accounts by login and by email address, in lower case. */
  readonly #byName: DocumentIndex<User, string>;

  private constructor(documents: Documents<StoredUser>, credentials: Credentials) {
    this.#documents = documents;
    this.#credentials = credentials;
    this.#byName = new DocumentIndex(documents, ({ login, email }) =>
      [login, email].filter((name) => name !== "").map((name) => name.toLowerCase()),
    );
  }

  /** Reads the users, and moves passwords that earlier versions stored to the credentials. Rejects with StoreError. */
  static async open(store: ConditionalStore, credentials: Credentials): Promise<Users> {
    const users = new Users(await Documents.open<StoredUser>(store, "users", { oneAtATime: true }), credentials);
    for (const { id } of users.accounts()) await users.#movePassword(String(id));
    return users;
  }

  async #movePassword(key: string): Promise<void> {
    const hash = this.#documents.get(key)?.password;
    if (hash === undefined) return;
    const credential: Credential = { kind: "password", userId: Number(key), hash };
    await this.#documents.change(() => {
      const { password, ...user } = this.#documents.get(key) ?? {};
      if (password === undefined) return { result: undefined };
      const isWanted = hash.hash !== "" && this.#credentials.passwordOf(credential.userId) === undefined;
      const guards = isWanted ? [this.#credentials.adding(credential)] : [];
      return { put: new Map([[key, user as User]]), guards, result: undefined };
    });
    await this.#credentials.readAgain(credential);
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
    const wanted = login.toLowerCase();
    return this.#byName.of(wanted).find((account) => account.login.toLowerCase() === wanted);
  }

  withEmail(email: string): User | undefined {
    const wanted = email.toLowerCase();
    return this.#usersNamed(wanted).find((user) => user.email.toLowerCase() === wanted);
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

  /** Finds a user by login or email address, ignoring upper and lower case. Returns undefined for an empty text. */
  named(loginOrEmail: string): User | undefined {
    return this.#usersNamed(loginOrEmail.toLowerCase())[0];
  }

  #usersNamed(name: string): readonly User[] {
    return this.#byName.of(name).filter(({ isServiceAccount }) => isServiceAccount !== true);
  }

  /** Returns the user with this login or email address, or the service account with this login. */
  holderOf(name: string): User | undefined {
    return this.named(name) ?? this.withLogin(name);
  }

  /** Reports whether a user or service account has the login or address of a new user. */
  isKnown({ login, email }: Pick<User, "login" | "email">): boolean {
    return [login, email].some((name) => name !== "" && this.holderOf(name) !== undefined);
  }

  /**
   * Adds a user. Rejects with Refusal if another user has the same login or address, or with StoreError.
   * If the credential is an account of another system that already belongs to a user, returns that user.
   */
  add(draft: NewUser, credential?: NewCredential): Promise<User> {
    const { login, email } = draft;
    const taken = (): Error => refusal(412, `User with email '${email}' or username '${login}' already exists`);
    return this.addAccount(draft, { taken, ...(credential === undefined ? {} : { credential }) });
  }

  /**
   * Adds a user if there are no users yet. Returns false if another instance has already added one. Rejects with
   * StoreError.
   */
  async addFirst(draft: NewUser, hash: PasswordHash): Promise<boolean> {
    const credential = { kind: "password", hash } as const;
    return (await this.#added(draft, { taken: () => new Error("taken"), isSame: () => true, credential })).isNew;
  }

  /**
   * Adds a user or service account. Resolves with the existing account if `isSame` accepts one. Rejects with `taken()`
   * if another account has the same login, or with StoreError.
   */
  async addAccount(draft: NewUser, options: AddOptions): Promise<User> {
    return (await this.#added(draft, options)).user;
  }

  async #added(draft: NewUser, { taken, isSame, credential }: AddOptions): Promise<Added> {
    const uid = newUid();
    const added = await this.#documents.change<Added>(() => {
      const same = this.#ownerOf(credential) ?? (isSame && this.accounts().find(isSame));
      if (same !== undefined) return { result: { user: same, isNew: false } };
      if (this.isKnown(draft)) throw taken();
      const user: User = { id: this.#documents.nextId(), uid, ...draft };
      const guards = credential === undefined ? [] : [this.#credentials.adding({ ...credential, userId: user.id })];
      return { put: new Map([[String(user.id), user]]), guards, result: { user, isNew: true } };
    });
    if (credential !== undefined) await this.#credentials.readAgain({ ...credential, userId: added.user.id });
    return added;
  }

  /**
   * Links an account of another system to a user. Returns the user to whom it is linked, which is another one if a
   * concurrent request or instance was first. Rejects with StoreError.
   */
  async bind({ id }: User, account: Pick<ExternalCredential, "provider" | "subject">): Promise<User | undefined> {
    const isGone = (userId: number): boolean => this.byId(userId) === undefined;
    return this.byId(await this.#credentials.bind({ ...account, userId: id }, isGone));
  }

  #ownerOf(credential: NewCredential | undefined): User | undefined {
    if (credential?.kind !== "external") return undefined;
    const id = this.#credentials.userOf(credential.provider, credential.subject);
    return id === undefined ? undefined : this.byId(id);
  }

  /**
   * Removes a user and the user's credentials. Rejects with Refusal if the server or its organization would have no active admin, or with
   * StoreError.
   */
  async remove(id: number): Promise<void> {
    await this.#documents.update(String(id), (user) => {
      if (user !== undefined) this.#checkAdminStays({ ...user, isDisabled: true });
      return undefined;
    });
    await this.#credentials.removeOf(id);
  }

  /** Reports whether the organization would have no active admin without this user. */
  isLastAdmin(user: User): boolean {
    const isAdmin = ({ role, isDisabled }: User): boolean => role === "Admin" && !isDisabled;
    return isAdmin(user) && !this.values().some((other) => other.id !== user.id && isAdmin(other));
  }

  /** Throws Refusal if the change would leave the server or the organization without an active admin. */
  #checkAdminStays(changed: User): void {
    if (changed.isServiceAccount === true) return;
    const others = [...this.values()].filter(({ id }) => id !== changed.id);
    const all = [...others, changed].filter(({ isDisabled }) => !isDisabled);
    if (!all.some(({ isServerAdmin }) => isServerAdmin)) throw refusal(400, "cannot remove last grafana admin");
    if (!all.some(({ role }) => role === "Admin")) throw refusal(400, "Cannot remove last organization admin");
  }

  /**
   * Changes a user. Resolves with undefined if the user no longer exists. Rejects with the error that `next` throws, or
   * with StoreError.
   */
  async change(id: number, next: (user: User) => Partial<User>): Promise<User | undefined> {
    return this.#documents.update(String(id), (user) => {
      if (user === undefined) return undefined;
      const changed = { ...user, ...next(user) };
      const isLess =
        changed.isDisabled ||
        (user.isServerAdmin && !changed.isServerAdmin) ||
        (user.role === "Admin" && changed.role !== "Admin");
      if (isLess && !user.isDisabled) this.#checkAdminStays(changed);
      return changed;
    });
  }
}

interface Added {
  readonly user: User;
  readonly isNew: boolean;
}

interface AddOptions {
  readonly taken: () => Error;
  readonly isSame?: (account: User) => boolean;
  readonly credential?: NewCredential;
}

/** Reports whether a user is a member of the organization. A removed user becomes a member again by getting a role. */
export const isMember = ({ isOutside, role }: User): boolean => isOutside !== true || role !== "None";

/**
 * Prefix of the logins of service accounts. Users cannot have a login with this prefix, so that they do not take the
 * login of a service account.
 */
export const SERVICE_ACCOUNT_PREFIX = "sa-1-";

/** Reports whether a login belongs to service accounts. */
export const isServiceAccountLogin = (login: string): boolean => login.toLowerCase().startsWith(SERVICE_ACCOUNT_PREFIX);

/** Throws Refusal if a user's login has the prefix of service accounts. */
export function checkUserLogin(login: string): void {
  if (isServiceAccountLogin(login))
    throw refusal(400, `logins that begin with ${SERVICE_ACCOUNT_PREFIX} belong to service accounts`);
}

/** The values of the theme setting of Grafana's pages. */
const THEMES: ReadonlySet<string> = new Set(["", "light", "dark", "system"]);

/**
 * Returns the login, address, name and theme that a request sets for a user. Throws Refusal if another user already has
 * the login or address.
 */
export function changedNames(users: Users, user: User, body: Body): Pick<User, "login" | "email" | "name" | "theme"> {
  const login = textAt(body, "login") || user.login;
  const email = textAt(body, "email") || user.email;
  if (login !== user.login) checkUserLogin(login);
  for (const name of [login, email]) {
    const other = users.holderOf(name);
    if (other !== undefined && other.id !== user.id) throw refusal(409, "User with email or login already exists");
  }
  const theme = textAt(body, "theme");
  if (!THEMES.has(theme)) throw refusal(400, "Invalid theme");
  return { login, email, name: textAt(body, "name"), ...(theme !== "" && { theme }) };
}
