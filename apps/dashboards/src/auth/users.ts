import type { OrgRole } from "@narthex/http";
import type { ConditionalStore } from "@narthex/store";
import type { Context } from "../context.ts";
import { Documents } from "../state/documents.ts";
import { newUid } from "../state/uids.ts";
import { refusal } from "../web/refusal.ts";
import { type Body, textAt } from "../web/request-body.ts";
import { hashPassword, isPassword, newPassword, type PasswordHash } from "./passwords.ts";

/** Somebody who may sign in. */
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
  /** Unix ms. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A user to be added. */
export type NewUser = Omit<User, "id" | "uid">;

/** Those who may sign in, by id. */
export class Users {
  readonly #documents: Documents<User>;

  private constructor(documents: Documents<User>) {
    this.#documents = documents;
  }

  /**
   * Reads them, and makes the first one where there is none.
   *
   * @param earlier those of a Grafana that was here before. One who is known was made while that Grafana's database could not be
   *   read, and becomes the one who was there before. Rejects with StoreError.
   */
  static async open(context: Context, store: ConditionalStore, earlier: readonly NewUser[] = []): Promise<Users> {
    const users = new Users(await Documents.open<User>(store, "users", { oneAtATime: true }));
    const known = earlier.filter((user) => users.#isKnown(user));
    for (const user of earlier) if (!known.includes(user)) await users.add(user);
    // Last, for an admin is to stay who is none there.
    for (const user of known) await users.change((users.named(user.login) ?? users.named(user.email)!).id, () => user);
    await users.#makeFirst(context);
    return users;
  }

  byId(id: number): User | undefined {
    return this.#documents.get(String(id));
  }

  values(): Iterable<User> {
    return this.#documents.values();
  }

  /** The one who was made first. */
  first(): User | undefined {
    let first: User | undefined;
    for (const user of this.#documents.values()) if (first === undefined || user.id < first.id) first = user;
    return first;
  }

  /** By login or e-mail address, in whatever case. */
  named(loginOrEmail: string): User | undefined {
    const wanted = loginOrEmail.toLowerCase();
    return this.#documents
      .values()
      .find(({ login, email }) => login.toLowerCase() === wanted || email.toLowerCase() === wanted);
  }

  #isKnown({ login, email }: NewUser): boolean {
    return this.named(login) !== undefined || this.named(email) !== undefined;
  }

  /** A name to show for an id. */
  loginOf(id: number): string {
    return this.byId(id)?.login ?? "Anonymous";
  }

  /** Adds a user. Rejects with a refusal where one of the names is somebody's, or with StoreError. */
  add(draft: NewUser): Promise<User> {
    const uid = newUid();
    return this.#documents.change(() => {
      const { login, email } = draft;
      if (this.#isKnown(draft)) {
        throw refusal(412, `User with email '${email}' or username '${login}' already exists`);
      }
      const result: User = { id: this.#documents.nextId(), uid, ...draft };
      return { put: new Map([[String(result.id), result]]), result };
    });
  }

  /** Rejects with a refusal where nobody could add another admin then, or with StoreError. */
  async remove(id: number): Promise<void> {
    await this.#documents.update(String(id), (user) => {
      if (user !== undefined) this.#checkAdminStays({ ...user, isDisabled: true });
      return undefined;
    });
  }

  /** Throws a refusal where a user as changed would leave the server, or its organization, without an admin. */
  #checkAdminStays(changed: User): void {
    const others = [...this.#documents.values()].filter(({ id }) => id !== changed.id);
    const all = [...others, changed].filter(({ isDisabled }) => !isDisabled);
    if (!all.some(({ isServerAdmin }) => isServerAdmin)) throw refusal(400, "Cannot remove last grafana admin");
    if (!all.some(({ role }) => role === "Admin")) throw refusal(400, "Cannot remove last organization admin");
  }

  /** Changes a user; undefined where there is none any more. Rejects with what `next` throws, or with StoreError. */
  change(id: number, next: (user: User) => Partial<User>): Promise<User | undefined> {
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

  async #makeFirst({ settings, clock, logger }: Context): Promise<void> {
    const { "security.admin_user": login, "security.admin_password": chosen } = settings;
    if (this.#documents.size > 0) {
      const first = this.named(login);
      if (chosen !== "" && first !== undefined && !(await isPassword(chosen, first.password))) {
        logger.warn("security.admin_password is not the stored password of that user, which stays", {
          user: login,
          hint: "it counts at the first start alone; change the password in the profile",
        });
      }
      return;
    }
    if (settings["security.disable_initial_admin_creation"]) return;
    const password = chosen === "" ? newPassword() : chosen;
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
    // Of instances that start together one is the first.
    const isMade = await this.#documents.change(() =>
      this.#documents.size > 0 ? { result: false } : { put: new Map([["1", first]]), result: true },
    );
    // Not to be missed, whatever the level of the log.
    if (isMade && chosen === "")
      logger.warn("A password was made for the first user; it is shown this once", { user: login, password });
  }
}

/** The names that a request gives a user. Throws a refusal where one of them is somebody else's. */
export function changedNames(users: Users, user: User, body: Body): Pick<User, "login" | "email" | "name"> {
  const login = textAt(body, "login") || user.login;
  const email = textAt(body, "email") || user.email;
  for (const name of [login, email]) {
    const other = users.named(name);
    if (other !== undefined && other.id !== user.id) throw refusal(409, "User with email or login already exists");
  }
  return { login, email, name: textAt(body, "name") };
}
