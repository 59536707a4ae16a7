import { errorSentence } from "./StatusMessage.tsx";

const errors = new WeakSet<Error>();

/** Notes the errors of scripts and styles that cannot be loaded. @returns ends it */
export function watchFiles(): () => void {
  const note = ({ payload }: VitePreloadErrorEvent): void => {
    errors.add(payload);
  };
  addEventListener("vite:preloadError", note);
  return () => removeEventListener("vite:preloadError", note);
}

/** Whether an error says that a script or style of the app could not be loaded. */
export const isOfMissingFile = (error: unknown): boolean => error instanceof Error && errors.has(error);

/** The error for which this tab loaded the page again, in the storage of the tab. */
const RELOADED_FOR = "narthex.reloadedFor";

/**
 * Loads the page again: after an update, the new page names files that exist. Does nothing if this tab did so for the same
 * error before, if the page holds unsaved changes, or if the server does not answer.
 */
export async function reloadOnce(error: unknown): Promise<void> {
  const reason = errorSentence(error);
  if (hasUnsavedChanges() || !(await isServed()) || !keptReason(reason)) return;
  location.reload();
}

/** Asks the page as the browser does before it leaves it. */
function hasUnsavedChanges(): boolean {
  return !dispatchEvent(new Event("beforeunload", { cancelable: true }));
}

async function isServed(): Promise<boolean> {
  try {
    return (await fetch(location.href, { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** @returns false if the reason is the last one already, or if the browser keeps nothing: the page would reload for ever */
function keptReason(reason: string): boolean {
  try {
    if (sessionStorage.getItem(RELOADED_FOR) === reason) return false;
    sessionStorage.setItem(RELOADED_FOR, reason);
    return true;
  } catch {
    return false;
  }
}
