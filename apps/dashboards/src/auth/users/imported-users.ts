import type { Logger } from "@narthex/runtime";
import type { ExternalCredential } from "../credentials/credential.ts";
import type { PasswordHash } from "../passwords/passwords.ts";
import type { PasswordSetter } from "../passwords/set-password.ts";
import type { NewUser, User, Users } from "./users.ts";

/** A user of another program, for example of a Grafana. */
export interface ImportedUser {
  readonly user: NewUser;
  readonly password: PasswordHash | undefined;
  /** The accounts of other systems with which the user signs in. */
  readonly external: readonly Pick<ExternalCredential, "provider" | "subject">[];
}

interface ImportParts {
  readonly users: Users;
  readonly passwords: PasswordSetter;
}

/**
 * Adds imported users. An existing user with the same login or address was created while the other program's database
 * could not be read, and now gets the data in that database. Rejects with StoreError.
 */
export async function importUsers(
  imported: readonly ImportedUser[],
  { users, passwords }: ImportParts,
  logger: Logger,
): Promise<void> {
  const bindAll = async (user: User, { external }: ImportedUser): Promise<void> => {
    for (const account of external) await users.bind(user, account);
  };
  const known = imported.filter(({ user }) => users.isKnown(user));
  for (const one of imported) {
    const { user, password: hash } = one;
    const credential = hash === undefined ? undefined : ({ kind: "password", hash } as const);
    if (!known.includes(one)) await bindAll(await users.add(user, credential), one);
  }
  // Existing users are changed after all new users were added. A user who is an admin only in this program can lose
  // this right only if another admin exists.
  for (const one of known) {
    const { user, password } = one;
    const here = existingUser(users, user);
    if (here === undefined) {
      logger.warn(
        "a user of Grafana is not imported, because a service account has the login or address of that user",
        {
          user: user.login,
          hint: "rename the service account, and add the user",
        },
      );
      continue;
    }
    await users.change(here.id, () => user);
    if (password !== undefined) await passwords.set(here, password);
    await bindAll(here, one);
  }
}

/** Returns the user with the login or address of an imported user. Returns undefined if a service account has one of them. */
function existingUser(users: Users, { login, email }: NewUser): User | undefined {
  const names = [login, email].filter((name) => name !== "");
  if (names.some((name) => users.withLogin(name)?.isServiceAccount === true)) return undefined;
  return names.map((name) => users.named(name)).find((known) => known !== undefined);
}
