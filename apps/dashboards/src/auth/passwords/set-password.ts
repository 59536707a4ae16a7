import type { Clock } from "@narthex/runtime";
import type { Credentials } from "../credentials/credentials.ts";
import type { FirstPassword } from "./first-password.ts";
import type { PasswordHash } from "./passwords.ts";
import type { User, Users } from "../users/users.ts";

/** Sets the passwords of users. */
export interface PasswordSetter {
  /** Sets the password of a user, and removes the file with the initial password if it is outdated. Rejects with StoreError. */
  set(user: User, hash: PasswordHash): Promise<void>;
}

interface PasswordSetterParts {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly firstPassword: FirstPassword;
  readonly clock: Clock;
}

export const passwordSetter = ({ users, credentials, firstPassword, clock }: PasswordSetterParts): PasswordSetter => ({
  async set({ id }, hash) {
    await credentials.setPassword(id, hash);
    await users.change(id, () => ({ updatedAt: clock.now() }));
    if (id === users.first()?.id) await firstPassword.remove();
  },
});
