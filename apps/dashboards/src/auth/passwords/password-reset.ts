import { join } from "node:path";
import type { Logger } from "@narthex/runtime";
import type { PasswordHash } from "./passwords.ts";
import type { PasswordSetter } from "./set-password.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { User, Users } from "../users/users.ts";
import { leaveFile, waitingFile } from "../waiting-file.ts";

/** A request to set a new password. Only someone with write access to the data folder can make such a request. */
export interface PasswordReset {
  /** Id of the user; undefined for the first user. */
  readonly userId?: number;
  readonly password: PasswordHash;
}

const FILE = "password-reset.json";

/**
 * Writes a password reset request to a file in the data folder. The server applies the request at the next login or at
 * its next start.
 */
export const leaveReset = (folder: string, reset: PasswordReset): Promise<void> => leaveFile(join(folder, FILE), reset);

/**
 * Sets the password of the user in a reset request, and ends the user's sessions. Returns undefined if the user does
 * not exist. Rejects with StoreError.
 */
export async function applyReset(
  { users, sessions, passwords }: Pick<TakerOptions, "users" | "sessions" | "passwords">,
  { userId, password }: PasswordReset,
): Promise<User | undefined> {
  const user = userId === undefined ? users.first() : users.byId(userId);
  if (user === undefined) return undefined;
  await passwords.set(user, password);
  await sessions.endAll(user.id);
  return user;
}

interface TakerOptions {
  readonly folder: string;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly passwords: PasswordSetter;
  readonly logger: Logger;
}

/** Applies the reset request in the data folder, if there is one, and removes its file. Rejects with StoreError. */
export async function takeReset({ folder, logger, ...accounts }: TakerOptions): Promise<void> {
  const file = join(folder, FILE);
  const waiting = await waitingFile(file);
  if (waiting === undefined) return;
  let reset: PasswordReset | undefined;
  try {
    reset = readReset(await waiting.text());
  } catch (error) {
    logger.error("A password reset cannot be read", { file, err: error });
    return;
  }
  const user = reset === undefined ? undefined : await applyReset(accounts, reset);
  await waiting.remove();
  if (user === undefined) logger.error("A password reset names no user", { file });
  else logger.warn("The password of a user was reset from the command line", { user: user.login });
}

function readReset(text: string): PasswordReset | undefined {
  const { userId, password } = JSON.parse(text) as Partial<PasswordReset>;
  const isHash = typeof password?.salt === "string" && typeof password.hash === "string";
  if (!isHash || (userId !== undefined && typeof userId !== "number")) return undefined;
  return { ...(userId === undefined ? {} : { userId }), password };
}
