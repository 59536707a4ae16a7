import { userInfo } from "node:os";

/** Name of this process's user; "" if the user id has no entry, as in containers. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
