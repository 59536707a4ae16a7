import { readStored, writeStored } from "../shell/preferences.ts";
import { useViewerOfStack } from "../shell/viewer.ts";

/** Key in the browser's local storage for the name of the user who created the last silence. */
const key = "defaultCreator";

/**
 * Returns the name for a new silence or acknowledgement: the login of the signed-in user, otherwise the last name that
 * was typed in this browser. Undefined until the user is known.
 */
export function useAuthor(): string | undefined {
  const viewer = useViewerOfStack();
  if (viewer === undefined) return undefined;
  return viewer?.isSignedIn === true && viewer.login !== "" ? viewer.login : readStored(key, "");
}

export const keepAuthor = (name: string): void => writeStored(key, name);
