import type { Context } from "../../context.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { FirstPassword } from "./first-password.ts";
import { hashPassword, isPassword, newPassword } from "./passwords.ts";
import type { Users } from "../users/users.ts";

interface FirstUserParts {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly firstPassword: FirstPassword;
}

/** Adds the admin that the settings name, if there are no users yet. Rejects with StoreError. */
export async function makeFirstUser(
  { settings, clock, logger }: Context,
  { users, credentials, firstPassword }: FirstUserParts,
): Promise<void> {
  const { "security.admin_user": login, "security.admin_password": chosen } = settings;
  const settle = (): Promise<void> => {
    const first = users.first();
    const current = first && credentials.passwordOf(first.id);
    return firstPassword.settle(async (password) => current !== undefined && isPassword(password, current));
  };
  if (users.first() !== undefined) {
    // Removes an outdated password file. The file is outdated if another instance, or a program without access to the
    // file, has changed the password.
    await settle();
    const first = users.named(login);
    const current = first && credentials.passwordOf(first.id);
    if (chosen !== "" && current !== undefined && !(await isPassword(chosen, current))) {
      logger.warn("security.admin_password differs from the stored password of that user, which is kept", {
        user: login,
        hint: "it is used only at the first start; change the password in the profile",
      });
    }
    return;
  }
  if (settings["security.disable_initial_admin_creation"]) return;
  const password = chosen === "" ? newPassword() : chosen;
  if (chosen === "") await firstPassword.draft(password);
  const now = clock.now();
  const draft = {
    login,
    email: settings["security.admin_email"],
    name: "",
    role: "Admin",
    isServerAdmin: true,
    isDisabled: false,
    createdAt: now,
    updatedAt: now,
  } as const;
  const isMade = await users.addFirst(draft, await hashPassword(password));
  if (chosen !== "") return;
  await settle();
  // The path of the password file is logged as a warning, so that it appears at every log level.
  const { file } = firstPassword;
  if (isMade) logger.warn("A password was created for the first user; the file contains it", { user: login, file });
}
