import { join } from "node:path";
import type { Logger } from "@narthex/runtime";
import { asActor } from "../../audit/request-origin.ts";
import type { User, Users } from "../users/users.ts";
import { leaveFile, waitingFile } from "../waiting-file.ts";
import { removeSecondStep } from "./remove-second-step.ts";

/**
 * A request to remove the second step of a user who has lost the devices. The request is a file in the data folder, so
 * only someone with write access to this folder can make it.
 */
export interface SecondStepReset {
  /** Login or e-mail address of the user; undefined for the first user. */
  readonly user?: string;
}

const FILE = "second-step-reset.json";

/**
 * Writes a request to a file in the data folder. The server applies the request at the next login or at its next start.
 */
export const leaveSecondStepReset = (folder: string, reset: SecondStepReset): Promise<void> =>
  leaveFile(join(folder, FILE), reset);

type Parts = Parameters<typeof removeSecondStep>[0] & { readonly users: Users };

/**
 * Removes the second step of the user whom a reset request names, and ends the user's sessions. Returns undefined if
 * the user does not exist. Rejects with StoreError.
 */
export async function applySecondStepReset(parts: Parts, reset: SecondStepReset): Promise<User | undefined> {
  const user = reset.user === undefined ? parts.users.first() : parts.users.named(reset.user);
  if (user !== undefined) await removeSecondStep(parts, user.id);
  return user;
}

/**
 * Applies the request in the data folder to reset a second step, if there is one, and removes its file. Rejects with
 * StoreError.
 */
export async function takeSecondStepReset(
  folder: string,
  { logger, ...parts }: Parts & { readonly logger: Logger },
): Promise<void> {
  const file = join(folder, FILE);
  const waiting = await waitingFile(file);
  if (waiting === undefined) return;
  let reset: SecondStepReset | undefined;
  try {
    reset = readReset(await waiting.text());
  } catch (error) {
    logger.error("A reset of a second step cannot be read", { file, err: error });
    return;
  }
  // The change is recorded as made by the server, because the login that triggers it comes from another person than the
  // request.
  const apply = async (): Promise<User | undefined> => reset && applySecondStepReset(parts, reset);
  const user = await asActor("server", apply);
  await waiting.remove();
  if (user === undefined) logger.error("A reset of a second step names no user", { file });
  else logger.warn("The second step of a user was removed from the command line", { user: user.login });
}

function readReset(text: string): SecondStepReset | undefined {
  const reset = JSON.parse(text) as { readonly user?: unknown } | null;
  if (reset === null || typeof reset !== "object") return undefined;
  const { user } = reset;
  if (user === undefined) return {};
  return typeof user === "string" ? { user } : undefined;
}
