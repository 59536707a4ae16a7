import { useViewer } from "../shell/viewer.ts";

/** Requests the user of the page, as the account button of the dashboards does. */
export function KnownViewer() {
  useViewer();
  return null;
}

/** Answers to the request for the user: a viewer, who may not change anything, and an editor. */
export const viewerSettings = { user: { isSignedIn: true, login: "vera", orgRole: "Viewer" } };
export const editorSettings = { user: { isSignedIn: true, login: "eddie", orgRole: "Editor" } };
