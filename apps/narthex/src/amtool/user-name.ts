import { userInfo } from "node:os";

/** Returns the name of the user that runs this process. Empty if the user id has no entry, as in containers. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
