import { userInfo } from "node:os";

/** Name of the user of this process, "" where the id has no entry, as in containers. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "";
  }
}
